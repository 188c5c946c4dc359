import { createHash } from 'node:crypto'
import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { restDocumentation } from './errors.ts'
import type { Answer } from './operation.ts'
import type { Site } from './origins.ts'
import type { Actor, SignedIn } from './permissions.ts'
import { quota, rateLimitHeaders } from './rate-limit.ts'
import type { GithubState } from './state.ts'

/** `x-github-api-version` values that GitHub takes (the OpenAPI description names the newer one). */
const apiVersions = ['2022-11-28', '2026-03-10']

/** An answer to a version that GitHub does not know, or undefined. */
export function versionProblem(request: SandboxRequest): Answer | undefined {
  const asked = request.headers['x-github-api-version']
  if (asked === undefined || apiVersions.includes(String(asked))) return undefined
  return {
    status: 400,
    body: {
      message: `"${String(asked)}" is not a supported version.`,
      documentation_url: 'https://docs.github.com/rest/overview/api-versions',
      status: '400'
    }
  }
}

/**
 * Gives an answer GitHub's headers and makes it a response: request id, media type, version, rate limit, ETag. The
 * uploads host tells no rate limit.
 */
export function respond(
  answer: Answer,
  context: { readonly state: GithubState; readonly request: SandboxRequest; readonly site: Site; readonly actor: Actor }
): SandboxResponse {
  const { state, request, site, actor } = context
  const requestId = requestIdOf(state.requests)
  const bytes = answer.bytes ?? (answer.body === undefined ? undefined : encode(answer.body, requestId))
  const asked = request.headers['x-github-api-version']
  const resource = site === 'graphql' ? 'graphql' : 'core'
  const headers: Record<string, string> = {
    server: 'github.com',
    date: new Date(request.now).toUTCString(),
    'x-github-request-id': requestId,
    'x-github-media-type': 'github.v3; format=json',
    ...(site === 'api' ? { 'x-github-api-version-selected': asked === undefined ? '2022-11-28' : String(asked) } : {}),
    ...(site === 'uploads' ? {} : rateLimitHeaders(quota(state, actor, resource, request.now), resource)),
    ...(actor.kind === 'classic' ? { 'x-oauth-scopes': classicScopes(actor) } : {}),
    ...(bytes === undefined
      ? {}
      : { 'content-type': 'application/json; charset=utf-8', 'content-length': String(bytes.length) }),
    ...(cacheable(request, answer, bytes) ? { etag: etagOf(bytes) } : {}),
    ...answer.headers
  }
  const body = request.method === 'HEAD' ? undefined : bytes
  return body === undefined ? { status: answer.status, headers } : { status: answer.status, headers, body }
}

/** Whether the client has this very answer already; GitHub then sends 304 and does not count the request. */
export function isUnchanged(request: SandboxRequest, answer: Answer): boolean {
  const bytes = answer.body === undefined ? undefined : encode(answer.body, '')
  if (!cacheable(request, answer, bytes)) return false
  const known = request.headers['if-none-match'] ?? ''
  return known.split(/\s*,\s*/).some((tag) => tag.replace(/^W\//, '') === etagOf(bytes).replace(/^W\//, ''))
}

function cacheable(request: SandboxRequest, answer: Answer, bytes: Buffer | undefined): bytes is Buffer {
  return (request.method === 'GET' || request.method === 'HEAD') && answer.status === 200 && bytes !== undefined
}

function etagOf(bytes: Buffer): string {
  return `W/"${createHash('sha256').update(bytes).digest('hex')}"`
}

/** Uploads repeat the request's id in the body of an error. */
function encode(body: unknown, requestId: string): Buffer {
  const uploadError = typeof body === 'object' && body !== null && 'request_id' in body
  return Buffer.from(JSON.stringify(uploadError ? { ...body, request_id: requestId } : body))
}

function requestIdOf(count: number): string {
  const digits = createHash('sha1').update(String(count)).digest('hex').toUpperCase()
  return `${digits.slice(0, 4)}:${digits.slice(4, 10)}:${digits.slice(10, 16)}:${digits.slice(16, 22)}:${digits.slice(22, 30)}`
}

/** Those of the token that `gh auth login` makes; gh refuses to work with fewer (cli/cli internal/authflow). */
function classicScopes(actor: SignedIn): string {
  const scopes = ['gist', 'read:org']
  if (actor.permissions['contents'] === 'write') scopes.push('repo')
  if (actor.permissions['workflows'] === 'write') scopes.push('workflow')
  return scopes.join(', ')
}

/** Plain text for a request without User-Agent, which GitHub turns away before anything else. */
export const noUserAgent: SandboxResponse = {
  status: 403,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body:
    'Request forbidden by administrative rules. Please make sure your request has a User-Agent header ' +
    `(${restDocumentation}/overview/resources-in-the-rest-api#user-agent-required). ` +
    'Check https://developer.github.com for other possible causes.\n'
}
