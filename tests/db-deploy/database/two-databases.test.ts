import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { backupAction } from '../../../actions/db-deploy/backup/main.ts'
import { createJournal } from '../../../actions/db-deploy/journal.ts'
import { readInputs } from '../../../actions/db-deploy/read-inputs.ts'
import { createInputReader } from '../../../actions/shared/inputs.ts'
import { readRunContext } from '../../../actions/shared/run-context.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { playedProject } from '../../support/prisma/played-project.ts'
import { temporaryFolder } from '../../support/run-action.ts'
import { backupWorld } from '../dump/backing-up.ts'
import { listing, standIns, whole } from '../dump/stand-ins.ts'
import { restores } from '../restore/restoring.ts'
import { rollsBack } from '../rollback/rolling-back.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => {
  postgres.stop()
})

interface Addresses {
  readonly database: string
  readonly inputs: { readonly 'database-url': string; readonly 'direct-database-url': string }
}

const failed = '20260101000000_failed'
const made = 'CREATE TABLE made (id int);\n'

/** What each command begins with, before it is told what to do: the codes that keep it from doing it. */
const commands: Readonly<Record<string, (addresses: Addresses) => Promise<readonly string[]>>> = {
  async backup({ inputs }) {
    const world = backupWorld()
    const given = { command: 'backup', environment: 'staging', 'backup-command': 'echo saved', ...inputs }
    const env = {
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      RUNNER_TEMP: temporaryFolder('runner')
    }
    const read = readInputs(createInputReader(env, world.secrets), readRunContext(env), env)
    const rooms = backupAction(createJournal(world.clock))
    const planned = rooms.plan(read, await rooms.inspect(read, world))
    return 'problems' in planned ? planned.problems.map(({ code }) => code) : []
  },
  async restore({ database, inputs }) {
    const dump = join(temporaryFolder('dump'), 'app.dump')
    writeFileSync(dump, 'PGDMP')
    const programs = standIns({
      list: listing('1; 0 1 TABLE DATA public users me'),
      rows: `COPY public.users (id) FROM stdin;\n\\.\n${whole}`
    })
    const confirm = `restore ${database} from app`
    const given = { ...inputs, 'restore-file': dump, confirm, 'dry-run': 'true' }
    const { execution } = await restores(inputs['database-url'], programs, given)
    return execution.problems.map(({ code }) => code)
  },
  async rollback({ inputs }) {
    const project = playedProject({ migrations: { [failed]: made } })
    return (await rollsBack(project.folder, inputs['database-url'], { ...inputs, 'dry-run': 'true' })).codes
  }
}

async function filled(): Promise<string> {
  const database = await postgres.createDatabase()
  await postgres.query(
    `CREATE TABLE users (id int);
     CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
       migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
       started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
     INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ('1', '${createHash('sha256').update(made).digest('hex')}', '${failed}', 'ERROR')`,
    database
  )
  return database
}

describe.each(Object.entries(commands))('command: %s', (_, codesOf) => {
  test('is refused where the two addresses lead to two databases, whatever their names say', async () => {
    const staging = await startPostgres()
    try {
      const database = await filled()
      await staging.createDatabase(database)
      for (const other of [postgres.url(await filled()), staging.url(database)]) {
        const inputs = { 'database-url': other, 'direct-database-url': postgres.url(database) }
        expect(await codesOf({ database, inputs })).toEqual(['database-urls-differ'])
      }
    } finally {
      staging.stop()
    }
  })

  test('goes on where one of them is a replica of the other', async () => {
    const database = await filled()
    const standby = await postgres.standby()
    try {
      for (const [application, direct] of [
        [postgres, standby],
        [standby, postgres]
      ] as const) {
        const inputs = { 'database-url': application.url(database), 'direct-database-url': direct.url(database) }
        expect(await codesOf({ database, inputs })).not.toContain('database-urls-differ')
      }
    } finally {
      standby.stop()
    }
  })

  test('goes on where they are two addresses of one', async () => {
    const database = await filled()
    const alias = `postgresql://postgres:postgres@localhost:${postgres.port}/${database}`
    const inputs = { 'database-url': alias, 'direct-database-url': postgres.url(database) }
    expect(await codesOf({ database, inputs })).toEqual([])
  })
})
