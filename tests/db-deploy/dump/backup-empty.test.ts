import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { backupAction } from '../../../actions/db-deploy/backup/main.ts'
import { createJournal } from '../../../actions/db-deploy/journal.ts'
import { readInputs } from '../../../actions/db-deploy/read-inputs.ts'
import { createInputReader } from '../../../actions/shared/inputs.ts'
import type { Problem } from '../../../actions/shared/problem.ts'
import { readRunContext } from '../../../actions/shared/run-context.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { temporaryFolder } from '../../support/run-action.ts'
import { backupWorld } from './backing-up.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

/** What keeps `command: backup` from being done; the provider's command makes it, so that no pg_dump is needed. */
async function planned(sql: string): Promise<readonly Problem[]> {
  const database = await postgres.createDatabase()
  if (sql !== '') await postgres.query(sql, database)
  const world = backupWorld()
  const env = {
    INPUT_COMMAND: 'backup',
    'INPUT_DATABASE-URL': postgres.url(database),
    'INPUT_BACKUP-COMMAND': 'echo saved',
    RUNNER_TEMP: temporaryFolder('runner')
  }
  const inputs = readInputs(createInputReader(env, world.secrets), readRunContext(env), env)
  const rooms = backupAction(createJournal(world.clock))
  const result = rooms.plan(inputs, await rooms.inspect(inputs, world))
  return 'problems' in result ? result.problems : []
}

test('a backup of a database without a table is none', async () => {
  expect(await planned('CREATE SCHEMA app; CREATE VIEW app.v AS SELECT 1 AS one')).toMatchObject([
    { code: 'deploy-backup-empty' }
  ])
  expect(await planned('CREATE TABLE users (id int)')).toEqual([])
})
