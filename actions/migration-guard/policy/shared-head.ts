import type { Family } from './rules.ts'
import { listed } from './wording.ts'

/**
 * Checks and statuses belong to a commit, and of one name the newest counts: what is judged green against one branch is
 * green for every pull request of that commit. So none is, as long as there are several.
 */
export const sharedHead: Family = {
  name: 'Pull requests of the same commit',
  rules: ['shared-head'],
  look({ sharedHeads = [] }) {
    const [first] = sharedHeads
    if (first === undefined) return undefined
    const others = listed(sharedHeads.map(({ number, branch }) => `#${number} (to ${branch})`))
    return {
      detail: `${others} ${sharedHeads.length === 1 ? 'has' : 'have'} the same newest commit`,
      findings: [],
      // Neither fail-on nor a bypass of the one branch may decide about the other.
      unread: [
        {
          rule: 'shared-head',
          level: 'error',
          message: `${others} ${sharedHeads.length === 1 ? 'has' : 'have'} the same newest commit and another base. A check belongs to the commit, so that a green one here would be green there.`,
          hint: 'Close one of them, or give one a commit of its own (`git commit --allow-empty`), and re-run the checks.'
        }
      ]
    }
  }
}
