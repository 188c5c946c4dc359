import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { endBackends, findBackends, migratingBackends } from '../../../actions/db-deploy/lock/backends.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { withSession } from '../failure/failing.ts'
import { realWorld, urlOf } from './deploying.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)
afterAll(() => {
  postgres.stop()
})

/** A client whose loss is no test's failure. */
async function client(url: string, application: string): Promise<pg.Client> {
  const made = new pg.Client({ connectionString: url, application_name: application })
  made.on('error', () => undefined)
  await made.connect()
  return made
}

describe('ending the backends of a run', () => {
  it('ends what runs, what waits, and what idles in a transaction, and nothing of anybody else', async () => {
    const [database, other] = [await postgres.createDatabase(), await postgres.createDatabase()]
    const name = 'release-actions/db-deploy 1 aaaaaa migrate'
    const ours = [
      await client(postgres.url(database), name),
      await client(postgres.url(database), name),
      await client(postgres.url(database), name)
    ]
    const others = [
      await client(postgres.url(database), 'release-actions/db-deploy 2 bbbbbb migrate'),
      await client(postgres.url(database), `${name}d`),
      await client(postgres.url(database), 'web'),
      await client(postgres.url(other), name)
    ]
    const [running, open] = ours
    const sleeping = running?.query('SELECT pg_sleep(600)').catch((error: unknown) => error)
    await open?.query('BEGIN; CREATE TABLE half (id int)')
    const ended = await endBackends(urlOf(postgres.url(database)), name, realWorld())
    expect(ended.map(({ end }) => end === 'there')).toEqual([false, false, false])
    await sleeping
    const left = await postgres.query(
      `SELECT application_name, datname FROM pg_stat_activity WHERE application_name LIKE 'release-actions/%' OR application_name = 'web' ORDER BY 1, 2`
    )
    expect(left).toHaveLength(4)
    expect(await postgres.query("SELECT to_regclass('half') AS half", database)).toEqual([{ half: null }])
    for (const each of [...ours, ...others]) await each.end().catch(() => undefined)
  }, 20_000)

  it('gives the SQL to somebody who may, where the role may not', async () => {
    const database = await postgres.createDatabase()
    await postgres.createRole('deployer')
    const name = 'release-actions/db-deploy 3 cccccc migrate'
    const ours = await client(postgres.url(database), name)
    const sleeping = ours.query('SELECT pg_sleep(600)').catch((error: unknown) => error)
    const url = urlOf(postgres.url(database, { user: 'deployer', password: 'secret-deployer' }))
    const [ended] = await endBackends(url, name, realWorld())
    expect(ended?.end).toBe('there')
    expect(ended?.instruction).toMatch(
      /^SELECT pg_cancel_backend\(\d+\); -- .* SELECT pg_terminate_backend\(\d+\); -- as postgres/
    )
    const [pid] = /\d+/.exec(ended?.instruction ?? '') ?? []
    await postgres.query(`SELECT pg_terminate_backend(${pid ?? 0})`)
    await sleeping
    await ours.end().catch(() => undefined)
  }, 20_000)

  it('still ends them when the job was cancelled', async () => {
    const database = await postgres.createDatabase()
    const name = 'release-actions/db-deploy 4 dddddd migrate'
    const ours = await client(postgres.url(database), name)
    const sleeping = ours.query('SELECT pg_sleep(600)').catch((error: unknown) => error)
    const ended = await endBackends(urlOf(postgres.url(database)), name, realWorld(AbortSignal.abort()))
    expect(ended).toMatchObject([{ application: name, role: 'postgres', state: 'active' }])
    expect(ended[0]?.end).not.toBe('there')
    await sleeping
    await withSession(postgres, database, async (session) => {
      expect(await findBackends(session, name)).toEqual([])
    })
  })

  it('finds none where there is none', async () => {
    const database = await postgres.createDatabase()
    expect(await endBackends(urlOf(postgres.url(database)), 'nobody', realWorld())).toEqual([])
  })
})

describe('who may be migrating without our name', () => {
  it('is who began after the tool, and runs something', async () => {
    const database = await postgres.createDatabase()
    const web = await client(postgres.url(database), '')
    const webRuns = web.query('SELECT pg_sleep(600)').catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    const ecto = await client(postgres.url(database), '')
    const idle = await client(postgres.url(database), '')
    const migrates = ecto.query('SELECT pg_sleep(601)').catch((error: unknown) => error)
    await withSession(postgres, database, async (session) => {
      const found = await migratingBackends(session, 1_000)
      expect(found.map(({ statement }) => statement)).toEqual(['SELECT pg_sleep(601)'])
    })
    await postgres.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60%' AND pid <> pg_backend_pid()"
    )
    await Promise.all([webRuns, migrates])
    for (const each of [web, ecto, idle]) await each.end().catch(() => undefined)
  })
})
