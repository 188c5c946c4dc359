import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { installPrograms } from '../../scripts/install-database-programs.ts'
import { freePort, type Postgres } from './postgres.ts'

export interface Pgbouncer {
  readonly port: number
  /** As Postgres.url, through the pooler. */
  url(database: string): string
  stop(): void
}

/** A PgBouncer of a test's own before a server, with as many backends for a database as told. */
export async function startPgbouncer(
  postgres: Postgres,
  mode: 'session' | 'transaction' | 'statement',
  poolSize = 5
): Promise<Pgbouncer> {
  const program = join(installPrograms(join(import.meta.dirname, '..', '..', '.tools'), 'pgbouncer'), 'pgbouncer')
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'))
  // It refuses to run as root, as PostgreSQL does.
  chmodSync(folder, 0o755)
  const port = await freePort()
  const users = join(folder, 'users.txt')
  writeFileSync(users, `"${postgres.user}" "${postgres.password}"\n`, { mode: 0o644 })
  const configuration = join(folder, 'pgbouncer.ini')
  writeFileSync(
    configuration,
    `[databases]
* = host=127.0.0.1 port=${postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = ${poolSize}
`,
    { mode: 0o644 }
  )
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const server = spawn(program, [configuration], { cwd: folder, ...nobody, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  server.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  const stop = (): void => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`pgbouncer ended:\n${said}\n${readFileSync(configuration, 'utf8')}`)
    await sleep(50)
  }
  return {
    port,
    url: (database) => postgres.url(database).replace(`:${postgres.port}/`, `:${port}/`),
    stop
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}
