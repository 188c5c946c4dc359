import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, type ConnectionOptions } from 'node:tls'
import type { DatabaseUrl } from './database-url.ts'

/** libpq's words (https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION). */
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

export type SslMode = (typeof sslModes)[number]

export interface Tls {
  readonly mode: SslMode
  /** PEM file with the authorities that are trusted, `system` for those of the machine; undefined: none was named. */
  readonly rootFile: string | undefined
  /** Client certificate and its key, PEM files. */
  readonly clientCertificate: string | undefined
  readonly clientKey: string | undefined
  /** Of the key's file. */
  readonly passphrase: string | undefined
}

/**
 * What a URL says of TLS, in the dialects that are met: libpq's `sslmode`, Prisma's `sslaccept` and `sslcert` (which is an
 * authority there, and a client certificate in libpq, next to `sslkey`), node-postgres' `no-verify`, and the `ssl=true` of
 * JDBC and Ecto. A socket has none.
 */
export function tlsOf(url: DatabaseUrl): Tls {
  const given = (name: string): string | undefined => url.parameters.get(name) || undefined
  const clientKey = given('sslkey')
  const certificate = given('sslcert')
  const named = given('sslmode')
  const strict = given('sslaccept') === 'strict'
  const asked = sslModes.find((mode) => mode === named)
  const wanted: SslMode = asked ?? (named === 'no-verify' || isTrue(given('ssl')) || strict ? 'require' : 'prefer')
  // Prisma's strict is the whole check, of the name too.
  const mode = strict && (wanted === 'require' || wanted === 'prefer') ? 'verify-full' : wanted
  return {
    mode: url.hosts.every(({ host }) => host.startsWith('/')) ? 'disable' : mode,
    rootFile: given('sslrootcert') ?? (clientKey === undefined ? certificate : undefined),
    clientCertificate: clientKey === undefined ? undefined : certificate,
    clientKey,
    passphrase: clientKey === undefined ? undefined : given('sslpassword')
  }
}

/**
 * Whether somebody between could read along: TLS is not demanded, and the server is not near. A name without a dot is a
 * service container of the same job, or its like.
 */
export function readableOnTheWay(url: DatabaseUrl): boolean {
  const { mode } = tlsOf(url)
  if (mode !== 'disable' && mode !== 'allow' && mode !== 'prefer') return false
  return url.hosts.some(({ host }) => !isThisMachine(host) && !/^[^.:]+$/.test(host))
}

/** By a socket or the loopback. */
export function isThisMachine(host: string): boolean {
  return host.startsWith('/') || /^(?:localhost|127\.[\d.]+|::1)$/i.test(host)
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1'
}

/**
 * What Node's TLS is told for one host, as libpq would check its certificate. node-postgres reads `sslmode=require` as
 * `verify-full`; libpq encrypts and checks nothing then, unless it was given an authority.
 *
 * @throws Error when a named file cannot be read
 */
export function tlsConnection(tls: Tls, host: string): ConnectionOptions {
  const defaultRoot = join(homedir(), '.postgresql', 'root.crt')
  const file = tls.rootFile ?? (existsSync(defaultRoot) ? defaultRoot : undefined)
  // libpq refuses to use the machine's authorities without the check of the name: anybody gets a certificate from those.
  const checked = file === 'system' ? 'verify-full' : tls.mode
  const names = {
    ...(isIP(host) === 0 && { servername: host }),
    host,
    ...(tls.clientCertificate !== undefined && { cert: readFileSync(tls.clientCertificate) }),
    ...(tls.clientKey !== undefined && { key: readFileSync(tls.clientKey) }),
    ...(tls.passphrase !== undefined && { passphrase: tls.passphrase })
  }
  if (file === undefined && checked !== 'verify-ca' && checked !== 'verify-full')
    return { ...names, rejectUnauthorized: false }
  const authorities =
    file === undefined
      ? {}
      : {
          ca: file === 'system' ? [...getCACertificates('default'), ...getCACertificates('system')] : readFileSync(file)
        }
  return {
    ...names,
    ...authorities,
    rejectUnauthorized: true,
    ...(checked !== 'verify-full' && { checkServerIdentity: () => undefined })
  }
}
