import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject, type PlayedProject } from '../support/prisma/played-project.ts'
import { deploys, twoMigrations, twoModels } from './deploy-stage.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

const driver = pathToFileURL(createRequire(import.meta.url).resolve('pg')).href

/** An application with the shared migrations, and a program of its own that runs one statement and prints what it gives. */
function application(): PlayedProject {
  return playedProject({
    migrations: twoMigrations,
    schema: twoModels,
    files: {
      'query.mjs': `import pg from ${JSON.stringify(driver)}
const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
const { rows, rowCount } = await client.query(process.argv[2])
console.log(JSON.stringify(rows))
await client.end()
if (rowCount !== 1) process.exitCode = 1
`
    }
  })
}

test('two applications that share a database have one schema, and one reads what the other wrote', async () => {
  const url = postgres.url(await postgres.createDatabase())
  const writer = await deploys(application(), url, {
    'verify-commands': `node query.mjs "INSERT INTO users VALUES (1, 'maria@example.org') RETURNING id"`
  })
  const reader = await deploys(application(), url, {
    'verify-commands': `node query.mjs "SELECT email FROM users WHERE id = 1"`
  })
  expect([writer, reader].map(({ outputs }) => outputs['status'])).toEqual(['published', 'unchanged'])
  expect(writer.outputs['fingerprint']).toMatch(/^[0-9a-f]{64}$/)
  expect(reader.outputs['fingerprint']).toBe(writer.outputs['fingerprint'])
  expect(reader.stdout).toContain('maria@example.org')
})

test('the one that finds nothing of what was written is red', async () => {
  const url = postgres.url(await postgres.createDatabase())
  await deploys(application(), url)
  const reader = await deploys(application(), url, {
    'verify-commands': `node query.mjs "SELECT email FROM users WHERE id = 1"`
  })
  expect(reader.exitCode).toBe(1)
})

test('a database that was changed by hand has another fingerprint', async () => {
  const database = await postgres.createDatabase()
  const first = await deploys(application(), postgres.url(database))
  await postgres.query('ALTER TABLE users ADD COLUMN nickname text', database)
  const second = await deploys(application(), postgres.url(database))
  expect(second.outputs['fingerprint']).not.toBe(first.outputs['fingerprint'])
})
