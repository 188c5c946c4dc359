import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { acceptable } from './accept.ts'

/** PyPI refuses an upload: the status and the text that clients show. */
export class UploadRefused extends Error {
  readonly status: number
  /** The text stands only in the reason phrase, not in the explanation (refusals before any view is reached). */
  readonly phraseOnly: boolean

  constructor(status: number, text: string, options: { readonly phraseOnly?: boolean } = {}) {
    super(text)
    this.status = status
    this.phraseOnly = options.phraseOnly ?? false
  }
}

/** Title and explanation of Pyramid's exceptions (`pyramid.httpexceptions`). */
const explanations: Readonly<Record<number, readonly [title: string, explanation: string]>> = {
  308: ['Permanent Redirect', 'The resource has been moved to'],
  400: [
    'Bad Request',
    'The server could not comply with the request since it is either malformed or otherwise incorrect.'
  ],
  403: ['Forbidden', 'Access was denied to this resource.'],
  404: ['Not Found', 'The resource could not be found.'],
  405: ['Method Not Allowed', 'The method is not allowed for this resource.'],
  409: ['Conflict', 'There was a conflict when trying to complete your request.'],
  410: ['Gone', 'This resource is no longer available.  No forwarding address is given.'],
  429: ['Too Many Requests', 'The action could not be performed because there were too many requests by the client.']
}

const bodyTypes = ['text/html', 'application/json'] as const

/**
 * A refusal the way PyPI words it: the text in the reason phrase (`_exc_with_message`), and in a body that is JSON when
 * the client prefers it, HTML when it takes anything, plain text otherwise (Pyramid's `HTTPException.prepare`).
 */
export function refusal(request: SandboxRequest, refused: UploadRefused): SandboxResponse {
  const [title, explanation] = explanations[refused.status] ?? ['', '']
  const phrase = reasonPhrase(refused.message)
  const status = `${refused.status} ${phrase}`
  const detail = refused.phraseOnly ? '' : refused.message
  const answer = { status: refused.status, statusText: phrase }
  const vary = { vary: 'Accept' }
  const type = acceptable(request.headers.accept, bodyTypes)[0]
  if (type === 'application/json')
    return {
      ...answer,
      headers: { ...vary, 'content-type': type },
      body: JSON.stringify({ message: `${explanation}\n\n\n${detail}\n\n`, code: status, title })
    }
  if (type === 'text/html')
    return {
      ...answer,
      headers: { ...vary, 'content-type': 'text/html; charset=UTF-8' },
      body: page(status, `${explanation}<br/><br/>\n${escapeHtml(detail)}\n\n`)
    }
  return {
    ...answer,
    headers: { ...vary, 'content-type': 'text/plain; charset=UTF-8' },
    body: `${status}\n\n${explanation}\n\n\n${detail}\n\n`
  }
}

/** An error page for everything that is not an upload. */
export function plainError(status: number): SandboxResponse {
  const [title, explanation] = explanations[status] ?? ['Error', '']
  return {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: page(`${status} ${title}`, explanation)
  }
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): SandboxResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;')
}

function page(status: string, body: string): string {
  return `<html>\n <head>\n  <title>${status}</title>\n </head>\n <body>\n  <h1>${status}</h1>\n  ${body}\n\n </body>\n</html>`
}

/** A reason phrase is Latin-1 without control characters (RFC 9112, section 4); others become `?`, line ends a space. */
function reasonPhrase(text: string): string {
  return text.replaceAll(/[\r\n]+\s*/g, ' ').replaceAll(/[^\t\x20-\x7e\xa0-\xff]/gu, '?')
}
