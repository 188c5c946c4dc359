import { createReadStream } from 'node:fs'
import type { GithubAnswer } from '../shared/github.ts'
import { HttpFailure, type HttpBody } from '../shared/http.ts'
import { ActionError, fail, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { assetDiffers, readAssets, stateOf } from './asset-state.ts'
import type { Asset } from './assets.ts'
import { releaseProblem } from './release-answer.ts'
import type { Releases } from './releases.ts'
import { parseAsset, type RemoteAsset, type RemoteRelease } from './remote-release.ts'

/** At a time. Hundreds in parallel trip GitHub's secondary limits for certain, and one upload counts as two requests. */
const concurrency = 3
const attempts = 5
/** Milliseconds before the second attempt; doubles. */
const firstDelay = 1_000

/**
 * Uploads the files to a release, a few at a time. After every failure that leaves open what became of the bytes, the
 * release is read back: what arrived is kept, what broke off is deleted and sent again.
 *
 * @param known the release's assets as they were read last
 * @throws {ActionError} with the first failure; uploads that run are finished, no new ones start
 */
export async function uploadAll(
  releases: Releases,
  release: RemoteRelease,
  files: readonly Asset[],
  known: readonly RemoteAsset[],
  world: World,
  uploaded: (asset: Asset) => void
): Promise<void> {
  const waiting = [...files]
  const failures: unknown[] = []
  const work = async (): Promise<void> => {
    for (let asset = waiting.shift(); asset !== undefined && failures.length === 0; asset = waiting.shift()) {
      try {
        await uploadOne(releases, release, asset, known, world)
        uploaded(asset)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, files.length) }, work))
  if (failures.length > 0) throw failures[0]
}

async function uploadOne(
  releases: Releases,
  release: RemoteRelease,
  asset: Asset,
  known: readonly RemoteAsset[],
  world: World
): Promise<void> {
  if (await isThere(releases, release, asset, known)) return
  for (let attempt = 1; ; attempt++) {
    const problem = await tryUpload(releases, release, asset)
    if (problem === undefined) return
    if (problem.final) fail(problem.problem)
    const delay = firstDelay * 2 ** (attempt - 1)
    world.log.info(
      `${asset.name}: ${problem.problem.message} Reading back in ${delay / 1000} s (${attempt} of ${attempts})`
    )
    await world.clock.sleep(delay)
    if (await isThere(releases, release, asset, await readAssets(releases, release.id, [asset]))) return
    if (attempt === attempts) fail(problem.problem)
  }
}

/** Whether the release has these bytes. What stands in their place is deleted; on a published release only what broke off. */
async function isThere(
  releases: Releases,
  release: RemoteRelease,
  asset: Asset,
  remote: readonly RemoteAsset[]
): Promise<boolean> {
  const state = stateOf(asset, remote)
  if (state.kind === 'same') return true
  if (state.kind === 'absent') return false
  // Another job or a person may have published it since it was read: asked right before.
  if (state.kind === 'different' && !(await releases.get(release.id)).draft) fail(assetDiffers(asset, state.remote))
  await releases.removeAsset(state.remote.id)
  return false
}

interface UploadProblem {
  readonly problem: Problem
  /** Trying again would change nothing. */
  readonly final: boolean
}

async function tryUpload(releases: Releases, release: RemoteRelease, asset: Asset): Promise<UploadProblem | undefined> {
  let answer: GithubAnswer
  try {
    answer = await releases.upload(release, asset.name, asset.label, bodyOf(asset))
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error
    const [problem] = error.problems
    if (problem === undefined || !passing.has(error.kind)) throw error
    return { problem, final: false }
  }
  if (answer.status === 201) {
    const stored = parseAsset(answer.body)
    const state = stateOf(asset, [{ ...stored, name: asset.name }])
    if (state.kind === 'same') return undefined
    if (state.kind === 'different') return takeBack(releases, asset, stored)
    return { problem: notStored(asset), final: false }
  }
  const problem = releaseProblem(answer, `the upload of ${asset.name}`)
  // 400 and 5xx come and go on the upload host; 422 already_exists is seen when the bytes arrived after all.
  const exists = answer.status === 422 && /already_exists/.test(problem.message)
  return { problem, final: answer.status < 500 && answer.status !== 400 && answer.status !== 408 && !exists }
}

/** Wrong bytes that this very upload has stored go again: on a published release everybody would get them. */
async function takeBack(releases: Releases, asset: Asset, stored: RemoteAsset): Promise<never> {
  const problem = changedOnTheWay(asset, stored)
  try {
    await releases.removeAsset(stored.id)
  } catch (error) {
    if (error instanceof ActionError) throw new ActionError([problem, ...error.problems])
    throw error
  }
  return fail(problem)
}

const passing: ReadonlySet<string> = new Set(['connect', 'reset', 'timeout'])

/** Opened anew for each attempt, and never more bytes than were hashed. */
function bodyOf({ absolutePath, size, contentType }: Asset): HttpBody {
  return { type: contentType, length: size, open: () => createReadStream(absolutePath, { end: size - 1 }) }
}

function changedOnTheWay(asset: Asset, { sha256, size }: RemoteAsset): Problem {
  const there = sha256 === undefined ? `${size} bytes` : `sha256 ${sha256}`
  return {
    code: 'asset-changed',
    message: `${asset.name} is stored with other bytes than were hashed: there ${there}, here sha256 ${asset.sha256}.`,
    hint: 'Check that no other step or job writes the file or uploads the same name while this one runs, then run the job again.',
    file: asset.path
  }
}

function notStored(asset: Asset): Problem {
  return {
    code: 'asset-not-stored',
    message: `GitHub accepted ${asset.name}, and the release does not have it.`,
    hint: 'Run the job again: what is done is not done twice. If it stays, see githubstatus.com.',
    file: asset.path
  }
}
