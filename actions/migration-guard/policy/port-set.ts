import { joinPath } from '../../shared/migrations/file-tree.ts'
import { migrationsAmong, type Migration, type MigrationFolder } from '../../shared/migrations/migration-set.ts'
import type { Source } from '../configuration.ts'
import type { ListedFiles } from '../listing.ts'
import type { PolicyFacts } from './facts.ts'
import { frozenChanges } from './frozen-paths.ts'
import { isListing, pathBelow } from './listings.ts'
import { portCommand } from './ported.ts'
import { gitMv } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted, listed, shown } from './wording.ts'

/** The migrations here are those of the source: all of them, or some; under their names, and so in their order. */
export const portSet: Family = {
  name: 'Ported migrations',
  rules: ['port-set'],
  look(facts) {
    const { source: configured } = facts.configuration
    const { source } = facts
    if (configured === undefined || source === undefined) return undefined
    if (!isListing(source)) {
      return {
        detail: source.notAvailable,
        findings: [],
        skipped: true,
        notChecked: [
          `The migrations of ${configured.repository}@${configured.ref}: ${source.notAvailable} ${source.next}`
        ]
      }
    }
    const comparison = compare(facts, configured, source)
    return { detail: comparison.detail, findings: findings(facts, configured, source, comparison) }
  }
}

interface Comparison {
  readonly detail: string
  /** In the source and not here. */
  readonly missing: readonly Migration[]
  /** Here and not in the source. */
  readonly extra: readonly Migration[]
  /** Other bytes under the same name. */
  readonly different: readonly Migration[]
  /** Here under another name than in the source. */
  readonly renamed: readonly { readonly here: Migration; readonly there: Migration }[]
}

function compare(facts: PolicyFacts, { into, set }: Source, source: ListedFiles): Comparison {
  const folder = folderOf(facts, into, source)
  const here = migrationsAmong([...facts.change.head.files.values()], folder)
  const there = migrationsAmong(
    [...source.files].map(([below, blob]) => ({ path: joinPath(into, below), blob })),
    folder
  )
  const byPath = new Map(there.map((migration) => [migration.below, migration]))
  const inHead = new Set(here.map(({ below }) => below))
  const absent = there.filter(({ below }) => !inHead.has(below))
  const surplus = here.filter(({ below }) => !byPath.has(below))
  const renamed = surplus.flatMap((mine) => {
    const other = absent.find(
      ({ blob, version, name }) =>
        blob === mine.blob ||
        (folder.framework === 'ecto' ? version === mine.version : name === mine.name && name !== '')
    )
    return other === undefined ? [] : [{ here: mine, there: other }]
  })
  const [ours, theirs] = [new Set(renamed.map((pair) => pair.here)), new Set(renamed.map((pair) => pair.there))]
  const different = here.filter(({ below, blob }) => byPath.has(below) && byPath.get(below)?.blob !== blob)
  const handed = inPackage(facts)
  const missing = absent.filter((migration) => !theirs.has(migration) && !handed(migration))
  const extra = surplus.filter((migration) => !ours.has(migration))
  const counts = [
    [missing.length, set === 'complete' ? 'missing here' : 'not here yet'],
    [extra.length, 'only here'],
    [different.length, 'with other bytes'],
    [renamed.length, 'under another name']
  ] as const
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${String(count)} ${what}`)
  return {
    detail: `${counted(there.length, 'migration')} of ${source.label} compared with the ${String(here.length)} here${told.length === 0 ? '' : `: ${told.join(', ')}`}`,
    missing: set === 'complete' ? missing : [],
    extra,
    different,
    renamed
  }
}

/** The folder as a tool sees it; where nothing is there yet, what the source holds tells whose it is. */
function folderOf(facts: PolicyFacts, into: string, { files }: ListedFiles): MigrationFolder {
  const known = facts.folders.find(({ head }) => head.folder.path === into)?.head.folder
  if (known !== undefined) return known
  const isPrisma = [...files.keys()].some((path) => path.endsWith('/migration.sql'))
  return { path: into, framework: isPrisma ? 'prisma' : 'ecto' }
}

/** What was handed over to the package is not missing here. */
function inPackage({ configuration, package: listing }: PolicyFacts): (migration: Migration) => boolean {
  const from = configuration.package?.from
  if (from === undefined || !isListing(listing)) return () => false
  return ({ path, blob }) => {
    const below = pathBelow(from, path)
    return below !== undefined && listing.files.get(below) === blob
  }
}

/**
 * A change that leaves the folder alone is not to blame for what the source has merged since: then it is one notice.
 * What the change brought is an error, what was so before a warning.
 */
function findings(
  facts: PolicyFacts,
  configured: Source,
  source: ListedFiles,
  { missing, extra, different, renamed }: Comparison
): readonly PolicyFinding[] {
  const rule = 'port-set'
  const touched = new Set(
    facts.change.files
      .flatMap((file) => (file.kind === 'renamed' ? [file.path, file.before.path] : [file.path]))
      .filter((path) => pathBelow(configured.into, path) !== undefined)
  )
  const judged = new Set(
    frozenChanges(facts)
      .filter(({ conditions }) => conditions.includes('ported'))
      .map(({ path }) => path)
  )
  const odd = [
    ...extra.map((migration) => ({
      migration,
      what: `${source.label} does not have it`,
      next: `Merge it in ${configured.repository} first, or take it out of ${configured.into}.`
    })),
    ...different.map((migration) => ({
      migration,
      what: `it has other bytes than in ${source.label}`,
      next: `Port it once more: \`${portCommand(facts, configured, migration.below)}\`.`
    })),
    ...renamed.map(({ here, there }) => ({
      migration: here,
      what: `in ${source.label} it is ${shown(there)}: under another name it runs in another place, or twice`,
      next: `Run \`${gitMv(movedTo(here, there))}\`.`
    }))
  ].filter(({ migration }) => !judged.has(migration.path))
  const brought = odd.filter(({ migration }) => touched.has(migration.path))
  const before = odd.filter(({ migration }) => !touched.has(migration.path))
  const level = touched.size === 0 ? 'notice' : 'warning'
  const firstBefore = before[0]
  const firstMissing = missing[0]
  return [
    ...brought.map(({ migration, what, next }): PolicyFinding => ({
      rule,
      level: 'error',
      file: migration.path,
      message: `${shown(migration)}: ${what}.`,
      hint: next
    })),
    ...(firstBefore === undefined
      ? []
      : [
          {
            rule,
            level,
            file: firstBefore.migration.path,
            message: `${counted(before.length, 'migration')} here ${before.length === 1 ? 'was' : 'were'} not as in ${source.label} before this change: ${listed(before.map(({ migration, what }) => `${shown(migration)} (${what})`))}.`,
            hint: firstBefore.next
          } as const
        ]),
    ...(firstMissing === undefined
      ? []
      : [
          {
            rule,
            level: touched.size === 0 ? 'notice' : 'error',
            message: `${counted(missing.length, 'migration')} of ${source.label} ${missing.length === 1 ? 'is' : 'are'} missing here: ${listed(missing.map(shown))}. The set must be complete.`,
            hint: `Port ${missing.length === 1 ? 'it' : 'each'}: \`${portCommand(facts, configured, firstMissing.below)}\`.`,
            ...(missing.length === 1
              ? {}
              : {
                  recipe: {
                    language: 'sh' as const,
                    text: missing.map(({ below }) => portCommand(facts, configured, below)).join('\n')
                  }
                })
          } as const
        ])
  ]
}

function movedTo(here: Migration, there: Migration): { readonly from: string; readonly to: string } {
  const cut = (path: string): string =>
    path.endsWith('/migration.sql') ? path.slice(0, -'/migration.sql'.length) : path
  return { from: cut(here.path), to: cut(there.path) }
}
