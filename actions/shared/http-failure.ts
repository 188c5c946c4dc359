import { ActionError, type Problem } from './problem.ts'

/** Why no answer could be had. `refused` are our own rules: a redirect to elsewhere, plain http, a bad URL. */
export type HttpFailureKind = 'connect' | 'tls' | 'proxy' | 'reset' | 'timeout' | 'body' | 'refused'

/**
 * A request that ended without an answer. `sent` tells whether the server may have acted on it: when true the caller
 * must read the state back before it sends the request again.
 */
export class HttpFailure extends ActionError {
  readonly kind: HttpFailureKind
  readonly sent: boolean

  constructor(kind: HttpFailureKind, sent: boolean, problem: Problem, cause?: unknown) {
    super([problem], { cause })
    this.name = 'HttpFailure'
    this.kind = kind
    this.sent = sent
  }
}

const hints: Readonly<Record<HttpFailureKind, string>> = {
  connect:
    'Check that the host is right and reachable from this runner (DNS, firewall, NO_PROXY), then run the job again.',
  tls: 'The certificate was not accepted. If a company proxy or private server signs its own, put its CA file into NODE_EXTRA_CA_CERTS of the job.',
  proxy: 'The proxy in HTTPS_PROXY refused the connection. Allow the host there, or add it to NO_PROXY.',
  reset: 'The connection broke. Run the job again: what was already done is recognised and not done twice.',
  timeout:
    'The server did not answer in time. Run the job again: what was already done is recognised and not done twice.',
  body: 'The file could not be read to its end. Check that nothing changes it while the job runs.',
  refused: 'Correct the URL.'
}

/**
 * Makes the failure that callers see.
 * @param where `METHOD https://host/path`, without query or credentials
 * @param detail what happened, in a few words
 */
export function httpFailure(
  kind: HttpFailureKind,
  sent: boolean,
  where: string,
  detail: string,
  options: { hint?: string; cause?: unknown } = {}
): HttpFailure {
  const message = `${where}: ${detail}`
  return new HttpFailure(
    kind,
    sent,
    { code: `http-${kind}`, message, hint: options.hint ?? hints[kind] },
    options.cause
  )
}

const connectCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT'
])

/** What an error of node:http, node:tls or node:net means. */
export function failureKind(error: unknown, connected: boolean): HttpFailureKind {
  const code = errorCode(error)
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) return 'tls'
  if (!connected || connectCodes.has(code)) return 'connect'
  return 'reset'
}

export function errorCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code
  return ''
}
