import type { Clock } from '../shared/clock.ts'
import {
  hexProblems,
  rateLimitWait,
  readRelease,
  releasePath,
  type HexAnswer,
  type HexApi,
  type HexPackage
} from '../shared/hex/hex-api.ts'
import { HttpFailure, longestWait } from '../shared/http.ts'
import type { Log } from '../shared/log.ts'
import { ActionError } from '../shared/problem.ts'

export interface DocsUpload {
  /** Whether the release had documentation before: then reading back cannot tell old from new, and it is sent again. */
  readonly replaces: boolean
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
}

const attempts = 4

/** From this size on Hex is asked before the body is sent. Bytes. */
const askFirst = 1024 * 1024
const longestSilence = 180_000
const slowest = 10_000

/**
 * Sends a release's documentation, a gzipped tar. Hex replaces what is there, so that the same bytes can be sent twice
 * without harm. That Hex shows what it took is for the caller to read back, with the release.
 * @returns `reconciled` when only reading back told that Hex has it
 * @throws {ActionError} when Hex refuses it, or the release is missing
 */
export async function uploadDocs(
  api: HexApi,
  pkg: HexPackage,
  version: string,
  docs: Buffer,
  upload: DocsUpload
): Promise<'sent' | 'reconciled'> {
  const { clock, log } = upload
  const path = `${releasePath(pkg, version)}/docs`
  const what = `POST ${path}`

  for (let attempt = 1; ; attempt++) {
    const answer = await post(api, path, docs)
    // Hex answers 201 and nothing else (docs_controller.ex); another 2xx is somebody's page.
    if (!(answer instanceof HttpFailure) && answer.status === 201) return 'sent'
    if (!mayPass(answer)) throw new ActionError(hexProblems(answer, what))
    const wait = waitFor(answer, attempt)
    if (attempt === attempts || wait > longestWait) {
      if (!upload.replaces && (await readDocs(api, pkg, version))) return 'reconciled'
      throw new ActionError(hexProblems(answer, what))
    }
    const said = answer instanceof HttpFailure ? answer.message : `${what} answered ${answer.status}`
    log.info(`${said}; next look in ${Math.ceil(wait / 1000)} s`)
    await clock.sleep(wait)
    if (!upload.replaces && (await readDocs(api, pkg, version))) return 'reconciled'
  }
}

async function readDocs(api: HexApi, pkg: HexPackage, version: string): Promise<boolean> {
  try {
    return (await readRelease(api, pkg, version))?.hasDocs === true
  } catch (error) {
    // What cannot be read back is sent again, which does no harm.
    if (error instanceof ActionError) return false
    throw error
  }
}

async function post(api: HexApi, path: string, docs: Buffer): Promise<HexAnswer | HttpFailure> {
  try {
    return await api.send('POST', path, {
      body: { type: 'application/octet-stream', bytes: docs },
      repeat: 'never',
      expectContinue: docs.length > askFirst,
      idleTimeout: longestSilence,
      timeout: longestSilence + (docs.length / slowest) * 1_000
    })
  } catch (error) {
    if (error instanceof HttpFailure) return error
    throw error
  }
}

/** Whether another try may help. */
function mayPass(answer: HexAnswer | HttpFailure): boolean {
  if (answer instanceof HttpFailure) return ['connect', 'reset', 'timeout'].includes(answer.kind)
  const { status } = answer
  return status >= 500 || (status >= 200 && status < 300) || [408, 425, 429].includes(status)
}

function waitFor(answer: HexAnswer | HttpFailure, attempt: number): number {
  const asked = answer instanceof HttpFailure ? undefined : rateLimitWait(answer.response)
  return asked ?? 1_000 * 2 ** attempt
}
