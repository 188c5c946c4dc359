import { isListing, packageDoubtOf, pathBelow } from './listings.ts'
import type { PolicyFacts } from './facts.ts'
import type { FrozenChange } from './frozen-paths.ts'
import type { Fault } from './ported.ts'
import { quoted } from './rename-plan.ts'

/** Whether what is gone was handed over: the locked package holds the same bytes under the same name. Undefined: it was. */
export function packageFault(facts: PolicyFacts, { path, from, gone, op }: FrozenChange): Fault | undefined {
  const { package: configured } = facts.configuration
  const listing = facts.package
  const file = from ?? path
  const fault = (message: string, hint: string, unread = false): Fault => ({
    finding: { rule: 'frozen-path', level: 'error', file: path, message, hint },
    unread
  })
  const restore = `\`git checkout ${facts.change.base.commit.slice(0, 12)} -- ${quoted(file)}\``
  if (configured === undefined) {
    return fault(
      `${file} may go only to a package, and the configuration names none.`,
      'Name it under `package:` in the configuration.',
      true
    )
  }
  if (!isListing(listing)) {
    const why = listing ?? { notAvailable: 'The package was not read.', next: 'Run the guard again.' }
    return fault(`Whether ${configured.name} holds ${file} cannot be compared: ${why.notAvailable}`, why.next, true)
  }
  const below = pathBelow(configured.from, file)
  if (op === 'add' || gone === undefined) {
    return fault(
      `${path} may only be handed over to ${configured.name}, and is not gone.`,
      `Add it to ${configured.name}.`
    )
  }
  const theirs = below === undefined ? undefined : listing.files.get(below)
  if (theirs === gone) {
    const doubt = packageDoubtOf(facts)
    if (doubt === undefined) return undefined
    const next = facts.approval !== undefined && 'next' in facts.approval ? facts.approval.next : 'Ask for a review.'
    return fault(
      `${file} is gone, and that ${listing.label} holds it is no proof without a review: ${doubt}`,
      `${next} Or merge the change of mix.exs and mix.lock first, and hand over then.`
    )
  }
  return theirs === undefined
    ? fault(
        `${file} is gone, and ${listing.label} does not hold ${below ?? file}.`,
        `Release ${configured.name} with it, lock that release (\`mix deps.update ${configured.name}\`), and delete it then; until then restore it: ${restore}.`
      )
    : fault(
        `${file} is gone, and ${listing.label} holds other bytes under its name: blob ${theirs.slice(0, 12)}, here it was ${gone.slice(0, 12)}.`,
        `Release ${configured.name} with the bytes that were here, and lock that release (\`mix deps.update ${configured.name}\`); until then restore it: ${restore}.`
      )
}
