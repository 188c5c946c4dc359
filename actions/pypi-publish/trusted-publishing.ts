import { json, type HttpResponse } from '../shared/http.ts'
import { ActionError, fail, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { isPassing, requestIdentityToken, tellClaims } from './identity-token.ts'
import type { PackageIndex } from './package-index.ts'
import { serverWords } from './upload-answer.ts'

/** An upload token of an index, minted for this job. */
export interface MintedToken {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expires: number
  /** What was presented for it, one claim each. */
  readonly claims: readonly string[]
}

export interface IdentitySource {
  readonly requestUrl: string
  readonly requestToken: string
}

/**
 * For whom identity tokens must be made out, as the index says: `pypi`, `testpypi`. Also tells whether the index takes
 * trusted publishing at all.
 * @throws {ActionError}
 */
export async function readAudience({ http }: Pick<World, 'http'>, index: PackageIndex): Promise<string> {
  const url = endpoint(index, 'audience')
  const answer = await http({ method: 'GET', url, headers: { accept: 'application/json' }, timeout: 60_000 })
  const body = json(answer)
  const audience = isObject(body) ? body['audience'] : undefined
  if (answer.status === 200 && typeof audience === 'string' && audience !== '') return audience
  if (answer.status === 403) {
    return fail({
      code: 'trusted-publishing-off',
      message: `${index.label} has switched trusted publishing off for now.`,
      hint: `See status.python.org and run the job again later, or give an API token in ${index.kind}-token.`
    })
  }
  return fail({
    code: 'trusted-publishing-unavailable',
    message: `${url} answered ${answer.status} and named no audience.`,
    hint: `Run the job again later, or give an API token in ${index.kind}-token.`
  })
}

/** Tries of the whole exchange. Each takes a new identity token, since an index takes each only once. */
const attempts = 4

/**
 * Exchanges an identity token of this job for an upload token. For a project that is only a pending publisher this
 * creates the project, so a dry run does not do it.
 * @throws {ActionError} with the claims that were presented
 * @see https://docs.pypi.org/trusted-publishers/using-a-publisher/
 */
export async function mintToken(world: World, index: PackageIndex, source: IdentitySource): Promise<MintedToken> {
  const audience = await readAudience(world, index)
  for (let attempt = 1; ; attempt++) {
    const { jwt, claims } = await requestIdentityToken(world.http, world.secrets, source, audience)
    const last = attempt === attempts
    let answer: HttpResponse
    try {
      answer = await world.http({
        method: 'POST',
        url: endpoint(index, 'mint-token'),
        headers: { accept: 'application/json' },
        body: { type: 'application/json', bytes: Buffer.from(JSON.stringify({ token: jwt })) },
        // The answer to a lost exchange cannot be had again: the identity token is used up then.
        repeat: 'unsent',
        timeout: 120_000
      })
    } catch (error) {
      if (last || !isPassing(error)) throw error
      await world.clock.sleep(1_000 * 2 ** attempt)
      continue
    }
    const minted = readMinted(answer, claims, world)
    if (minted !== undefined) return minted
    const refusals = readRefusals(answer)
    const passing = answer.status >= 500 || refusals.some(({ code }) => code === 'invalid-reuse-token')
    if (!last && passing) {
      world.log.info(`${index.label} answered ${answer.status} to the token exchange; trying again with a new identity`)
      await world.clock.sleep(1_000 * 2 ** attempt)
      continue
    }
    throw new ActionError(problems(index, answer, refusals, tellClaims(claims), (text) => world.secrets.redact(text)))
  }
}

function endpoint(index: PackageIndex, name: string): string {
  return `${new URL(index.uploadUrl).origin}/_/oidc/${name}`
}

function readMinted(
  answer: HttpResponse,
  claims: Readonly<Record<string, unknown>>,
  { secrets, clock }: World
): MintedToken | undefined {
  const body = json(answer)
  if (answer.status !== 200 || !isObject(body) || typeof body['token'] !== 'string' || body['token'] === '')
    return undefined
  secrets.add(body['token'])
  // PyPI says when; tokens live for 15 minutes.
  const expires = typeof body['expires'] === 'number' ? body['expires'] * 1000 : clock.now() + 15 * 60_000
  return { token: body['token'], expires, claims: tellClaims(claims) }
}

interface Refusal {
  readonly code: string
  readonly description: string
}

function readRefusals(answer: HttpResponse): readonly Refusal[] {
  const body = json(answer)
  const errors: readonly unknown[] = isObject(body) && Array.isArray(body['errors']) ? body['errors'] : []
  return errors.flatMap((error) =>
    isObject(error) && typeof error['code'] === 'string'
      ? [{ code: error['code'], description: typeof error['description'] === 'string' ? error['description'] : '' }]
      : []
  )
}

/** What to do about each refusal (pypi/warehouse `oidc/views.py`). */
const hints: Readonly<Record<string, string>> = {
  'not-enabled': 'Trusted publishing is switched off for now. See status.python.org, or give an API token.',
  'invalid-payload':
    'If a pending publisher names this project, its name may be taken or not allowed; choose another name. Otherwise this is a bug: please report it.',
  'invalid-token':
    'The index did not accept GitHub’s signature or audience. Run the job again; see githubstatus.com and status.python.org.',
  'invalid-pending-publisher':
    'The project has come to exist since the pending publisher was added. Add this workflow as a publisher in the project’s settings.',
  'invalid-publisher':
    'Add a publisher with exactly the claims above: owner, repository, workflow file name and environment. Common causes: the job has no "environment:" and the publisher names one, the repository or the workflow file was renamed, or the job is in a reusable workflow of another repository.',
  'invalid-reuse-token': 'Run the job again, which asks for a new identity.'
}

function problems(
  index: PackageIndex,
  answer: HttpResponse,
  refusals: readonly Refusal[],
  claims: readonly string[],
  redact: (text: string) => string
): readonly Problem[] {
  const presented = `This job presented ${claims.join(', ')}.`
  if (refusals.length === 0) {
    const said = serverWords(answer, redact).replace(/\.?$/, '.')
    const outage = answer.status >= 500 || answer.status === 429
    return [
      {
        code: outage ? 'mint-outage' : 'mint-refused',
        message: `${index.label} answered ${answer.status} to the exchange of this job’s identity for a token${outage ? '' : ', and gave none'}: ${said} ${presented}`,
        hint: outage
          ? 'See status.python.org and run the job again: files that are there are left alone.'
          : `Compare the claims with the publisher on ${index.label}, and see status.python.org. Files that are there are left alone when the job runs again.`
      }
    ]
  }
  const pages = index.kind === 'testpypi' ? 'test.pypi.org' : 'pypi.org'
  return refusals.map(({ code, description }) => ({
    code: `mint-${code}`,
    message: `${index.label} gave no token: ${description} (${code}). ${presented}`,
    hint: `${hints[code] ?? 'See docs.pypi.org/trusted-publishers/troubleshooting/.'} Publishers are at https://${pages}/manage/account/publishing/ and in the project’s settings.`
  }))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
