import type { InputReader } from '../shared/inputs.ts'

export const modes = ['publish', 'docs', 'verify', 'retire', 'unretire', 'revert'] as const

/** What a run is to do; the first is the default. */
export type Mode = (typeof modes)[number]

/** Reads `mode`. One that is unknown is a problem, and counts as the default, so that its other inputs are checked too. */
export function readMode(reader: InputReader): Mode {
  return reader.choice('mode', modes, 'publish')
}
