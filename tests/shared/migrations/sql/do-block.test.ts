import { describe, expect, test } from '@jest/globals'
import { readSql } from '../../../support/sql-migration.ts'

async function readBlock(body: string, language = '') {
  const { statements, notAnalysed } = await readSql(`DO ${language} $$ ${body} $$;`)
  const [statement] = statements
  return {
    kinds: statement?.operations.map(({ kind }) => kind),
    conditional: statement?.conditional,
    literals: statement?.literals,
    notAnalysed: notAnalysed.map(({ why, partly }) => ({ why, partly }))
  }
}

describe('a DO block', () => {
  test('is one statement that does what its SQL does', async () => {
    expect(await readBlock('BEGIN ALTER TABLE t DROP a, DROP b; UPDATE t SET c = 1; END')).toEqual({
      kinds: ['drop-column', 'drop-column', 'update'],
      conditional: false,
      literals: [],
      notAnalysed: []
    })
  })

  test.each([
    [
      'IF',
      "IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'e') THEN CREATE TYPE e AS ENUM ('a'); END IF;",
      'create-enum'
    ],
    ['ELSIF', 'IF a THEN NULL; ELSIF b THEN DROP TABLE t; END IF;', 'drop-table'],
    ['ELSE', 'IF a THEN NULL; ELSE DROP TABLE t; END IF;', 'drop-table'],
    ['CASE', 'CASE WHEN a THEN DROP TABLE t; ELSE NULL; END CASE;', 'drop-table'],
    ['LOOP', 'LOOP DROP TABLE t; EXIT; END LOOP;', 'drop-table'],
    ['WHILE', 'WHILE a LOOP DROP TABLE t; END LOOP;', 'drop-table'],
    ['FOR', 'FOR i IN 1..3 LOOP DELETE FROM t; END LOOP;', 'delete'],
    ['a caught error', 'BEGIN CREATE INDEX ON t (a); EXCEPTION WHEN duplicate_object THEN NULL; END;', 'create-index']
  ])('below %s it is conditional', async (_, body, kind) => {
    expect(await readBlock(`BEGIN ${body} END`)).toMatchObject({ kinds: [kind], conditional: true, notAnalysed: [] })
  })

  test('EXECUTE of a constant is read', async () => {
    expect(await readBlock("BEGIN EXECUTE 'ALTER TABLE t DROP COLUMN a'; EXECUTE 'DROP ' || 'x'; END")).toMatchObject({
      kinds: ['drop-column', 'unknown']
    })
  })

  test.each([
    ["EXECUTE 'DROP TABLE ' || name;"],
    ["EXECUTE format('DROP TABLE %I', name);"],
    ["FOR r IN EXECUTE 'SELECT ' || name LOOP NULL; END LOOP;"],
    ['RETURN QUERY EXECUTE name;']
  ])('%s is told as partly analysed', async (body) => {
    expect(await readBlock(`DECLARE name text; r record; BEGIN ${body} END`)).toMatchObject({
      kinds: ['unknown'],
      notAnalysed: [{ partly: true }]
    })
  })

  test('queries that write are read, wherever PL/pgSQL takes a query', async () => {
    const written = 'WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone'
    expect(await readBlock(`DECLARE r record; BEGIN FOR r IN ${written} LOOP NULL; END LOOP; END`)).toMatchObject({
      kinds: ['delete']
    })
    expect(await readBlock(`DECLARE r record; BEGIN ${written} INTO r; END`)).toMatchObject({ kinds: ['delete'] })
  })

  test('PERFORM sets a parameter as SELECT does', async () => {
    expect(await readBlock("BEGIN PERFORM set_config('lock_timeout', '1s', true); END")).toMatchObject({
      kinds: ['set-parameter']
    })
  })

  test('keeps the string constants of its SQL', async () => {
    expect((await readBlock("BEGIN UPDATE t SET role = 'ADMIN'; END")).literals).toEqual(['ADMIN'])
  })

  test('that cannot be parsed is told', async () => {
    expect(await readBlock('BEGIN foo bar; END')).toMatchObject({
      kinds: ['unknown'],
      notAnalysed: [{ partly: true, why: expect.stringContaining('syntax error at or near "foo"') }]
    })
  })

  test('in another language is told', async () => {
    expect(await readBlock('pass', 'LANGUAGE plpython3u')).toMatchObject({
      kinds: ['unknown'],
      notAnalysed: [{ partly: true, why: 'a DO block in plpython3u' }]
    })
  })
})
