import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { leaveStarter } from './assets.ts'
import { Refusal } from './errors.ts'
import { answerGraphql } from './graphql.ts'
import type { Answer } from './operation.ts'
import { locate, type Place } from './origins.ts'
import { servePage } from './pages.ts'
import { authenticate, type Actor } from './permissions.ts'
import { countRequest, overRateLimit } from './rate-limit.ts'
import { isUnchanged, noUserAgent, respond, versionProblem } from './respond.ts'
import { answerRest, findOperation, repositoryCall } from './rest.ts'
import type { GithubState } from './state.ts'
import { serveStorage } from './storage.ts'

/** Answers any request to any of the four sites, and never throws but for a bug. */
export function answer(state: GithubState, request: SandboxRequest): SandboxResponse {
  const place = locate(request.url)
  state.requests += 1
  if (place.site === 'storage') return serveStorage(state, request, place)
  if (request.headers['user-agent'] === undefined && place.site !== 'html') return noUserAgent
  let actor: Actor = { kind: 'anonymous' }
  try {
    actor = authenticate(state, request)
  } catch (error) {
    return respond(refusalIn(error), { state, request, site: place.site, actor })
  }
  if (place.site === 'html') return servePage(state, request, place, actor)
  const free = place.path === '/rate_limit'
  const limited = free ? undefined : overRateLimit(state, actor, request, place.site)
  if (limited !== undefined) return respond(limited.answer, { state, request, site: place.site, actor })
  const answered = operate(state, request, place, actor)
  const unchanged = isUnchanged(request, answered)
  if (!unchanged && !free) countRequest(state, actor, request, place.site)
  return respond(unchanged ? { status: 304 } : answered, { state, request, site: place.site, actor })
}

function operate(state: GithubState, request: SandboxRequest, place: Place, actor: Actor): Answer {
  const version = versionProblem(request)
  if (version !== undefined) return version
  if (place.site === 'graphql') return answerGraphql({ state, request, links: place.links, actor })
  try {
    return answerRest(state, request, place, actor)
  } catch (error) {
    return refusalIn(error)
  }
}

/** The answer of a Refusal; anything else that is thrown is a bug. */
function refusalIn(error: unknown): Answer {
  if (error instanceof Refusal) return error.answer
  throw error
}

/** See Service.partial: an upload leaves a starter behind; undefined for what knows no half-way. */
export function answerHalfway(state: GithubState, request: SandboxRequest): SandboxResponse | undefined {
  const place = locate(request.url)
  const matched = findOperation(state, request.method, place)
  if (matched?.operation.id !== 'repos/upload-release-asset' || matched.operation.scope !== 'repository')
    return undefined
  state.requests += 1
  let actor: Actor = { kind: 'anonymous' }
  let answered: Answer = { status: 502, body: { message: 'Server Error' } }
  try {
    actor = authenticate(state, request)
    const documentation = `https://docs.github.com/rest/${matched.operation.documentation}`
    const call = { state, request, links: place.links, actor, params: matched.params, documentation }
    leaveStarter(repositoryCall(call, matched.operation))
  } catch (error) {
    answered = refusalIn(error)
  }
  return respond(answered, { state, request, site: place.site, actor })
}
