import { describe, expect, test } from '@jest/globals'
import { createRowCounter, type DumpedRows } from '../../../actions/db-deploy/dump/dumped-rows.ts'

/** A script as `pg_restore --data-only` writes it. */
const script = [
  '--',
  '-- PostgreSQL database dump',
  '--',
  '',
  '\\restrict WHDtfxSw9t6ZbmdZBk0qjeEkRBNiLhUasp0us74fHwwkC94JgSj041awajNNDZc',
  'SET row_security = off;',
  '',
  'COPY public.users (id, name) FROM stdin;',
  '1\tAda',
  '2\tone\\nCOPY public.nowhere (a) FROM stdin;\\n\\\\.',
  '3\t\\\\.',
  '\\.',
  '',
  'COPY public.empty (id) FROM stdin;',
  '\\.',
  '',
  'COPY public.columnless  FROM stdin;',
  '',
  '',
  '\\.',
  '',
  'COPY "Other"."odd ""name"" of two',
  'lines" ("co l", "new',
  'line") FROM stdin;',
  '1\t2',
  '\\.',
  '',
  'COPY public.parted (id) FROM stdin;',
  '1',
  '\\.',
  'COPY public.parted (id) FROM stdin;',
  '2',
  '\\.',
  '',
  "SELECT pg_catalog.setval('public.users_id_seq', 3, true);",
  "SELECT pg_catalog.lowrite(0, '\\x010203');",
  '--',
  '-- PostgreSQL database dump complete',
  '--',
  '',
  ''
].join('\n')

/** Counts a text that comes in pieces of so many bytes. */
function rowsOf(text: string, size = Number.MAX_SAFE_INTEGER): DumpedRows {
  const bytes = Buffer.from(text)
  const counter = createRowCounter()
  for (let at = 0; at < bytes.length; at += size) counter.take(bytes.subarray(at, at + size))
  return counter.end()
}

describe('the rows of a dump', () => {
  test.each([1, 2, 3, 7, 64, 4096])('are counted by table, in pieces of %i bytes', (size) => {
    const { tables, blocks, complete } = rowsOf(script, size)
    expect([...tables]).toEqual([
      ['public.users', 3],
      ['public.empty', 0],
      ['public.columnless', 2],
      ['"Other"."odd ""name"" of two\nlines"', 1],
      ['public.parted', 2]
    ])
    expect(blocks).toBe(6)
    expect(complete).toBe(true)
  })

  test('are not complete wherever the script is cut before its last sentence', () => {
    const end = script.indexOf('-- PostgreSQL database dump complete')
    for (let length = 0; length < end; length += 5) expect(rowsOf(script.slice(0, length)).complete).toBe(false)
  })

  test('are not complete where the last sentence stands in the rows of a table', () => {
    const cut = 'COPY public.notes (line) FROM stdin;\n-- PostgreSQL database dump complete\n'
    expect(rowsOf(cut)).toMatchObject({ complete: false, blocks: 0 })
  })

  test('are counted whatever their length, as are lines that are no rows', () => {
    const long = 'x'.repeat(300_000)
    const text = `SELECT lowrite(0, '${long}');\nCOPY public.files (bytes) FROM stdin;\n${long}\n${long}\n\\.\n-- PostgreSQL database dump complete\n`
    expect(rowsOf(text, 65_536)).toEqual({ tables: new Map([['public.files', 2]]), blocks: 1, complete: true })
  })
})
