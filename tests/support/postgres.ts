import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { makePostgresFolder, removePostgresFolder } from '../../rehearse/postgres.ts'
import { findPostgres } from '../../scripts/install-postgres.ts'
import { ran } from './hex/mix.ts'

const root = join(import.meta.dirname, '..', '..')

export interface Postgres {
  readonly port: number
  readonly user: string
  readonly password: string
  /** Ends the server and removes its files. */
  stop(): void
}

/**
 * A PostgreSQL of its own on 127.0.0.1, as a rehearsal starts one for a job's `postgres` service.
 *
 * @throws Error when there is no server for this machine, or it does not start
 */
export async function startPostgres(): Promise<Postgres> {
  const found = await findPostgres(join(root, '.tools'), () => undefined)
  if ('missing' in found) throw new Error(`not here: ${found.missing}`)
  const folder = makePostgresFolder(found.folder)
  const state = join(folder, 'state')
  writeFileSync(state, '')
  const port = await freePort()
  const password = 'postgres'
  const started = await ran(process.execPath, [join(root, 'rehearse', 'stand-ins', 'postgres', 'main.ts')], {
    folder,
    env: {
      REHEARSAL_POSTGRES: folder,
      REHEARSAL_FOLDER: folder,
      GITHUB_STATE: state,
      INPUT_SERVICE: 'postgres',
      INPUT_IMAGE: 'postgres:16',
      INPUT_PORT: String(port),
      INPUT_PASSWORD: password
    }
  })
  const stop = (): void => {
    removePostgresFolder(folder)
  }
  if (started.exitCode !== 0) {
    stop()
    throw new Error(started.output)
  }
  return { port, user: 'postgres', password, stop }
}

/** A port that nobody listens on, out of the way of the ports that systems give to connections. */
async function freePort(): Promise<number> {
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
