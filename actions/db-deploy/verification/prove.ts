import type { Problem } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { leftBehind } from '../dump/copy-into.ts'
import type { ToolResult } from '../tool.ts'

/** What proving takes: a copy, and the tool. */
export interface Proof {
  readonly what: ReadonlySet<'idempotent' | 'rollback'>
  readonly migrate: (url: DatabaseUrl) => Promise<ToolResult>
  /** Takes back so many of the newest migrations; or why there is no way back to be proven. */
  readonly rollBack: ((url: DatabaseUrl, back: TakenBack) => Promise<ToolResult>) | NoWayBack
  /** The names of the migrations that are pending, read from the table, in the order in which they run. */
  readonly pending: (url: DatabaseUrl) => Promise<readonly string[]>
  /** Lines of the schema, the same for the same schema. */
  readonly schema: (url: DatabaseUrl) => Promise<readonly string[]>
  /** How many this run has applied, where the copy has them already. */
  readonly applied: number
}

/** Why a way back is not proven, and what is left then. */
export interface NoWayBack {
  readonly told: string
  readonly next: string
}

/** What a proof takes back. */
export interface TakenBack {
  readonly steps: number
  /** The oldest of them, where their names are known: they were pending in the copy. */
  readonly oldest: string | undefined
}

/**
 * Proves on a copy that migrating a second time applies nothing and changes nothing, and that what was pending can be taken
 * back and applied again: after that the schema is what it was, both times. The copy is used up.
 *
 * @param copy a scratch copy, with what was pending still pending, or applied
 * @throws what reading the copy throws
 */
export async function prove(copy: DatabaseUrl, proof: Proof): Promise<readonly Check[]> {
  const waiting = await proof.pending(copy)
  const before = await proof.schema(copy)
  const first = waiting.length === 0 ? undefined : await proof.migrate(copy)
  const left = await proof.pending(copy)
  if (first !== undefined && (left.length > 0 || failed(first)))
    return [...proof.what].map((what) => refused(what, 'does not migrate', first))
  const migrated = await proof.schema(copy)
  const checks: Check[] = []
  if (proof.what.has('idempotent')) checks.push(await proveIdempotent(copy, proof, migrated))
  if (proof.what.has('rollback')) {
    const [oldest] = waiting
    const steps = oldest === undefined ? proof.applied : waiting.length
    const known = oldest === undefined ? undefined : before
    checks.push(await proveRollback(copy, proof, { steps, oldest }, { migrated, before: known }))
  }
  return checks
}

const titles = { idempotent: 'Proof: migrating again', rollback: 'Proof: back and forth' } as const

/** What is told of proofs that are asked for where nothing is pending. */
export function nothingToProve(what: Proof['what']): readonly Check[] {
  return [...what].map((each) => ({
    id: `prove-${each}`,
    title: titles[each],
    result: 'not checked',
    told: 'nothing is pending to prove it on',
    next: 'It is proven with the next migrations.'
  }))
}

async function proveIdempotent(copy: DatabaseUrl, proof: Proof, migrated: readonly string[]): Promise<Check> {
  const check = { id: 'prove-idempotent', title: titles.idempotent }
  const again = await proof.migrate(copy)
  if (failed(again)) return refused('idempotent', 'does not migrate a second time', again)
  const changed = changesBetween(migrated, await proof.schema(copy))
  const applied = again.sentence === 'applied' || again.migrations.length > 0
  if (!applied && changed.length === 0)
    return { ...check, result: 'ok', told: 'a second run applied nothing and changed nothing' }
  const message = applied ? 'applied migrations' : 'changed the schema'
  return {
    ...check,
    result: 'failed',
    told: `a second run ${message}`,
    problem: different(
      'prove-idempotent',
      `On a scratch copy a second run of the migrations ${message}`,
      changed,
      'Look for what runs outside the framework’s table: hooks, seeds or code in the release’s migrate function.'
    )
  }
}

async function proveRollback(
  copy: DatabaseUrl,
  { rollBack, migrate, pending, schema }: Proof,
  { steps, oldest }: TakenBack,
  { migrated, before }: { migrated: readonly string[]; before: readonly string[] | undefined }
): Promise<Check> {
  const check = { id: 'prove-rollback', title: titles.rollback }
  if (typeof rollBack !== 'function') return { ...check, result: 'not checked', ...rollBack }
  if (steps === 0) {
    const next = 'It is proven with the next migrations: nothing was pending, and nothing was applied by this run.'
    return { ...check, result: 'not checked', told: 'nothing to take back', next }
  }
  const back = await rollBack(copy, { steps, oldest })
  if (failed(back)) return refused('rollback', 'cannot be rolled back', back)
  const open = await pending(copy)
  if (open.length !== steps) {
    const problem = different(
      'prove-rollback',
      `On a scratch copy ${steps} were to be rolled back, and ${open.length} are pending after it`,
      [],
      'Look at the output of the rollback in the log: it may have stopped, or have taken back others.'
    )
    return { ...check, result: 'failed', told: `${open.length} of ${steps} rolled back`, problem }
  }
  const leftBehind = before === undefined ? [] : changesBetween(before, await schema(copy))
  if (leftBehind.length > 0) {
    const problem = different(
      'prove-rollback',
      'On a scratch copy the schema after the rollback is not what it was before the migrations',
      leftBehind,
      'Mend the `down` of these migrations, so that it takes back everything that `up` does.'
    )
    return { ...check, result: 'failed', told: 'another schema after the rollback', problem }
  }
  const forth = await migrate(copy)
  if (failed(forth) || (await pending(copy)).length > 0)
    return refused('rollback', 'does not migrate again after the rollback', forth)
  const changed = changesBetween(migrated, await schema(copy))
  if (changed.length > 0) {
    const problem = different(
      'prove-rollback',
      'On a scratch copy the schema is another after going back and forth',
      changed,
      'Mend the `down` of these migrations: it leaves or loses what `up` then meets.'
    )
    return { ...check, result: 'failed', told: 'another schema at the end', problem }
  }
  const told = `${steps} rolled back and applied again${before === undefined ? '' : ', each time with the schema as it was'}`
  return { ...check, result: 'ok', told }
}

function failed({ exitCode, end, sentence }: ToolResult): boolean {
  return end !== 'exited' || exitCode !== 0 || sentence === 'failed'
}

function refused(
  what: 'idempotent' | 'rollback',
  message: string,
  { message: said, output, exitCode, end }: ToolResult
): Check {
  // The end of what Elixir says is a stack.
  const words = said === undefined ? output.split('\n').filter((line) => line.trim() !== '') : [said]
  const ended = end === 'exited' ? `exit code ${exitCode ?? 'unknown'}` : end
  return {
    id: `prove-${what}`,
    title: titles[what],
    result: 'failed',
    told: message,
    problem: {
      code: `prove-${what}`,
      message: `The scratch copy ${message} (${ended}): ${words.slice(-3).join(' / ')}.`,
      hint: `The production database was not touched by this. Mend the migration, unless it names what the copy has not: ${leftBehind}, roles that the scratch server does not have. Such a migration cannot be proven: leave \`prove\` out for it.`
    }
  }
}

function different(code: string, message: string, changes: readonly string[], hint: string): Problem {
  const shown = changes.slice(0, 5).join('; ')
  const more = changes.length > 5 ? `; ${changes.length - 5} more` : ''
  return { code, message: changes.length === 0 ? `${message}.` : `${message}: ${shown}${more}.`, hint }
}

/** Lines that only one side has, `-` and `+` before them. */
function changesBetween(one: readonly string[], other: readonly string[]): readonly string[] {
  const first = new Set(one)
  const second = new Set(other)
  return [
    ...one.filter((line) => !second.has(line)).map((line) => `- ${line}`),
    ...other.filter((line) => !first.has(line)).map((line) => `+ ${line}`)
  ]
}
