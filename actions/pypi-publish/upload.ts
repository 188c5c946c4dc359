import { readableSize } from '../shared/files.ts'
import { HttpFailure, longestWait, retryAfter, type HttpResponse } from '../shared/http.ts'
import { ActionError } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { Credentials } from './credentials.ts'
import type { Distribution } from './distribution.ts'
import { uploadForm } from './form.ts'
import { isPassing } from './identity-token.ts'
import { readIndexedHashes } from './indexed-files.ts'
import type { Destination } from './inputs.ts'
import { multipartBody } from './multipart.ts'
import { isWarehouse } from './package-index.ts'
import { existsProblem, isExpired, isTaken, uploadProblem } from './upload-answer.ts'

export interface Uploader {
  readonly destination: Pick<Destination, 'index' | 'credentials'>
  readonly credentials: Credentials
  readonly world: World
}

/** Tries of one upload, the first included. */
const attempts = 5

/** After this no new try is begun, whatever the earlier ones took. Milliseconds. */
const longestTrying = 15 * 60_000

/** Answers after which another try may help, most of which leave open whether the file was stored. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Uploads one file. Returns when the index has it with these bytes.
 * @param file how problems name it
 * @throws {ActionError} when it was refused, or the index cannot be had
 */
export async function upload(uploader: Uploader, distribution: Distribution, file: string): Promise<void> {
  const { destination, credentials, world } = uploader
  const { index } = destination
  const redact = (text: string): string => world.secrets.redact(text)
  const begun = world.clock.now()
  let renewed = false
  for (let attempt = 1; ; attempt++) {
    const answer = await send(uploader, distribution, file)
    const failed = answer instanceof HttpFailure
    if (!failed) {
      if (answer.status >= 200 && answer.status < 300) return
      if (isExpired(answer) && !renewed && credentials.expire()) {
        world.log.info(`The token has expired; minting another for ${distribution.filename}`)
        renewed = true
        continue
      }
      if (isTaken(answer)) {
        const found = await settled(uploader, distribution)
        if (found === 'same') return
        throw new ActionError([existsProblem(distribution, index, answer, found, file, redact)])
      }
    }
    if (failed ? !isPassing(answer) : !passing.has(answer.status)) throw refusal(uploader, distribution, answer, file)
    const asked = failed ? undefined : retryAfter(answer, world.clock.now())
    const wait = asked ?? Math.round(1_000 * 2 ** attempt * (0.5 + Math.random() / 2))
    const last = attempt === attempts || wait > longestWait || world.clock.now() + wait - begun > longestTrying
    if (!last) await world.clock.sleep(wait)
    // PyPI takes an identical file again without a word; others must be asked first.
    const found = last || !isWarehouse(index) ? await look(uploader, distribution) : 'unknown'
    if (found === 'same') return
    if (last) throw refusal(uploader, distribution, answer, file)
    world.log.info(
      `${distribution.filename}: ${failed ? answer.message : `the answer was ${answer.status}`}; sending it again (try ${attempt + 1} of ${attempts})`
    )
  }
}

function refusal(
  { destination: { index }, credentials, world }: Uploader,
  { filename }: Distribution,
  answer: HttpResponse | HttpFailure,
  file: string
): ActionError {
  if (answer instanceof HttpFailure) {
    // The body could not be read: the cause says why, in our own words where the file has changed.
    const problems = answer.cause instanceof ActionError ? answer.cause.problems : answer.problems
    return new ActionError(problems.map((problem) => ({ ...problem, file })))
  }
  const options = { redact: (text: string) => world.secrets.redact(text), presented: credentials.presented() }
  return new ActionError([uploadProblem(filename, index, answer, file, options)])
}

async function send(uploader: Uploader, distribution: Distribution, file: string): Promise<HttpResponse | HttpFailure> {
  const { destination, credentials, world } = uploader
  const { filename, path, size, sha256 } = distribution
  const authorization = await credentials.authorization()
  world.log.info(`uploading ${file} (${readableSize(size)})`)
  try {
    return await world.http({
      method: 'POST',
      url: destination.index.uploadUrl,
      headers: {
        // With this order PyPI words its refusals in JSON.
        accept: 'application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7',
        ...(authorization === undefined ? {} : { authorization })
      },
      body: multipartBody(uploadForm(distribution), { field: 'content', filename, path, size, sha256 }),
      // The loop above is the one that repeats; a second one inside it would multiply.
      repeat: 'never',
      // PyPI gives an upload's transaction 600 s, in which nothing is heard of it.
      idleTimeout: 610_000,
      timeout: 610_000 + size / 50
    })
  } catch (error) {
    if (error instanceof HttpFailure) return error
    throw error
  }
}

/** What the index shows under the file's name. `unknown`: it cannot be read, or tells nothing of the bytes. */
export type Found = 'same' | 'different' | 'absent' | 'unknown'

async function look({ destination, world }: Uploader, distribution: Distribution): Promise<Found> {
  try {
    const { there } = await readIndexedHashes(distribution.name, [distribution], destination, world)
    const found = there.get(distribution.filename)
    if (found === undefined) return 'absent'
    return found === distribution.sha256 ? 'same' : 'different'
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    world.log.debug(`the index could not be read: ${error.message}`)
    return 'unknown'
  }
}

/** Waits for a page that lags behind what the server has just said. Milliseconds. */
const lags = [0, 2_000, 5_000, 10_000, 20_000] as const

/** Looks until the page shows the name that the server says is taken. */
async function settled(uploader: Uploader, distribution: Distribution): Promise<Found> {
  let found: Found = 'unknown'
  for (const lag of lags) {
    if (lag > 0) await uploader.world.clock.sleep(lag)
    found = await look(uploader, distribution)
    if (found === 'same' || found === 'different') break
  }
  return found
}
