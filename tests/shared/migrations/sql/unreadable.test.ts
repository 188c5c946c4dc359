import { describe, expect, test } from '@jest/globals'
import { loadSqlParser } from '../../../../actions/shared/parsers.ts'
import { operationsIn, readSql } from '../../../support/sql-migration.ts'

async function tablesDropped(text: string): Promise<readonly string[]> {
  return (await operationsIn(text)).flatMap((operation) =>
    operation.kind === 'drop-table' ? [operation.table.name] : []
  )
}

describe('a statement that cannot be parsed', () => {
  test('is told at the word that was not expected, and the others are read', async () => {
    const text = 'DROP TABLE a;\n-- ü\nCREATE TABLE "ä" (b int,\n  c wrong wrong);\nDROP TABLE d'
    const { syntaxError } = await readSql(text)
    expect(syntaxError).toEqual({
      message: 'syntax error at or near "wrong"',
      span: { start: { line: 4, column: 11 }, end: { line: 4, column: 16 } }
    })
    expect(await tablesDropped(text)).toEqual(['a', 'd'])
  })

  test('a second one is told too', async () => {
    const { syntaxError, notAnalysed } = await readSql('DORP TABLE a;\nDROP TABEL b;')
    expect(syntaxError?.span.start).toEqual({ line: 1, column: 1 })
    expect(notAnalysed).toEqual([expect.objectContaining({ partly: false, why: 'syntax error at or near "TABEL"' })])
    expect(notAnalysed[0]?.span.start).toEqual({ line: 2, column: 6 })
  })

  test('at the end of the text it is told there', async () => {
    const { syntaxError } = await readSql('SELECT 1;\nALTER TABLE')
    expect(syntaxError).toEqual({
      message: 'syntax error at end of input',
      span: { start: { line: 2, column: 12 }, end: { line: 2, column: 12 } }
    })
  })

  test('semicolons in strings, dollar quotes, brackets and bodies end no statement', async () => {
    const bodies = [
      "SELECT ';', E'\\';', \";\", $a$;$$;$a$, $$;$$ /* ; /* ; */ ; */ -- ;\n",
      'CREATE RULE r AS ON INSERT TO t DO (DELETE FROM t; DELETE FROM u)',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END'
    ]
    const { statements, notAnalysed, syntaxError } = await readSql(`${bodies.join(';')};\nWRONG`)
    expect(statements).toHaveLength(3)
    expect(notAnalysed).toEqual([])
    expect(syntaxError?.span.start.line).toBe(3)
  })

  test.each([
    ["'", "DROP TABLE b; SELECT 'x;\nDROP TABLE c;"],
    ['"', 'DROP TABLE b; SELECT "x;\nDROP TABLE c;'],
    ['$$', 'DROP TABLE b; DO $$ x;\nDROP TABLE c;'],
    ['/*', 'DROP TABLE b; /* x;\nDROP TABLE c;']
  ])('%s that is never closed hides what follows, and that is told', async (_, text) => {
    const { syntaxError } = await readSql(text)
    expect(syntaxError?.message).toMatch(/^unterminated /)
    expect(syntaxError?.span.start.line).toBe(1)
    expect(await tablesDropped(text)).toEqual(['b'])
  })

  test('a NUL does not end the text', async () => {
    const { syntaxError } = await readSql('DROP TABLE a;\nSELECT \0; DROP TABLE b')
    expect(syntaxError).toMatchObject({ message: 'a NUL character', span: { start: { line: 2, column: 8 } } })
    expect(await tablesDropped('DROP TABLE a; SELECT \0; DROP TABLE b')).toEqual(['a', 'b'])
  })
})

describe('what nests deeper than the parser can follow', () => {
  const deep = 100_000

  test.each([
    ['brackets', `SELECT ${'('.repeat(deep)}1${')'.repeat(deep)}`],
    ['operators', `SELECT ${'1+'.repeat(deep)}1`],
    ['signs', `SELECT ${'- '.repeat(deep)}1`],
    ['unions', `SELECT 1${' UNION SELECT 1'.repeat(deep)}`]
  ])('%s are told as not analysed, and the parser goes on', async (_, statement) => {
    const { notAnalysed, syntaxError, statements } = await readSql(`${statement};\nDROP TABLE a`)
    expect(syntaxError).toBeUndefined()
    expect(notAnalysed.map(({ why }) => why)).toEqual(['a statement that is nested too deeply to be parsed'])
    expect(statements).toHaveLength(1)
  })

  test('a list is not deep, however long it is', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => `(${String(row)}, -1, lower('a') || 'b')`)
    const ids = Array.from({ length: 3000 }, (_, id) => `id = ${String(id)}`)
    const { statements, notAnalysed } = await readSql(
      `INSERT INTO t VALUES ${rows.join(', ')}; DELETE FROM t WHERE ${ids.join(' OR ')};`
    )
    expect(notAnalysed).toEqual([])
    expect(statements.map(({ operations }) => operations[0]?.kind)).toEqual(['insert', 'delete'])
  })

  test('comments in comments do not hold it up', async () => {
    const { statements } = await readSql(`${'/*'.repeat(50_000)}${'*/'.repeat(50_000)}DROP TABLE a`)
    expect(statements.map(({ operations }) => operations[0]?.kind)).toEqual(['drop-table'])
  }, 2000)

  test('a DO block is read as deep as it can be, and the rest is told', async () => {
    const block = `DO $$ BEGIN DROP TABLE b; ${'IF c THEN '.repeat(3000)}DROP TABLE a; ${'END IF; '.repeat(3000)}END $$`
    const { statements, notAnalysed } = await readSql(block)
    expect(statements[0]?.operations.map(({ kind }) => kind)).toContain('drop-table')
    expect(notAnalysed.map(({ why }) => why)).toEqual(['a DO block that is nested too deeply'])
  })

  test('a tree that it can follow is read whole', async () => {
    const text = `SELECT 'first'${' UNION SELECT 1'.repeat(900)} UNION SELECT 'last'`
    expect((await readSql(text)).statements[0]?.literals).toEqual(['first', 'last'])
  })

  test.each([
    ['queries', 'SELECT (', 'SELECT 1', ')'],
    ['calls', 'abs(', '1', ')'],
    ['casts', '', 'SELECT 1', '::int'],
    ['collations', '', 'SELECT a', ' COLLATE "C"'],
    ['time zones', '', 'SELECT a', " AT TIME ZONE 'x'"],
    ['joins', '', 'SELECT * FROM a', ' JOIN a ON true'],
    ['concatenations', '', "SELECT 'a'", "||'a'"]
  ])('%s break nothing, at any depth', async (_, opening, middle, closing) => {
    const parser = await loadSqlParser()
    const sql = "CREATE TABLE t (a int DEFAULT 1); INSERT INTO t VALUES (1, 'é')"
    const before = JSON.stringify(parser.parse(sql))
    for (const depth of [500, 1500, 3000, 7000, 20_000]) {
      const text = opening.repeat(depth) + middle + closing.repeat(depth)
      const { notAnalysed, statements } = await readSql(opening === 'abs(' ? `SELECT ${text}` : text)
      expect(statements.length + notAnalysed.length).toBe(1)
      expect(JSON.stringify(parser.parse(sql))).toBe(before)
    }
  })
})

describe("what only PostgreSQL's own client understands", () => {
  test('is told as not analysed, and the SQL around it is read', async () => {
    const text = [
      '\\restrict token',
      'DROP TABLE a;',
      'COPY app.t (b, c) FROM stdin;',
      "1\tit's; DROP TABLE x;",
      '\\.',
      'DROP TABLE b;'
    ].join('\n')
    const { notAnalysed, syntaxError } = await readSql(text)
    expect(syntaxError).toBeUndefined()
    expect(notAnalysed.map(({ why, span }) => [why, span.start.line, span.end.line])).toEqual([
      ['a command of psql: \\restrict', 1, 1],
      ['the rows of a COPY', 4, 5]
    ])
    expect(await tablesDropped(text)).toEqual(['a', 'b'])
  })

  test('rows without an end go to the end', async () => {
    const { notAnalysed } = await readSql('COPY t FROM stdin;\n1\n2\n')
    expect(notAnalysed.map(({ why }) => why)).toEqual(['the rows of a COPY'])
  })
})
