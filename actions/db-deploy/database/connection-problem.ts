import type { Problem } from '../../shared/problem.ts'
import type { DatabaseUrl } from './database-url.ts'
import { codeOf, messageOf } from './error-words.ts'
import { serverReport, type ServerReport } from './query-error.ts'

/** What keeps a connection from being made, as far as it matters for what is tried next. */
export type FailureKind =
  'unreachable' | 'tls' | 'not allowed' | 'authentication' | 'missing' | 'full' | 'starting' | 'dropped' | 'refused'

/** The server asked for a password, and the URL has none. */
export class NoPassword extends Error {
  constructor() {
    super('the server asks for a password, and the URL has none')
  }
}

/** @param error what a try to connect ended with */
export function kindOf(error: unknown): FailureKind {
  const report = serverReport(error)
  if (report !== undefined) return kindOfReport(report)
  if (error instanceof NoPassword) return 'authentication'
  const code = codeOf(error)
  const message = messageOf(error)
  if (unreachable.has(code) || message === 'timeout expired') return 'unreachable'
  if (/^SASL|channel binding/.test(message)) return 'authentication'
  if (
    /SSL|TLS|certificate|^ERR_TLS|altname/i.test(`${code} ${message}`) ||
    /^(?:CERT|UNABLE|SELF|DEPTH|HOSTNAME)_/.test(code)
  )
    return 'tls'
  if (code === 'ECONNRESET' || code === 'EPIPE' || /^Connection terminated/.test(message)) return 'dropped'
  return 'refused'
}

/** The same as a problem. Neither Node nor a server says the password in an error. */
export function connectionProblem(error: unknown, url: DatabaseUrl): Problem {
  const kind = kindOf(error)
  const { code, hint } = told[kind]
  const reason = reasonOf(error)
  return {
    code,
    message: `No connection to ${url.shown}: ${reason}.`,
    hint: specific(error, reason, url) ?? hint
  }
}

function kindOfReport({ sqlstate, message }: ServerReport): FailureKind {
  const known = kinds[sqlstate]
  if (known === undefined || sqlstate === '08P01' || sqlstate === 'XX000') {
    // PgBouncer and other poolers say most things with 08P01, Supabase's with XX000.
    if (/no such (?:user|role)|auth|password|tenant or user/i.test(message)) return 'authentication'
    if (/no such database|database .*does not exist/i.test(message)) return 'missing'
    if (/too many|no more connections|max clients/i.test(message)) return 'full'
    return 'refused'
  }
  return sqlstate === '28000' && /pg_hba\.conf/.test(message) ? 'not allowed' : known
}

const kinds: Readonly<Record<string, FailureKind>> = {
  '28P01': 'authentication',
  '28000': 'authentication',
  '3D000': 'missing',
  '53300': 'full',
  '57P03': 'starting',
  '57P01': 'dropped',
  '57P02': 'dropped'
}

const unreachable: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'ENOTSOCK',
  'ETIMEDOUT'
])

const told: Readonly<Record<FailureKind, { readonly code: string; readonly hint: string }>> = {
  unreachable: {
    code: 'database-unreachable',
    hint: 'Check host and port, and that the server lets this runner in: GitHub’s runners have changing addresses, so a private database needs a self-hosted runner, a tunnel, or an entry in its list of allowed addresses.'
  },
  tls: {
    code: 'database-tls',
    hint: 'Look at sslmode and sslrootcert of the URL: `sslmode=verify-full&sslrootcert=/path/ca.pem` checks the server, `require` only encrypts.'
  },
  'not allowed': {
    code: 'database-authentication',
    hint: 'The server’s pg_hba.conf has no line for this address, role and database, or only one with (or without) TLS: try `sslmode=require`, or allow the runner there.'
  },
  authentication: {
    code: 'database-authentication',
    hint: 'Check user and password in the secret; characters such as `@ : / ? # %` of a password are percent-encoded in a URL.'
  },
  missing: {
    code: 'database-missing',
    hint: 'Check the name behind the host; a database that is to be new is made first: `CREATE DATABASE`.'
  },
  full: {
    code: 'database-full',
    hint: 'All of the server’s connections are taken: end what is idle (`SELECT * FROM pg_stat_activity`), raise max_connections, or deploy when less is going on.'
  },
  starting: {
    code: 'database-starting',
    hint: 'The server was still starting or shutting down after some tries: look at its log, and run the step again when it takes connections.'
  },
  dropped: {
    code: 'database-unreachable',
    hint: 'The other side ended the connection before it was made: look at the log of the server, or of the proxy or pooler before it, and check that the port is PostgreSQL’s.'
  },
  refused: {
    code: 'database-refused',
    hint: 'The server’s own log says more.'
  }
}

/** Node tells a name with several addresses as an error of errors, with an empty message. */
function reasonOf(error: unknown): string {
  const report = serverReport(error)
  if (report !== undefined) return `${report.message} (SQLSTATE ${report.sqlstate})`
  if (typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors)) {
    const reasons = error.errors.map((one: unknown) => messageOf(one))
    return [...new Set(reasons)].join('; ')
  }
  const message = messageOf(error)
  return message === 'timeout expired' ? 'it did not answer in time' : message.replace(/\.$/, '')
}

/** Causes that are met often enough to be named. */
function specific(error: unknown, reason: string, url: DatabaseUrl): string | undefined {
  const hosts = url.hosts.map(({ host }) => host)
  if (/ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL/.test(`${codeOf(error)} ${reason}`) && reason.includes(':'))
    return 'The host has an IPv6 address only, or first, and this runner (as all of GitHub’s) has no IPv6: use an address of the provider with IPv4. Supabase: the session pooler, port 5432.'
  if (codeOf(error) === 'ECONNREFUSED' && hosts.some((host) => /^(?:localhost|127\.)/.test(host)))
    return 'Nothing listens on this runner: for a `services:` container map its port (`ports: ["5432:5432"]`); in a job with `container:` the host is the service’s name, not localhost.'
  if (/tenant or user not found/i.test(reason))
    return 'Supabase’s pooler wants the user as `postgres.<project>`, and the host of the project’s own region.'
  if (error instanceof NoPassword)
    return 'Put the password into the URL: `postgresql://user:password@host:5432/database`.'
  if (/does not support SSL/.test(reason))
    return 'The server has no TLS. On a network that is trusted write `sslmode=disable`; else turn TLS on there.'
  if (/self.signed|unable to (?:get|verify)|SELF_SIGNED|issuer/i.test(`${codeOf(error)} ${reason}`))
    return 'Its certificate is of an authority that is not known here: give the authority’s PEM file by `sslrootcert=/path/ca.pem` or PGSSLROOTCERT. Providers offer it for download.'
  if (/altname/i.test(`${codeOf(error)} ${reason}`))
    return 'The certificate is for another name: use the host name that it is for, or `sslmode=verify-ca`, which checks the authority alone.'
  return undefined
}
