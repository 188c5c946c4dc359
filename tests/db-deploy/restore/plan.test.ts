import { describe, expect, test } from '@jest/globals'
import type { RestoreFacts } from '../../../actions/db-deploy/restore/inspect.ts'
import { plan } from '../../../actions/db-deploy/restore/plan.ts'
import { urlOf } from '../dump/backing-up.ts'

type Question = Parameters<typeof plan>[0]

const question: Question = {
  restore: { file: '/backup/app.dump', mode: 'swap', identity: undefined },
  backup: {
    when: 'auto',
    always: false,
    verify: 'read',
    folder: '/backup',
    recipient: undefined,
    passphrase: undefined,
    command: undefined,
    timeout: 1000
  },
  production: { environment: 'staging', production: false, confirm: 'restore app', phrase: undefined, allowedRefs: [] }
}
const inPlace: Question = { ...question, restore: { ...question.restore, mode: 'in-place' } }

const facts: RestoreFacts = {
  database: 'app',
  server: {
    maintenance: urlOf('postgresql://me@db.example.org/postgres'),
    version: 180_004,
    mayCreate: true,
    target: {
      oid: 5,
      owner: 'me',
      ours: true,
      connections: [{ pid: 7, told: 'web (role me, pid 7)' }],
      slots: [],
      otherRoles: []
    },
    availableExtensions: new Set(['vector']),
    databases: new Set(['app'])
  },
  holdsTables: true,
  programs: {
    dump: '/bin/pg_dump',
    restore: '/bin/pg_restore',
    major: 18,
    version: '18.6',
    told: 'pg_dump 18.6 (/bin)'
  },
  dump: {
    file: '/backup/app.dump',
    sha256: 'ab',
    contents: {
      database: 'app',
      createdAt: '2026-01-02 03:04:05 UTC',
      format: 'CUSTOM',
      serverVersion: '18.4',
      dumpVersion: '18.6',
      entryCount: 3,
      entries: [{ catalog: 3079, oid: 1, text: 'EXTENSION - vector', line: '' }]
    },
    rows: { tables: new Map([['public.users', 2]]), blocks: 1, complete: true },
    tables: 1
  },
  problems: [],
  at: Date.UTC(2026, 0, 2, 3, 4, 5)
}

const codes = (asked: Question, given: RestoreFacts): readonly string[] => {
  const planned = plan(asked, given)
  return 'problems' in planned ? planned.problems.map(({ code }) => code) : []
}

describe('a restore by swap', () => {
  test('says what is made, what is ended and what is kept', () => {
    const planned = plan(question, facts)
    expect(planned).toMatchObject({
      plan: {
        way: { mode: 'swap', made: 'app_restoring_20260102_030405', kept: 'app_before_20260102_030405' },
        steps: [
          { kind: 'create', target: 'app_restoring_20260102_030405' },
          { kind: 'update', target: 'app', there: '1 connection, which are ended' }
        ]
      }
    })
  })

  test('keeps within the 63 bytes of a name, and two names apart', () => {
    const database = 'ü'.repeat(31)
    const planned = plan(
      { ...question, production: { ...question.production, confirm: `restore ${database} from app` } },
      { ...facts, database }
    )
    if (!('plan' in planned) || planned.plan.way.mode !== 'swap') throw new Error('no swap')
    const { made, kept = '' } = planned.plan.way
    for (const name of [made, kept]) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
    expect(made).not.toBe(kept)
    expect(kept).toMatch(/^ü+_before_20260102_030405$/)
  })

  test('is refused to who may not make databases, does not own it, or takes it from replication', () => {
    const { server } = facts
    expect(codes(question, { ...facts, server: { ...server, mayCreate: false } })).toEqual(['deploy-restore-rights'])
    const target = { oid: 5, owner: 'other', ours: false, connections: [], slots: ['stream'], otherRoles: [] }
    expect(codes(question, { ...facts, server: { ...server, target } })).toEqual([
      'deploy-restore-rights',
      'deploy-restore-rights'
    ])
    expect(codes(inPlace, { ...facts, server: { ...server, target, mayCreate: false } })).toEqual([])
  })

  test('is refused before it begins where roles have settings that it may not carry over', () => {
    const { server } = facts
    const target = { oid: 5, owner: 'me', ours: true, connections: [], slots: [], otherRoles: ['reader'] }
    const planned = plan(question, { ...facts, server: { ...server, target } })
    expect('problems' in planned && planned.problems).toMatchObject([
      { code: 'deploy-restore-rights', message: expect.stringMatching(/^reader has settings of its own in app/) }
    ])
    expect(codes(inPlace, { ...facts, server: { ...server, target } })).toEqual([])
  })
})

test('a dump of no table takes the place of no table', () => {
  const nothing = { ...facts, dump: { ...facts.dump, tables: 0 } }
  expect(codes(question, nothing)).toEqual(['deploy-restore-file'])
  expect(codes(inPlace, nothing)).toEqual(['deploy-restore-file'])
  expect(codes(question, { ...nothing, holdsTables: false })).toEqual([])
})

describe('a restore in place', () => {
  test('makes a backup first where it is production or asked for', () => {
    const backups = (asked: Question): unknown => plan(asked, facts)
    expect(backups(inPlace)).toMatchObject({ plan: { way: { backup: false } } })
    const production = { ...inPlace.production, production: true }
    expect(backups({ ...inPlace, production })).toMatchObject({ plan: { way: { backup: true } } })
    expect(backups({ ...inPlace, backup: { ...inPlace.backup, when: 'true' } })).toMatchObject({
      plan: { way: { backup: true }, steps: [{ target: 'backup' }, { target: 'app' }] }
    })
  })

  test('is refused where there is no database, and to a pg_restore that the server does not understand', () => {
    const { server } = facts
    expect(codes(inPlace, { ...facts, server: { ...server, target: undefined } })).toEqual(['deploy-restore-rights'])
    const older = { ...facts, server: { ...server, version: 160_002 } }
    expect(codes(inPlace, { ...older, dump: withContents({ serverVersion: '16.1' }) })).toEqual([
      'deploy-backup-programs'
    ])
    expect(codes(question, { ...older, dump: withContents({ serverVersion: '16.1' }) })).toEqual([])
  })
})

function withContents(contents: Partial<RestoreFacts['dump']['contents']>): RestoreFacts['dump'] {
  return { ...facts.dump, contents: { ...facts.dump.contents, ...contents } }
}

test('a dump of a newer server, of an extension that is not here, or in another format is refused, all told at once', () => {
  const dump = withContents({
    serverVersion: '19.1',
    format: 'TAR',
    entries: [{ catalog: 3079, oid: 1, text: 'EXTENSION - postgis', line: '' }]
  })
  expect(codes(question, { ...facts, dump })).toEqual([
    'deploy-restore-file',
    'deploy-restore-failed',
    'deploy-restore-failed'
  ])
})

test('a dump of another database wants a phrase that names both', () => {
  const dump = withContents({ database: 'shop' })
  expect(codes(question, { ...facts, dump })).toEqual(['deploy-restore-foreign'])
  const production = { ...question.production, confirm: 'restore app from shop' }
  expect(codes({ ...question, production }, { ...facts, dump })).toEqual([])
})
