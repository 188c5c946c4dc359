import { describe, expect, test } from '@jest/globals'
import { ecto, judge, moved, prisma, sentences, told, type Given, type States } from './judged-change.ts'
import type { Files } from '../../support/trees.ts'
import type { OtherPull } from '../../../actions/migration-guard/pull-request.ts'

const rules = ['out-of-order', 'duplicate-version', 'future-version', 'migration-name', 'duplicate-in-pull']

test('a migration that is newer than all of the branch is in order', async () => {
  const base = ecto('20260101000000_a')
  expect(await told({ base, head: { ...base, ...ecto('20260102000000_b') } })).toEqual([])
})

test('an older one is told with what Ecto does and the command that renames it', async () => {
  const base = ecto('20260101000000_a', '20260301000000_c')
  expect(await sentences('out-of-order', { base, head: { ...base, ...ecto('20260201000000_b') } })).toEqual([
    '20260201000000_b is older than 20260301000000_c, the newest on the branch. Ecto runs it all the same: after the newer ones where those have run, before them on a new database; and `mix ecto.rollback` takes back the newer one first. → Run `git mv priv/repo/migrations/20260201000000_b.exs priv/repo/migrations/20261121120000_b.exs`.'
  ])
})

test("Prisma's folder is renamed, not the file in it", async () => {
  const base = prisma('20260101000000_a', '20260301000000_c')
  expect(await sentences('out-of-order', { base, head: { ...base, ...prisma('20260201000000_b') } })).toEqual([
    '20260201000000_b is older than 20260301000000_c, the newest on the branch. Prisma applies it all the same: after the newer ones where those have been applied, before them on a new database. → Run `git mv prisma/migrations/20260201000000_b prisma/migrations/20261121120000_b`.'
  ])
})

test('what the branch has merged since the change began counts, although the change does not have it', async () => {
  const base = ecto('20260101000000_a')
  const states = {
    base,
    target: { ...base, ...ecto('20260301000000_c') },
    head: { ...base, ...ecto('20260201000000_b') }
  }
  expect(await told(states)).toEqual(['warning out-of-order priv/repo/migrations/20260201000000_b.exs'])
})

test.each<[string, States]>([
  ['the first migrations of a repository', { base: {}, head: ecto('20200101000000_a', '20200102000000_b') }],
  [
    'a folder that moves as it is',
    {
      base: prisma('20260101000000_a', '20260301000000_c'),
      head: Object.fromEntries(
        Object.entries(prisma('20260101000000_a', '20260301000000_c')).map(([path, text]) => [
          `packages/db/${path}`,
          text
        ])
      )
    }
  ],
  [
    'a migration that the branch got by another way',
    {
      base: ecto('20260101000000_a'),
      target: ecto('20260101000000_a', '20260201000000_b', '20260301000000_c'),
      head: ecto('20260101000000_a', '20260201000000_b')
    }
  ],
  [
    'a version of the far future that the branch has',
    {
      base: ecto('20260101000000_a', '20990101000000_z'),
      head: ecto('20260101000000_a', '20990101000000_z', '20260601000000_b')
    }
  ]
])('%s is no fault of order', async (_, states) => {
  expect(await told(states)).toEqual([])
})

test.each<[string, Given, string[]]>([
  ['error on demand', { configuration: { rules: { 'out-of-order': 'error' } } }, ['error']],
  [
    'error with the profile strict',
    { configuration: { lint: { enabled: true, profile: 'strict', postgres: 17, suppressions: true } } },
    ['error']
  ],
  ['warning without', {}, ['warning']],
  ['off', { configuration: { rules: { 'out-of-order': 'off' } } }, []],
  ['exempt by path', { configuration: { exempt: [{ paths: ['priv/**'], rules: ['out-of-order'] }] } }, []],
  [
    'exempt by path from other rules',
    { configuration: { exempt: [{ paths: ['priv/**'], rules: ['irreversible'] }] } },
    ['warning']
  ]
])('the level is %s', async (_, given, levels) => {
  const base = ecto('20260301000000_c')
  const { findings } = await judge({ base, head: { ...base, ...ecto('20260201000000_b') } }, given)
  expect(findings.map(({ level }) => level)).toEqual(levels)
})

test('a row says what was compared', async () => {
  const base = ecto('20260101000000_a', '20260301000000_c')
  const { checks } = await judge({ base, head: { ...base, ...ecto('20260201000000_b') } })
  expect(checks.find(({ name }) => name === 'Order of migrations')).toEqual({
    name: 'Order of migrations',
    state: 'warned',
    detail: '1 new migration compared with the 2 of the branch'
  })
})

describe('the commands give an order that passes', () => {
  const pull = (...paths: readonly string[]): OtherPull => ({
    number: 9,
    title: 'Other',
    url: 'https://github.com/acme/core/pull/9',
    queued: false,
    added: paths.map((path) => ({ path: `priv/repo/migrations/${path}.exs`, blob: '1'.repeat(40) }))
  })

  test.each<[string, Files, Files, Given]>([
    ['one late', ecto('20260301000000_c'), ecto('20260201000000_b'), {}],
    [
      'several late, of which one comes after the newest',
      ecto('20260301000000_c'),
      ecto('20260201000000_b', '20260202000000_b2', '20260401000000_d'),
      {}
    ],
    ['several late of Prisma', prisma('20260301000000_c'), prisma('20260201000000_b', '20260202000000_b2'), {}],
    ['the version of the newest', ecto('20260301000000_c'), ecto('20260301000000_d', '20260302000000_e'), {}],
    ['two of the same version', ecto('20260301000000_c'), ecto('20260401000000_d', '20260401000000_e'), {}],
    ['a version of the future', ecto('20260301000000_c'), ecto('20270401000000_d', '20260401000000_e'), {}],
    ['15 digits', ecto('20260301000000_c'), ecto('202604010000001_d'), {}],
    ['a newest of this very second', ecto('20261121120000_c'), ecto('20260201000000_b'), {}],
    ['a newest of tomorrow', ecto('20261122110000_c'), ecto('20260201000000_b', '20260201000001_d'), {}],
    ['a newest that is no time', ecto('20261121125961_c'), ecto('20260201000000_b'), {}],
    ['numbers', ecto('0001_a', '0009_b'), ecto('0005_c', '0006_d'), {}],
    ["Prisma's numbers", prisma('01_a', '02_b'), prisma('00_c'), {}],
    [
      'free versions that another pull request takes',
      ecto('20260301000000_c'),
      ecto('20260201000000_b'),
      { otherPulls: [pull('20261121120000_x', '20261121120001_y')] }
    ],
    [
      'the version of another pull request',
      ecto('20260301000000_c'),
      ecto('20260401000000_b'),
      { otherPulls: [pull('20260401000000_x')] }
    ]
  ])('%s', async (_, base, added, given) => {
    const head = { ...base, ...added }
    const first = await judge({ base, head }, given)
    const ofOrder = first.findings.filter(({ rule }) => rules.includes(rule))
    expect(ofOrder.length).toBeGreaterThan(0)
    const commands = [
      ...new Set(
        ofOrder.flatMap(({ hint, recipe }) => [
          ...(recipe?.text.split('\n') ?? []),
          ...[...hint.matchAll(/`(git mv [^`]+)`/g)].map((match) => match[1] ?? '')
        ])
      )
    ]
    const mended = moved(head, commands)
    expect(Object.keys(mended)).toHaveLength(Object.keys(head).length)
    expect((await judge({ base, head: mended }, given)).findings).toEqual([])
    expect(orderOf(mended, base)).toEqual(orderOf(head, base))
  })

  test('of any mixture, drawn by seed', async () => {
    let seed = 5
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    for (let round = 0; round < 60; round += 1) {
      const version = (): string =>
        `2026${String(1 + random(12)).padStart(2, '0')}${String(10 + random(4))}00000${String(random(3))}`
      const base = ecto(...new Set(Array.from({ length: 4 }, (_, index) => `${version()}_m${String(index)}`)))
      const distinct = Object.fromEntries([
        ...new Map(Object.entries(base).map((entry) => [entry[0].slice(21, 35), entry])).values()
      ])
      const added = ecto(...Array.from({ length: 1 + random(5) }, (_, index) => `${version()}_n${String(index)}`))
      const head = { ...distinct, ...added }
      const { findings } = await judge({ base: distinct, head })
      const commands = new Set(
        findings.flatMap(({ hint, recipe }) => [
          ...(recipe?.text.split('\n') ?? []),
          ...[...hint.matchAll(/`(git mv [^`]+)`/g)].map((match) => match[1] ?? '')
        ])
      )
      const mended = moved(head, [...commands])
      expect((await judge({ base: distinct, head: mended })).findings).toEqual([])
    }
  })
})

/** Names of the new migrations in the order in which the tool runs them; of the future and 15 digits come where they stood. */
function orderOf(files: Files, base: Files): readonly string[] {
  return Object.keys(files)
    .filter((path) => !(path in base))
    .map((path) => /(\d+)_(\w+)/.exec(path) ?? [])
    .toSorted((a, b) => Number(a[1]) - Number(b[1]) || ((a[2] ?? '') < (b[2] ?? '') ? -1 : 1))
    .map((match) => match[2] ?? '')
}
