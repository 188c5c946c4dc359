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
import { readBack } from './read-back.ts'

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
 * Sends a release's documentation, a gzipped tar, and reads back that Hex has it. Hex replaces what is there, so that the
 * same bytes can be sent twice without harm.
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
  const shows = async (): Promise<boolean> => {
    const found = await readBack(
      clock,
      () => readRelease(api, pkg, version),
      (release) => release?.hasDocs !== false
    )
    return found?.hasDocs === true
  }

  for (let attempt = 1; ; attempt++) {
    const answer = await post(api, path, docs)
    if (!(answer instanceof HttpFailure) && answer.status >= 200 && answer.status < 300) {
      if (await shows()) return 'sent'
      throw new ActionError([
        {
          code: 'hex-not-read-back',
          message: `Hex took the documentation of ${pkg.name} ${version} (status ${answer.status}), and does not show it.`,
          hint: 'Run the job again with `mode: docs`: it sends the documentation again.'
        }
      ])
    }
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
  return answer.status >= 500 || [408, 425, 429].includes(answer.status)
}

function waitFor(answer: HexAnswer | HttpFailure, attempt: number): number {
  const asked = answer instanceof HttpFailure ? undefined : rateLimitWait(answer.response)
  return asked ?? 1_000 * 2 ** attempt
}
