import { HttpFailure, type HttpResponse } from '../shared/http.ts'
import { readableSize } from '../shared/files.ts'
import { ActionError } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { Credentials } from './credentials.ts'
import type { Distribution } from './distribution.ts'
import { uploadForm } from './form.ts'
import { isPassing } from './identity-token.ts'
import { readProject } from './index-api.ts'
import { multipartBody } from './multipart.ts'
import { isWarehouse, type PackageIndex } from './package-index.ts'
import { isExpired, isTaken, uploadProblem } from './upload-answer.ts'

export interface Uploader {
  readonly index: PackageIndex
  readonly credentials: Credentials
  /** What reads of the index carry. */
  readonly readAuthorization: string | undefined
  readonly world: World
}

/** Tries of an upload whose outcome is open, each after a look at the index. */
const attempts = 4

/** Answers that leave open whether the file was stored. */
const ambiguous = new Set([408, 425, 500, 502, 503, 504])

/**
 * Uploads one file. Returns when the index has it with these bytes.
 * @param file how problems name it
 * @throws {ActionError} when it was refused, or the index cannot be had
 */
export async function upload(uploader: Uploader, distribution: Distribution, file: string): Promise<void> {
  const { index, credentials, world } = uploader
  let renewed = false
  for (let attempt = 1; ; attempt++) {
    const answer = await send(uploader, distribution)
    if (!(answer instanceof HttpFailure)) {
      if (answer.status >= 200 && answer.status < 300) return
      if (isExpired(answer) && !renewed && credentials.expire()) {
        world.log.info(`The token has expired; minting another for ${distribution.filename}`)
        renewed = true
        continue
      }
      if (isTaken(answer) && (await isThere(uploader, distribution))) return
      if (!ambiguous.has(answer.status) || attempt === attempts) {
        throw new ActionError([uploadProblem(distribution.filename, index, answer, file)])
      }
    } else if (!isPassing(answer) || attempt === attempts) {
      throw answer
    }
    // PyPI takes an identical file again without a word, and http has already tried; others must be asked first.
    await world.clock.sleep(1_000 * 2 ** attempt)
    if (await isThere(uploader, distribution)) return
    world.log.info(`${distribution.filename} did not arrive; sending it again`)
  }
}

async function send(uploader: Uploader, distribution: Distribution): Promise<HttpResponse | HttpFailure> {
  const { index, credentials, world } = uploader
  const { filename, path, size } = distribution
  const authorization = await credentials.authorization()
  world.log.info(`uploading ${filename} (${readableSize(size)})`)
  try {
    return await world.http({
      method: 'POST',
      url: index.uploadUrl,
      headers: {
        // With this order PyPI words its refusals in JSON.
        accept: 'application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7',
        ...(authorization === undefined ? {} : { authorization })
      },
      body: multipartBody(uploadForm(distribution), { field: 'content', filename, path, size }),
      repeat: isWarehouse(index) ? 'always' : 'unsent',
      // PyPI gives an upload's transaction 600 s, in which nothing is heard of it.
      idleTimeout: 610_000,
      timeout: 610_000 + size / 50
    })
  } catch (error) {
    if (error instanceof HttpFailure) return error
    throw error
  }
}

/** Whether the index shows the file with our bytes. An index that shows no hash, or cannot be read, does not say so. */
async function isThere(
  { index, world, readAuthorization }: Uploader,
  { filename, name, sha256 }: Distribution
): Promise<boolean> {
  try {
    const { files } = await readProject(world.http, index, name, readAuthorization)
    return files.some((file) => file.filename === filename && file.sha256 === sha256)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    world.log.debug(`the index could not be read: ${error.message}`)
    return false
  }
}
