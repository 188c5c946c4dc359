import { lint, type LintResult } from '../shared/migrations/lint.ts'
import { isPostgres } from '../shared/migrations/database.ts'
import { readEctoLock } from '../shared/migrations/ecto-lock.ts'
import { readPrismaVersion } from '../shared/migrations/prisma-version.ts'
import type { Finding, Silenced } from '../shared/migrations/finding.ts'
import type { ParsedFolder } from './changed-migrations.ts'
import type { Configuration } from './configuration.ts'
import type { SourceListing } from './listing.ts'
import { exemptFrom } from './policy/levels.ts'
import { isListing, pathBelow } from './policy/listings.ts'
import { counted } from './policy/wording.ts'
import type { Tree } from './tree.ts'
import type { Check } from './verdict.ts'

/** What looking at the SQL of a change came to. */
export interface LintOutcome extends LintResult {
  readonly check: Check
}

/** Looks for unsafe SQL in every changed migration for PostgreSQL, a folder at a time. */
export async function lintChange(
  folders: readonly ParsedFolder[],
  head: Tree,
  configuration: Configuration,
  source: SourceListing | undefined
): Promise<LintOutcome> {
  const name = 'Unsafe SQL'
  const nothing = { findings: [], silenced: [], notAnalysed: [] }
  if (!configuration.lint.enabled)
    return { ...nothing, check: { name, state: 'off', detail: 'Turned off in the configuration' } }
  const mine = folders.filter(({ migrations, changes }) => migrations.length > 0 && isPostgres(changes.facts.database))
  const results = await Promise.all(mine.map((folder) => lintFolder(folder, head, configuration)))
  const isExempt = exemptFrom(configuration)
  const ported = portedFrom(folders, source, configuration)
  const silenced: Silenced[] = results.flatMap((result) => result.silenced)
  const findings: Finding[] = []
  for (const finding of results.flatMap((result) => result.findings)) {
    if (isExempt(finding)) continue
    const label = finding.file === undefined ? undefined : ported.get(finding.file)
    // It has to stay as it is, byte for byte: whoever wrote it was told there.
    if (label === undefined) findings.push(finding)
    else silenced.push({ finding, by: `the port from ${label}: it is judged there` })
  }
  const number = mine.reduce((sum, { migrations }) => sum + migrations.length, 0)
  return {
    findings,
    silenced,
    notAnalysed: results.flatMap((result) => result.notAnalysed),
    check: {
      name,
      state: stateOf(findings),
      detail: `${counted(number, 'migration')} read, for PostgreSQL ${configuration.lint.postgres}, profile ${configuration.lint.profile}`
    }
  }
}

async function lintFolder(
  { migrations, changes }: ParsedFolder,
  head: Tree,
  { lint: { postgres, profile, suppressions }, rules }: Configuration
): Promise<LintResult> {
  const { folder } = changes
  const prisma = folder.framework === 'prisma' ? await readPrismaVersion(head, folder) : undefined
  return lint(migrations, {
    postgres,
    ...(prisma === undefined ? {} : { prisma: prisma.version }),
    ectoLock: folder.framework === 'ecto' ? await readEctoLock(head, folder) : 'unknown',
    profile,
    rules,
    suppressions,
    timeoutsSet: false
  })
}

/** Which changed migrations are, byte for byte, those of the source of truth, by path. */
function portedFrom(
  folders: readonly ParsedFolder[],
  source: SourceListing | undefined,
  { source: configured }: Configuration
): ReadonlyMap<string, string> {
  const ported = new Map<string, string>()
  if (configured === undefined || !isListing(source)) return ported
  for (const { changes } of folders) {
    for (const { path, blob } of changes.facts.head.migrations) {
      const below = pathBelow(configured.into, path)
      if (below !== undefined && source.files.get(below) === blob) ported.set(path, source.label)
    }
  }
  return ported
}

function stateOf(findings: readonly Finding[]): Check['state'] {
  if (findings.some(({ level }) => level === 'error')) return 'failed'
  return findings.some(({ level }) => level === 'warning') ? 'warned' : 'passed'
}
