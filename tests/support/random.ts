/**
 * Whole numbers from 0 to below 2 ** 32 that a seed decides, so that a failure can be seen again (mulberry32:
 * https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32).
 */
function bitsFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** Whole numbers from 0 to below the given one, the same for the same seed. */
export function randomFrom(seed: number): (below: number) => number {
  const bits = bitsFrom(seed)
  return (below) => bits() % below
}

/** Numbers from 0 to below 1, the same for the same seed. */
export function fractionsFrom(seed: number): () => number {
  const bits = bitsFrom(seed)
  return () => bits() / 2 ** 32
}
