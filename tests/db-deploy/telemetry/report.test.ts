import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { reportRun } from '../../../actions/db-deploy/report.ts'
import { began, first, recordOf, second, stage, stateOf } from './records.ts'

const backup = {
  file: '/tmp/backup/shop.dump',
  bytes: 1_048_576,
  sha256: 'a'.repeat(64),
  entries: 12,
  verified: 'read',
  encrypted: false,
  program: 'pg_dump 18.4',
  took: 4_000,
  restore: 'pg_restore'
} as const

describe('the outputs', () => {
  test('of a deploy say what was applied, what is current, and how long it took', () => {
    const { outputs } = reportRun(recordOf({ learned: { backup, fingerprint: 'abc' } }))
    expect(outputs).toEqual({
      applied: JSON.stringify([first, second]),
      pending: '[]',
      failed: '[]',
      current: second,
      backup: '/tmp/backup/shop.dump',
      smoke: 'not checked',
      rows: '',
      drift: '',
      fingerprint: 'abc',
      duration: '12.400'
    })
  })

  test('do not take for known what was not read again after it was written to', () => {
    const ran = [{ name: first, result: 'unknown' as const }]
    const { outputs, notChecked } = reportRun(
      recordOf({ status: 'failed', cancelled: true, unread: true, learned: { ran } })
    )
    expect([outputs['applied'], outputs['pending'], outputs['failed'], outputs['current']]).toEqual([
      'null',
      'null',
      'null',
      ''
    ])
    expect(notChecked).toContain('What is applied now: the table was not read after it was written to.')
  })

  test('name a failed migration, whether the table or the tool says so', () => {
    const after = stateOf([
      [first, 'applied'],
      [second, 'pending']
    ])
    const ran = [
      { name: first, result: 'applied' as const },
      { name: second, result: 'failed' as const }
    ]
    const { outputs } = reportRun(recordOf({ status: 'failed', learned: { after, ran } }))
    expect([outputs['applied'], outputs['pending'], outputs['failed']]).toEqual([
      JSON.stringify([first]),
      JSON.stringify([second]),
      JSON.stringify([second])
    ])
  })

  const smoke = (readable: boolean): NonNullable<ReturnType<typeof recordOf>['learned']['smoke']> => ({
    of: 'tables',
    relations: [{ name: 'users', table: '"public"."users"', readable, rows: { count: 7, exact: true } }],
    total: { rows: 7, exact: true }
  })
  const off = [stage('smoke', 'Smoke test', 0, 0, 'skipped')]

  test.each([
    ['passed', recordOf({ learned: { smoke: smoke(true) } })],
    ['failed', recordOf({ learned: { smoke: smoke(false) } })],
    ['failed', recordOf({ learned: { smoke: { of: 'tables', relations: [], total: { rows: 0, exact: true } } } })],
    ['off', recordOf({ stages: off })],
    ['not checked', recordOf()]
  ])('say of the smoke test that it is %s', (word, record) => {
    expect(reportRun(record).outputs['smoke']).toBe(word)
  })

  test('tell drift of the command that looks for it, and of no other', () => {
    const difference = { result: 'found', text: 'x', findings: [], tables: [] } as const
    const driftOf = (command: 'drift' | 'diff', learned = {}): unknown =>
      reportRun(recordOf({ command, learned })).outputs['drift']
    const partial = { ...difference, result: 'none', partial: true } as const
    expect([
      driftOf('drift', { difference }),
      driftOf('drift'),
      driftOf('drift', { difference: partial }),
      driftOf('diff', { difference })
    ]).toEqual(['found', 'not checked', 'not checked', ''])
  })
})

describe('what was not checked', () => {
  test('is what no check could find out, with what would make it one, and what no framework tells', () => {
    const after = { ...stateOf([[first, 'applied']]), notChecked: ['edited: Ecto keeps no checksum'] }
    const preflight = [
      { id: 'disk', title: 'Disk', told: 'the server does not tell', result: 'not checked', next: 'Look there.' }
    ] as const
    const { notChecked } = reportRun(recordOf({ learned: { after, preflight } }))
    expect(notChecked).toEqual(['Disk: the server does not tell. Look there.', 'edited: Ecto keeps no checksum'])
  })

  test('is everything behind the stage in which a run ended', () => {
    const stages = [stage('preflight', 'Preflight', 0, 10), stage('lock', 'Lock', 10, 20, 'failed', 'held')]
    const { notChecked } = reportRun(recordOf({ status: 'failed', stages }))
    expect(notChecked).toContain('Whatever comes after “Lock”: the run ended there.')
  })

  test('is everything where a run ended before it looked', () => {
    const { notChecked } = reportRun({ ...recordOf({ status: 'failed', stages: [] }), learned: {} })
    expect(notChecked).toEqual(['Anything of the database: the run ended before it looked.'])
  })

  test('is what is pending where the verdict fell without the table', () => {
    const stages = [stage('state', 'State of the migrations', 0, 10, 'failed')]
    const record = recordOf({ command: 'preflight', status: 'failed', judged: true, stages })
    expect(reportRun({ ...record, learned: {} }).notChecked).toEqual([
      'Which migrations are applied and which are pending: their table cannot be used.'
    ])
  })
})

describe('the receipt', () => {
  const schema: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'receipt.schema.json'), 'utf8')
  )
  const validate = new Ajv2020({ strict: false }).compile(schema as object)

  test('names the database without a password, its newest migration, and the backup with its hash', () => {
    const { targets, notChecked } = reportRun(recordOf({ learned: { backup } }))
    expect(targets).toEqual([
      {
        kind: 'database',
        name: 'shop',
        version: second,
        url: 'postgresql://db.example.org:5432/shop',
        status: 'published',
        files: [{ name: 'shop.dump', sha256: 'a'.repeat(64), size: 1_048_576, status: 'published' }]
      }
    ])
    const receipt = {
      ...{ receiptVersion: 1, action: 'db-deploy', status: 'published', tag: null, commit: null, repository: null },
      ...{ runUrl: null, startedAt: new Date(began).toISOString(), finishedAt: new Date(began).toISOString() },
      ...{ targets, notChecked, problems: [] }
    }
    expect([validate(receipt), validate.errors]).toEqual([true, null])
  })

  test('has no address of a socket, and no target before there was a connection', () => {
    const { database, ...others } = recordOf().learned
    if (database === undefined) throw new Error('the record has no database')
    const socket = reportRun(recordOf({ learned: { database: { ...database, host: '/var/run/postgresql' } } }))
    expect(socket.targets[0]?.url).toBeUndefined()
    expect(reportRun({ ...recordOf(), learned: others }).targets).toEqual([])
  })
})

test('a check that warns is annotated, beside what was noted elsewhere', () => {
  const problem = { code: 'long-transactions', message: 'One is open.', hint: 'Wait.' }
  const check = { id: 'transactions', title: 'Transactions', told: '1 open', result: 'warning', problem } as const
  const other = { level: 'warning', problem: { code: 'slack-not-told', message: 'x', hint: 'y' } } as const
  const { remarks } = reportRun(recordOf({ learned: { preflight: [check] } }), [other])
  expect(remarks?.map(({ problem: { code } }) => code)).toEqual(['long-transactions', 'slack-not-told'])
})
