import { execFileSync, spawn, type SpawnOptions } from 'node:child_process'
import { chownSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fail, info, input, remark, required, saveState } from '../shared/runner.ts'
import { readiness } from './readiness.ts'

const folder = required('REHEARSAL_POSTGRES')
const service = input('service')
const image = input('image')
const port = Number(input('port'))
const user = input('user') || 'postgres'
const password = input('password')
const database = input('database') || user
const trusting = input('auth-method') === 'trust'

// https://hub.docker.com/_/postgres: "POSTGRES_PASSWORD … must not be empty or undefined", unless everybody is trusted.
if (password === '' && !trusting)
  fail(
    `service ${service}: the image ${image} does not start without POSTGRES_PASSWORD; set it under services.${service}.env`
  )
if (!/^\w+$/.test(user) || !/^[\w-]+$/.test(database))
  fail(`service ${service}: a rehearsal knows only plain names for POSTGRES_USER and POSTGRES_DB`)

/** initdb and postgres refuse to run as root; any other user will do. */
const nobody = process.getuid?.() === 0 ? ({ uid: 65534, gid: 65534 } as const) : undefined
const bin = join(folder, 'programs', 'bin')
const cluster = join(folder, 'clusters', `port-${port}`)
const log = join(cluster, 'server.log')
const options = { cwd: folder, ...nobody } satisfies SpawnOptions

/** Milliseconds that a port which somebody else has is waited for. */
const patience = 60_000

await takePort()
saveState('cluster', cluster)
if (nobody !== undefined) chownSync(cluster, nobody.uid, nobody.gid)
const data = join(cluster, 'data')
const passwordFile = join(cluster, 'password')
writeFileSync(passwordFile, `${password || 'unused'}\n`, { mode: 0o600 })
if (nobody !== undefined) chownSync(passwordFile, nobody.uid, nobody.gid)
execFileSync(
  join(bin, 'initdb'),
  [
    ...['--pgdata', data, '--username', user, '--pwfile', passwordFile],
    ...['--auth', trusting ? 'trust' : 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync']
  ],
  { ...options, stdio: ['ignore', 'ignore', 'inherit'] }
)
if (!['postgres', 'template0', 'template1'].includes(database)) {
  // The only way without a client: one statement by the server itself.
  execFileSync(join(bin, 'postgres'), ['--single', '-D', data, 'postgres'], {
    ...options,
    input: `CREATE DATABASE "${database}"\n`,
    stdio: ['pipe', 'ignore', 'inherit']
  })
}
const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']
const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
  ...options,
  detached: true,
  stdio: ['ignore', openSync(log, 'a'), openSync(log, 'a')]
})
server.unref()
if (!(await readiness(data, 30_000, () => server.exitCode !== null)))
  fail(`service ${service}: PostgreSQL did not start\n${readFileSync(log, 'utf8').slice(-2000)}`)
const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
info(`PostgreSQL ${version} listens on 127.0.0.1:${port} for ${image}`)
remark(
  `service ${service} (${image}): a PostgreSQL ${version} of the rehearsal's own stood for it on 127.0.0.1:${port}`
)

/**
 * On GitHub every job has a machine, and so a port 5432, of its own. Here jobs that want the same port take turns:
 * whoever can make the folder has it.
 */
async function takePort(): Promise<void> {
  for (let waited = 0; ; waited++) {
    try {
      mkdirSync(cluster)
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      if (waited === 0) info(`another job of this rehearsal uses port ${port}; waiting for it`)
      await sleep(200)
    }
  }
  // Another rehearsal may have it, and gives it back when its job is done.
  const until = Date.now() + patience
  while (!(await isFree())) {
    if (Date.now() >= until) {
      saveState('cluster', cluster)
      fail(`service ${service}: port ${port} is taken by another program of this machine; stop it to rehearse this job`)
    }
    await sleep(500)
  }
}

function isFree(): Promise<boolean> {
  return new Promise((resolve) => {
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
}
