import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { startDatabase, type RehearsalDatabase } from '../../rehearse/database.ts'

let database: RehearsalDatabase

beforeAll(async () => {
  database = await startDatabase('shop')
}, 60_000)

afterAll(() => {
  database.stop()
})

async function asked(secret: string, sql: string, name = 'shop'): Promise<readonly Record<string, unknown>[]> {
  const address = new URL(database.address(secret))
  address.pathname = `/${name}`
  const client = new pg.Client({ connectionString: address.href })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

describe('the database of a rehearsal', () => {
  test('is empty, and belongs to a role that is no superuser, makes databases and may bring extensions', async () => {
    const facts = `SELECT current_user AS me, rolsuper, rolcreatedb, current_database() AS here
                   FROM pg_roles WHERE rolname = current_user`
    expect(await asked('DATABASE_URL', facts)).toEqual([
      { me: 'deployer', rolsuper: false, rolcreatedb: true, here: 'shop' }
    ])
    expect(database.address('DIRECT_DATABASE_URL')).toBe(database.address('DATABASE_URL'))
    await asked('DATABASE_URL', 'CREATE EXTENSION "uuid-ossp"')
    expect((await database.read()).tables).toEqual([])
  })

  test('lets another role read, and nothing else', async () => {
    await asked('DATABASE_URL', 'CREATE TABLE product (id int); INSERT INTO product VALUES (1), (2)')
    expect(await asked('SMOKE_DATABASE_URL', 'SELECT count(*)::int AS n FROM product')).toEqual([{ n: 2 }])
    await expect(asked('SMOKE_DATABASE_URL', 'DELETE FROM product')).rejects.toThrow('permission denied')
  })

  test('is read as it is now: each table with its rows, and what lies beside it', async () => {
    await asked('DATABASE_URL', 'CREATE SCHEMA old; CREATE TABLE old."Odd name" (id int)')
    await asked('DATABASE_URL', 'CREATE DATABASE shop_before_restore')
    expect(await database.read()).toEqual({
      name: 'shop',
      tables: [
        { name: 'old.Odd name', rows: 0 },
        { name: 'product', rows: 2 }
      ],
      others: ['shop_before_restore']
    })
  })

  test('is told as gone where somebody dropped it', async () => {
    await asked('DATABASE_URL', 'DROP DATABASE shop WITH (FORCE)', 'shop_before_restore')
    expect(await database.read()).toEqual({ name: 'shop', tables: [], others: ['shop_before_restore'] })
  })

  test('has passwords that the report hides', () => {
    const address = new URL(database.address('DATABASE_URL'))
    expect(database.passwords).toContain(address.password)
    expect(address.password).toMatch(/^\w{20,}$/)
  })
})
