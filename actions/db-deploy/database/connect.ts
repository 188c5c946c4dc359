import { userInfo } from 'node:os'
import { TLSSocket, type ConnectionOptions } from 'node:tls'
import pg from 'pg'
import { ActionError, fail } from '../../shared/problem.ts'
import { pause, throwIfCancelled } from '../cancelled.ts'
import { sendCancelRequest } from './cancel-request.ts'
import { connectionProblem, kindOf, NoPassword, type FailureKind } from './connection-problem.ts'
import { atHost, type DatabaseUrl } from './database-url.ts'
import { messageOf } from './error-words.ts'
import type { SessionOptions, SessionWorld } from './session.ts'
import { tlsConnection, tlsOf } from './tls.ts'

/** A connection that is made and authenticated, with nothing set yet. */
export interface Connected {
  readonly client: pg.Client
  /** With the one host that answered. */
  readonly url: DatabaseUrl
  /** The process id that the other side calls its backend's. */
  readonly backend: number
  /** `TLSv1.3`; undefined without TLS. */
  readonly tls: string | undefined
  /** Asks the server to end what it does for this connection; see sendCancelRequest. */
  cancelQuery(): void
  /** Drops the connection without a word. */
  destroy(): void
}

/** @throws ActionError with what is wrong; the last host's problem where there are several */
export async function connect(url: DatabaseUrl, options: SessionOptions, world: SessionWorld): Promise<Connected> {
  const seen = new Map<FailureKind, number>()
  for (;;) {
    const failures: unknown[] = []
    for (const host of targets(url)) {
      throwIfCancelled(world, `the database ${host.url.shown} was connected to`)
      try {
        return await connectHost(host, options, world)
      } catch (error) {
        if (error instanceof ActionError) throw error
        failures.push(error)
        // A wrong password is wrong everywhere (libpq tries no other host then, either).
        if (kindOf(error) === 'authentication') break
      }
    }
    const error = failures.at(-1)
    const kind = kindOf(error)
    const times = (seen.get(kind) ?? 0) + 1
    seen.set(kind, times)
    // Where it was seen starting, it may be away for a moment, too.
    const patience = seen.has('starting') && kind === 'unreachable' ? attempts.starting : attempts[kind]
    if (times >= (patience ?? 1)) fail(connectionProblem(error, url), error)
    await pause(1_000, world)
  }
}

/** How often what passes by itself is waited for, a second each. */
const attempts: Readonly<Partial<Record<FailureKind, number>>> = { starting: 15, full: 5, dropped: 3 }

interface Target {
  readonly url: DatabaseUrl
  readonly wanted: 'read-write' | 'read-only' | 'primary' | 'standby' | 'any'
}

/** `prefer-standby` tries all hosts twice, as libpq does. */
function targets(url: DatabaseUrl): readonly Target[] {
  const wanted = url.parameters.get('target_session_attrs') ?? 'any'
  const at = (named: Target['wanted']): Target[] => url.hosts.map((host) => ({ url: atHost(url, host), wanted: named }))
  switch (wanted) {
    case 'read-write':
    case 'read-only':
    case 'primary':
    case 'standby':
      return at(wanted)
    case 'prefer-standby':
      return [...at('standby'), ...at('any')]
    default:
      return at('any')
  }
}

async function connectHost(target: Target, options: SessionOptions, world: SessionWorld): Promise<Connected> {
  const tls = tlsOf(target.url)
  const secure = (): ConnectionOptions => {
    try {
      return tlsConnection(tls, target.url.hosts[0]?.host ?? '')
    } catch (error) {
      return fail(certificateFileProblem(error), error)
    }
  }
  // libpq: `allow` begins without, `prefer` with, and both go on with the other where the server does not want that.
  const ways = {
    disable: [undefined],
    allow: [undefined, secure],
    prefer: [secure, undefined],
    require: [secure],
    'verify-ca': [secure],
    'verify-full': [secure]
  }[tls.mode]
  const place = target.url.shown
  for (const [at, way] of ways.entries()) {
    const isLast = at === ways.length - 1
    if (way !== undefined && !isLast && withoutTls.has(place)) continue
    try {
      return await connectOnce(target, way?.(), options, world)
    } catch (error) {
      const kind = kindOf(error)
      // A password that is refused encrypted is not sent in the open.
      const other = kind === 'tls' || kind === 'not allowed'
      if (isLast || !other) throw error
      if (refusedTls(error)) withoutTls.add(place)
    }
  }
  throw new Error('there is always a way')
}

/** Servers that have said in this run that they speak no TLS: where it is only preferred, they are not asked each time. */
const withoutTls = new Set<string>()

/** `N` to an SSLRequest, as pg tells it (pg, lib/connection.js). */
function refusedTls(error: unknown): boolean {
  return messageOf(error).includes('does not support SSL connections')
}

function certificateFileProblem(error: unknown): { code: string; message: string; hint: string } {
  return {
    code: 'database-tls',
    message: `A certificate file of the connection cannot be read: ${messageOf(error)}.`,
    hint: 'sslrootcert (or PGSSLROOTCERT), sslcert and sslkey name PEM files on this runner: write the file in a step before, and give its absolute path.'
  }
}

async function connectOnce(
  target: Target,
  tls: ConnectionOptions | undefined,
  options: SessionOptions,
  world: SessionWorld
): Promise<Connected> {
  const { url } = target
  const { host = '', port = 5432 } = url.hosts[0] ?? {}
  // Every value is given: what is left out, pg takes from this process's PG variables. Settings are no part of it, as
  // PgBouncer refuses a connection that comes with any.
  const client = new pg.Client({
    host,
    port,
    user: url.user ?? userInfo().username,
    database: url.database,
    password: () => {
      if (url.password === undefined || url.password === '') throw new NoPassword()
      return url.password
    },
    ssl: tls ?? false,
    sslnegotiation: tls !== undefined && url.parameters.get('sslnegotiation') === 'direct' ? 'direct' : 'postgres',
    enableChannelBinding: url.parameters.get('channel_binding') === 'require',
    application_name: options.applicationName,
    options: url.parameters.get('options'),
    connectionTimeoutMillis: connectTimeout(url, options),
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    types: readers
  })
  const { connection } = client
  const destroy = (error?: Error): void => {
    connection.stream.destroy(error)
  }
  // What comes after the first error is told by nobody, and would end the process.
  client.on('error', () => undefined)
  let key = { processID: 0, secretKey: 0 }
  connection.on('backendKeyData', (given: typeof key) => {
    key = given
  })
  if (url.parameters.get('channel_binding') === 'require') refuseUnbound(client)
  const onCancel = (): void => {
    destroy(new Error('cancelled'))
  }
  world.cancelled.addEventListener('abort', onCancel, { once: true })
  try {
    await client.connect()
    if (target.wanted !== 'any') await expectState(client, target.wanted)
  } catch (error) {
    destroy()
    throwIfCancelled(world, `the database ${url.shown} was connected to`)
    throw error
  } finally {
    world.cancelled.removeEventListener('abort', onCancel)
  }
  const { stream } = connection
  return {
    client,
    url,
    backend: key.processID,
    tls: stream instanceof TLSSocket ? (stream.getProtocol() ?? 'TLS') : undefined,
    cancelQuery() {
      sendCancelRequest({ host, port, id: key.processID, key: key.secretKey, tls })
    },
    destroy
  }
}

/** libpq's `connect_timeout` is in seconds, and 0 waits for ever: nothing here does. */
function connectTimeout(url: DatabaseUrl, { connectTimeout: asked }: SessionOptions): number {
  const seconds = Number(url.parameters.get('connect_timeout') ?? '')
  return asked ?? (seconds > 0 ? seconds * 1_000 : 10_000)
}

/** Date and time types and their arrays stay the texts they come as: pg would take them for times of this machine's zone. */
const readers = new pg.TypeOverrides()
for (const oid of [1082, 1083, 1114, 1184, 1186, 1266, 1115, 1182, 1183, 1185, 1187, 1270])
  readers.setTypeParser(oid, (text: string) => text)

/** pg binds to the channel where that is offered; `require` is to refuse where it is not. */
function refuseUnbound(client: pg.Client): void {
  const refuse = (): void => {
    client.connection.stream.destroy(new Error('channel binding is required, and the server does not offer it'))
  }
  client.connection.on('authenticationSASL', ({ mechanisms }: { readonly mechanisms: readonly string[] }) => {
    if (!mechanisms.includes('SCRAM-SHA-256-PLUS')) refuse()
  })
  client.connection.on('authenticationCleartextPassword', refuse)
  client.connection.on('authenticationMD5Password', refuse)
}

/** libpq's target_session_attrs, asked as for servers before 14, which do not report it by themselves. */
async function expectState(client: pg.Client, wanted: Exclude<Target['wanted'], 'any'>): Promise<void> {
  const { rows } = await client.query<{ recovery: boolean; closed: boolean }>(
    `SELECT pg_catalog.pg_is_in_recovery() AS recovery,
       pg_catalog.current_setting('transaction_read_only') = 'on' AS closed`
  )
  const { recovery = false, closed = false } = rows[0] ?? {}
  const met = { primary: !recovery, standby: recovery, 'read-only': closed, 'read-write': !closed }[wanted]
  if (!met) throw new Error(`it is no ${wanted} server, as target_session_attrs asks`)
}
