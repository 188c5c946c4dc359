import { existsSync } from 'node:fs'
import type { DatabaseUrl, OtherDatabase } from './database-url.ts'
import { tlsOf } from './tls.ts'
import { listed } from './url-scheme.ts'

/**
 * The URL as the variables that libpq reads (https://www.postgresql.org/docs/current/libpq-envars.html), for psql, pg_dump
 * and pg_restore: credentials do not belong on a command line, and libpq refuses a URL with Prisma's parameters.
 */
export function libpqEnvironment(url: DatabaseUrl | OtherDatabase): Record<string, string> {
  if ('other' in url) return {}
  const { mode, rootFile, clientCertificate } = tlsOf(url)
  const parameters = [...url.parameters].flatMap(([name, value]): [string, string][] => {
    const variable = libpqVariables[name]
    return variable === undefined || value === '' ? [] : [[variable, value]]
  })
  const authority = rootFile ?? (mode === 'verify-ca' || mode === 'verify-full' ? publicAuthorities() : undefined)
  return {
    ...Object.fromEntries(parameters),
    PGHOST: url.hosts.map(({ host }) => host).join(','),
    PGPORT: url.hosts.map(({ port }) => port).join(','),
    PGDATABASE: url.database,
    ...(url.user !== undefined && { PGUSER: url.user }),
    ...(url.password !== undefined && { PGPASSWORD: url.password }),
    ...(tlsAsked(url) && { PGSSLMODE: mode }),
    ...(authority !== undefined && { PGSSLROOTCERT: authority }),
    ...(clientCertificate !== undefined && { PGSSLCERT: clientCertificate })
  }
}

/** What a migration tool's URL says besides where the database is. */
export interface ToolUrlOptions {
  readonly applicationName: string
  /** Milliseconds; 0 leaves the server's own. */
  readonly lockTimeout: number
  readonly statementTimeout: number
  readonly driver: 'prisma' | 'ecto'
}

/**
 * The URL for a migration tool, written anew so that every character means what it should.
 *
 * Prisma keeps its parameters, and gets name and time limits of the session. It knows no `verify-full` and would take it
 * for `prefer` (quaint, connector/postgres/url.rs): that is said as `sslaccept=strict`. Postgrex makes an option of its own of
 * every parameter and has none for the session (`parameters` of a Repo is a keyword list): it gets what is Ecto's alone.
 */
export function toolUrl(url: DatabaseUrl | OtherDatabase, options: ToolUrlOptions): string {
  if ('other' in url) return url.address
  const [first] = url.hosts
  const socket = first?.host.startsWith('/') === true ? first.host : undefined
  const hosts = listed(url.hosts.map(({ host, port }) => ({ host: socket === undefined ? host : 'localhost', port })))
  const user = url.user === undefined ? '' : encodeURIComponent(url.user)
  const password = url.password === undefined ? '' : `:${encodeURIComponent(url.password)}`
  const who = user === '' && password === '' ? '' : `${user}${password}@`
  const parameters = options.driver === 'prisma' ? prismaParameters(url, options) : ectoParameters(url)
  if (socket !== undefined) parameters.set(options.driver === 'prisma' ? 'host' : 'socket_dir', socket)
  const query = [...parameters].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return `${options.driver === 'prisma' ? 'postgresql' : 'ecto'}://${who}${hosts}/${encodeURIComponent(url.database)}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

function prismaParameters(url: DatabaseUrl, options: ToolUrlOptions): Map<string, string> {
  const parameters = new Map([...url.parameters].filter(([name]) => prismaNames.has(name)))
  const settings = Object.entries({ lock_timeout: options.lockTimeout, statement_timeout: options.statementTimeout })
    .filter(([, milliseconds]) => milliseconds > 0)
    .map(([name, milliseconds]) => `-c ${name}=${milliseconds}`)
  const all = [parameters.get('options') ?? '', ...settings].filter((part) => part !== '')
  if (all.length > 0) parameters.set('options', all.join(' '))
  parameters.set('application_name', options.applicationName)
  if (!tlsAsked(url)) return parameters
  const { mode, rootFile } = tlsOf(url)
  const verified = mode === 'verify-ca' || mode === 'verify-full'
  parameters.set(
    'sslmode',
    mode === 'disable' ? 'disable' : mode === 'allow' || mode === 'prefer' ? 'prefer' : 'require'
  )
  if (verified) parameters.set('sslaccept', 'strict')
  if (rootFile !== undefined) parameters.set('sslcert', rootFile)
  return parameters
}

function ectoParameters(url: DatabaseUrl): Map<string, string> {
  return new Map(
    [...url.parameters].filter(
      ([name]) => ectoNames.has(name) || !(prismaNames.has(name) || name in libpqVariables || libpqAlone.has(name))
    )
  )
}

/** Whether the URL, or libpq's environment, says anything of TLS. */
function tlsAsked(url: DatabaseUrl): boolean {
  return ['sslmode', 'ssl', 'sslaccept', 'sslrootcert'].some((name) => url.parameters.has(name))
}

/** libpq has no authorities of its own before 16 (`system`): the file where systems keep them. */
function publicAuthorities(): string {
  return (
    ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'].find((path) =>
      existsSync(path)
    ) ?? 'system'
  )
}

/** libpq's parameters with a variable. `sslcert` alone is Prisma's, and an authority (tls.ts). */
const libpqVariables: Readonly<Record<string, string>> = {
  application_name: 'PGAPPNAME',
  channel_binding: 'PGCHANNELBINDING',
  client_encoding: 'PGCLIENTENCODING',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  gssencmode: 'PGGSSENCMODE',
  gsslib: 'PGGSSLIB',
  hostaddr: 'PGHOSTADDR',
  krbsrvname: 'PGKRBSRVNAME',
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
  max_protocol_version: 'PGMAXPROTOCOLVERSION',
  min_protocol_version: 'PGMINPROTOCOLVERSION',
  options: 'PGOPTIONS',
  require_auth: 'PGREQUIREAUTH',
  requirepeer: 'PGREQUIREPEER',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  sslcertmode: 'PGSSLCERTMODE',
  sslcompression: 'PGSSLCOMPRESSION',
  sslcrl: 'PGSSLCRL',
  sslcrldir: 'PGSSLCRLDIR',
  sslkey: 'PGSSLKEY',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslsni: 'PGSSLSNI',
  target_session_attrs: 'PGTARGETSESSIONATTRS'
}

/** libpq's, that Postgrex would make something else of. */
const libpqAlone: ReadonlySet<string> = new Set([
  'fallback_application_name',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'passfile',
  'replication',
  'service',
  'sslmode',
  'sslpassword',
  'sslcert',
  'sslrootcert',
  'tcp_user_timeout'
])

/** https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments; application_name and the two lifetimes: quaint. */
export const prismaNames: ReadonlySet<string> = new Set([
  'application_name',
  'channel_binding',
  'connect_timeout',
  'connection_limit',
  'max_connection_lifetime',
  'max_idle_connection_lifetime',
  'options',
  'pgbouncer',
  'pool_timeout',
  'schema',
  'single_use_connections',
  'socket_timeout',
  'sslaccept',
  'sslcert',
  'sslidentity',
  'sslmode',
  'sslpassword',
  'statement_cache_size'
])

/** Ecto's own (Ecto.Repo.Supervisor.parse_url), though others have a parameter of that name too. */
const ectoNames: ReadonlySet<string> = new Set(['ssl', 'timeout', 'pool_size', 'pool_timeout', 'idle_interval'])
