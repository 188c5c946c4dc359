import type { Clock } from '../shared/clock.ts'
import { ActionError } from '../shared/problem.ts'

/** How often what may not show yet is looked at. */
export const looks = 5

/** Milliseconds. Reads lag behind writes by seconds (cli/cli#6599, softprops/action-gh-release#705). */
export const pause = 2_000

/** Reads again until it is seen, or was looked for often enough; gives what was read last. */
export async function lookUntil<T>(clock: Clock, read: () => Promise<T>, seen: (value: T) => boolean): Promise<T> {
  for (let look = 1; ; look++) {
    const value = await read()
    if (seen(value) || look === looks) return value
    await clock.sleep(pause)
  }
}

/** Reads again while GitHub says 404 of what it has made: a release's own pages lag, too. */
export async function untilFound<T>(clock: Clock, read: () => Promise<T>): Promise<T> {
  for (let look = 1; ; look++) {
    try {
      return await read()
    } catch (error) {
      const absent = error instanceof ActionError && error.problems.some(({ code }) => code === 'github-not-found')
      if (!absent || look === looks) throw error
    }
    await clock.sleep(pause)
  }
}
