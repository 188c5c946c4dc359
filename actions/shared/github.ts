import type { Clock } from './clock.ts'
import { json, retryAfter, type Http, type HttpBody, type HttpRequest, type HttpResponse, type Repeat } from './http.ts'
import { fail, type Problem } from './problem.ts'

export interface GithubOptions {
  readonly http: Http
  readonly clock: Clock
  /** `https://api.github.com`, or `https://HOST/api/v3` of a GHES. */
  readonly apiUrl: string
  readonly graphqlUrl: string
  readonly token: string
}

/** An answer of GitHub: its status and its body as JSON (`undefined` where it is none). */
export interface GithubAnswer {
  readonly status: number
  readonly body: unknown
  readonly response: HttpResponse
}

/** GitHub's REST and GraphQL interfaces. Any status is an answer; `expect` makes the others a problem. */
export interface Github {
  /** @param path below the API, such as `/repos/o/r/releases`, or a whole URL that GitHub gave */
  get(path: string): Promise<GithubAnswer>
  /** All pages of a list, at most `limit` elements. Throws on any status but 200. */
  list(path: string, limit?: number): Promise<readonly unknown[]>
  send(
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    repeat?: Repeat
  ): Promise<GithubAnswer>
  /** Sends a file to the upload host. Never repeated here: the caller reads back what became of it. */
  upload(url: string, body: HttpBody): Promise<GithubAnswer>
  /** The bytes behind an asset's API URL. */
  download(url: string): Promise<GithubAnswer>
  /** `data` of a query, or `undefined` where there is no GraphQL (old GHES, others' servers). */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown>
}

const pageSize = 100

/** 2 GiB, the largest asset, at 5 Mbit/s. Milliseconds. */
const longestUpload = 3_600_000

/** Makes the client. The token goes to the API and upload hosts only (http.ts takes it off at redirects). */
export function createGithub(options: GithubOptions): Github {
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${options.token}`,
    'x-github-api-version': '2022-11-28'
  }
  const call = async (request: HttpRequest): Promise<GithubAnswer> => {
    const response = await options.http({
      ...request,
      headers: { ...headers, ...request.headers },
      notNow: (answer) => rateLimitWait(answer, options.clock.now())
    })
    return { status: response.status, body: json(response), response }
  }
  const url = (path: string): string => (/^https?:/.test(path) ? path : `${options.apiUrl}${path}`)
  const get = (path: string): Promise<GithubAnswer> => call({ method: 'GET', url: url(path) })

  return {
    get,
    async list(path, limit = 10_000) {
      const found: unknown[] = []
      let next: string | undefined = url(`${path}${path.includes('?') ? '&' : '?'}per_page=${pageSize}`)
      while (next !== undefined && found.length < limit) {
        const answer: GithubAnswer = await get(next)
        if (answer.status !== 200 || !Array.isArray(answer.body)) fail(githubProblem(answer, `GET ${path}`))
        const page: unknown[] = answer.body
        found.push(...page)
        next = nextPage(answer.response, options.apiUrl, path)
      }
      return found
    },
    send(method, path, body, repeat) {
      const bytes = Buffer.from(JSON.stringify(body ?? {}))
      return call({
        method,
        url: url(path),
        ...(body === undefined ? {} : { body: { type: 'application/json', bytes } }),
        ...(repeat === undefined ? {} : { repeat })
      })
    },
    upload: (address, body) => call({ method: 'POST', url: address, body, repeat: 'unsent', timeout: longestUpload }),
    download: (address) => call({ method: 'GET', url: address, headers: { accept: 'application/octet-stream' } }),
    async graphql(query, variables) {
      const bytes = Buffer.from(JSON.stringify({ query, variables }))
      const answer = await call({
        method: 'POST',
        url: options.graphqlUrl,
        body: { type: 'application/json', bytes },
        repeat: 'always' // only queries are sent here
      })
      if (answer.status !== 200 || typeof answer.body !== 'object' || answer.body === null) return undefined
      return 'data' in answer.body && answer.body.data !== null ? answer.body.data : undefined
    }
  }
}

/**
 * What an unexpected answer means and what to do about it, by status and body
 * (docs.github.com, "Troubleshooting the REST API").
 * @param doing what was asked, such as `POST /repos/o/r/releases`
 */
export function githubProblem(answer: GithubAnswer, doing: string): Problem {
  const message = githubMessage(answer)
  const said = `GitHub answered ${answer.status} to ${doing}${message === '' ? '' : `: ${message}`}`
  const problem = (code: string, hint: string): Problem => ({ code, message: said, hint })
  if (isRateLimit(answer.response)) {
    return problem(
      'github-rate-limit',
      `The token has used up its rate limit${whenRenewed(answer.response)}. Run the job again then: what is done is not done twice.`
    )
  }
  switch (answer.status) {
    case 401:
      return problem(
        'github-token-refused',
        'The token is wrong or has expired. Leave github-token out to use the job’s own token, or renew the secret it comes from.'
      )
    case 403:
      return problem(
        'github-forbidden',
        'The token may not do this. Give the job `permissions: contents: write`; a fork’s pull request never gets it.'
      )
    case 404:
      return problem(
        'github-not-found',
        'Check the repository’s name, and that the token can see it: GitHub answers 404 also where a permission is missing (`permissions: contents: write`).'
      )
    case 422:
      return problem(
        'github-invalid',
        'GitHub found the request invalid for the reason it gives. Correct that and run the job again.'
      )
    default:
      return answer.status >= 500
        ? problem(
            'github-outage',
            'This is a fault on GitHub’s side (see githubstatus.com). Run the job again later: what is done is not done twice.'
          )
        : problem(
            'github-unexpected',
            'Run the job again with debug logging (RUNNER_DEBUG=1); if it stays, report this answer.'
          )
  }
}

/** GitHub's own words: the message, and the errors below it. */
export function githubMessage(answer: GithubAnswer): string {
  const { body } = answer
  if (typeof body !== 'object' || body === null) return ''
  const message = 'message' in body && typeof body.message === 'string' ? body.message : ''
  const errors =
    'errors' in body && Array.isArray(body.errors) ? body.errors.map(errorText).filter((each) => each !== '') : []
  return [message, ...errors].join('; ')
}

function errorText(error: unknown): string {
  if (typeof error === 'string') return error
  if (typeof error !== 'object' || error === null) return ''
  const parts = ['resource', 'field', 'code', 'message'].map((key) => {
    const value: unknown = Reflect.get(error, key)
    return typeof value === 'string' ? value : ''
  })
  return parts.filter((part) => part !== '').join(' ')
}

/** A secondary limit without Retry-After: GitHub asks for at least a minute. Milliseconds. */
const secondaryWait = 60_000

/** A 403 says in words what it is for; a missing permission is told with `remaining: 0`, too, when that was the last. */
function isRateLimit(response: HttpResponse): boolean {
  if (response.status !== 403 && response.status !== 429) return false
  if (response.status === 429 || response.headers['retry-after'] !== undefined) return true
  if (/secondary rate limit|rate limit exceeded|abuse detection/i.test(response.body.toString('utf8'))) return true
  const message = githubMessage({ status: response.status, body: json(response), response })
  return response.headers['x-ratelimit-remaining'] === '0' && message === ''
}

/** `; it is renewed …`, where the answer says when. */
function whenRenewed({ headers }: HttpResponse): string {
  const asked = headers['retry-after']
  if (asked !== undefined) return `; GitHub asks to wait ${/^\d+$/.test(asked) ? `${asked} s` : `until ${asked}`}`
  const reset = new Date(Number(headers['x-ratelimit-reset'] ?? NaN) * 1000)
  return Number.isNaN(reset.getTime()) ? '' : `; it is renewed at ${reset.toISOString()}`
}

/**
 * How long to wait before the same request, where GitHub refused it for its rate limits; it then did nothing.
 * Order as its documentation asks: retry-after, else x-ratelimit-reset, else a minute. Milliseconds.
 */
function rateLimitWait(response: HttpResponse, now: number): number | undefined {
  if (!isRateLimit(response)) return undefined
  const asked = retryAfter(response, now)
  if (asked !== undefined) return asked
  const reset = Number(response.headers['x-ratelimit-reset'])
  if (response.headers['x-ratelimit-remaining'] === '0' && reset > 0) return Math.max(1_000, reset * 1000 - now)
  return secondaryWait
}

/**
 * The `rel="next"` address of a Link header (RFC 8288). The token goes with it, so it must stay on the API; and a list
 * that ended there would lack what decides, such as a draft that is there already.
 */
function nextPage(response: HttpResponse, apiUrl: string, path: string): string | undefined {
  const header = response.headers.link
  const value = Array.isArray(header) ? header.join(',') : header
  const next = /<([^>]+)>\s*;[^,]*rel="?next"?/.exec(value ?? '')?.[1]
  if (next === undefined) return undefined
  if (URL.canParse(next, response.url.href) && new URL(next, response.url).origin === new URL(apiUrl).origin) {
    return new URL(next, response.url).href
  }
  return fail({
    code: 'github-next-page',
    message: `The next page of GET ${path} is at ${JSON.stringify(next.slice(0, 200))}, which does not belong to ${new URL(apiUrl).host}.`,
    hint: 'The token is not sent there. Check GITHUB_API_URL and the proxy of this runner: a GitHub Enterprise Server gives its own host name in links.'
  })
}
