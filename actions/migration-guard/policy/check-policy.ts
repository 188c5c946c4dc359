import { isPostgres } from '../../shared/migrations/database.ts'
import type { Level } from '../../shared/migrations/finding.ts'
import type { Check } from '../verdict.ts'
import { changedConfiguration } from './changed-configuration.ts'
import { dependencies } from './dependencies.ts'
import { duplicates } from './duplicates.ts'
import { edited } from './edited.ts'
import type { PolicyFacts } from './facts.ts'
import { frozenPaths, ownFiles } from './frozen-paths.ts'
import { handOver } from './hand-over.ts'
import { linkedMigrations } from './linked-migrations.ts'
import { levelOf, withLevels } from './levels.ts'
import { mixGuard } from './mix-guard.ts'
import { names } from './names.ts'
import { order } from './order.ts'
import { otherPulls } from './other-pulls.ts'
import { portSet } from './port-set.ts'
import { prismaFiles } from './prisma-files.ts'
import { reversible } from './reversible.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { sharedHead } from './shared-head.ts'

/** What the policy came to. */
export interface PolicyResult {
  readonly findings: readonly PolicyFinding[]
  /** What had to be read and could not: it fails the run as findings do, and no bypass silences it. */
  readonly unread: readonly PolicyFinding[]
  /** One for each thing that was looked at. */
  readonly checks: readonly Check[]
  /** In words: what was not checked. */
  readonly notChecked: readonly string[]
}

/** In the order in which they are told. */
const families: readonly Family[] = [
  sharedHead,
  ownFiles,
  changedConfiguration,
  frozenPaths,
  portSet,
  handOver,
  linkedMigrations,
  edited,
  duplicates,
  otherPulls,
  order,
  names,
  prismaFiles,
  reversible,
  dependencies,
  mixGuard
]

/**
 * Judges a change by every rule of the policy, with the levels that the configuration gives them. Pure: the same facts
 * give the same result.
 */
export function checkPolicy(facts: PolicyFacts): PolicyResult {
  const results = families.map((family) => resultOf(facts, family))
  return {
    findings: results.flatMap(({ findings }) => findings),
    unread: results.flatMap(({ unread }) => unread),
    checks: results.flatMap(({ checks }) => checks),
    notChecked: [...results.flatMap(({ notChecked }) => notChecked), ...foreignDatabases(facts)]
  }
}

const nothing: PolicyResult = { findings: [], unread: [], checks: [], notChecked: [] }

function resultOf(facts: PolicyFacts, { name, rules, look }: Family): PolicyResult {
  const { configuration } = facts
  const looked = look(facts)
  if (looked === undefined) return nothing
  if (rules.every((rule) => levelOf(configuration, rule) === 'off')) {
    return {
      ...nothing,
      checks: [{ name, state: 'off', detail: `Turned off in ${configuration.file ?? 'the configuration'}` }]
    }
  }
  const findings = withLevels(configuration, looked.findings)
  // A rule that is off asks for nothing, so nothing is missing for it; what is exempt is not asked about either. But a
  // rule that only warns needs its answer all the same: what nobody could read is no lighter case of it.
  const unread = withLevels(configuration, looked.unread ?? []).map((finding) => ({
    ...finding,
    level: 'error' as const
  }))
  const silent = looked.findings.length - findings.length
  return {
    findings,
    unread,
    checks: [
      {
        name,
        state: stateOf([...findings, ...unread], looked.skipped === true),
        detail: `${looked.detail}${silent === 0 ? '' : `; ${String(silent)} left out, as the configuration says`}`
      }
    ],
    notChecked: looked.notChecked ?? []
  }
}

const states: Readonly<Record<Level, Check['state']>> = { error: 'failed', warning: 'warned', notice: 'passed' }

function stateOf(findings: readonly PolicyFinding[], skipped: boolean): Check['state'] {
  for (const level of ['error', 'warning'] as const) {
    if (findings.some((finding) => finding.level === level)) return states[level]
  }
  return skipped ? 'not checked' : 'passed'
}

/** The rules about SQL know PostgreSQL; a project on another database is told that it gets the policy only. */
function foreignDatabases({ folders, configuration }: PolicyFacts): readonly string[] {
  if (!configuration.lint.enabled) return []
  return folders
    .filter(({ database }) => !isPostgres(database))
    .map(
      ({ head, database }) =>
        `Unsafe SQL in ${head.folder.path}: it is for ${database.name}${database.from === undefined ? '' : ` (${database.from})`}, and the rules know PostgreSQL. The policy holds all the same.`
    )
}
