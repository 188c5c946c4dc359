import { describe, expect, test } from '@jest/globals'
import type { Change } from '../../../actions/migration-guard/change.ts'
import type { OtherPull } from '../../../actions/migration-guard/pull-request.ts'
import { ecto, judge, prisma, sentences, told } from './judged-change.ts'

const base = ecto('20260101000000_a')

test('two of one version against the branch: Ecto runs only one of them, or none', async () => {
  const head = { ...base, ...ecto('20260101000000_b') }
  expect(await sentences('duplicate-version', { base, head })).toEqual([
    '20260101000000_b has the version 20260101000000 of priv/repo/migrations/20260101000000_a.exs of the branch. Where one of them has run, Ecto never runs the other and says nothing; where neither has, it refuses to run anything. → Run `git mv priv/repo/migrations/20260101000000_b.exs priv/repo/migrations/20261121120000_b.exs`.'
  ])
})

test('what was merged after the change began counts', async () => {
  const states = {
    base,
    target: { ...base, ...ecto('20260102000000_c') },
    head: { ...base, ...ecto('20260102000000_b') }
  }
  expect(await told(states)).toEqual(['error duplicate-version priv/repo/migrations/20260102000000_b.exs'])
})

test.each<[string, string, string]>([
  ['zeros in front', '020260101000000_b', 'error duplicate-version'],
  ['a folder below', 'archive/20260101000000_b', 'error duplicate-version'],
  ['another version', '20260102000000_b', '']
])('the version is a number: %s', async (_, name, expected) => {
  const head = { ...base, ...ecto(name) }
  const rules = (await told({ base, head })).map((line) => line.split(' ').slice(0, 2).join(' '))
  expect(rules.filter((rule) => rule.endsWith('duplicate-version'))).toEqual(expected === '' ? [] : [expected])
})

test('what the branch has had twice for long is not told', async () => {
  const before = ecto('20260101000000_a', '20260101000000_b')
  expect(await told({ base: before, head: { ...before, ...ecto('20260102000000_c') } })).toEqual([])
})

test.each<[Change['kind'], string]>([
  ['pull_request', 'notice'],
  ['merge_group', 'warning']
])('Prisma takes both, so in a %s it is a %s', async (kind, level) => {
  const before = prisma('20260101000000_a')
  const head = { ...before, ...prisma('20260101000000_b') }
  expect(await told({ base: before, head, kind })).toEqual([
    `${level} duplicate-version prisma/migrations/20260101000000_b/migration.sql`
  ])
})

test('in a group of the merge queue two pull requests of one version are an error for Ecto', async () => {
  const head = { ...base, ...ecto('20260102000000_b', '20260102000000_c') }
  expect(await told({ base, head, kind: 'merge_group', pulls: [7, 8] })).toEqual([
    'error duplicate-version priv/repo/migrations/20260102000000_c.exs'
  ])
})

test('folders of two repositories have versions of their own', async () => {
  const head = { ...base, 'priv/metrics/migrations/20260101000000_a.exs': 'x' }
  expect(await told({ base, head })).toEqual([])
})

describe('names', () => {
  test('Ecto refuses two pending files of one name', async () => {
    const head = { ...base, ...ecto('20260102000000_a') }
    const [sentence = ''] = await sentences('duplicate-name', { base, head })
    expect(sentence).toContain(
      '20260102000000_a has the name of priv/repo/migrations/20260101000000_a.exs. On a database where neither has run, Ecto refuses to run anything: "migration name a is duplicated".'
    )
    expect(sentence).toContain(
      '`git mv priv/repo/migrations/20260102000000_a.exs priv/repo/migrations/20260102000000_a_once_more.exs`'
    )
  })

  test('Prisma reads nothing out of names', async () => {
    const before = prisma('20260101000000_a')
    expect(await told({ base: before, head: { ...before, ...prisma('20260102000000_a') } })).toEqual([])
  })

  test('two files of one module are told with the place of the module', async () => {
    const path = 'priv/repo/migrations/20260102000000_b.exs'
    const head = { ...base, ...ecto('20260102000000_b') }
    const modules = new Map([
      ['priv/repo/migrations/20260101000000_a.exs', 'Core.Repo.Migrations.A'],
      [path, 'Core.Repo.Migrations.A']
    ])
    const { findings, checks } = await judge({ base, head }, { modules })
    expect(findings.map(({ rule, file, message }) => [rule, file, message])).toEqual([
      [
        'duplicate-name',
        path,
        '20260102000000_b defines Core.Repo.Migrations.A, as priv/repo/migrations/20260101000000_a.exs does. Where both are pending, Ecto loads both before it runs one, and the code of one of them never runs.'
      ]
    ])
    expect(checks.find(({ name }) => name === 'Duplicate migrations')).toMatchObject({
      state: 'failed',
      detail: '1 new or changed migration among 2, names of 2 modules compared'
    })
  })

  test('modules of other names pass', async () => {
    const head = { ...base, ...ecto('20260102000000_b') }
    const modules = new Map(Object.keys(head).map((path) => [path, `M.${path}`]))
    expect(await told({ base, head }, { modules })).toEqual([])
  })
})

describe('against other pull requests', () => {
  const head = { ...base, ...ecto('20260102000000_b') }
  const pull = (path: string, given: Partial<OtherPull> = {}): OtherPull => ({
    number: 9,
    title: 'Add c',
    url: 'https://github.com/acme/core/pull/9',
    queued: false,
    added: [{ path, blob: '1'.repeat(40) }],
    ...given
  })
  const file = 'priv/repo/migrations/20260102000000_b.exs'

  test.each<[string, OtherPull, string[]]>([
    [
      'an open one with the version',
      pull('priv/repo/migrations/20260102000000_c.exs'),
      [`warning duplicate-in-pull ${file}`]
    ],
    [
      'a queued one with the version',
      pull('priv/repo/migrations/20260102000000_c.exs', { queued: true }),
      [`error duplicate-in-pull ${file}`]
    ],
    ['one with the name', pull('priv/repo/migrations/20260103000000_b.exs'), [`warning duplicate-in-pull ${file}`]],
    ['one with neither', pull('priv/repo/migrations/20260103000000_c.exs'), []],
    ['one with the same file, as a stack of pull requests has', pull(file), []],
    ['one in another folder', pull('priv/metrics/migrations/20260102000000_c.exs'), []],
    ['the same pull request', pull('priv/repo/migrations/20260102000000_c.exs', { number: 7 }), []]
  ])('%s', async (_, other, expected) => {
    expect(await told({ base, head }, { otherPulls: [other] })).toEqual(expected)
  })

  test('the sentence names the other and the command', async () => {
    const otherPulls = [pull('priv/repo/migrations/20260102000000_c.exs')]
    expect(await sentences('duplicate-in-pull', { base, head }, { otherPulls })).toEqual([
      '#9 (Add c) adds 20260102000000_c, with the version 20260102000000 of 20260102000000_b. Once both are merged, Ecto runs only one of them, or none. → Run `git mv priv/repo/migrations/20260102000000_b.exs priv/repo/migrations/20261121120000_b.exs`.'
    ])
  })

  test('in Prisma it is a notice', async () => {
    const before = prisma('20260101000000_a')
    const states = { base: before, head: { ...before, ...prisma('20260102000000_b') } }
    const otherPulls = [pull('prisma/migrations/20260102000000_c/migration.sql')]
    expect(await told(states, { otherPulls })).toEqual([
      'notice duplicate-in-pull prisma/migrations/20260102000000_b/migration.sql'
    ])
  })

  test('where they cannot be read, that is told and nothing is green for it', async () => {
    const { checks, notChecked } = await judge(
      { base, head },
      { otherPulls: { notAvailable: 'The token may not read pull requests.', next: 'Give it `pull-requests: read`.' } }
    )
    expect(checks.find(({ name }) => name === 'Other pull requests')?.state).toBe('not checked')
    expect(notChecked).toContain(
      'Whether another pull request adds the same version: The token may not read pull requests. Give it `pull-requests: read`.'
    )
  })
})
