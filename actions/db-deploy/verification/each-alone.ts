import { QueryError } from '../database/query-error.ts'
import type { Row, Session } from '../database/session.ts'

/** What the server answered for one of many: its value, or why not. */
export type Answer = { readonly value: unknown } | { readonly refused: QueryError }

/** Statements that go to the server together: more would hold more locks at once, fewer take more round trips. */
const together = 100

/** Milliseconds that a table may be locked by others before it counts as unreadable. */
const longestLock = 5_000

/**
 * Evaluates many expressions, each for itself: many in one statement as long as all go well, and one by one where one of
 * them does not, so that it says so and hides no other. Each statement is a read-only transaction of its own: locks
 * (ACCESS SHARE, no more) are let go after it, and it works behind a pooler.
 *
 * @param expressions scalar SQL; `alone` for one that is known to be slow, or to fail
 * @param timeout milliseconds for each
 * @throws ActionError when the connection is lost or the job cancelled
 */
export async function eachAlone(
  session: Session,
  expressions: readonly { readonly sql: string; readonly alone: boolean }[],
  timeout: number
): Promise<readonly Answer[]> {
  const answers = new Array<Answer>(expressions.length)
  const numbered = expressions.map((expression, at) => ({ ...expression, at }))
  const many = numbered.filter(({ alone }) => !alone)
  const single = numbered.filter(({ alone }) => alone)
  for (let start = 0; start < many.length; start += together) {
    const group = many.slice(start, start + together)
    const answer = await ask(session, group, timeout)
    if ('refused' in answer && group.length > 1) single.push(...group)
    else for (const [index, { at }] of group.entries()) answers[at] = answerOf(answer, index)
  }
  for (const expression of single) answers[expression.at] = answerOf(await ask(session, [expression], timeout), 0)
  return answers
}

type Asked = { readonly rows: readonly Row[] } | { readonly refused: QueryError }

function ask(session: Session, group: readonly { readonly sql: string }[], timeout: number): Promise<Asked> {
  return readOnly(session, `SELECT ${group.map(({ sql }, index) => `(${sql}) AS v${index}`).join(',\n')}`, timeout)
}

/**
 * One statement in a read-only transaction of its own, with limits that end with it.
 *
 * @param timeout milliseconds, besides those of waiting for a lock
 * @throws as eachAlone
 */
export async function readOnly(session: Session, statement: string, timeout: number): Promise<Asked> {
  const wait = Math.min(timeout, longestLock)
  // The wait counts for both, and of two limits that both passed the server names the one that passed first (ProcessInterrupts).
  const limits = `SET LOCAL statement_timeout = ${timeout + wait}; SET LOCAL lock_timeout = ${wait}`
  try {
    const rows = await session.query(`BEGIN READ ONLY; ${limits}; ${statement}`)
    await session.query('COMMIT')
    return { rows }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    await session.query('ROLLBACK')
    return { refused: error }
  }
}

function answerOf(asked: Asked, index: number): Answer {
  return 'refused' in asked ? asked : { value: asked.rows[0]?.[`v${index}`] }
}
