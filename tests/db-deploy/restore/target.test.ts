import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readRestoreServer } from '../../../actions/db-deploy/restore/target.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { backupWorld, urlOf } from '../dump/backing-up.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

test('a role hears of the settings that it may not carry over, and of no others', async () => {
  const database = await postgres.createDatabase()
  for (const statement of [
    "CREATE ROLE owner LOGIN PASSWORD 'only-for-this'",
    'CREATE ROLE reader',
    'CREATE ROLE theirs',
    `ALTER DATABASE ${database} OWNER TO owner`,
    `ALTER DATABASE ${database} SET work_mem = '8MB'`,
    `ALTER ROLE owner IN DATABASE ${database} SET work_mem = '9MB'`,
    `ALTER ROLE reader IN DATABASE ${database} SET work_mem = '10MB'`,
    `ALTER ROLE theirs IN DATABASE ${database} SET work_mem = '11MB'`
  ])
    await postgres.query(statement)
  const otherRoles = async (user: string): Promise<readonly string[] | undefined> => {
    const url = new URL(postgres.url(database))
    if (user !== '') Object.assign(url, { username: user, password: 'only-for-this' })
    return (await readRestoreServer(urlOf(url.href), 'test', backupWorld())).target?.otherRoles
  }
  expect(await otherRoles('')).toEqual([])
  expect(await otherRoles('owner')).toEqual(['reader', 'theirs'])
  await postgres.query('ALTER ROLE owner CREATEROLE; GRANT theirs TO owner WITH ADMIN OPTION')
  expect(await otherRoles('owner')).toEqual(['reader'])
})
