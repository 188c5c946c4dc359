import { availableParallelism } from 'node:os'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { ActionRun } from './run-action.ts'

/** One release to be interrupted: a sandbox in its first state, and how the action is run against it. */
export interface Release {
  readonly sandbox: Sandbox
  run(kill?: AbortSignal): Promise<ActionRun>
}

export interface Interruption {
  /** The request at which the process was killed, `METHOD host/path`. */
  readonly request: string
  /** Before the service saw it, or after it was done but before the client read the answer. */
  readonly moment: 'before' | 'after'
  readonly killed: ActionRun
  /** The run after it. */
  readonly again: ActionRun
  readonly endState: unknown
}

/** So many at a time: one waits for its process to start while another computes. */
const atOnce = Math.max(2, availableParallelism())

/**
 * Kills the action at every single request it makes and runs it again: before the service handled the request, and,
 * where it writes, after that too. Of a read the two moments are one, as it changes nothing and its answer is lost.
 * @param start makes a fresh release for each interruption
 * @param endState what must come out the same: the caller takes out ids and times
 * @returns an uninterrupted run with its end state, and every interruption
 */
export async function interruptEverywhere(
  start: () => Promise<Release>,
  endState: (sandbox: Sandbox) => unknown
): Promise<{ whole: ActionRun; wholeState: unknown; interruptions: readonly Interruption[] }> {
  const reference = await start()
  const whole = await reference.run()
  const wholeState = endState(reference.sandbox)
  const count = reference.sandbox.requests.length
  await reference.sandbox.close()

  const interruptions: Interruption[] = []
  const all = Array.from({ length: count }, (_, n) => n + 1)
  const take = async (): Promise<void> => {
    for (let n = all.shift(); n !== undefined; n = all.shift()) {
      const before = await interrupt(start, endState, n, 'before')
      interruptions.push(before)
      if (!isRead(before)) interruptions.push(await interrupt(start, endState, n, 'after'))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, take))
  return { whole, wholeState, interruptions }
}

function isRead({ request }: Interruption): boolean {
  return /^(GET|HEAD) /.test(request)
}

/** @param n the request to be killed at, counted from 1 */
async function interrupt(
  start: () => Promise<Release>,
  endState: (sandbox: Sandbox) => unknown,
  n: number,
  moment: Interruption['moment']
): Promise<Interruption> {
  const { sandbox, run } = await start()
  const kill = new AbortController()
  let seen = 0
  let request = ''
  // Requests overlap: the one that is waited for is known by itself, not by how many were seen since.
  let awaited: unknown
  const stop = sandbox.intercept(async (intercepted, at) => {
    if (at === 'before' && ++seen === n) awaited = intercepted
    if (intercepted !== awaited || at !== moment || kill.signal.aborted) return
    request = `${intercepted.method} ${intercepted.url.host}${intercepted.url.pathname}`
    kill.abort()
    // The process must be gone before the request goes on.
    await new Promise((resolve) => setTimeout(resolve, 20))
  })
  const killed = await run(kill.signal)
  stop()
  const again = await run()
  const interruption = { request, moment, killed, again, endState: endState(sandbox) }
  await sandbox.close()
  return interruption
}
