import {
  json,
  retryAfter,
  type Http,
  type HttpBody,
  type HttpRequest,
  type HttpResponse,
  type Repeat
} from '../http.ts'
import type { Log } from '../log.ts'
import { ActionError } from '../problem.ts'
import { readPackageAnswer, readReleaseAnswer, type HexPackageInfo, type HexRelease } from './hex-answers.ts'
import { answerProblem, hexProblem } from './hex-problem.ts'

export type { HexPackageInfo, HexRelease, HexRetirement } from './hex-answers.ts'
export { hexProblem, hexProblems } from './hex-problem.ts'

/** Where Hex's HTTP API is. */
export const hexApiUrl = 'https://hex.pm/api'

/** Where resolvers get packages from: Hex's registry and tarballs. */
export const registryUrl = 'https://repo.hex.pm'

/** A package of the public repository, or of an organization's private one. */
export interface HexPackage {
  readonly name: string
  readonly organization?: string
}

export interface HexApiOptions {
  /** The Authorization header: an API key as it is, or `Bearer TOKEN`. Absent: nothing is sent. */
  readonly key?: string
  /** Default `hexApiUrl`. A slash at the end is dropped, as Hex answers 404 to `/api//packages`. */
  readonly url?: string
  /** Told what Hex says to its clients beside an answer (`x-hex-message`). */
  readonly log?: Pick<Log, 'warning'>
}

/** An answer of Hex. Any status is an answer; `hexProblem` makes those that do not fit a problem. */
export interface HexAnswer {
  readonly status: number
  /** The body as JSON; `undefined` where it is none, as an outage page of a proxy. */
  readonly body: unknown
  readonly response: HttpResponse
  /** Takes the key out of a text that quotes the answer. */
  readonly redact: (text: string) => string
}

export interface HexSending {
  readonly body?: HttpBody
  readonly repeat?: Repeat
  /** Hex then refuses before the body is sent (hexpm, controller_helpers.ex `handle_100_continue`). */
  readonly expectContinue?: boolean
  /** Milliseconds without a byte. */
  readonly idleTimeout?: number
  /** Milliseconds for one try. */
  readonly timeout?: number
}

/** How something is read. Without it a failed read is repeated. */
export type Reading = Pick<HexSending, 'repeat' | 'timeout'>

/** Hex's HTTP API. Paths begin with a slash and are below the API's address. */
export interface HexApi {
  /** The API's address, without a slash at the end. */
  readonly url: string
  /** What is sent as Authorization. */
  readonly key: string | undefined
  get(path: string, reading?: Reading): Promise<HexAnswer>
  send(method: 'POST' | 'DELETE', path: string, options?: HexSending): Promise<HexAnswer>
  /** Hex's own time at its last answer, as a runner's clock may be wrong. Milliseconds since the epoch. */
  lastAnswered(): number | undefined
  /** The same API asked without a key: public things can be read even where the key is refused. */
  readonly anonymous: HexApi
}

/** Makes the client. The key goes to the API's host only, and never into a message. */
export function createHexApi(http: Http, options: HexApiOptions = {}): HexApi {
  const { key, log } = options
  const url = (options.url ?? hexApiUrl).replace(/\/+$/, '')
  const redact = (text: string): string => withoutKey(text, key)
  const told = new Set<string>()
  let answered: number | undefined

  const call = async (method: HttpRequest['method'], path: string, sending: HexSending): Promise<HexAnswer> => {
    const response = await http({
      method,
      url: `${url}${path}`,
      headers: {
        // Answers of the API may be cached for a minute (`api_cache`), and what was just written is read back.
        ...(method === 'GET' ? { 'cache-control': 'no-cache' } : {}),
        accept: 'application/json',
        ...(key === undefined ? {} : { authorization: key })
      },
      notNow: rateLimitWait,
      ...sending
    })
    const date = Date.parse(response.headers.date ?? '')
    if (!Number.isNaN(date)) answered = date
    const message = hexMessage(response.headers['x-hex-message'], redact)
    if (message !== undefined && !told.has(message)) {
      told.add(message)
      log?.warning(`${response.url.host} tells its clients: ${message}`)
    }
    return { status: response.status, body: json(response), response, redact }
  }
  const api: HexApi = {
    url,
    key,
    get: (path, reading = {}) => call('GET', path, reading),
    send: (method, path, sending = {}) => call(method, path, sending),
    lastAnswered: () => answered,
    get anonymous() {
      if (key === undefined) return api
      return createHexApi(http, { url, ...(log === undefined ? {} : { log }) })
    }
  }
  return api
}

/** `/packages/NAME`, or `/repos/ORGANIZATION/packages/NAME`. */
export function packagePath({ name, organization }: HexPackage): string {
  const repository = organization === undefined ? '' : `/repos/${encodeURIComponent(organization)}`
  return `${repository}/packages/${encodeURIComponent(name)}`
}

/** `…/packages/NAME/releases/VERSION`. */
export function releasePath(pkg: HexPackage, version: string): string {
  return `${packagePath(pkg)}/releases/${encodeURIComponent(version)}`
}

/**
 * Reads a release. `undefined`: Hex does not have it, or does not show it to this key.
 * @throws {ActionError} for any other answer
 */
export async function readRelease(
  api: HexApi,
  pkg: HexPackage,
  version: string,
  reading: Reading = {}
): Promise<HexRelease | undefined> {
  return read(api, pkg, releasePath(pkg, version), (body) => readReleaseAnswer(body, version), reading)
}

/**
 * Reads a package with the list of its releases. `undefined`: Hex does not have it, or does not show it to this key.
 * @throws {ActionError} for any other answer
 */
export async function readPackage(api: HexApi, pkg: HexPackage): Promise<HexPackageInfo | undefined> {
  return read(api, pkg, packagePath(pkg), (body) => readPackageAnswer(body, pkg.name), {})
}

async function read<T>(
  api: HexApi,
  pkg: HexPackage,
  path: string,
  parse: (body: unknown) => T | undefined,
  reading: Reading
): Promise<T | undefined> {
  let answer = await api.get(path, reading)
  // A key that will not do (unknown, without the right to read, of an unverified or deactivated account) stops even what
  // everybody may read; what is wrong with it is the key check's to tell.
  if ([400, 401, 403].includes(answer.status) && api.key !== undefined && pkg.organization === undefined) {
    answer = await api.anonymous.get(path, reading)
  }
  // Hex says so in JSON; a page of 404 is some proxy's, and says nothing of the package.
  if (answer.status === 404 && answer.body !== undefined) return undefined
  if (answer.status === 404) throw new ActionError([answerProblem(answer, `GET ${path}`)])
  if (answer.status !== 200) throw new ActionError([hexProblem(answer, `GET ${path}`)])
  const parsed = parse(answer.body)
  if (parsed === undefined) throw new ActionError([answerProblem(answer, `GET ${path}`)])
  return parsed
}

/**
 * How long a 429 is to be waited for: as Retry-After says, else until `x-ratelimit-reset` (Unix seconds; the limits are
 * counted by the minute, hexpm's plugs/attack.ex). Counted from the server's own clock, as a runner's may be wrong.
 * Milliseconds; `undefined` where the answer is no 429, or does not say.
 */
export function rateLimitWait(response: HttpResponse): number | undefined {
  const { status, headers } = response
  if (status !== 429) return undefined
  const date = Date.parse(headers.date ?? '')
  const now = Number.isNaN(date) ? Date.now() : date
  const asked = retryAfter(response, now)
  if (asked !== undefined) return asked
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN) * 1000
  // The header is rounded down to the second.
  return Number.isNaN(reset) ? undefined : Math.max(1_000, reset - now + 1_000)
}

/** `"text"; level=warn` → the text, without control characters; cut after the key was taken out, which else could be cut in two. */
function hexMessage(
  header: string | readonly string[] | undefined,
  redact: (text: string) => string
): string | undefined {
  const value = typeof header === 'string' ? header : header?.[0]
  const [, text, level] = /^\s*"((?:[^"\\]|\\.)*)"\s*(?:;\s*level=(\w+))?/.exec(value ?? '') ?? []
  if (text === undefined || text === '') return undefined
  const shown = redact(text.replaceAll(/\\(.)/g, '$1')).replaceAll(/\p{Cc}+/gu, ' ')
  return `${shown.slice(0, 500)}${level === 'fatal' ? ' (fatal)' : ''}`
}

function withoutKey(text: string, key: string | undefined): string {
  if (key === undefined) return text
  const token = key.replace(/^Bearer /i, '')
  return token === '' ? text : text.replaceAll(token, '***')
}
