import { ActionError, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { pastCancellation, pause, throwIfCancelled } from '../cancelled.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { readPooling } from '../database/pooling.ts'
import { openSession, type Session } from '../database/session.ts'
import type { Journal } from '../journal.ts'
import type { LockFacts } from '../record.ts'
import { heldLock, type DeployLock } from './deploy-lock.ts'
import { findHolders, findMigrating, holdersQuery, holderTold } from './holders.ts'
import { lockParts, type LockKey, type LockPart } from './lock-key.ts'

export interface LockRequest {
  /** Of the table that is migrated, or `databaseLock`. */
  readonly key: LockKey
  /** Milliseconds that another deploy is waited for. */
  readonly wait: number
  /** At most 63 bytes; of this run alone. */
  readonly applicationName: string
  /** Milliseconds between two looks at whether it is held still; 5,000 where it is not said. */
  readonly keepAlive?: number
}

/**
 * Takes the lock of a deploy, as stage `lock` of the journal. It is tried for and never waited for inside of a query: a
 * session that waits in `pg_advisory_lock` has a snapshot, `CREATE INDEX CONCURRENTLY` of the one who holds the lock waits
 * for that snapshot, and both wait for each other (prisma-engines#5755).
 *
 * @param url past any pooler
 * @throws ActionError `deploy-lock-busy` when the time is over, `deploy-lock-pooled`, `deploy-cancelled`
 */
export async function takeLock(
  url: DatabaseUrl,
  request: LockRequest,
  world: World,
  journal: Journal
): Promise<DeployLock> {
  return journal.stage('lock', 'Deploy lock', async (stage) => {
    const session = await lockSession(url, request, world)
    try {
      // Before it is taken: a lock that a shared backend took would stay with it, and nobody could give it back.
      if ((await readPooling(session, url, pastCancellation(world))) === 'transaction') throw new ActionError([pooled])
      const facts = await wait(session, request, world, journal)
      stage.note(facts.heldBy.length === 0 ? 'free' : `${seconds(facts.waited)} behind ${facts.heldBy.join(', ')}`)
      return heldLock(session, request, facts)
    } catch (error) {
      await session.close()
      throw error
    }
  })
}

const pooled: Problem = {
  code: 'deploy-lock-pooled',
  message:
    'The connection goes through a pooler that shares backends between connections: a lock taken there is no lock.',
  hint: 'Give the address of the server itself as direct-database-url (Neon: the host without `-pooler`; Supabase: port 5432 in place of 6543; PgBouncer: the server behind it).'
}

/**
 * The session that holds the lock. It outlives a cancellation, as nobody else may begin before what was under way has
 * ended; and the server ends it soon after its runner has vanished.
 */
async function lockSession(url: DatabaseUrl, { applicationName }: LockRequest, world: World): Promise<Session> {
  throwIfCancelled(world, 'the deploy lock was about to be taken')
  const session = await openSession(url, { applicationName, statementTimeout: 10_000 }, pastCancellation(world))
  try {
    if (session.direct) {
      await session.query(
        `SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', '3', false)`
      )
    }
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

/** Milliseconds between two tries. */
const interval = 500

async function wait(session: Session, request: LockRequest, world: World, journal: Journal): Promise<LockFacts> {
  const { clock, log } = world
  const startedAt = clock.now()
  const heldBy = new Set<string>()
  const missing = [...lockParts(request.key)]
  for (;;) {
    throwIfCancelled(world, 'the deploy lock was waited for')
    while (missing[0] !== undefined && (await tryLock(session, missing[0]))) missing.shift()
    const ours = missing.length === 0
    // Who tries first and then sees nobody is alone: from here on every other deploy waits for this one.
    const others = [...(await findHolders(session, request.key)), ...(ours ? await findMigrating(session) : [])]
    const holders = [...new Set(others.map(holderTold))]
    const waited = clock.now() - startedAt
    const facts: LockFacts = { waited, heldBy: [...heldBy] }
    journal.learn({ lock: facts })
    if (ours && holders.length === 0) return facts
    for (const holder of holders.filter((each) => !heldBy.has(each))) {
      heldBy.add(holder)
      log.info(`Waiting for ${holder}, at most ${seconds(Math.max(0, request.wait - waited))} more.`)
    }
    if (waited >= request.wait) {
      journal.learn({ lock: { waited, heldBy: [...heldBy] } })
      throw new ActionError([busyProblem(request, waited, holders, ours)])
    }
    await pause(Math.min(interval, request.wait - waited), world)
  }
}

async function tryLock(session: Session, { key: { space, table }, mode }: LockPart): Promise<boolean> {
  const take = { shared: 'pg_try_advisory_lock_shared', alone: 'pg_try_advisory_lock' }[mode]
  const [row] = await session.query(`SELECT ${take}($1::int4, $2::int4) AS taken`, [space, table])
  return row?.['taken'] === true
}

function busyProblem(request: LockRequest, waited: number, holders: readonly string[], ours: boolean): Problem {
  const who = holders.length === 0 ? 'another deploy, which has just ended' : holders.join(' and ')
  const look = ours
    ? "SELECT pid, application_name, usename, state, backend_start, query FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle';"
    : holdersQuery(request.key)
  return {
    code: 'deploy-lock-busy',
    message: `After ${seconds(waited)} this database is still being migrated by ${who}.`,
    hint:
      'Wait until that has ended and run this again, or set lock-wait to more. ' +
      `Who it is and what it does shows this query:\n${look}`
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1_000)} s`
}
