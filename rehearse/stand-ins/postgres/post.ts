import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverOf } from './readiness.ts'

const cluster = process.env['STATE_cluster'] ?? ''
const data = join(cluster, 'data')
const server = cluster === '' ? undefined : serverOf(data)
if (server !== undefined) {
  // SIGINT is a fast shutdown: connections are ended. The file goes when the server has.
  process.kill(server, 'SIGINT')
  for (let waited = 0; serverOf(data) === server && waited < 100; waited++) await sleep(100)
}
// The next job that wants the port waits for this folder to go.
if (cluster !== '') rmSync(cluster, { recursive: true, force: true, maxRetries: 5 })
