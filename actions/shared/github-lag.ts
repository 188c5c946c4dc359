import type { Clock } from './clock.ts'

/** How often what may have been written, or may not show yet, is tried or looked at. */
export const tries = 4

/** Milliseconds between. Reads of GitHub lag behind writes by seconds. */
export const pause = 2_000

/** Reads again until it is seen, or was looked for often enough; gives what was read last. */
export async function lookUntil<T>(clock: Clock, read: () => Promise<T>, seen: (value: T) => boolean): Promise<T> {
  for (let look = 1; ; look++) {
    const value = await read()
    if (seen(value) || look === tries) return value
    await clock.sleep(pause)
  }
}
