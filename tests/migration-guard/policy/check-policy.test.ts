import { describe, expect, test } from '@jest/globals'
import { policyRules } from '../../../actions/migration-guard/policy/rules.ts'
import type { EctoFacts } from '../../../actions/shared/migrations/migration.ts'
import { ecto, judge, prisma, told } from './judged-change.ts'

const base = ecto('20260101000000_a')
const path = 'priv/repo/migrations/20260102000000_b.exs'
const head = { ...base, ...ecto('20260102000000_b') }
const span = { start: { line: 5, column: 5 }, end: { line: 5, column: 20 } }
const facts: EctoFacts = {
  module: 'Core.Repo.Migrations.B',
  disableDdlTransaction: false,
  disableMigrationLock: false,
  functions: { up: false, down: false, change: true },
  irreversible: [
    { span, what: '`execute/1` in `change` has no way back', hint: 'Give it the SQL that takes it back.' }
  ],
  withoutEffect: []
}

describe('rollback', () => {
  test('what Ecto cannot take back is told at its place', async () => {
    const { findings } = await judge({ base, head }, { ecto: new Map([[path, facts]]) })
    expect(findings).toEqual([
      {
        rule: 'irreversible',
        level: 'warning',
        file: path,
        span,
        message: '20260102000000_b cannot be rolled back: `execute/1` in `change` has no way back.',
        hint: 'Give it the SQL that takes it back.'
      }
    ])
  })

  test('what can be taken back passes', async () => {
    const { findings, checks } = await judge(
      { base, head },
      { ecto: new Map([[path, { ...facts, irreversible: [] }]]) }
    )
    expect(findings).toEqual([])
    expect(checks.find(({ name }) => name === 'Rollback')).toEqual({
      name: 'Rollback',
      state: 'passed',
      detail: "1 new migration of Ecto's read"
    })
  })

  test('only new migrations are asked', async () => {
    const old = new Map([['priv/repo/migrations/20260101000000_a.exs', facts]])
    expect(await told({ base, head: { ...base, 'lib/a.ex': 'x' } }, { ecto: old })).toEqual([])
  })

  test('what was not read is told', async () => {
    const { checks, notChecked } = await judge({ base, head })
    expect(checks.find(({ name }) => name === 'Rollback')?.state).toBe('not checked')
    expect(notChecked).toEqual(['Whether 1 new migration can be rolled back: not read.'])
  })
})

test('the aliases of mix.exs count where the configuration asks for them', async () => {
  const mixGuard = [
    { rule: 'mix-guard', level: 'error', file: 'mix.exs', message: 'No alias.', hint: 'Add it.' },
    { rule: 'guard-disarmed', level: 'error', file: 'mix.exs', message: 'Taken out.', hint: 'Restore it.' }
  ] as const
  expect(await told({ base, head: base }, { mixGuard, configuration: { mixGuard: 'required' } })).toEqual([
    'error mix-guard mix.exs',
    'error guard-disarmed mix.exs'
  ])
  expect(await told({ base, head: base }, { mixGuard, configuration: { mixGuard: 'off' } })).toEqual([])
})

test('a change without migrations has findings of nothing, and says how many merged ones it left alone', async () => {
  const { findings, unread, checks, notChecked } = await judge({ base, head: { ...base, 'lib/a.ex': 'x' } })
  expect({ findings, unread, notChecked }).toEqual({ findings: [], unread: [], notChecked: [] })
  expect(checks).toEqual([
    { name: 'Merged migrations', state: 'passed', detail: '1 merged migration: 0 edited or renamed, 0 deleted' }
  ])
})

test('a repository without migrations has no rows', async () => {
  expect((await judge({ base: { 'a.txt': 'a' }, head: { 'a.txt': 'b' } })).checks).toEqual([])
})

test('a rule that is off is told as off, and one that is exempt is counted', async () => {
  const edited = { ...base, 'priv/repo/migrations/20260101000000_a.exs': 'x' }
  const off = await judge({ base, head: edited }, { configuration: { rules: { 'edited-after-merge': 'off' } } })
  expect(off.findings).toEqual([])
  expect(off.checks.slice(0, 1)).toEqual([
    { name: 'Merged migrations', state: 'off', detail: 'Turned off in .github/migration-guard.yml' }
  ])
  const exempt = await judge(
    { base, head: edited },
    { configuration: { exempt: [{ paths: ['**/20260101*'], rules: [] }] } }
  )
  expect(exempt.findings).toEqual([])
  expect(exempt.checks.slice(0, 1)).toEqual([
    {
      name: 'Merged migrations',
      state: 'passed',
      detail: '1 merged migration: 1 edited or renamed, 0 deleted; 1 left out, as the configuration says'
    }
  ])
})

test('a project on MySQL is told that it gets the policy only, and gets it', async () => {
  const lock = 'prisma/migrations/migration_lock.toml'
  const mysql = { ...prisma('20260201000000_b'), [lock]: 'provider = "mysql"\n' }
  const { findings, notChecked } = await judge({
    base: mysql,
    head: { ...mysql, ...prisma('20260101000000_a'), [lock]: 'provider = "mysql"\n' }
  })
  expect(findings.map(({ rule }) => rule)).toEqual(['out-of-order'])
  expect(notChecked).toEqual([
    `Unsafe SQL in prisma/migrations: it is for mysql (${lock}), and the rules know PostgreSQL. The policy holds all the same.`
  ])
})

test('every rule has a name, a level and a title', () => {
  expect(policyRules).toHaveLength(23)
  for (const { id, title } of policyRules)
    expect([id, title]).toEqual([expect.stringMatching(/^[a-z]+(-[a-z]+)*$/), expect.stringMatching(/^[A-Zm].*[^.]$/)])
})

test('projects of an umbrella that nobody named are told as not checked', async () => {
  const umbrella = { ...base, 'mix.exs': 'x', 'apps/a/mix.exs': 'x', 'apps/b/mix.exs': 'x', 'deps/c/mix.exs': 'x' }
  const configuration = { mixGuard: 'required' as const, mixProjects: ['.', 'apps/b'] }
  const { notChecked } = await judge({ base: umbrella, head: { ...umbrella, 'lib/a.ex': 'x' } }, { configuration })
  expect(notChecked).toEqual(['Whether Mix is stopped in apps/a: not named in `mix-projects`.'])
})
