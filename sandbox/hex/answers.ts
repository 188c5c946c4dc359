import type { SandboxResponse } from '../service.ts'
import type { AccessError } from './credentials.ts'
import { encodeTerm, type Plain } from './external-terms.ts'
import type { Errors } from './release-metadata.ts'

/** In what an answer is written; Elixir's own format is not spoken here (departures.ts). */
export type Format = 'json' | 'erlang'

/** `:accepts` in hexpm's router: the first type in the header that is known; JSON where anything is taken. */
export function formatOf(accept: string | undefined): Format | undefined {
  if (accept === undefined || accept.trim() === '') return 'json'
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    return { type, weight: q === undefined ? 1 : Number(q.slice(2)) }
  })
  const known = ranges.toSorted((a, b) => b.weight - a.weight).find(({ type }) => type in formats)
  return known === undefined ? undefined : formats[known.type]
}

const formats: Readonly<Record<string, Format>> = {
  '*/*': 'json',
  'application/*': 'json',
  'application/json': 'json',
  'application/vnd.hex+json': 'json',
  'application/vnd.hex+erlang': 'erlang'
}

const contentTypes: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  erlang: 'application/vnd.hex+erlang; charset=utf-8'
}

/** An answer with a body; dates in it are told to the second in Erlang's format (`Hexpm.Utils.binarify/2`). */
export function render(
  format: Format,
  status: number,
  body: Plain,
  headers: Readonly<Record<string, string>> = {}
): SandboxResponse {
  return {
    status,
    headers: { 'content-type': contentTypes[format], ...headers },
    body: format === 'json' ? JSON.stringify(body) : encodeTerm(toSeconds(body))
  }
}

/** `api_cache/2`: a minute, and how the answer depends on the request. */
export function cached(privacy: 'public' | 'private'): Record<string, string> {
  return { 'cache-control': `${privacy}, max-age=60`, vary: 'accept, accept-encoding' }
}

const defaultMessages: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Page not found',
  408: 'Request timeout',
  413: 'Payload too large',
  415: 'Unsupported media type',
  422: 'Validation error(s)',
  500: 'Internal server error'
}

/** `ErrorView`: status and message, and the errors of fields where there are any. */
export function errorAnswer(
  format: Format,
  status: number,
  details: {
    readonly message?: string
    readonly errors?: Errors
    readonly headers?: Readonly<Record<string, string>>
  } = {}
): SandboxResponse {
  const { message = defaultMessages[status] ?? null, errors, headers } = details
  return render(format, status, { status, message, ...(errors !== undefined && { errors }) }, headers)
}

const basic = { 'www-authenticate': 'Basic realm=hex' }
const bearer = (error?: string): Record<string, string> => ({
  'www-authenticate': `Bearer realm="hex"${error === undefined ? '' : `, error="${error}"`}`
})

const accessErrors: Readonly<
  Record<AccessError, { readonly status: number; readonly message?: string; readonly headers?: Record<string, string> }>
> = {
  missing: { status: 401, message: 'missing authentication information', headers: basic },
  invalid: { status: 401, message: 'invalid authentication information', headers: basic },
  basic_auth_disabled: {
    status: 401,
    message: 'Basic authentication is disabled. Update your client to use OAuth or an API key.',
    headers: bearer()
  },
  key: { status: 401, message: 'invalid API key', headers: basic },
  revoked_key: { status: 401, message: 'API key revoked', headers: basic },
  domain: { status: 401, message: 'key not authorized for this action', headers: basic },
  totp_required: {
    status: 401,
    message: 'Two-factor authentication required. Include X-Hex-OTP header with your TOTP code.',
    headers: bearer('totp_required')
  },
  invalid_totp: { status: 401, message: 'Invalid two-factor authentication code', headers: bearer('invalid_totp') },
  tfa_not_enabled: { status: 403, message: 'Two-factor authentication must be enabled for API write access' },
  unconfirmed: { status: 403, message: 'email not verified' },
  auth: { status: 403, message: 'account not authorized for this action' },
  no_billing: { status: 403, message: 'organization has no active billing subscription' },
  not_found: { status: 404 }
}

/** `AuthHelpers.error/2`. */
export function accessAnswer(format: Format, error: AccessError): SandboxResponse {
  const { status, ...details } = accessErrors[error]
  return errorAnswer(format, status, details)
}

/** Time as hexpm's JSON has it: microseconds. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/Z$/, '000Z')
}

const timestampForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

function toSeconds(value: Plain): Plain {
  if (typeof value === 'string') return timestampForm.test(value) ? value.replace(/\.\d+Z$/, 'Z') : value
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(toSeconds)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toSeconds(each)]))
}

const isList = (value: Plain): value is readonly Plain[] => Array.isArray(value)
