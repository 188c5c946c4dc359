import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { allDumpPrograms } from '../../actions/db-deploy/dump/programs.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject, type PlayedProject } from '../support/prisma/played-project.ts'
import { temporaryFolder, type ActionRun } from '../support/run-action.ts'
import { testWorld } from '../support/world.ts'
import { deploys, errorCodes, errorsOf, namesIn, twoMigrations, twoModels } from './deploy-stage.ts'

/** What a deploy refuses before anything is changed, and what it finds when all is done. */

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

const names = Object.keys(twoMigrations)

function project(files: Readonly<Record<string, string>> = {}): PlayedProject {
  return playedProject({ migrations: twoMigrations, schema: twoModels, files })
}

async function tables(database: string): Promise<readonly unknown[]> {
  const rows = await postgres.query(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
    database
  )
  return rows.map(({ name }) => name)
}

/** One error of this code, and nothing was written. */
async function isRefused(run: ActionRun, database: string, code: string): Promise<void> {
  expect(errorCodes(run)).toEqual([code])
  expect(run.exitCode).toBe(1)
  expect(run.outputs['status']).toBe('failed')
  expect(namesIn(run, 'applied')).toEqual([])
  expect(run.summary).not.toBe('')
  expect(await tables(database)).toEqual([])
}

function isPublished(run: ActionRun): void {
  expect(errorCodes(run)).toEqual([])
  expect(run.outputs['status']).toBe('published')
  expect(namesIn(run, 'applied')).toEqual(names)
}

describe('a deploy is refused, and goes ahead once the cause is gone', () => {
  test('where the database is read-only', async () => {
    const database = await postgres.createDatabase()
    await postgres.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`)
    await isRefused(await deploys(project(), postgres.url(database)), database, 'database-read-only')
    await postgres.query(`ALTER DATABASE ${database} RESET default_transaction_read_only`)
    isPublished(await deploys(project(), postgres.url(database)))
  })

  test('where its role may make nothing, with the grant that it lacks', async () => {
    const database = await postgres.createDatabase()
    await postgres.createRole('deployer')
    const url = postgres.url(database, { user: 'deployer', password: 'secret-deployer' })
    const run = await deploys(project(), url)
    await isRefused(run, database, 'database-privilege')
    const grant = /GRANT [^`\n]+/.exec(errorsOf(run)[0]?.message ?? '')?.[0] ?? ''
    await postgres.query(grant, database)
    isPublished(await deploys(project(), url))
  })

  test('where its role does not own a table that is changed', async () => {
    const database = await postgres.createDatabase()
    await postgres.createRole('changer')
    await deploys(project(), postgres.url(database))
    await postgres.query(
      'GRANT ALL ON ALL TABLES IN SCHEMA public TO changer; GRANT ALL ON SCHEMA public TO changer',
      database
    )
    const changed = project({
      'prisma/migrations/20260103000000_more/migration.sql': 'ALTER TABLE users ADD COLUMN more int;\n'
    })
    const url = postgres.url(database, { user: 'changer', password: 'secret-changer' })
    const run = await deploys(changed, url)
    expect(errorCodes(run)).toEqual(['database-not-owner'])
    expect(namesIn(run, 'pending')).toEqual(['20260103000000_more'])
    expect(namesIn(run, 'failed')).toEqual([])
    await postgres.query('GRANT postgres TO changer')
    expect(namesIn(await deploys(changed, url), 'applied')).toEqual(['20260103000000_more'])
  })

  test('where smoke-url leads to a database of another name or server', async () => {
    const database = await postgres.createDatabase()
    const other = { 'smoke-url': postgres.url(await postgres.createDatabase()) }
    await isRefused(await deploys(project(), postgres.url(database), other), database, 'database-urls-differ')
    const same = postgres.url(database, { parameters: { application_name: 'smoke' } })
    isPublished(await deploys(project(), postgres.url(database), { 'smoke-url': same }))
  })

  test('where an extension is missing that the server does not even have', async () => {
    const database = await postgres.createDatabase()
    const inputs = { extensions: 'uuid-ossp, nowhere>=0.8.0' }
    await isRefused(await deploys(project(), postgres.url(database), inputs), database, 'extension-missing')
    isPublished(await deploys(project(), postgres.url(database)))
  })

  test('where the release expects a migration that it does not have', async () => {
    const database = await postgres.createDatabase()
    const wrong = { 'expect-current': '20260109000000_later' }
    const run = await deploys(project(), postgres.url(database), wrong)
    await isRefused(run, database, 'migrations-unexpected')
    expect(errorsOf(run)[0]?.message).toContain('20260109000000_later')
    const right = { 'expect-current': '20260102000000_posts' }
    isPublished(await deploys(project(), postgres.url(database), right))
    expect((await deploys(project(), postgres.url(database), right)).outputs['status']).toBe('unchanged')
  })

  test('where Prisma finds the schema invalid', async () => {
    const database = await postgres.createDatabase()
    const invalid = playedProject({ migrations: twoMigrations, schema: twoModels, play: { invalid: true } })
    await isRefused(await deploys(invalid, postgres.url(database)), database, 'tool-step-failed')
    invalid.play({})
    isPublished(await deploys(invalid, postgres.url(database)))
  })

  test('where a seed is asked for and there is none', async () => {
    const database = await postgres.createDatabase()
    await isRefused(await deploys(project(), postgres.url(database), { seed: 'true' }), database, 'seed-missing')
  })

  test('where there are tables, and none of Prisma’s', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE older (id int)', database)
    const run = await deploys(project(), postgres.url(database))
    expect(errorCodes(run)).toEqual(['migrations-baseline'])
    expect(await tables(database)).toEqual(['older'])
  })
})

describe('production', () => {
  const production = { environment: 'production' }

  test('wants its phrase, and names it', async () => {
    const database = await postgres.createDatabase()
    const run = await deploys(project(), postgres.url(database), production)
    await isRefused(run, database, 'deploy-not-confirmed')
    expect(errorsOf(run)[0]?.message).toContain(`deploy ${database}`)
    const other = await deploys(project(), postgres.url(database), { ...production, confirm: 'deploy app' })
    await isRefused(other, database, 'deploy-not-confirmed')
  })

  test('is what an empty environment is', async () => {
    const database = await postgres.createDatabase()
    const run = await deploys(project(), postgres.url(database), { environment: '' })
    await isRefused(run, database, 'deploy-not-confirmed')
  })

  test('is never changed by a pull request', async () => {
    const database = await postgres.createDatabase()
    const run = await deploys(
      project(),
      postgres.url(database),
      { ...production, confirm: `deploy ${database}` },
      { env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' } }
    )
    await isRefused(run, database, 'deploy-event')
  })

  test('is not changed from another branch, by a seed, or without a backup: all of it is told at once', async () => {
    const database = await postgres.createDatabase()
    const run = await deploys(
      project(),
      postgres.url(database),
      { ...production, seed: 'true', backup: 'false' },
      { env: { GITHUB_EVENT_NAME: 'workflow_dispatch', GITHUB_REF: 'refs/heads/feature' } }
    )
    expect([...errorCodes(run)].sort()).toEqual([
      'deploy-not-confirmed',
      'deploy-ref',
      'deploy-seed-in-production',
      'deploy-without-backup'
    ])
    expect(await tables(database)).toEqual([])
  })

  test('is planned by whoever asks, and the plan says whether there is a pg_dump for its backup', async () => {
    const database = await postgres.createDatabase()
    const programs = await allDumpPrograms(process.env, testWorld())
    const run = await deploys(project(), postgres.url(database), { ...production, command: 'plan' })
    expect(errorCodes(run)).toEqual(programs.some(({ major }) => major >= 18) ? [] : ['deploy-backup-programs'])
    expect(namesIn(run, 'pending')).toEqual(names)
    expect(await tables(database)).toEqual([])
  })

  test('is not changed where the only pg_dump is older than the server', async () => {
    const old = temporaryFolder('old-programs')
    for (const name of ['pg_dump', 'pg_restore']) {
      mkdirSync(old, { recursive: true })
      writeFileSync(join(old, name), `#!/bin/sh\necho '${name} (PostgreSQL) 9.6.24'\n`, { mode: 0o755 })
    }
    const database = await postgres.createDatabase()
    const env = { PATH: `${old}:${process.env['PATH'] ?? ''}` }
    const programs = await allDumpPrograms({ ...process.env, ...env }, testWorld())
    const run = await deploys(project(), postgres.url(database), { ...production, command: 'plan' }, { env })
    const told = errorsOf(run).find(({ code }) => code === 'deploy-backup-programs')?.message
    if (programs.some(({ major }) => major >= 18)) expect(told).toBeUndefined()
    else expect(told).toContain('pg_dump 9.6.24')
  })
})

describe('what is found when the migrations stand', () => {
  /** They are applied, the job is red, and a run without the fault is green and changes nothing. */
  async function standsAndIsRed(
    inputs: Readonly<Record<string, string>>,
    code: string,
    mended: { readonly inputs: Readonly<Record<string, string>>; readonly files?: Readonly<Record<string, string>> },
    files: Readonly<Record<string, string>> = {}
  ): Promise<ActionRun> {
    const deployed = project(files)
    const url = postgres.url(await postgres.createDatabase())
    const run = await deploys(deployed, url, inputs)
    expect(errorCodes(run)).toEqual([code])
    expect(run.exitCode).toBe(1)
    expect(run.outputs['status']).toBe('failed')
    expect(namesIn(run, 'applied')).toEqual(names)
    expect(namesIn(run, 'pending')).toEqual([])
    deployed.write(mended.files ?? {})
    const again = await deploys(deployed, url, mended.inputs)
    expect(errorCodes(again)).toEqual([])
    expect(again.outputs['status']).toBe('unchanged')
    return run
  }

  test('rows that are missing', async () => {
    const run = await standsAndIsRed({ 'expect-rows': 'User>=16, total>=0' }, 'rows-not-as-expected', {
      inputs: { 'expect-rows': 'User>=0' }
    })
    expect(errorsOf(run)[0]?.message).toContain('16')
  })

  test('an extension that no migration has created', async () => {
    const run = await standsAndIsRed({ extensions: 'uuid-ossp' }, 'extension-missing', { inputs: {} })
    expect(errorsOf(run)[0]?.message).toContain('CREATE EXTENSION "uuid-ossp"')
  })

  test('a command that fails', async () => {
    const command = 'echo "the endpoint says 503" && exit 3'
    const run = await standsAndIsRed({ 'verify-commands': `true\n${command}` }, 'verify-command', {
      inputs: { 'verify-commands': 'true' }
    })
    expect(errorsOf(run)[0]?.message).toContain('the endpoint says 503')
  })

  test('a file of claims of which one does not hold, at its line', async () => {
    const run = await standsAndIsRed(
      { 'verify-files': 'verify/*.sql' },
      'verify-file',
      {
        inputs: { 'verify-files': 'verify/*.sql' },
        files: { 'verify/users.sql': 'SELECT count(*) = 0 FROM users;\n' }
      },
      { 'verify/users.sql': 'SELECT true;\nSELECT count(*) > 0 FROM users;\n', 'verify/posts.sql': 'SELECT true;\n' }
    )
    const [error] = run.annotations.filter(({ kind }) => kind === 'error')
    expect(error?.properties).toMatchObject({ file: 'verify/users.sql', line: '2' })
  })

  test('a seed that fails', async () => {
    const seeded = playedProject({ migrations: twoMigrations, schema: twoModels, play: { seed: 'exit 4' } })
    const url = postgres.url(await postgres.createDatabase())
    const run = await deploys(seeded, url, { seed: 'true' })
    expect(errorCodes(run)).toEqual(['seed-failed'])
    expect(run.exitCode).toBe(1)
    expect(namesIn(run, 'applied')).toEqual(names)
    expect((await deploys(seeded, url)).outputs['status']).toBe('unchanged')
  })
})

describe('without a scratch database', () => {
  test.each(['drift', 'diff'])('%s is not checked, and not green', async (command) => {
    const url = postgres.url(await postgres.createDatabase())
    const deployed = project()
    if (command === 'drift') await deploys(deployed, url)
    const run = await deploys(deployed, url, { command })
    expect(errorCodes(run)).toEqual(['deploy-without-scratch'])
    expect(run.exitCode).toBe(1)
    expect(run.outputs['status']).not.toBe('passed')
    if (command === 'drift') expect(run.outputs['drift']).toBe('not checked')
    expect(run.summary).not.toContain('✅ staging')
  })

  test('a deploy that is to be proven is refused', async () => {
    const database = await postgres.createDatabase()
    const run = await deploys(project(), postgres.url(database), { prove: 'idempotent' })
    await isRefused(run, database, 'deploy-without-scratch')
  })
})
