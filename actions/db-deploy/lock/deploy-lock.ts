import { ActionError, type Problem } from '../../shared/problem.ts'
import { within } from '../cancelled.ts'
import type { Session } from '../database/session.ts'
import type { LockFacts } from '../record.ts'
import type { LockKey } from './lock-key.ts'

/** The lock of this run, held by a session of its own that idles outside of transactions. */
export interface DeployLock {
  readonly facts: LockFacts
  /** Aborted when it is known that the lock is lost: its session has ended, or does not answer. */
  readonly lost: AbortSignal
  /** Asks the server; before each step that changes something. @throws ActionError `deploy-lock-lost` */
  assertHeld(): Promise<void>
  /** Gives the lock back and ends its session. Never throws, may be called twice. */
  release(): Promise<void>
}

/** Milliseconds that the server has for saying that the lock is held. */
const patience = 5_000

/** Milliseconds for giving it back: it is the last thing that a cancelled job does, whose time is short. */
const farewell = 1_500

/**
 * Watches over a lock that was taken: asks every now and then, which also keeps what lies between from forgetting an idle
 * connection. Each question is a transaction of its own that waits for nothing, so that no index build waits for it long.
 */
export function heldLock(
  session: Session,
  request: { readonly key: LockKey; readonly keepAlive?: number },
  facts: LockFacts
): DeployLock {
  const lost = new AbortController()
  let released = false
  const lose = (why: string): void => {
    clearInterval(timer)
    if (!released && !lost.signal.aborted) lost.abort(why)
  }
  let looking: Promise<void> | undefined
  /** One question at a time: a connection answers in turn, and who asks meanwhile wants the same answer. */
  const look = (): Promise<void> =>
    (looking ??= askServer().finally(() => {
      looking = undefined
    }))
  const askServer = async (): Promise<void> => {
    try {
      const held = await within(patience, isHeld(session, request.key))
      if (held === undefined) lose(`the server did not answer for ${patience / 1_000} s`)
      else if (!held) lose('its session does not hold it any more')
    } catch (error) {
      lose(error instanceof Error ? error.message : String(error))
    }
  }
  const giveBack = async (): Promise<void> => {
    await looking
    if (!lost.signal.aborted) {
      // The end of the session gives the lock back, too; said first, the next deploy need not wait for that.
      await session.query('SELECT pg_advisory_unlock_all()').catch(() => undefined)
    }
    await session.close()
  }
  const timer = setInterval(() => void look(), request.keepAlive ?? 5_000)
  timer.unref()
  const ended = (): void => {
    lose('its connection has ended')
  }
  session.lost.addEventListener('abort', ended)
  if (session.lost.aborted) ended()

  return {
    facts,
    lost: lost.signal,
    async assertHeld() {
      if (!lost.signal.aborted) await look()
      if (lost.signal.aborted) throw new ActionError([lostProblem(String(lost.signal.reason))])
    },
    async release() {
      if (released) return
      released = true
      clearInterval(timer)
      session.lost.removeEventListener('abort', ended)
      // A server that does not answer now has no say: with this process its session ends, and the lock with that.
      await within(farewell, giveBack()).catch(() => undefined)
    }
  }
}

async function isHeld(session: Session, { space, table }: LockKey): Promise<boolean> {
  const [row] = await session.query(
    `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
       AND classid = $1::int4::oid AND objid = $2::int4::oid AND objsubid = 2) AS held`,
    [space, table]
  )
  return row?.['held'] === true
}

function lostProblem(why: string): Problem {
  return {
    code: 'deploy-lock-lost',
    message: `The deploy lock was lost: ${why}.`,
    hint: 'Nothing more is begun, as another deploy may have begun meanwhile. Look whether the server was restarted or something between cuts idle connections, then run it again: it goes on from what is there.'
  }
}
