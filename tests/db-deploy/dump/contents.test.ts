import { describe, expect, test } from '@jest/globals'
import { holdsRelation, isTableData, parseContents } from '../../../actions/db-deploy/dump/contents.ts'

/** As pg_restore 15 of Debian lists a dump. */
const listing = `;
; Archive created at 2026-11-21 19:27:40 UTC
;     dbname: app; of two
;     TOC Entries: 37
;     Compression: -1
;     Dump Version: 1.14-0
;     Format: CUSTOM
;     Integer: 4 bytes
;     Offset: 8 bytes
;     Dumped from database version: 15.18 (Debian 15.18-0+deb12u1)
;     Dumped by pg_dump version: 15.20 (Debian 15.20-0+deb12u1)
;
;
; Selected TOC Entries:
;
2; 3079 16447 EXTENSION - uuid-ossp 
222; 1259 16395 TABLE public empty postgres
221; 1259 16386 TABLE public TABLE DATA of old postgres
229; 1259 16423 VIEW public v postgres
3200; 2604 16389 DEFAULT public users id postgres
3355; 0 16386 TABLE DATA public TABLE DATA of old postgres
3375; 0 0 SEQUENCE SET public users_id_seq postgres
`

describe('the contents of a dump', () => {
  const contents = parseContents(listing)
  if (contents === undefined) throw new Error('not read')

  test('say what was dumped, when and by what', () => {
    expect(contents).toMatchObject({
      database: 'app; of two',
      createdAt: '2026-11-21 19:27:40 UTC',
      format: 'CUSTOM',
      serverVersion: '15.18',
      dumpVersion: '15.20',
      entryCount: 37
    })
    expect(contents.entries).toHaveLength(7)
    expect(contents.entries.filter(isTableData)).toHaveLength(1)
  })

  test('hold a table with its rows, whatever its name; a view has none', () => {
    expect(holdsRelation(contents, { oid: 16386, hasRows: true })).toBe(true)
    expect(holdsRelation(contents, { oid: 16423, hasRows: false })).toBe(true)
  })

  test('do not hold a table whose rows are missing, nor one that only a column’s default names', () => {
    expect(holdsRelation(contents, { oid: 16395, hasRows: true })).toBe(false)
    expect(holdsRelation(contents, { oid: 16389, hasRows: false })).toBe(false)
    expect(holdsRelation(contents, { oid: 1, hasRows: false })).toBe(false)
  })

  test.each(['', 'pg_restore: error: input file does not appear to be a valid archive', listing.slice(0, 60)])(
    'are none in %j',
    (text) => {
      expect(parseContents(text)).toBeUndefined()
    }
  )
})
