import type { World } from '../../shared/world.ts'
import { pastCancellation, within } from '../cancelled.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { openSession, type Session } from '../database/session.ts'
import type { FailedMigration } from '../failure/migration-failure.ts'
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import { endBackends, instruction, migratingBackends, type Backend, type EndedBackend } from './backends.ts'

export interface Interruption {
  /** Past any pooler. */
  readonly url: DatabaseUrl
  /** Of the tool's backends; undefined where it hands none on: nothing is ended then. */
  readonly applicationName: string | undefined
  /** When the tool was started; milliseconds since the epoch. */
  readonly startedAt: number
  /** What was there before, as far as it is known. */
  readonly before: readonly StateBefore[] | undefined
  /** Reads the table again. */
  readonly readState: (session: Session) => Promise<readonly MigrationState[]>
  /** Looks at what one migration has left: each that is failed, and of Ecto the one that was to be run next. */
  readonly examine?: (status: MigrationStatus, session: Session) => Promise<FailedMigration>
  /** Says what the table means, and what is to be done, where it was something else than migrating. Pure. */
  readonly judge?: (after: readonly MigrationState[]) => Judged
}

export interface Judged {
  /** Sentences for people. */
  readonly told: readonly string[]
  readonly runbook: readonly string[]
}

/** Of a state, what is compared: also what is left of it in another process. */
export interface StateBefore {
  readonly migrations: readonly Pick<MigrationStatus, 'name' | 'status'>[]
}

/** What is there after a run of the tool was broken off. */
export interface Reconciled {
  readonly ended: readonly EndedBackend[]
  /** May be migrating still; shown, never ended. */
  readonly suspects: readonly Backend[]
  /** Undefined where it could not be read. */
  readonly after: readonly MigrationState[] | undefined
  /** Names of what was applied while it ran, of what is failed now, and of what is pending. */
  readonly applied: readonly string[]
  readonly failed: readonly string[]
  readonly pending: readonly string[]
  /** Of each that was examined. */
  readonly failures: readonly FailedMigration[]
  /** Everything is known and nothing runs any more. */
  readonly settled: boolean
  /** Sentences for people: what was ended, what the table says. */
  readonly told: readonly string[]
  /** What is to be done now; commands in back-ticks. */
  readonly runbook: readonly string[]
}

/**
 * After a cancel or a kill: ends the tool's backends, waits until they are gone, reads the table, and says what is so.
 * Listens to no cancellation. Never throws for what the server does: what could not be found out is told.
 */
export async function reconcile(interruption: Interruption, world: World): Promise<Reconciled> {
  const { url, applicationName } = interruption
  const unknown: string[] = []
  const orTell = async <T>(what: string, body: () => Promise<T>): Promise<T | undefined> => {
    try {
      const found = await within(patience, body())
      if (found === undefined) unknown.push(`${what} could not be found out: the server does not answer.`)
      return found
    } catch (error) {
      unknown.push(`${what} could not be found out: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  const nothing = { suspects: [], after: undefined, failures: [] } as const
  const reached = await orTell<readonly EndedBackend[]>('Whether anything is still running', async () => {
    if (applicationName === undefined) return []
    const first = await endBackends(url, applicationName, world)
    // A tool that lives still may have connected again.
    return first.length === 0 ? first : [...first, ...(await endBackends(url, applicationName, world))]
  })
  const ended = reached ?? []
  // A server that did not answer is not asked again: the time of a cancelled job is short.
  const seen: Seen =
    reached === undefined
      ? nothing
      : ((await orTell('What the table of migrations says', () => look(interruption, ended, world))) ?? nothing)
  const names = namesOf(interruption, seen.after)
  const left = ended.filter(({ end }) => end === 'there')
  const settled = unknown.length === 0 && left.length === 0 && seen.suspects.length === 0
  // What runs still has rolled nothing back.
  const failures = settled
    ? seen.failures
    : seen.failures.map((failed) => ({ ...failed, failure: { ...failed.failure, atomic: undefined } }))
  const judged =
    interruption.judge === undefined || seen.after === undefined ? undefined : interruption.judge(seen.after)
  const table = judged?.told ?? tableTold(names, seen.after)
  return {
    ended,
    ...seen,
    failures,
    ...names,
    settled,
    told: [...ended.map(endTold), ...seen.suspects.map(suspectTold), ...table, ...unknown],
    runbook: [
      ...left.flatMap(({ instruction: sql }) => (sql === undefined ? [] : [`End what is still running: \`${sql}\``])),
      ...seen.suspects.map((backend) => `Look whether this is the migration, and end it: \`${instruction(backend)}\``),
      ...(unknown.length === 0 ? [] : ['Look at the database before anything is deployed to it again.']),
      ...failures.flatMap((failed) => (settled ? failed.runbook : whileItRuns(failed, [...left, ...seen.suspects]))),
      ...(judged?.runbook ?? []),
      ...(interruption.judge === undefined &&
      settled &&
      names.failed.length === 0 &&
      failures.every(({ failure }) => failure.atomic === true)
        ? ['Run this workflow again: it goes on with what is pending.']
        : [])
    ]
  }
}

type Seen = Pick<Reconciled, 'suspects' | 'after' | 'failures'>

/** Milliseconds for ending what runs, and for looking: each well below what a runner waits for a cancelled job. */
const patience = 5_000

async function look(interruption: Interruption, ended: readonly EndedBackend[], world: World): Promise<Seen> {
  const options = { applicationName: 'release-actions/db-deploy look', statementTimeout: 2_000, connectTimeout: 3_000 }
  const session = await openSession(interruption.url, options, pastCancellation(world))
  try {
    const since = world.clock.now() - interruption.startedAt
    const after = await interruption.readState(session)
    // Whether a repository of Ecto's hands our name on is read from its configuration: it has shown where one was found.
    const unnamed =
      interruption.applicationName === undefined ||
      (ended.length === 0 && after.some(({ framework }) => framework === 'ecto'))
    const suspects = unnamed ? await migratingBackends(session, since) : []
    const failures: FailedMigration[] = []
    const { examine } = interruption
    if (examine !== undefined) {
      for (const status of suspicious(interruption, after)) failures.push(await examine(status, session))
    }
    return { suspects, after, failures }
  } finally {
    await session.close()
  }
}

/** What may have left something: Prisma marks it; Ecto says nothing, and so it is the first that was to be run and was not. */
function suspicious({ before }: Interruption, after: readonly MigrationState[]): readonly MigrationStatus[] {
  const wasPending = pendingOf(before)
  return after.flatMap(({ framework, migrations }) => {
    if (framework !== 'ecto') return migrations.filter(({ status }) => status === 'failed')
    const next = migrations.find(({ name, status }) => status === 'pending' && wasPending?.has(name) !== false)
    return next === undefined ? [] : [next]
  })
}

function pendingOf(before: Interruption['before']): ReadonlySet<string> | undefined {
  if (before === undefined) return undefined
  const all = before.flatMap(({ migrations }) => migrations)
  return new Set(all.filter(({ status }) => status === 'pending').map(({ name }) => name))
}

type Names = Pick<Reconciled, 'applied' | 'failed' | 'pending'>

function namesOf({ before }: Interruption, after: readonly MigrationState[] | undefined): Names {
  const wasPending = pendingOf(before)
  const all = (after ?? []).flatMap(({ migrations }) => migrations)
  const named = (wanted: MigrationStatus['status']): readonly string[] =>
    all.filter(({ status }) => status === wanted).map(({ name }) => name)
  return {
    applied: named('applied').filter((name) => wasPending?.has(name) === true),
    failed: named('failed'),
    pending: named('pending')
  }
}

/** A sentence for people. */
export function endTold({ pid, application, end, statement }: EndedBackend): string {
  const what =
    statement === undefined
      ? ''
      : `, which ran \`${statement.replaceAll(/\s+/g, ' ').replaceAll('`', "'").slice(0, 200)}\``
  const how = {
    cancelled: 'was cancelled and is gone',
    terminated: 'was terminated and is gone',
    there: 'is still there'
  }
  return `The backend ${pid} of ${application}${what}, ${how[end]}.`
}

function suspectTold({ pid, role, statement }: Backend): string {
  return `The backend ${pid} of role ${role} began after the migrations did and runs still: ${statement ?? 'a statement that may not be seen'}.`
}

/** What a migration leaves is decided when its session has ended. */
function whileItRuns(
  { name, transaction, runbook }: FailedMigration,
  backends: readonly { readonly pid: number }[]
): readonly string[] {
  const pids = backends.map(({ pid }) => pid).join(', ')
  const gone = `\`SELECT pid, state, query FROM pg_stat_activity WHERE pid IN (${pids});\``
  const look = `Until its session has ended, ${name} holds its locks, and may yet be done to its end. Look that it is gone${pids === '' ? '' : `: ${gone}`}`
  return transaction === 'all or nothing'
    ? [
        `${look}. Then run \`command: status\`: where ${name} is not applied, nothing of it stayed, as it is one transaction.`
      ]
    : [`${look}. What follows is as it was before that.`, ...runbook]
}

function tableTold(
  { applied, failed, pending }: Names,
  after: readonly MigrationState[] | undefined
): readonly string[] {
  if (after === undefined) return []
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '))
  return [`The table says: applied in this run ${list(applied)}; failed ${list(failed)}; pending ${list(pending)}.`]
}
