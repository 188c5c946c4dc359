import { neverCancelled } from '../shared/cancellation.ts'
import { ActionError } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { cancelledCode } from './journal.ts'

/** @throws ActionError `deploy-cancelled` when the job was cancelled @param during goes on from "while": `another deploy was waited for` */
export function throwIfCancelled({ cancelled }: Pick<World, 'cancelled'>, during: string): void {
  if (!cancelled.aborted) return
  throw new ActionError([
    {
      code: cancelledCode,
      message: `The job was cancelled while ${during}.`,
      hint: 'Run it again when you are ready: it goes on from what is there.'
    }
  ])
}

/** Waits, and ends at once when the job is cancelled. Says nothing of it: whoever waits looks. */
export async function pause(
  milliseconds: number,
  { clock, cancelled }: Pick<World, 'clock' | 'cancelled'>
): Promise<void> {
  if (cancelled.aborted) return
  let wake: () => void = () => undefined
  const cancellation = new Promise<void>((resolve) => {
    wake = resolve
    cancelled.addEventListener('abort', wake, { once: true })
  })
  await Promise.race([clock.sleep(milliseconds), cancellation])
  cancelled.removeEventListener('abort', wake)
}

/** The outside for what a cancelled run still does: leave things in order. */
export function pastCancellation(world: World): World {
  return { ...world, cancelled: neverCancelled() }
}

/**
 * What the promise gives, or undefined when the time is over; a promise that is too late is left to itself.
 *
 * @param milliseconds of real time, whatever the clock of the world says: it guards against a peer that is silent
 */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined)
    }, milliseconds)
  })
  promise.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
