import type { World } from '../../shared/world.ts'

/** A runner leaves seven seconds and a half after a cancellation, and the run itself needed some of them. Milliseconds. */
const whenCancelled = 2_000

/**
 * How many milliseconds there are yet to tell of a run; never less than 0.
 * @param most from now on, where the job is not cancelled
 */
export function timeLeft({ clock, cancelled }: Pick<World, 'clock' | 'cancelled'>, most: number): () => number {
  let end = clock.now() + most
  const shorten = (): void => {
    end = Math.min(end, clock.now() + whenCancelled)
  }
  if (cancelled.aborted) shorten()
  else cancelled.addEventListener('abort', shorten, { once: true })
  return () => Math.max(0, end - clock.now())
}

/**
 * What `work` gives, or what `late` gives where it is not done in time: a request that is under way cannot be taken back,
 * and nobody waits for it then.
 * @param most milliseconds, where the job is not cancelled
 */
export async function inTime<T>(
  { cancelled }: Pick<World, 'cancelled'>,
  most: number,
  work: Promise<T>,
  late: () => T
): Promise<T> {
  const timers: NodeJS.Timeout[] = []
  let shorten: (() => void) | undefined
  const ended = new Promise<T>((resolve) => {
    const endAfter = (milliseconds: number): void => {
      timers.push(
        setTimeout(() => {
          resolve(late())
        }, milliseconds)
      )
    }
    shorten = () => {
      endAfter(whenCancelled)
    }
    endAfter(most)
    if (cancelled.aborted) shorten()
    else cancelled.addEventListener('abort', shorten, { once: true })
  })
  try {
    return await Promise.race([work, ended])
  } finally {
    timers.forEach(clearTimeout)
    if (shorten !== undefined) cancelled.removeEventListener('abort', shorten)
  }
}
