import type { Clock } from '../shared/clock.ts'
import { ActionError } from '../shared/problem.ts'

/** Waits between looks. Milliseconds. */
export const patience = {
  /** Where what is not seen can be sent again. */
  short: [1_000, 2_000],
  /** Where this is the last word. */
  long: [1_000, 2_000, 4_000, 8_000]
} as const satisfies Readonly<Record<string, readonly number[]>>

/**
 * Looks until what is looked for is seen, with patience for a server that is still busy with what it was sent.
 * @param look gives what is there
 * @param seen whether that settles it
 * @returns the last thing seen
 * @throws {ActionError} when the last look failed
 */
export async function readBack<T>(
  clock: Clock,
  look: () => Promise<T>,
  seen: (found: T) => boolean,
  waits: readonly number[] = patience.long
): Promise<T> {
  for (let tries = 0; ; tries++) {
    const wait = waits[tries]
    try {
      const found = await look()
      if (seen(found) || wait === undefined) return found
    } catch (error) {
      if (!(error instanceof ActionError) || wait === undefined) throw error
    }
    await clock.sleep(wait)
  }
}
