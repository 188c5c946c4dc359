import { frozenChanges } from './frozen-paths.ts'
import { linkChanges, linkWords } from './links.ts'
import { pathBelow } from './listings.ts'
import { quoted } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted } from './wording.ts'

/** What a link or a submodule brings into a folder of migrations is run, and nobody has looked at it. */
export const linkedMigrations: Family = {
  name: 'Links into folders of migrations',
  rules: ['linked-migrations'],
  look(facts) {
    const links = linkChanges(facts.change)
    if (links.length === 0 || facts.folders.length === 0) return undefined
    // Where it is frozen, its conditions decide, if there are any.
    const frozen = new Set(
      frozenChanges(facts)
        .filter(({ conditions }) => conditions.length > 0)
        .map(({ path }) => path)
    )
    const findings = links.flatMap(({ path, kind }): readonly PolicyFinding[] => {
      const folder = facts.folders
        .map(({ head }) => head.folder.path)
        .find((each) => each === path || pathBelow(each, path) !== undefined || pathBelow(path, each) !== undefined)
      if (kind === undefined || folder === undefined || frozen.has(path)) return []
      return [
        {
          rule: 'linked-migrations',
          level: 'error',
          file: path,
          message: `${path} is ${linkWords[kind]}: what it brings into ${folder} is run, and is not in the change, so that nothing of it is checked.`,
          hint: `Commit the files themselves: \`git rm -q --cached ${quoted(path)}\`, and add them.`
        }
      ]
    })
    return { detail: `${counted(links.length, 'link or submodule', 'links or submodules')} changed`, findings }
  }
}
