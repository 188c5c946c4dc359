import { describe, expect, test } from '@jest/globals'
import { compareSql } from '../../../../actions/shared/migrations/sql/compare-sql.ts'
import { loadSqlParser } from '../../../../actions/shared/parsers.ts'

const compare = async (before: string, after: string) => compareSql(before, after, await loadSqlParser())

describe('two texts of SQL', () => {
  test.each([
    ['comments', 'SELECT 1; -- a', '-- b\nSELECT 1;'],
    ['white space', 'ALTER TABLE t DROP a', 'alter  table t\r\n\tdrop\ta;\n'],
    ['quotes that are not needed', 'DROP TABLE "t"', 'DROP TABLE t'],
    ['optional words', 'ALTER TABLE t ADD a int', 'ALTER TABLE t ADD COLUMN a integer'],
    ['a byte order mark', '\uFEFFSELECT 1', 'SELECT 1'],
    ['lists in other places', 'SELECT 1 WHERE a IN (1, 2)', 'SELECT   1 WHERE a IN (  1,2 )']
  ])('that differ in %s are equal', async (_, before, after) => {
    expect(await compare(before, after)).toBe('equal')
  })

  test.each([
    ['a default', 'ALTER TABLE t ADD a int DEFAULT 1', 'ALTER TABLE t ADD a int DEFAULT 2'],
    ['a length', 'ALTER TABLE t ADD a varchar(10)', 'ALTER TABLE t ADD a varchar(20)'],
    ['a case that counts', 'DROP TABLE "T"', 'DROP TABLE t'],
    ['a statement', 'SELECT 1', 'SELECT 1; SELECT 1'],
    ['an order', 'DROP TABLE a; DROP TABLE b', 'DROP TABLE b; DROP TABLE a'],
    ['a body', 'DO $$ BEGIN NULL; END $$', 'DO $$ BEGIN  NULL; END $$'],
    ['a path', "CREATE TABLESPACE s LOCATION '/a'", "CREATE TABLESPACE s LOCATION '/b'"],
    ['a word that was added', 'DROP TABLE a', 'DROP TABLE a CASCADE'],
    ['everything', 'SELECT 1', '']
  ])('that differ in %s are different', async (_, before, after) => {
    expect(await compare(before, after)).toBe('different')
  })

  test('the same bytes are identical, also where they are no SQL', async () => {
    expect(await compare('no sql', 'no sql')).toBe('identical')
  })

  test('where one cannot be parsed nothing is claimed', async () => {
    expect(await compare('SELECT 1', 'SELEKT 1')).toBe('unreadable')
    expect(await compare('SELECT 1', 'SELECT 1\0')).toBe('unreadable')
  })

  test('trees that are deep are compared', async () => {
    const chain = (last: number) => `SELECT 0${' UNION SELECT 1'.repeat(900)} UNION SELECT ${String(last)}`
    expect(await compare(chain(1), `${chain(1)} -- x`)).toBe('equal')
    expect(await compare(chain(1), chain(2))).toBe('different')
  })
})
