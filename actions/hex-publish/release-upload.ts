import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Clock } from '../shared/clock.ts'
import { isObject } from '../shared/hex/hex-answers.ts'
import {
  hexProblems,
  packagePath,
  rateLimitWait,
  readRelease,
  type HexAnswer,
  type HexApi,
  type HexPackage,
  type HexRelease
} from '../shared/hex/hex-api.ts'
import { faults } from '../shared/hex/hex-problem.ts'
import { HttpFailure, longestWait, type HttpBody } from '../shared/http.ts'
import type { Log } from '../shared/log.ts'
import { ActionError, fail, type Problem } from '../shared/problem.ts'
import { patience, readBack } from './read-back.ts'

export interface ReleaseUpload {
  readonly version: string
  /** Replace a release that is there. Sent always: without it Hex takes it for true. */
  readonly replace: boolean
  /** The checksum of the release that is to be replaced. */
  readonly replaces?: string
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
}

/** Tries of one upload, the first included. */
const attempts = 3

/** From this size on Hex is asked before the body is sent. Bytes. */
const askFirst = 1024 * 1024

/** Hex gives its transaction 60 s (hexpm, releases.ex `@publish_timeout`), and stores the tarball after it. Milliseconds. */
const longestSilence = 180_000

/** The slowest upload that Hex takes, bytes per second (hexpm, plugs.ex). */
const slowest = 10_000

/**
 * Publishes a tarball. Returns when Hex has the release with these bytes: `reconciled` when only reading back told so.
 *
 * An outcome that stays open (no answer, a broken one, a 5xx) is read back, with patience. Then it is sent again only
 * where that cannot publish twice: when the body never left whole, when the same bytes were there before, or with
 * `replace=false`, where Hex's unique index of package and version lets one of two through and answers the other “already
 * published”, which is read back again.
 * @throws {ActionError} when Hex refuses it, has other bytes under this version, or its state cannot be found out
 */
export async function uploadRelease(
  api: HexApi,
  pkg: HexPackage,
  tarball: Buffer,
  upload: ReleaseUpload
): Promise<'created' | 'replaced' | 'reconciled'> {
  const { version, replace, clock, log } = upload
  const checksum = createHash('sha256').update(tarball).digest('hex')
  const path = `${packagePath(pkg)}/releases?replace=${replace}`
  const what = `POST ${packagePath(pkg)}/releases`
  const release = `${pkg.name} ${version}`

  // The same bytes once more, where Hex broke off while it stored them: that they are there says nothing of this upload.
  const mends = upload.replaces === checksum

  const look = (waits: readonly number[]): Promise<Seen> =>
    readBack(
      clock,
      // The waits are what repeats.
      async () => seen(await readRelease(api, pkg, version, { repeat: 'never' }), checksum, upload.replaces),
      (found) => found.state !== 'absent',
      waits
    )

  for (let attempt = 1; ; attempt++) {
    const last = attempt === attempts
    const body = countedBody(tarball)
    const answer = await post(api, path, body.body, tarball.length)
    if (!(answer instanceof HttpFailure)) {
      const outcome = published(answer, checksum, version)
      if (outcome !== undefined) return outcome
      const wait = notTakenWait(answer, attempt)
      if (wait !== undefined && wait <= longestWait && !last) {
        log.info(`${what} answered ${answer.status}; next try in ${Math.ceil(wait / 1000)} s`)
        await clock.sleep(wait)
        continue
      }
      if (!isOpen(answer) && !isTaken(answer, replace)) throw new ActionError(hexProblems(answer, what))
    } else if (!answer.sent || answer.kind === 'refused') {
      if (!['connect', 'timeout'].includes(answer.kind) || last) throw answer
      log.info(`${answer.message}; sending ${release} again`)
      await clock.sleep(1_000 * 2 ** attempt)
      continue
    }

    log.info(`${described(answer)}: reading ${release} back`)
    const again = !last && isOpenOrFailure(answer) && (!replace || mends || !body.leftWhole())
    const found = await lookOr(() => look(again ? patience.short : patience.long), release, answer, what)
    if (found.state === 'same' && !mends) return 'reconciled'
    if (found.state === 'different') {
      throw new ActionError([differentRelease(release, found.checksum, checksum), ...refusals(answer, what)])
    }
    if (!again) throw new ActionError(unsettled(release, answer, what))
    if (mends) await clock.sleep(1_000 * 2 ** attempt)
    const why = mends ? 'what Hex shows was there before' : `Hex does not have ${release}`
    log.info(`${why}; sending it again (try ${attempt + 1} of ${attempts})`)
  }
}

type Seen = { readonly state: 'same' | 'absent' } | { readonly state: 'different'; readonly checksum: string }

function seen(release: HexRelease | undefined, checksum: string, replaces: string | undefined): Seen {
  if (release === undefined) return { state: 'absent' }
  if (release.checksum === checksum) return { state: 'same' }
  return release.checksum === replaces ? { state: 'absent' } : { state: 'different', checksum: release.checksum }
}

async function post(api: HexApi, path: string, body: HttpBody, size: number): Promise<HexAnswer | HttpFailure> {
  try {
    return await api.send('POST', path, {
      body,
      repeat: 'never',
      expectContinue: size > askFirst,
      idleTimeout: longestSilence,
      timeout: longestSilence + (size / slowest) * 1_000
    })
  } catch (error) {
    if (error instanceof HttpFailure) return error
    throw error
  }
}

/**
 * The bytes as a stream that knows whether it was read to its end: a body that did not leave whole is shorter than its
 * Content-Length, and Hex takes none of it.
 */
function countedBody(bytes: Buffer): { readonly body: HttpBody; leftWhole(): boolean } {
  let whole = false
  function* chunks(): Generator<Buffer> {
    for (let start = 0; start < bytes.length; start += chunk) yield bytes.subarray(start, start + chunk)
    whole = true
  }
  const open = (): Readable => Readable.from(chunks(), { objectMode: false, highWaterMark: chunk })
  return { body: { type: 'application/octet-stream', length: bytes.length, open }, leftWhole: () => whole }
}

const chunk = 65_536

/**
 * `undefined` where the answer does not say that it is published.
 * @throws {ActionError} when Hex has stored other bytes than were sent
 */
function published(answer: HexAnswer, checksum: string, version: string): 'created' | 'replaced' | undefined {
  if (answer.status !== 200 && answer.status !== 201) return undefined
  const { body } = answer
  if (!isObject(body) || body['version'] !== version || typeof body['checksum'] !== 'string') return undefined
  if (body['checksum'].toLowerCase() !== checksum) {
    fail({
      code: 'hex-different-release',
      message: `Hex took the upload and names checksum ${answer.redact(body['checksum']).slice(0, 64)}; what was sent has ${checksum}.`,
      hint: 'Something between this runner and Hex changed the bytes. Revert the release inside its window (`mode: revert`), and publish from a runner without a proxy that rewrites uploads.'
    })
  }
  return answer.status === 201 ? 'created' : 'replaced'
}

/**
 * How long to wait before the same again, where the answer says that nothing was done: the limit of requests (429), a body
 * that did not arrive in time (408), early data (425). Milliseconds.
 */
function notTakenWait(answer: HexAnswer, attempt: number): number | undefined {
  if (![408, 425, 429].includes(answer.status)) return undefined
  return rateLimitWait(answer.response) ?? 2_500 * 2 ** attempt
}

/** Whether the server may have stored the release although the answer does not say so. */
function isOpen(answer: HexAnswer): boolean {
  return answer.status >= 500 || (answer.status >= 200 && answer.status < 300)
}

function isOpenOrFailure(answer: HexAnswer | HttpFailure): boolean {
  return answer instanceof HttpFailure || isOpen(answer)
}

/**
 * Somebody, or an earlier try of ours, was first. Hex looks at the window before it looks at `replace` (release.ex
 * `validate_editable`), so that a release of yesterday is refused in other words.
 */
function isTaken(answer: HexAnswer, replace: boolean): boolean {
  if (answer.status !== 422) return false
  return faults(answer).some(({ field, text }) => {
    const said = `${field} ${text}`
    return (
      /^inserted_at .*--replace|^(version|name) has already been (published|taken)/.test(said) ||
      (!replace && said.startsWith('inserted_at can only modify'))
    )
  })
}

async function lookOr(
  look: () => Promise<Seen>,
  release: string,
  answer: HexAnswer | HttpFailure,
  what: string
): Promise<Seen> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    throw new ActionError([...unsettled(release, answer, what), ...error.problems])
  }
}

function described(answer: HexAnswer | HttpFailure): string {
  return answer instanceof HttpFailure ? answer.message : `the upload was answered ${answer.status}`
}

function refusals(answer: HexAnswer | HttpFailure, what: string): readonly Problem[] {
  return isOpenOrFailure(answer) ? [] : hexProblems(answer, what)
}

function differentRelease(release: string, there: string, here: string): Problem {
  return {
    code: 'hex-different-release',
    message: `Hex has ${release} with other bytes: checksum ${there} there, ${here} here.`,
    hint: 'Something else published this version at the same time. Let one job publish, compare the two, and release a new version.'
  }
}

/** Hex was sent the release and does not show it. */
function unsettled(release: string, answer: HexAnswer | HttpFailure, what: string): readonly Problem[] {
  if (!isOpenOrFailure(answer)) return hexProblems(answer, what)
  return [
    {
      code: 'hex-upload-unsettled',
      message: `It is not known whether Hex took ${release}: ${described(answer)}, and reading it back does not show that.`,
      hint: 'Run the job again: it reads Hex first, and what is there with the same bytes is left alone.'
    },
    ...hexProblems(answer, what)
  ]
}
