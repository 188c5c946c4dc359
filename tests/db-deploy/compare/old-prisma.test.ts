import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ownConfigurationProblem } from '../../../actions/db-deploy/prisma/own-configuration.ts'
import { dbDeploy } from '../../../actions/db-deploy/main.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { realWorld } from '../lock/deploying.ts'
import { folderWith, prismaRow, prismaTable, sha256 } from '../state/project-folder.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

// npm: @prisma/config 6.17.1 has no `datasource` in its PrismaConfigShape, 6.18.0 has one.
test.each([
  ['6.3.1', false],
  ['6.17.1', false],
  ['6.18.0', true],
  ['6.19.3', true],
  ['7.0.0', true]
])('a configuration of ours is read by Prisma %s: %s', (version, read) => {
  expect(ownConfigurationProblem(version) === undefined).toBe(read)
})

test('drift with a Prisma that reads none is refused, with what it takes', async () => {
  const database = await postgres.createDatabase()
  const init = 'CREATE TABLE users (id int);'
  const name = '20260101000000_init'
  await postgres.query(`${init} ${prismaTable()} ${prismaRow({ name, checksum: sha256(init) })}`, database)
  const folder = folderWith({
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
    [`prisma/migrations/${name}/migration.sql`]: init,
    'node_modules/prisma/package.json': '{ "name": "prisma", "version": "6.17.1", "bin": { "prisma": "run.js" } }',
    'node_modules/prisma/run.js': 'throw new Error("it was run")'
  })
  const inputs = {
    command: 'drift',
    environment: 'staging',
    'database-url': postgres.url(database),
    'scratch-url': postgres.url()
  }
  const { problems, report } = await dbDeploy.execute(realWorld(), {
    PATH: process.env['PATH'],
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: mkdtempSync(join(tmpdir(), 'compare-')),
    ...Object.fromEntries(Object.entries(inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value]))
  })

  expect(problems.map(({ code }) => code)).toEqual(['schema-not-compared'])
  expect(problems[0]?.message).toContain('need Prisma 6.18 or newer, and the project has 6.17.1')
  expect(problems[0]?.hint).toContain('Upgrade prisma')
  expect(report.outputs['drift']).toBe('not checked')
})
