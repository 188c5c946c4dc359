import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { withScratchDatabase, type ScratchServer } from '../../../actions/db-deploy/dump/scratch-database.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { backupWorld, problemsOf, urlOf } from './backing-up.ts'

let server: Postgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => {
  server.stop()
})

const scratchAt = (url: string, production?: string): ScratchServer => ({
  url: urlOf(url),
  production: production === undefined ? undefined : urlOf(production)
})

const databases = async (): Promise<readonly string[]> =>
  (await server.query('SELECT datname AS name FROM pg_database ORDER BY 1')).map(({ name }) => String(name))

test('a scratch database is there while it is used, and gone however that ends, also with somebody connected', async () => {
  const before = await databases()
  const scratch = scratchAt(server.url())
  const given = await withScratchDatabase(scratch, 'drift', backupWorld(), async ({ database }) => {
    expect(await databases()).toContain(database)
    void server.query('SELECT pg_sleep(60)', database).catch(() => undefined)
    return database
  })
  expect(given).toMatch(/^release_actions_drift_[0-9a-f]{12}$/)
  expect(await databases()).toEqual(before)
  const failing = withScratchDatabase(scratch, 'prove', backupWorld(), () => Promise.reject(new Error('broken')))
  await expect(failing).rejects.toThrow('broken')
  expect(await databases()).toEqual(before)
})

test('it is dropped after a cancelled job too, and none is made for one', async () => {
  const before = await databases()
  const controller = new AbortController()
  const world = backupWorld(controller.signal)
  await withScratchDatabase(scratchAt(server.url()), 'backup', world, () => {
    controller.abort()
    return Promise.resolve()
  })
  expect(await databases()).toEqual(before)
  const again = withScratchDatabase(scratchAt(server.url()), 'backup', world, () => Promise.resolve('made'))
  expect((await problemsOf(again)).map(({ code }) => code)).toEqual(['deploy-cancelled'])
})

test('what a killed run left is named with how it is dropped, and stays', async () => {
  await server.createDatabase('release_actions_backup_0123456789ab')
  const world = backupWorld()
  await withScratchDatabase(scratchAt(server.url()), 'backup', world, () => Promise.resolve())
  expect(world.log.lines.join('\n')).toContain('DROP DATABASE release_actions_backup_0123456789ab;')
  expect(await databases()).toContain('release_actions_backup_0123456789ab')
})

test('a role that may make no databases is an instruction', async () => {
  await server.createRole('reader')
  const url = server.url('postgres', { user: 'reader', password: 'secret-reader' })
  const problems = await problemsOf(
    withScratchDatabase(scratchAt(url), 'backup', backupWorld(), () => Promise.resolve())
  )
  expect(problems.map(({ code }) => code)).toEqual(['deploy-scratch'])
  expect(problems[0]?.hint).toContain('CREATEDB')
})

test('none is made on the production server, by whatever name and role it is reached', async () => {
  const before = await databases()
  await server.createRole('maker', 'CREATEDB')
  const database = await server.createDatabase('shop')
  const other = server.url('postgres', { user: 'maker', password: 'secret-maker' }).replace('127.0.0.1', 'localhost')
  const made = withScratchDatabase(scratchAt(other, server.url(database)), 'drift', backupWorld(), () =>
    Promise.resolve()
  )
  const problems = await problemsOf(made)
  expect(problems.map(({ code }) => code)).toEqual(['deploy-scratch-production'])
  expect(await databases()).toEqual([...before, 'shop'].sort())
})
