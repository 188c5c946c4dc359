import { describe, expect, test } from '@jest/globals'
import type { Suppression } from '../../../../actions/shared/migrations/migration.ts'
import { readSuppressions, type Comment } from '../../../../actions/shared/migrations/sql/suppressions.ts'
import { readSql } from '../../../support/sql-migration.ts'

type Told = Pick<Suppression, 'covers' | 'rules'> & { readonly reason?: string }

async function suppressionsIn(text: string): Promise<readonly Told[]> {
  return (await readSql(text)).suppressions.map(({ covers, rules, reason }) => ({
    covers,
    rules,
    ...(reason === undefined ? {} : { reason })
  }))
}

const line = (first: number, last = first) => ({ first, last })

describe('our own comments', () => {
  test.each<readonly [string, string, readonly Told[]]>([
    [
      'before a statement',
      '-- migration-guard: ignore drop-column: nobody reads it\n\n-- why\nALTER TABLE t DROP a;',
      [{ covers: line(4), rules: ['drop-column'], reason: 'nobody reads it' }]
    ],
    [
      'at the end of its line',
      'SELECT 1;\nDROP TABLE t; -- migration-guard: ignore drop-table, truncate\nDROP TABLE u;',
      [{ covers: line(2), rules: ['drop-table', 'truncate'] }]
    ],
    ['without rules', '/* migration-guard: ignore */ DROP TABLE t;', [{ covers: line(1), rules: [] }]],
    [
      'with a reason only',
      '-- migration-guard: ignore: throw-away table\nDROP TABLE t;',
      [{ covers: line(2), rules: [], reason: 'throw-away table' }]
    ],
    [
      'for the file, anywhere',
      'DROP TABLE t;\n-- migration-guard: ignore-file drop-table: old data',
      [{ covers: 'file', rules: ['drop-table'], reason: 'old data' }]
    ],
    [
      'in the middle of a statement: the whole of it',
      'ALTER TABLE t\n  ADD a int,\n  -- migration-guard: ignore drop-column\n  DROP b;',
      [{ covers: line(1, 4), rules: ['drop-column'] }]
    ],
    ['with nothing behind it', 'SELECT 1;\n-- migration-guard: ignore drop-table', []],
    ['that say more than rules', '-- migration-guard: ignore this please\nDROP TABLE t;', []],
    ['that only speak of it', '-- see migration-guard: ignore drop-table\nDROP TABLE t;', []],
    ['in a string', "SELECT '-- migration-guard: ignore drop-table';\nDROP TABLE t;", []]
  ])('%s', async (_, text, expected) => {
    expect(await suppressionsIn(text)).toEqual(expected)
  })
})

describe("squawk's comments", () => {
  test.each<readonly [string, string, readonly Told[]]>([
    [
      'cover what begins in their line or the next',
      '-- squawk-ignore ban-drop-column, renaming-column,ban-drop-table -- fine\nDROP TABLE t;',
      [{ covers: line(1, 2), rules: ['ban-drop-column', 'renaming-column', 'ban-drop-table'], reason: 'fine' }]
    ],
    [
      'may be in the other style',
      '/* squawk-ignore ban-drop-table */\nDROP TABLE t;',
      [{ covers: line(1, 2), rules: ['ban-drop-table'] }]
    ],
    ['without rules cover nothing', '-- squawk-ignore\nDROP TABLE t;', []],
    [
      'for the file without rules cover everything',
      'SELECT 1;\n-- squawk-ignore-file',
      [{ covers: 'file', rules: [] }]
    ],
    [
      'for the file may name rules',
      '-- squawk-ignore-file ban-drop-table\nDROP TABLE t;',
      [{ covers: 'file', rules: ['ban-drop-table'] }]
    ],
    [
      'in a statement cover the statement',
      'ALTER TABLE t\n-- squawk-ignore adding-field-with-default\nADD a int;',
      [{ covers: line(1, 3), rules: ['adding-field-with-default'] }]
    ]
  ])('%s', async (_, text, expected) => {
    expect(await suppressionsIn(text)).toEqual(expected)
  })
})

describe("atlas' comments", () => {
  test.each<readonly [string, string, readonly Told[]]>([
    [
      'cover the statement behind them',
      'SELECT 1;\n\n-- atlas:nolint destructive DS102\n-- why\nDROP TABLE t;',
      [{ covers: line(5), rules: ['destructive', 'DS102'] }]
    ],
    ['without names cover every rule', 'SELECT 1;\n--atlas:nolint\nDROP TABLE t;', [{ covers: line(3), rules: [] }]],
    ['cover nothing across a blank line', 'SELECT 1;\n-- atlas:nolint\n\nDROP TABLE t;', []],
    [
      'cover the file where they begin it and a blank line follows',
      '-- first\n-- atlas:nolint destructive\n\nDROP TABLE t;',
      [{ covers: 'file', rules: ['destructive'] }]
    ],
    [
      'cover one statement where they begin the file and none follows',
      '-- atlas:nolint\r\nDROP TABLE t;\r\nDROP TABLE u;',
      [{ covers: line(2), rules: [] }]
    ],
    [
      'are in the other style without a space',
      '/*atlas:nolint DS101*/ DROP TABLE t;',
      [{ covers: line(1), rules: ['DS101'] }]
    ],
    ['are none with one', '/* atlas:nolint DS101 */ DROP TABLE t;', []],
    ['behind a statement cover nothing', 'DROP TABLE t; -- atlas:nolint\nDROP TABLE u;', []]
  ])('%s', async (_, text, expected) => {
    expect(await suppressionsIn(text)).toEqual(expected)
  })
})

describe("excellent_migrations' comments", () => {
  /** Comments of Elixir as its parser finds them: from # to the end of the line. */
  const inElixir = (text: string): readonly Told[] => {
    const comments: Comment[] = [...text.matchAll(/#[^\n]*/g)].map(({ 0: found, index }) => ({
      start: index,
      end: index + found.length
    }))
    return readSuppressions(text, comments, []).map(({ covers, rules }) => ({ covers, rules }))
  }

  test.each<readonly [string, string, readonly Told[]]>([
    [
      'cover the next line',
      'def change do\n  # excellent_migrations:safety-assured-for-next-line raw-sql-executed column_renamed\n  execute("")',
      [{ covers: line(3), rules: ['raw_sql_executed', 'column_renamed'] }]
    ],
    [
      'that follow each other all cover the line behind the last',
      '# excellent_migrations:safety-assured-for-next-line a\n  # excellent_migrations:safety-assured-for-next-line b\nx',
      [
        { covers: line(3), rules: ['a'] },
        { covers: line(3), rules: ['b'] }
      ]
    ],
    [
      'cover the file',
      'x\n# excellent_migrations : safety-assured-for-this-file table_dropped',
      [{ covers: 'file', rules: ['table_dropped'] }]
    ],
    ['without rules cover nothing', '# excellent_migrations:safety-assured-for-this-file\nx', []],
    ['behind code cover nothing', 'x # excellent_migrations:safety-assured-for-next-line a\ny', []]
  ])('%s', (_, text, expected) => {
    expect(inElixir(text)).toEqual(expected)
  })

  test('ours work in Elixir too', () => {
    expect(inElixir('  # migration-guard: ignore drop-table\n  drop table(:a)')).toEqual([
      { covers: line(2), rules: ['drop-table'] }
    ])
  })
})
