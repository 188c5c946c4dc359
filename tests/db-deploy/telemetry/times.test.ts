import { describe, expect, test } from '@jest/globals'
import { readableDuration, readDuration } from '../../../actions/db-deploy/duration.ts'
import { judgeTimes } from '../../../actions/db-deploy/judge-times.ts'
import { readTimeLimits } from '../../../actions/db-deploy/telemetry/time-limits.ts'
import { began, recordOf, stage } from './records.ts'

test.each([
  ['90s', 90_000],
  ['10m', 600_000],
  ['10min', 600_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  ['250ms', 250],
  ['2m 5s', 125_000],
  ['0', 0]
])('%s is a length of time', (text, milliseconds) => {
  expect(readDuration(text)).toBe(milliseconds)
})

test.each(['', '10', 'ten minutes', '5 d', '-1s', 's', '1e3s', '10m migration'])('%j is none', (text) => {
  expect(readDuration(text)).toBeUndefined()
})

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [59_940, '59.9 s'],
  [59_999, '1 min'],
  [245_000, '4 min 5 s'],
  [3_600_000, '1 h'],
  [3_725_000, '1 h 2 min']
])('%d milliseconds are told as %s', (milliseconds, told) => {
  expect(readableDuration(milliseconds)).toBe(told)
})

describe('limits', () => {
  test('name the stage that each is for, in the words that people use', () => {
    const read = readTimeLimits('10m migration, 30s seed\n2m total', 'warn-after')
    expect(read).toEqual({
      limits: new Map([
        ['migrate', 600_000],
        ['seed', 30_000],
        ['total', 120_000]
      ])
    })
    expect(readTimeLimits('', 'fail-after')).toEqual({ limits: new Map() })
  })

  test('are told together where they are wrong, each as it was written', () => {
    const read = readTimeLimits('10 migration, 5m coffee, 1m seed, 2m seed, migration 10m', 'warn-after')
    const messages = 'problems' in read ? read.problems.map(({ message }) => message) : []
    expect(messages).toEqual([
      'Input warn-after has "10 migration", which has no length of time in front of a word.',
      'Input warn-after has "5m coffee", whose word names no part of a run.',
      'Input warn-after has "2m seed", and a limit for that part stands before it.',
      'Input warn-after has "migration 10m", which has no length of time in front of a word.'
    ])
  })
})

describe('the times of a run', () => {
  const limits = (...pairs: readonly (readonly [string, number])[]): ReadonlyMap<string, number> => new Map(pairs)
  const none = limits()

  test('are fine up to the limit itself', () => {
    const judged = judgeTimes(recordOf(), { warnAfter: limits(['migrate', 6_000]), failAfter: none })
    expect(judged).toEqual({ problems: [], remarks: [] })
  })

  test('beyond warn-after warn, with both times', () => {
    const { problems, remarks } = judgeTimes(recordOf(), { warnAfter: limits(['migrate', 5_999]), failAfter: none })
    expect(problems).toEqual([])
    expect(remarks.map(({ level, problem }) => [level, problem.message])).toEqual([
      ['warning', 'The stage migrate took 6.0 s, and warn-after allows 6.0 s.']
    ])
  })

  test('beyond fail-after fail the run, and are not warned of besides', () => {
    const { problems, remarks } = judgeTimes(recordOf(), {
      warnAfter: limits(['total', 1_000], ['smoke', 1_000]),
      failAfter: limits(['total', 10_000])
    })
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['took-too-long', 'The run took 12.4 s, and fail-after allows 10.0 s.']
    ])
    expect(remarks).toHaveLength(1)
  })

  test('count stages of one name together, and none that was skipped', () => {
    const run = {
      startedAt: began,
      finishedAt: began + 10_000,
      stages: [
        stage('smoke', 'Smoke test', 0, 2_000),
        stage('smoke', 'Smoke test', 5_000, 8_000),
        stage('seed', 'Seed', 0, 9_000, 'skipped')
      ]
    }
    const warnAfter = limits(['smoke', 4_000], ['seed', 1_000], ['backup', 1])
    expect(judgeTimes(run, { warnAfter, failAfter: none }).remarks.map(({ problem }) => problem.message)).toEqual([
      'The stage smoke took 5.0 s, and warn-after allows 4.0 s.'
    ])
  })
})

test('a limit of the verification is for all that looks afterwards', () => {
  const run = recordOf({
    stages: [
      stage('migrate', 'Migrations', 0, 9_000),
      stage('indexes', 'Indexes', 9_000, 9_600),
      stage('smoke', 'Smoke test', 9_600, 10_200)
    ]
  })
  const judged = judgeTimes(run, { warnAfter: new Map(), failAfter: new Map([['verify', 1_000]]) })

  expect(judged.problems.map(({ message }) => message)).toEqual([
    'The stage verify took 1.2 s, and fail-after allows 1.0 s.'
  ])
})
