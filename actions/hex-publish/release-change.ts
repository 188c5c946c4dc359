import type { Clock } from '../shared/clock.ts'
import {
  hexProblems,
  readRelease,
  releasePath,
  type HexAnswer,
  type HexApi,
  type HexPackage,
  type HexRelease
} from '../shared/hex/hex-api.ts'
import { HttpFailure } from '../shared/http.ts'
import { ActionError, type Problem } from '../shared/problem.ts'
import { readBack } from './read-back.ts'

/** Why a release can be retired (hexpm, release_retirement.ex). */
export const retirementReasons = ['other', 'invalid', 'security', 'deprecated', 'renamed'] as const
export type RetirementReason = (typeof retirementReasons)[number]

export interface Retirement {
  readonly reason: RetirementReason
  /** 3 to 140 characters; Hex shows it to everybody who resolves the release. */
  readonly message?: string
}

/** What Hex would say of a retirement's message. */
export function checkRetirementMessage(message: string): readonly Problem[] {
  // Ecto counts graphemes (validate_length).
  const length = [...new Intl.Segmenter().segment(message)].length
  if (length >= 3 && length <= 140) return []
  return [
    {
      code: 'hex-retirement',
      message: `The message of the retirement has ${length} characters: ${JSON.stringify(message.slice(0, 200))}.`,
      hint: 'Write 3 to 140 characters: what is wrong, and which version to use instead.'
    }
  ]
}

export function isRetiredAs(release: Pick<HexRelease, 'retirement'>, wanted: Retirement): boolean {
  const { retirement } = release
  return (
    retirement !== undefined &&
    retirement.reason === wanted.reason &&
    (retirement.message ?? '') === (wanted.message ?? '')
  )
}

/**
 * Retires a release, and reads back that it is. A repeat does no harm.
 * @throws {ActionError} when Hex refuses it, or shows something else afterwards
 */
export async function retire(
  api: HexApi,
  pkg: HexPackage,
  version: string,
  retirement: Retirement,
  clock: Clock
): Promise<void> {
  const body = Buffer.from(JSON.stringify(retirement))
  await change(api, 'POST', `${releasePath(pkg, version)}/retire`, { type: 'application/json', bytes: body })
  await seeRelease(
    api,
    pkg,
    version,
    clock,
    (release) => release !== undefined && isRetiredAs(release, retirement),
    `retired (${retirement.reason})`
  )
}

/**
 * Takes a retirement back, and reads back that there is none. A repeat does no harm.
 * @throws {ActionError} when Hex refuses it, or still shows one
 */
export async function unretire(api: HexApi, pkg: HexPackage, version: string, clock: Clock): Promise<void> {
  await change(api, 'DELETE', `${releasePath(pkg, version)}/retire`)
  await seeRelease(
    api,
    pkg,
    version,
    clock,
    (release) => release !== undefined && release.retirement === undefined,
    'not retired'
  )
}

/**
 * Deletes a release, and its package with the last one, and reads back that it is gone.
 * @returns `absent` when it was gone already: an earlier try, or an earlier run, did it
 * @throws {ActionError} when Hex refuses it (the window is over, others depend on it), or still shows it
 */
export async function revert(
  api: HexApi,
  pkg: HexPackage,
  version: string,
  clock: Clock
): Promise<'reverted' | 'absent'> {
  const outcome = await change(api, 'DELETE', releasePath(pkg, version), undefined, [404])
  await seeRelease(api, pkg, version, clock, (release) => release === undefined, 'reverted')
  return outcome === 404 ? 'absent' : 'reverted'
}

/** All of these can be sent twice without harm, so that the client repeats them after any outcome that is open. */
async function change(
  api: HexApi,
  method: 'POST' | 'DELETE',
  path: string,
  body?: { readonly type: string; readonly bytes: Buffer },
  alsoGood: readonly number[] = []
): Promise<number> {
  const what = `${method} ${path}`
  let answer: HexAnswer
  try {
    answer = await api.send(method, path, { repeat: 'always', ...(body === undefined ? {} : { body }) })
  } catch (error) {
    if (error instanceof HttpFailure) throw new ActionError(hexProblems(error, what), { cause: error })
    throw error
  }
  if ((answer.status < 200 || answer.status > 299) && !alsoGood.includes(answer.status)) {
    throw new ActionError(hexProblems(answer, what))
  }
  return answer.status
}

async function seeRelease(
  api: HexApi,
  pkg: HexPackage,
  version: string,
  clock: Clock,
  wanted: (release: HexRelease | undefined) => boolean,
  state: string
): Promise<void> {
  const found = await readBack(clock, () => readRelease(api, pkg, version), wanted)
  if (wanted(found)) return
  throw new ActionError([
    {
      code: 'hex-not-read-back',
      message: `Hex took the change, and does not show ${pkg.name} ${version} as ${state}.`,
      hint: 'Run the job again: what is done is not done twice. If it stays so, look at the package on hex.pm.'
    }
  ])
}
