import { STATUS_CODES } from 'node:http'
import type { FaultAction } from './faults.ts'
import type { SandboxResponse } from './service.ts'

/** The answer of a status fault: the rule's own body, else what the real service says with that status. */
export function faultAnswer(fault: FaultAction & { kind: 'status' }, service: string | undefined): SandboxResponse {
  const spoken = service === undefined || fault.html ? undefined : spokenErrors[service]
  const body = fault.body ?? spoken?.(fault) ?? errorPage(fault.status)
  return {
    status: fault.status,
    headers: {
      'content-type': contentType(body),
      ...(fault.retryAfter !== undefined && { 'retry-after': fault.retryAfter }),
      ...(fault.location !== undefined && { location: fault.location })
    },
    body
  }
}

/** Services whose errors are no pages; `undefined` for a status that only what stands in front of them gives. */
const spokenErrors: Readonly<Record<string, (fault: FaultAction & { kind: 'status' }) => string | undefined>> = {
  github: githubError,
  hex: hexError
}

/**
 * hexpm's `ErrorView`. 502, 503 and 504 come from the network in front of it, as pages; a redirect has no words.
 */
function hexError({ status }: FaultAction & { kind: 'status' }): string | undefined {
  if (status < 400 || (status > 501 && status < 505)) return undefined
  return JSON.stringify({ message: hexMessages[status] ?? STATUS_CODES[status] ?? 'Error', status })
}

const hexMessages: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'invalid API key',
  403: 'account not authorized for this action',
  404: 'Page not found',
  408: 'Request timeout',
  413: 'Payload too large',
  422: 'Validation error(s)',
  429: 'API rate limit exceeded for IP 127.0.0.1',
  500: 'Internal server error'
}

/**
 * GitHub's error object. A 403 or 429 with Retry-After is the secondary rate limit
 * (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api), a plain 403 a missing permission.
 */
function githubError(fault: FaultAction & { kind: 'status' }): string {
  const isLimit = fault.status === 429 || (fault.status === 403 && fault.retryAfter !== undefined)
  const message = isLimit
    ? 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    : (githubMessages[fault.status] ?? STATUS_CODES[fault.status] ?? 'Error')
  return JSON.stringify({
    message,
    documentation_url: isLimit
      ? 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits'
      : 'https://docs.github.com/rest',
    status: String(fault.status)
  })
}

const githubMessages: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by integration',
  422: 'Validation Failed',
  500: 'Server Error',
  502: 'Server Error',
  503: 'Service unavailable'
}

/** What nginx and the edges in front of an index answer: a page of HTML, no JSON. */
function errorPage(status: number): string {
  const title = `${String(status)} ${STATUS_CODES[status] ?? 'Error'}`
  return `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`
}

function contentType(body: string): string {
  if (/^\s*[{[]/.test(body)) return 'application/json; charset=utf-8'
  return /^\s*</.test(body) ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8'
}
