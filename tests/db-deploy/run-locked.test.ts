import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject } from '../support/prisma/played-project.ts'
import { deploys, errorCodes, twoMigrations, twoModels } from './deploy-stage.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

test('a table that somebody has for himself keeps the fingerprint from being taken, and hides nothing else', async () => {
  const project = playedProject({ migrations: twoMigrations, schema: twoModels })
  const database = await postgres.createDatabase()
  const url = postgres.url(database)
  const before = await deploys(project, url)
  await postgres.query('CREATE TABLE held (id int CHECK (id > 0))', database)
  const holder = new pg.Client({ connectionString: url })
  await holder.connect()
  await holder.query('BEGIN; LOCK TABLE held, posts')
  try {
    const status = await deploys(project, url, { command: 'status' })
    expect(errorCodes(status)).toEqual([])
    expect(status.outputs).toMatchObject({ status: 'passed', fingerprint: '' })
    expect(status.summary).toMatch(/Fingerprint of the schema.*somebody has locked a table/)
    const settled = await deploys(project, url)
    expect(errorCodes(settled)).not.toContain('database-query-failed')
    expect(settled.exitCode).toBe(1)
    expect(settled.everything).toContain('Post')
  } finally {
    await holder.end()
  }
  await postgres.query('DROP TABLE held', database)
  expect((await deploys(project, url, { command: 'status' })).outputs['fingerprint']).toBe(
    before.outputs['fingerprint']
  )
})
