import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { readiness, serverOf } from '../../rehearse/stand-ins/postgres/readiness.ts'
import { installPrograms } from '../../scripts/install-database-programs.ts'
import { findPostgres } from '../../scripts/install-postgres.ts'
import type { CertificateAuthority } from '../../sandbox/certificate-authority.ts'

const root = join(import.meta.dirname, '..', '..')

/** A PostgreSQL of a test's own, on 127.0.0.1, ::1 where there is one, and a socket. Its `postgres` is a superuser. */
export interface Postgres {
  readonly port: number
  readonly user: string
  readonly password: string
  /** Where its socket `.s.PGSQL.<port>` is. */
  readonly socketFolder: string
  /** `postgresql://postgres:postgres@127.0.0.1:<port>/<database>`; parts may be others, and are percent-encoded. */
  url(database?: string, parts?: UrlParts): string
  /** Runs SQL as the superuser, over a connection of its own. Several statements give the rows of the last. */
  query(sql: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Makes an empty database, of a name of its own where none is given. */
  createDatabase(name?: string): Promise<string>
  /** Makes a role that may log in, with the password `secret-<name>` unless told; `options` as CREATE ROLE has them. */
  createRole(name: string, options?: string, password?: string): Promise<void>
  /** Stops and starts it on the same port; connections are lost. */
  restart(): Promise<void>
  /** Ends it as a crash does, and leaves its files: `restart` brings it back. */
  kill(): void
  /** What the server has logged until now. */
  log(): string
  /** A second server that follows this one (hot standby). */
  standby(): Promise<Postgres>
  /** Ends the server and removes its files. */
  stop(): void
}

export interface UrlParts {
  readonly user?: string
  readonly password?: string
  readonly host?: string
  /** Put behind the `?`, encoded. */
  readonly parameters?: Readonly<Record<string, string>>
}

export interface PostgresOptions {
  /** 18 from npm, or 15 from Debian (conformance tests only; `// needs: postgres15`). */
  readonly version?: 15 | 18
  /** A certificate of this authority for `localhost`, and TLS that clients may use. */
  readonly tls?: CertificateAuthority
  /** Lines that come first in pg_hba.conf: `hostssl all all all scram-sha-256`. */
  readonly access?: readonly string[]
  /** As postgresql.conf has them. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * @throws Error when there is no server for this machine, or it does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const programs = await programsOf(options.version ?? 18)
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'))
  // PostgreSQL refuses to run as root, so another user must come through.
  chmodSync(folder, 0o755)
  try {
    const bin = join(reachable(programs, folder), 'bin')
    const data = own(folder, 'data')
    fill(data, { folder, bin, kept: `${programs}-cluster` })
    if (options.access !== undefined) {
      const file = join(data, 'pg_hba.conf')
      writeFileSync(file, [...options.access, readFileSync(file, 'utf8')].join('\n'))
    }
    return await started({ folder, bin, data, settings: { ...options.settings, ...tlsSettings(data, options.tls) } })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** An empty cluster takes PostgreSQL a second of work, and a copy of one next to nothing: it is made once for each version. */
function fill(
  data: string,
  { folder, bin, kept }: { readonly folder: string; readonly bin: string; readonly kept: string }
): void {
  if (existsSync(kept)) {
    execFileSync('cp', ['-R', `${kept}/.`, data])
    chmodSync(data, 0o700)
    if (nobody !== undefined) execFileSync('chown', ['-R', `${nobody.uid}:${nobody.gid}`, data])
    return
  }
  initialise(data, folder, bin)
  const copy = mkdtempSync(`${kept}.`)
  cpSync(data, copy, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(copy, kept)
  } catch {
    // Another test was faster.
    rmSync(copy, { recursive: true })
  }
}

function initialise(data: string, folder: string, bin: string): void {
  ownFile(folder, 'password', `${password}\n`)
  execFileSync(
    join(bin, 'initdb'),
    [
      ...['--pgdata', data, '--username', user, '--pwfile', join(folder, 'password'), '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync', '--wal-segsize', '1']
    ],
    { cwd: folder, ...nobody, stdio: ['ignore', 'ignore', 'pipe'] }
  )
}

const user = 'postgres'
const password = 'postgres'

/** initdb and postgres refuse to run as root; any other user will do. */
const nobody = process.getuid?.() === 0 ? ({ uid: 65534, gid: 65534 } as const) : undefined

interface Cluster {
  /** Removed with it. */
  readonly folder: string
  readonly bin: string
  readonly data: string
  readonly settings: Readonly<Record<string, string>>
}

async function started(cluster: Cluster): Promise<Postgres> {
  const { folder, data } = cluster
  const socketFolder = own(folder, 'socket')
  const port = await listening(cluster, socketFolder)
  endWithThisProcess(cluster)
  let count = 0
  const url: Postgres['url'] = (database = user, parts = {}) => {
    const { parameters = {}, host = '127.0.0.1' } = parts
    const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    const who = [parts.user ?? user, parts.password ?? password].map(encodeURIComponent).join(':')
    return `postgresql://${who}@${host}:${port}/${encodeURIComponent(database)}${query.length === 0 ? '' : `?${query.join('&')}`}`
  }
  const query: Postgres['query'] = async (sql, database = user) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user, password, database })
    await client.connect()
    try {
      const result: unknown = await client.query(sql)
      return rowsOf(Array.isArray(result) ? result.at(-1) : result)
    } finally {
      await client.end()
    }
  }
  return {
    port,
    user,
    password,
    socketFolder,
    url,
    query,
    async createDatabase(name = `test_${++count}`) {
      await query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
      return name
    },
    async createRole(name, options = '', secret = `secret-${name}`) {
      await query(`CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN PASSWORD ${pg.escapeLiteral(secret)} ${options}`)
    },
    async restart() {
      const server = serverOf(data)
      if (server !== undefined) {
        // A fast shutdown: connections are ended.
        if (isRunning(server)) process.kill(server, 'SIGINT')
        while (isRunning(server)) await sleep(20)
      }
      if (!(await start(cluster, socketFolder, port))) throw new Error(logOf(cluster))
    },
    kill() {
      const server = serverOf(data)
      if (server !== undefined) process.kill(server, 'SIGQUIT')
    },
    log: () => logOf(cluster),
    async standby() {
      const other = mkdtempSync(join(tmpdir(), 'postgres-'))
      chmodSync(other, 0o755)
      const copy = own(other, 'data')
      // A backup without pg_basebackup, which is not here: the files while the server says that it is being copied.
      const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: user })
      await client.connect()
      try {
        await client.query("SELECT pg_backup_start('standby', true)")
        execFileSync('cp', ['-R', `${data}/.`, copy], { ...nobody })
        const ended = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
        rmSync(join(copy, 'postmaster.pid'), { force: true })
        ownFile(copy, 'backup_label', ended.rows[0]?.labelfile ?? '')
        ownFile(copy, 'standby.signal', '')
      } finally {
        await client.end()
      }
      const settings = {
        ...cluster.settings,
        primary_conninfo: `host=127.0.0.1 port=${port} user=${user} password=${password}`
      }
      return started({ ...cluster, folder: other, data: copy, settings })
    },
    stop() {
      const server = serverOf(data)
      // Its immediate shutdown.
      if (server !== undefined && isRunning(server)) process.kill(server, 'SIGQUIT')
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    }
  }
}

/** Starts it on a port that nobody has; another test may be faster at taking it. */
async function listening(cluster: Cluster, socketFolder: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    if (await start(cluster, socketFolder, port)) return port
    if (attempt === 5) throw new Error(`PostgreSQL did not start:\n${logOf(cluster)}`)
  }
}

async function start(cluster: Cluster, socketFolder: string, port: number): Promise<boolean> {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1,::1',
    unix_socket_directories: socketFolder,
    fsync: 'off',
    ...cluster.settings
  }
  // A killed server leaves the file that says it is ready.
  rmSync(join(cluster.data, 'postmaster.pid'), { force: true })
  const log = openSync(logFile(cluster), 'a')
  const server: ChildProcess = spawn(
    join(cluster.bin, 'postgres'),
    ['-D', cluster.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { cwd: cluster.folder, ...nobody, detached: true, stdio: ['ignore', log, log] }
  )
  server.unref()
  return readiness(cluster.data, 30_000, () => server.exitCode !== null)
}

/** A test run that is killed runs no afterAll: the end of its pipe ends the server, and removes the files. */
function endWithThisProcess({ folder, data }: Cluster): void {
  const script = 'cat; test -f "$1/postmaster.pid" && kill -QUIT "$(head -n 1 "$1/postmaster.pid")"; rm -rf "$2"'
  const guard = spawn('sh', ['-c', script, 'sh', data, folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore']
  })
  guard.unref()
  if (guard.stdin instanceof Socket) guard.stdin.unref()
}

const logFile = ({ folder }: Cluster): string => join(folder, 'server.log')
const logOf = (cluster: Cluster): string => readFileSync(logFile(cluster), 'utf8')

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}

async function programsOf(version: 15 | 18): Promise<string> {
  const tools = join(root, '.tools')
  if (version === 15) return dirname(installPrograms(tools, 'postgresql-server-15'))
  const found = await findPostgres(tools, () => undefined)
  if ('missing' in found) throw new Error(`not here: ${found.missing}`)
  return found.folder
}

/** The programs where the user that runs them comes through to them, else a copy of them. */
function reachable(programs: string, folder: string): string {
  try {
    execFileSync(join(programs, 'bin', 'postgres'), ['--version'], { ...nobody, cwd: folder, stdio: 'ignore' })
    return programs
  } catch {
    const copy = join(folder, 'programs')
    cpSync(programs, copy, { recursive: true, verbatimSymlinks: true })
    return copy
  }
}

/** A folder that the server's user has to itself. */
function own(folder: string, name: string): string {
  const path = join(folder, name)
  mkdirSync(path, { mode: name === 'data' ? 0o700 : 0o755 })
  if (nobody !== undefined) chownSync(path, nobody.uid, nobody.gid)
  return path
}

/** Readable to the server's user alone: it refuses a key that others may read. */
function ownFile(folder: string, name: string, text: string): void {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  if (nobody !== undefined) chownSync(path, nobody.uid, nobody.gid)
}

function tlsSettings(data: string, authority: CertificateAuthority | undefined): Readonly<Record<string, string>> {
  if (authority === undefined) return {}
  const { certificate, key } = authority.certificateFor('localhost')
  const files = { ssl_cert_file: certificate, ssl_key_file: key, ssl_ca_file: readFileSync(authority.caFile, 'utf8') }
  for (const [name, text] of Object.entries(files)) ownFile(data, name, text)
  return { ssl: 'on', ...Object.fromEntries(Object.keys(files).map((name) => [name, name])) }
}

function rowsOf(result: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof result !== 'object' || result === null || !('rows' in result) || !Array.isArray(result.rows)) return []
  return result.rows as Readonly<Record<string, unknown>>[]
}

/** A port that nobody listens on, out of the way of the ports that systems give to connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => {
        resolve(false)
      })
      probe.listen(port, '127.0.0.1', () =>
        probe.close(() => {
          resolve(true)
        })
      )
    })
    if (free) return port
  }
}
