import { describe, expect, test } from '@jest/globals'
import { readSql } from '../../../support/sql-migration.ts'

async function spansIn(text: string) {
  const { statements } = await readSql(text)
  return statements.map(({ span: { start, end } }) => [start.line, start.column, end.line, end.column])
}

describe('where a statement stands', () => {
  test('from its first word to its last, without the semicolon', async () => {
    expect(await spansIn('SELECT 1;  SELECT 2')).toEqual([
      [1, 1, 1, 9],
      [1, 12, 1, 20]
    ])
  })

  test('comments before it, behind it and between do not count', async () => {
    const text =
      '-- one\n/* two */ DROP TABLE a -- three\n;\n\n-- four; five\nDROP TABLE b /* six */; -- seven\n-- eight\n'
    expect(await spansIn(text)).toEqual([
      [2, 11, 2, 23],
      [6, 1, 6, 13]
    ])
    expect((await readSql(text)).statements.map((statement) => statement.text)).toEqual([
      'DROP TABLE a',
      'DROP TABLE b'
    ])
  })

  test('what looks like a comment in a string is none', async () => {
    expect(await spansIn('SELECT \'-- x\', "/*"  ')).toEqual([[1, 1, 1, 20]])
    expect(await spansIn('SELECT $$ */$$')).toEqual([[1, 1, 1, 15]])
  })

  test('lines end with LF or CRLF', async () => {
    expect(await spansIn('SELECT 1;\r\n\r\n  ALTER TABLE t\r\n  DROP a;\r\n')).toEqual([
      [1, 1, 1, 9],
      [3, 3, 4, 9]
    ])
  })

  test('a byte order mark is no column', async () => {
    expect(await spansIn('\uFEFFSELECT 1; SELECT 2')).toEqual([
      [1, 1, 1, 9],
      [1, 11, 1, 19]
    ])
  })

  test('columns count UTF-16 units, as editors and annotations do', async () => {
    // é is 2 bytes and 1 unit, 漢 is 3 bytes and 1 unit, 🐘 is 4 bytes and 2 units.
    expect(await spansIn("SELECT 'é漢🐘'; SELECT '🐘'\n; SELECT 3")).toEqual([
      [1, 1, 1, 14],
      [1, 16, 1, 27],
      [2, 3, 2, 11]
    ])
  })

  test('an expression is found behind characters of several bytes', async () => {
    const { statements } = await readSql('ALTER TABLE "🐘é" ADD "漢" text DEFAULT \'ü\' || \'ö\'')
    expect(statements[0]?.operations[0]).toMatchObject({ column: { default: { text: "'ü' || 'ö'" } } })
  })

  test('a statement of megabytes is told by its first 2,000 characters', async () => {
    const { statements } = await readSql(`SELECT '${'x'.repeat(10_000_000)}'`)
    expect(statements[0]?.text).toHaveLength(2000)
    expect(statements[0]?.span.end.column).toBe(10_000_010)
  })
})

describe('a file without statements', () => {
  test.each(['', '\n', '-- only a comment', '/* and\n another */', ';;', '\uFEFF', '\r\n-- x\r\n'])(
    '%j is read, and empty',
    async (text) => {
      expect(await readSql(text)).toMatchObject({ statements: [], notAnalysed: [], suppressions: [] })
      expect((await readSql(text)).syntaxError).toBeUndefined()
    }
  )
})
