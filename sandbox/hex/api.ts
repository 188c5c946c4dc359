import type { SandboxRequest, SandboxRequestHead, SandboxResponse } from '../service.ts'
import type { Entrance } from './addresses.ts'
import { accessAnswer, errorAnswer, formatOf } from './answers.ts'
import { authenticate } from './credentials.ts'
import { createDocs, refuseDocs, removeDocs, showDocs } from './docs-requests.ts'
import { decodeTerm, type Plain } from './external-terms.ts'
import { checkAuth, createKey, listKeys, revokeKey, showKey } from './key-requests.ts'
import { addOwner, listOwners, me, removeOwner, showOwner, showPackage } from './package-requests.ts'
import { countRequest, rateLimitHeaders, type Quota } from './rate-limit.ts'
import { create, publish, refuseCreate, refuseLength, remove, show } from './release-requests.ts'
import { retire, retireAll, unretire } from './retirement-requests.ts'
import type { HexState } from './state.ts'
import { exchangeKey } from './token-requests.ts'
import type { Visit } from './visit.ts'

interface Route {
  readonly method: string
  readonly path: RegExp
  readonly answer: (visit: Visit) => SandboxResponse
  /** An upload: its body is a file, and `Expect: 100-continue` is answered from the head alone. */
  readonly refuse?: (visit: Visit) => SandboxResponse | undefined
}

const route = (
  method: string,
  path: string,
  answer: Route['answer'],
  refuse?: NonNullable<Route['refuse']>
): Route => ({
  method,
  path: new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`),
  answer,
  ...(refuse !== undefined && { refuse })
})

const inRepository = '(?:/repos/:repository)?'
const inOrganization = '(?:/orgs/:organization)?'
const release = `${inRepository}/packages/:name/releases/:version`

/** `scope "/api"` in hexpm's router.ex, as far as clients that publish and resolve go. */
const routes: readonly Route[] = [
  route('POST', `${inRepository}/publish`, publish, refuseLength),
  route(
    'POST',
    `${inRepository}/packages/:name/releases`,
    create,
    (visit) => refuseCreate(visit) ?? refuseLength(visit)
  ),
  route('POST', `${release}/docs`, createDocs, (visit) => refuseDocs(visit) ?? refuseLength(visit)),
  route('GET', `${release}/docs`, showDocs),
  route('DELETE', `${release}/docs`, removeDocs),
  route('GET', release, show),
  route('DELETE', release, remove),
  route('POST', `${release}/retire`, retire),
  route('DELETE', `${release}/retire`, unretire),
  route('POST', `${inRepository}/packages/:name/retire`, retireAll),
  route('GET', `${inRepository}/packages/:name`, showPackage),
  route('GET', `${inRepository}/packages/:name/owners`, listOwners),
  route('GET', `${inRepository}/packages/:name/owners/:username`, showOwner),
  route('PUT', `${inRepository}/packages/:name/owners/:username`, addOwner),
  route('DELETE', `${inRepository}/packages/:name/owners/:username`, removeOwner),
  route('GET', '/users/me', me),
  route('GET', '/auth', checkAuth),
  route('POST', '/oauth/token', exchangeKey),
  route('GET', `${inOrganization}/keys`, listKeys),
  route('POST', `${inOrganization}/keys`, createKey),
  route('GET', `${inOrganization}/keys/:key`, showKey),
  route('DELETE', `${inOrganization}/keys/:key`, revokeKey)
]

/** `@read_body_opts` in plugs.ex: a body beyond this is not read. */
const largestBody = 20 * 1024 ** 2

/**
 * Answers a request to `https://hex.pm/api`: the plugs of the router's pipelines in their order, then the controller.
 */
export function answerApi(state: HexState, request: SandboxRequest, entrance: Entrance): SandboxResponse {
  const arrived = arrive(state, request, entrance)
  if (!('visit' in arrived)) return arrived
  const { visit, chosen, quota } = arrived
  return withQuota(settle(visit, chosen), quota)
}

/** Refuses an upload whose client waits for `100 Continue`; `undefined` lets the body come. */
export function refuseUpload(
  state: HexState,
  head: SandboxRequestHead,
  entrance: Entrance
): SandboxResponse | undefined {
  const usage = structuredClone(state.usage)
  const arrived = arrive(state, { ...head, body: Buffer.alloc(0) }, entrance)
  if (!('visit' in arrived)) return arrived
  const refused = arrived.chosen.refuse?.(arrived.visit)
  if (refused !== undefined) return withQuota(refused, arrived.quota)
  // The same request is counted when its body has come.
  state.usage = usage
  return undefined
}

interface Arrived {
  readonly visit: Visit
  readonly chosen: Route
  readonly quota: Quota | undefined
}

function arrive(state: HexState, request: SandboxRequest, entrance: Entrance): Arrived | SandboxResponse {
  const { url, headers, now } = request
  // What is wrong in the body is found before the router; then the answer is JSON whatever was asked for.
  const format = formatOf(headers.accept)
  const body = bodyParameters(request)
  if (body === undefined) return errorAnswer(format ?? 'json', 400)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const chosen = routes.find((each) => each.method === method && each.path.test(entrance.path))
  if (chosen === undefined) return errorAnswer(format ?? 'json', 404)
  if (format === undefined) return errorAnswer('json', 406)
  if ((headers['user-agent'] ?? '') === '')
    return errorAnswer(format, 400, { message: 'User-Agent header is required' })
  const actor = authenticate(state, headers.authorization, now)
  if (typeof actor === 'string') return accessAnswer(format, actor)
  if (actor.kind !== 'nobody') actor.key.lastUse = { at: now, userAgent: headers['user-agent'] ?? '' }
  if (actor.kind === 'user' && actor.user.deactivated) return errorAnswer(format, 400)
  if (`${url.pathname}${url.search}`.includes('%00')) return errorAnswer(format, 400)
  const quota = state.settings.rateLimits ? countRequest(state, actor, now) : undefined
  if (quota?.exceeded === true)
    return withQuota(errorAnswer(format, 429, { message: `API rate limit exceeded for ${quota.client}` }), quota)
  if (chosen.refuse !== undefined && request.body.length > largestBody)
    return withQuota(errorAnswer(format, 413), quota)
  const path = pathOf(chosen.path, entrance.path)
  const parameters = { ...body, ...Object.fromEntries(url.searchParams) }
  return { visit: { state, request, format, actor, addresses: entrance.addresses, path, parameters }, chosen, quota }
}

function settle(visit: Visit, chosen: Route): SandboxResponse {
  const expects = /^100-continue$/i.test(visit.request.headers.expect ?? '')
  // A client that let the body come with its `Expect` is held to the length too.
  const refused = expects ? chosen.refuse?.(visit) : undefined
  return refused ?? chosen.answer(visit)
}

function withQuota(answer: SandboxResponse, quota: Quota | undefined): SandboxResponse {
  return quota === undefined ? answer : { ...answer, headers: { ...answer.headers, ...rateLimitHeaders(quota) } }
}

function pathOf(form: RegExp, path: string): Visit['path'] {
  const groups = form.exec(path)?.groups ?? {}
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [name, (value as string | undefined) && decode(value)])
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `Plug.Parsers` with hexpm's own parser: JSON, Erlang terms and forms; any other body stays a file. */
function bodyParameters({ headers, body }: SandboxRequest): Readonly<Record<string, Plain>> | undefined {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const read = parsers[type]
  if (read === undefined || body.length === 0) return {}
  const value = read(body)
  if (value === undefined) return undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Plain>>)
    : { _json: value }
}

const parsers: Readonly<Record<string, (body: Buffer) => Plain | undefined>> = {
  'application/json': parseJson,
  'application/vnd.hex+json': parseJson,
  'application/vnd.hex+erlang': decodeTerm,
  'application/x-www-form-urlencoded': (body) => Object.fromEntries(new URLSearchParams(body.toString('utf8')))
}

function parseJson(body: Buffer): Plain | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as Plain
  } catch {
    return undefined
  }
}
