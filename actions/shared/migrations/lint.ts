import type { Finding, Level, Silenced } from './finding.ts'
import type { NotAnalysed, ParsedMigration } from './migration.ts'
import { isOfSqlOnly, peerRules } from './peers.ts'
import { transactionKey } from './rules/constraint-rules.ts'
import { emptySchema, type KnownSchema } from './rules/known-schema.ts'
import type { Kind } from './rules/by-kind.ts'
import { briefly } from './rules/lock.ts'
import type {
  PlacedFault,
  Profile,
  Rule,
  RuleDescription,
  RuleLevel,
  Script,
  ScriptStep,
  Situation,
  Taken
} from './rules/rule.ts'
import { joinedWays } from './rules/safe-way.ts'
import { rules } from './rules/table.ts'
import { takenBy } from './rules/taken.ts'
import { runsOf } from './rules/transactions.ts'
import { writeRecipe } from './rules/write-recipe.ts'

export type { Family, Profile, RuleDescription, RuleLevel } from './rules/rule.ts'

/** What decides which findings there are, besides the migrations. */
export interface LintContext {
  /** Major version of the server that the migrations run on. */
  readonly postgres: number
  /** Prisma's version, where it is known: from 7.4 on it runs each statement by itself. */
  readonly prisma?: string
  /** How Ecto keeps two runs apart (`migration_lock`). */
  readonly ectoLock: 'table' | 'advisory' | 'unknown'
  readonly profile: Profile
  /** Levels that a configuration sets, by rule. */
  readonly rules: Readonly<Record<string, RuleLevel>>
  /** Whether comments in migrations may silence findings. */
  readonly suppressions: boolean
  /** Whether what runs the migrations sets lock_timeout. */
  readonly timeoutsSet: boolean
}

export interface LintResult {
  readonly findings: readonly Finding[]
  /** What comments silenced. */
  readonly silenced: readonly Silenced[]
  readonly notAnalysed: readonly (NotAnalysed & { readonly file: string })[]
}

/** Every rule, for documentation, configuration and SARIF. */
export const lintRules: readonly RuleDescription[] = rules

/**
 * Looks at migrations as one change: what an earlier one makes, a later one may touch.
 *
 * @param migrations in the order in which they will run
 * @returns findings in the order of migrations and of their lines; levels are those of the profile and the configuration
 */
export function lint(migrations: readonly ParsedMigration[], context: LintContext): LintResult {
  const schema = emptySchema()
  const findings: Finding[] = []
  const silenced: Silenced[] = []
  const judges = judgesFor(context)
  for (const migration of migrations) {
    for (const { rule, fault } of inOrder(faultsOf(migration, schema, context, judges))) {
      const finding = findingOf(rule, fault, migration)
      const silence = context.suppressions && rule.loud !== true ? silenceOf(finding, migration) : undefined
      if (silence === undefined) findings.push(finding)
      else silenced.push({ finding, ...silence })
    }
    schema.endMigration()
  }
  return {
    findings: oncePerChange(findings, judges),
    silenced,
    notAnalysed: migrations.flatMap(({ file, notAnalysed }) =>
      notAnalysed.map((part) => ({ ...part, file: file.path }))
    )
  }
}

/** A rule that is on. */
interface Judging extends Rule {
  readonly level: Level
}

interface Found {
  readonly rule: Judging
  readonly fault: PlacedFault
}

function faultsOf(
  migration: ParsedMigration,
  schema: KnownSchema,
  context: LintContext,
  judges: Judges
): readonly Found[] {
  const found: Found[] = []
  const script = migration.statements.filter(({ direction }) => direction === 'up')
  const runs = runsOf(migration, script, context)
  const steps: ScriptStep[] = []
  for (const [at, statement] of script.entries()) {
    const run = runs[at] ?? { transaction: undefined, opened: 'by nobody' }
    const situation: Situation = { migration, statement, context, schema, run, script }
    const transaction = transactionKey(situation)
    const takes: Taken[] = []
    const here: Found[] = []
    for (const operation of statement.operations) {
      takes.push(...takenBy(operation, situation))
      for (const rule of judges.of(operation.kind)) {
        const fault = rule.each?.(operation, situation)
        if (fault !== undefined) here.push({ rule, fault: { ...fault, span: statement.span } })
      }
      // The next operation of the statement meets what this one has done.
      schema.apply(operation, transaction)
    }
    found.push(...toldOnce(here))
    const isFaulty = here.some(({ fault }) => fault.lock !== undefined && fault.lock.lasts !== briefly)
    steps.push({ statement, run, takes, isFaulty })
  }
  const whole: Script = { migration, context, steps }
  for (const rule of judges.all)
    if (rule.whole !== undefined) for (const fault of rule.whole(whole)) found.push({ rule, fault })
  return found
}

/** What is the same in every migration is told in the first of them. */
function oncePerChange(findings: readonly Finding[], { all }: Judges): readonly Finding[] {
  const names = new Set(all.flatMap(({ id, oncePerChange }) => (oncePerChange === true ? [id] : [])))
  const counts = new Map<string, number>()
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  const told = new Set<string>()
  return findings.flatMap((finding) => {
    const { rule, message } = finding
    if (!names.has(rule)) return [finding]
    if (told.has(rule)) return []
    told.add(rule)
    const others = (counts.get(rule) ?? 1) - 1
    if (others === 0) return [finding]
    return [
      { ...finding, message: `${message} (so in ${others} more migration${others === 1 ? '' : 's'} of this change)` }
    ]
  })
}

/** The rules that are on, and those of them that look at a kind of operation. */
interface Judges {
  readonly all: readonly Judging[]
  readonly of: (kind: Kind) => readonly Judging[]
}

/** A context is used for many files: who judges is found out once for it. */
const judgesByContext = new WeakMap<LintContext, Judges>()

function judgesFor(context: LintContext): Judges {
  const known = judgesByContext.get(context)
  if (known !== undefined) return known
  const all = rules.flatMap((rule): readonly Judging[] => {
    const level = context.rules[rule.id] ?? rule.levels[context.profile]
    return level === 'off' ? [] : [{ ...rule, level }]
  })
  const byKind = new Map<Kind, readonly Judging[]>()
  const judges: Judges = {
    all,
    of(kind) {
      const found = byKind.get(kind) ?? all.filter(({ each, of }) => each !== undefined && (of?.includes(kind) ?? true))
      byKind.set(kind, found)
      return found
    }
  }
  judgesByContext.set(context, judges)
  return judges
}

/** What one rule finds in one statement about one table is one finding. */
function toldOnce(found: readonly Found[]): readonly Found[] {
  const groups = new Map<string, Found[]>()
  for (const one of found) {
    const key = `${one.rule.id} ${one.fault.table ?? ''}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const subjects = [...new Set(group.map(({ fault }) => fault.subject))]
    const ways = group.flatMap(({ fault }) => fault.safeWay ?? [])
    // A way for some of them only would look like one for all.
    const safeWay = ways.length < group.length ? { steps: [] } : joinedWays(ways)
    return [
      {
        rule: first.rule,
        fault: {
          ...first.fault,
          subject:
            subjects.length <= 5
              ? subjects.join(', ')
              : `${subjects.slice(0, 4).join(', ')} and ${subjects.length - 4} more`,
          ...(safeWay === undefined ? {} : { safeWay })
        }
      }
    ]
  })
}

function inOrder(found: readonly Found[]): readonly Found[] {
  return [...found].sort(
    ({ fault: { span: one } }, { fault: { span: other } }) =>
      one.start.line - other.start.line || one.start.column - other.start.column
  )
}

function findingOf(rule: Judging, fault: PlacedFault, migration: ParsedMigration): Finding {
  const recipe = fault.safeWay === undefined ? undefined : writeRecipe(fault.safeWay, migration)
  return {
    rule: rule.id,
    level: rule.level,
    file: migration.file.path,
    span: fault.span,
    message: `${fault.subject}: ${fault.message}`,
    hint: fault.hint,
    ...(fault.lock === undefined ? {} : { lock: fault.lock }),
    ...(recipe === undefined ? {} : { recipe })
  }
}

/** Whether a statement that begins there is written as SQL. */
function isSqlAt(span: Finding['span'], { statements }: ParsedMigration): boolean {
  return statements.some(
    ({ span: { start }, written }) =>
      written === 'sql' && start.line === span?.start.line && start.column === span.start.column
  )
}

function silenceOf({ rule, span }: Finding, migration: ParsedMigration): Omit<Silenced, 'finding'> | undefined {
  const silence = migration.suppressions.find(({ by, rules: names, covers }) => {
    const covered =
      covers === 'file' ||
      (span !== undefined &&
        [span.start.line, span.end.line].some((line) => line >= covers.first && line <= covers.last))
    const asks = (name: string): boolean =>
      peerRules(by, name)?.includes(rule) === true && (!isOfSqlOnly(by, name) || isSqlAt(span, migration))
    return covered && (names.length === 0 || names.some(asks))
  })
  if (silence === undefined) return undefined
  return {
    by: `a comment for ${silence.by} in line ${silence.line}`,
    ...(silence.reason === undefined ? {} : { reason: silence.reason })
  }
}
