import { STATUS_CODES } from 'node:http'
import type { FaultAction } from './faults.ts'
import type { SandboxResponse } from './service.ts'

/** The answer of a status fault: the rule's own body, else what the real service says with that status. */
export function faultAnswer(fault: FaultAction & { kind: 'status' }, service: string | undefined): SandboxResponse {
  const speaksJson = service === 'github' && !fault.html
  const body = fault.body ?? (speaksJson ? githubError(fault) : errorPage(fault.status))
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
