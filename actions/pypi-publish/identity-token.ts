import { HttpFailure, json, type Http } from '../shared/http.ts'
import { fail } from '../shared/problem.ts'
import type { Secrets } from '../shared/secrets.ts'

/** An identity token of this job, and what it says. */
export interface IdentityToken {
  readonly jwt: string
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Asks the runner's service for an identity token (docs.github.com, "OpenID Connect reference"). Each is good for one
 * exchange, because indexes remember its `jti`.
 * @throws {ActionError}
 */
export async function requestIdentityToken(
  http: Http,
  secrets: Secrets,
  source: { readonly requestUrl: string; readonly requestToken: string },
  audience: string
): Promise<IdentityToken> {
  secrets.add(source.requestToken)
  const url = new URL(source.requestUrl)
  url.searchParams.set('audience', audience)
  const answer = await http({
    method: 'GET',
    url,
    headers: { authorization: `Bearer ${source.requestToken}`, accept: 'application/json' },
    timeout: 60_000
  })
  const body = json(answer)
  const jwt = typeof body === 'object' && body !== null && 'value' in body ? body.value : undefined
  if (answer.status !== 200 || typeof jwt !== 'string' || jwt === '') {
    return fail({
      code: 'identity-refused',
      message: `GitHub gave no identity token for this job (status ${answer.status}).`,
      hint: 'Check "permissions: id-token: write" on the job, and githubstatus.com; then run the job again.'
    })
  }
  secrets.add(jwt)
  return { jwt, claims: claimsOf(jwt) }
}

function claimsOf(jwt: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? { ...claims } : {}
  } catch {
    return {}
  }
}

/** The claims that indexes look at, in the order in which a publisher's form asks for them. */
const telling = [
  'repository',
  'repository_owner',
  'repository_owner_id',
  'job_workflow_ref',
  'workflow_ref',
  'environment',
  'ref',
  'event_name',
  'sub'
] as const

/** `repository: octo-org/demo` and so on. Nothing in it is secret. */
export function tellClaims(claims: Readonly<Record<string, unknown>>): readonly string[] {
  return telling.map((name) => {
    const value = claims[name]
    return `${name}: ${typeof value === 'string' || typeof value === 'number' ? value : 'none'}`
  })
}

/** Whether a request that failed may be tried again from the start. */
export function isPassing(error: unknown): boolean {
  return error instanceof HttpFailure && ['connect', 'reset', 'timeout'].includes(error.kind)
}
