import { baseOf, joinPath } from '../../shared/migrations/file-tree.ts'
import { migrationsAmong, type Migration } from '../../shared/migrations/migration-set.ts'
import type { ChangedFile } from '../change.ts'
import type { PolicyFacts } from './facts.ts'
import { isListing, pathBelow } from './listings.ts'
import { quoted } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted, listed, shown } from './wording.ts'

/** A migration is in the application or in the package, never in both; and they are handed over as a whole. */
export const handOver: Family = {
  name: 'Hand-over to the package',
  rules: ['duplicate-in-package'],
  look(facts) {
    const { package: configured } = facts.configuration
    const listing = facts.package
    if (configured === undefined || listing === undefined) return undefined
    const { from } = configured
    const folder = facts.folders.find(({ head }) => head.folder.path === from)?.head.folder ?? {
      path: from,
      framework: 'ecto' as const
    }
    const here = migrationsAmong([...facts.change.head.files.values()], folder)
    if (!isListing(listing)) {
      // Before a hand-over begins the package is named in the configuration only, and that is as it should be.
      if (listing.unused === true && here.length > 0 && leaving(facts, from).length === 0) {
        return {
          detail: `${counted(here.length, 'migration')} in ${from}; ${configured.name} is not in mix.lock: nothing is handed over to it`,
          findings: []
        }
      }
      return {
        detail: listing.notAvailable,
        findings: [],
        skipped: true,
        notChecked: [`Which migrations ${configured.name} holds: ${listing.notAvailable} ${listing.next}`]
      }
    }
    const packaged = migrationsAmong(
      [...listing.files].map(([below, blob]) => ({ path: joinPath(from, below), blob })),
      folder
    )
    const both = here.flatMap((mine) => {
      const theirs = packaged.find(
        ({ version, name }) =>
          (version === mine.version && version !== '') || (folder.framework === 'ecto' && name === mine.name)
      )
      return theirs === undefined ? [] : [{ mine, theirs }]
    })
    const gone = leaving(facts, from).filter(
      ({ before }) => listing.files.get(pathBelow(from, before.path) ?? '') === before.blob
    )
    return {
      detail: `${counted(here.length, 'migration')} in ${from}, ${String(packaged.length)} in ${listing.label}, ${String(both.length)} in both; ${String(gone.length)} handed over by this change`,
      findings: findings(facts, listing.label, both, gone.length),
      ...(listing.doubt !== undefined && facts.approval === undefined && gone.length > 0
        ? {
            notChecked: [
              `Whether ${configured.name} may be believed: ${listing.doubt} Only a review of a pull request says so.`
            ]
          }
        : {})
    }
  }
}

/** What a change takes out of the folder. */
function leaving({ change }: PolicyFacts, from: string): readonly Extract<ChangedFile, { readonly before: unknown }>[] {
  return change.files.flatMap((file) => {
    const leaves = file.kind === 'deleted' || (file.kind === 'renamed' && pathBelow(from, file.path) === undefined)
    return leaves && pathBelow(from, file.before.path) !== undefined ? [file] : []
  })
}

function findings(
  facts: PolicyFacts,
  label: string,
  both: readonly { readonly mine: Migration; readonly theirs: Migration }[],
  gone: number
): readonly PolicyFinding[] {
  const rule = 'duplicate-in-package'
  const brought = new Set(
    facts.change.files.filter(({ kind }) => kind === 'added' || kind === 'renamed').map(({ path }) => path)
  )
  const fresh = both.filter(({ mine }) => brought.has(mine.path))
  const left = both.filter(({ mine }) => !brought.has(mine.path)).map(({ mine }) => mine)
  const relocks = facts.change.files.some(({ path }) => baseOf(path) === 'mix.lock')
  const first = left[0]
  const told = fresh.map(({ mine, theirs }): PolicyFinding => {
    const remove = `git rm -r ${quoted(mine.path)}`
    return {
      rule,
      level: 'error',
      file: mine.path,
      message:
        mine.version === theirs.version
          ? `${shown(mine)} has the version of ${shown(theirs)} in ${label}: only one of them ever runs, or none.`
          : `${shown(mine)} has the name of ${shown(theirs)} in ${label}: Ecto refuses to run both.`,
      hint:
        mine.blob === theirs.blob
          ? `The package brings it: \`${remove}\`.`
          : 'Make the change in the package; here it gets a version and a name of its own, or goes.'
    }
  })
  // Both are there while a hand-over is prepared; it is told when the change begins or ends it.
  if (first === undefined || (gone === 0 && !relocks)) return told
  const remove = `git rm -r ${left
    .slice(0, 5)
    .map(({ path }) => quoted(path))
    .join(' ')}${left.length > 5 ? ' …' : ''}`
  return [
    ...told,
    {
      rule,
      level: gone > 0 ? 'error' : 'warning',
      file: first.path,
      message:
        gone > 0
          ? `${counted(gone, 'migration')} ${gone === 1 ? 'goes' : 'go'} to ${label}, and ${String(left.length)} that it holds too ${left.length === 1 ? 'stays' : 'stay'}: ${listed(left.map(shown))}. A hand-over is whole, or versions are there twice.`
          : `${counted(left.length, 'migration')} ${left.length === 1 ? 'is' : 'are'} here and in ${label}: ${listed(left.map(shown))}. Run from both folders, Ecto refuses versions that are there twice.`,
      hint: `Delete what the package holds: \`${remove}\`.`
    }
  ]
}
