import type { Problem } from '../../problem.ts'

/** One of the six things that tell where a dependency comes from, each read in another place. */
export interface Proof {
  readonly number: 1 | 2 | 3 | 4 | 5 | 6
  readonly title: string
  readonly state: ProofState
  /** What was read, as a sentence. */
  readonly detail: string
  /** Where it was read, as the user would write it. */
  readonly file?: string
  readonly line?: number
  /** What is told when a run must fail for it; present unless it is proved. */
  readonly problem?: Problem
  /** Whether it is just what is found where mix.exs takes the dependency from a path or from git. */
  readonly elsewhere?: true
}

/** `not available`: it could not be looked at, or it does not tell. */
export type ProofState = 'proved' | 'disproved' | 'not available'

/** What is to be proved. */
export interface Wanted {
  /** Name of the dependency in mix.exs, which is that of its application. */
  readonly name: string
  /** The version that must be locked; any where undefined. */
  readonly version: string | undefined
  /** As in mix.lock: `hexpm` or `hexpm:ORGANIZATION`. */
  readonly repository: string
}

export const titles: Readonly<Record<Proof['number'], string>> = {
  1: 'mix.lock locks a release of Hex',
  2: 'mix.exs asks Hex for it',
  3: 'Mix takes it from Hex',
  4: 'what Hex unpacked is what is locked',
  5: 'its files are there',
  6: 'hex.pm has that release'
}

interface Place {
  readonly file?: string
  readonly line?: number
}

export function proved(number: Proof['number'], detail: string, place: Place = {}): Proof {
  return { number, title: titles[number], state: 'proved', detail, ...place }
}

/** @param told code and hint of the problem; its message is the detail */
export function disproved(
  number: Proof['number'],
  detail: string,
  told: Pick<Problem, 'code' | 'hint'>,
  place: Place = {}
): Proof {
  return {
    number,
    title: titles[number],
    state: 'disproved',
    detail,
    ...place,
    problem: { ...told, message: detail, ...place }
  }
}

/** @param hint what makes it available */
export function notAvailable(number: Proof['number'], detail: string, hint: string, place: Place = {}): Proof {
  return {
    number,
    title: titles[number],
    state: 'not available',
    detail,
    ...place,
    problem: { code: 'dependency-not-proved', message: detail, hint, ...place }
  }
}

/** A proof that fails wherever mix.exs takes the dependency from a path or from git. */
export function elsewhere(proof: Proof): Proof {
  return { ...proof, elsewhere: true }
}
