// Ways of losing rows that do not look like one.
import { beforeAll, expect, test } from '@jest/globals'
import { lint } from '../../../../actions/shared/migrations/lint.ts'
import { readSqlMigration } from '../../../../actions/shared/migrations/sql/read-sql-migration.ts'
import { loadSqlParser, type SqlParser } from '../../../../actions/shared/parsers.ts'

let parser: SqlParser
beforeAll(async () => {
  parser = await loadSqlParser()
})

function told(text: string): { readonly rules: readonly string[]; readonly notAnalysed: readonly string[] } {
  const file = { path: 'm.sql', framework: 'prisma', version: '1', name: 'm', text } as const
  const { findings, notAnalysed } = lint([readSqlMigration(file, parser)], {
    postgres: 16,
    ectoLock: 'unknown',
    profile: 'default',
    rules: {},
    suppressions: true,
    timeoutsSet: true
  })
  return { rules: findings.map(({ rule }) => rule), notAnalysed: notAnalysed.map(({ why }) => why) }
}

test.each([
  ['CREATE TABLE IF NOT EXISTS users (id int); DROP TABLE users;', ['drop-table']],
  ['CREATE TABLE IF NOT EXISTS users (id int); ALTER TABLE users DROP COLUMN a;', ['drop-column']],
  ['CREATE TABLE IF NOT EXISTS users (id int); TRUNCATE users;', ['truncate']],
  ['CREATE SCHEMA IF NOT EXISTS s; DROP SCHEMA s CASCADE;', ['drop-schema']],
  ['ALTER TABLE users ADD COLUMN IF NOT EXISTS a int; ALTER TABLE users DROP COLUMN a;', ['drop-column']],
  ['UPDATE users SET a = 1 WHERE true;', ['update-without-where']],
  ['DELETE FROM users WHERE 1 = 1;', ['delete-without-where']]
])('%s may find what was there before', (text, rules) => {
  expect(told(text).rules).toEqual(rules)
})

test.each([
  'CREATE TABLE users (id int); DROP TABLE users;',
  'CREATE TABLE users (id int); TRUNCATE users;',
  'CREATE SCHEMA s; DROP SCHEMA s CASCADE;',
  'ALTER TABLE users ADD COLUMN a int; ALTER TABLE users DROP COLUMN a;',
  'UPDATE users SET a = 1 WHERE id = 1;',
  'DELETE FROM users WHERE 1 = 2;'
])('%s loses nothing of before', (text) => {
  expect(told(text).rules).toEqual([])
})

test.each([
  ['SELECT shop.move_everything();', 'shop.move_everything'],
  ['DO $$ BEGIN PERFORM move_everything(); END $$;', 'move_everything'],
  ['DROP TYPE mood CASCADE;', 'CASCADE drops them'],
  ['DROP DOMAIN positive CASCADE;', 'CASCADE drops them'],
  ['DROP OWNED BY bob;', 'DROP OWNED']
])('%s is told as not analysed', (text, why) => {
  expect(told(text).notAnalysed).toEqual([expect.stringContaining(why)])
})

test.each(["SELECT setval('users_id_seq', 10);", 'SELECT now();', 'SELECT count(*) FROM users;', 'DROP TYPE mood;'])(
  '%s needs no telling',
  (text) => {
    expect(told(text).notAnalysed).toEqual([])
  }
)
