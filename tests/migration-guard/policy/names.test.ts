import { describe, expect, test } from '@jest/globals'
import type { Files } from '../../support/trees.ts'
import { ecto, prisma, sentences, told } from './judged-change.ts'

const base = ecto('20260101000000_a')
const below = (path: string): string => `priv/repo/migrations/${path}`

describe('Ecto', () => {
  test.each<[string, string[]]>([
    ['add_users.exs', ['error migration-name']],
    ['20260102000000.exs', ['error migration-name']],
    ['20260102000000-add_users.exs', ['error migration-name']],
    ['20260102000000_add_users.ex', ['error migration-name']],
    ['202601020000001_add_users.exs', ['error migration-name']],
    ['20260102_add_users.exs', ['warning out-of-order', 'warning migration-name']],
    ['20260102000061_add_users.exs', ['notice migration-name']],
    ['20260230000000_add_users.exs', ['notice migration-name']],
    ['20261123000000_add_users.exs', ['error future-version']],
    ['20261122110000_add_users.exs', []],
    ['20260102000000_add_users.exs.bak', ['warning stray-file']],
    ['20260102000000_add_users.sql', ['warning stray-file']],
    ['helper.ex', ['warning stray-file']],
    ['.formatter.exs', []],
    ['.keep', []],
    ['README.md', []],
    ['archive/20260102000000_add_users.exs', []]
  ])('%s', async (name, expected) => {
    const head = { ...base, [below(name)]: 'defmodule AddUsers do\nend\n' }
    expect(await told({ base, head })).toEqual(expected.map((finding) => `${finding} ${below(name)}`))
  })

  test('a name that it passes over is told with the command that makes it one', async () => {
    const head = { ...base, [below('add_users.exs')]: 'x' }
    expect(await sentences('migration-name', { base, head })).toEqual([
      'Ecto passes over add_users.exs without a word: a migration is called VERSION_name.exs, the version in digits. → Run `git mv priv/repo/migrations/add_users.exs priv/repo/migrations/20261121120000_add_users.exs`, or move it out of priv/repo/migrations where it is no migration.'
    ])
  })

  test('what the branch has had under such a name is not told', async () => {
    const before = { ...base, [below('add_users.exs')]: 'x' }
    expect(await told({ base: before, head: { ...before, ...ecto('20260102000000_b') } })).toEqual([])
  })

  test('a name of the year 1 is told', async () => {
    expect(await told({ base: {}, head: ecto('00010101000000_a') })).toEqual([
      `warning migration-name ${below('00010101000000_a.exs')}`
    ])
  })
})

describe('Prisma', () => {
  const before = prisma('20260101000000_a')
  const at = (path: string, text = 'SELECT 1;\n'): Files => ({ ...before, [`prisma/migrations/${path}`]: text })

  test.each<[string, Files, string[]]>([
    ['a folder without a timestamp', at('add_users/migration.sql'), ['error migration-name']],
    ['one of 12 digits', at('202601020000_add_users/migration.sql'), ['warning migration-name']],
    ['one of the future', at('20270102000000_add_users/migration.sql'), ['error future-version']],
    ['a file of SQL beside the folders', at('20260102000000_add_users.sql'), ['warning stray-file']],
    ['a folder below a folder', at('20260101000000_a/nested/migration.sql'), ['warning stray-file']],
    ['a down.sql', at('20260101000000_a/down.sql'), []],
    ['a README', at('README.md'), []],
    ['a folder without migration.sql', at('20260102000000_b/migrate.sql'), ['error missing-migration-sql']]
  ])('%s', async (_, head, expected) => {
    expect((await told({ base: before, head })).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(expected)
  })

  test('numbered from the first on, `0_init` is a name like others', async () => {
    expect(await told({ base: {}, head: prisma('0_init') })).toEqual([])
    expect(await told({ base: prisma('0_init'), head: prisma('0_init', '20260101000000_b') })).toEqual([])
    expect(await told({ base: prisma('01_a', '02_b'), head: prisma('01_a', '02_b', '03_c') })).toEqual([])
  })

  test('of numbers without zeros, 10 comes before 9', async () => {
    expect(await told({ base: prisma('8_a', '9_b'), head: prisma('8_a', '9_b', '10_c') })).toEqual([
      'warning out-of-order prisma/migrations/10_c/migration.sql'
    ])
  })
})

describe('migration_lock.toml', () => {
  const lock = 'prisma/migrations/migration_lock.toml'
  const before = prisma('20260101000000_a')
  const without = Object.fromEntries(Object.entries(before).filter(([path]) => path !== lock))

  test.each<[string, Files, Files, string[]]>([
    ['comes with the first migration', {}, before, []],
    ['comes later', without, before, []],
    ['gets a comment', before, { ...before, [lock]: '# of Prisma\nprovider = "postgresql"\n' }, []],
    ['names another provider', before, { ...before, [lock]: 'provider = "mysql"\n' }, [`error migration-lock ${lock}`]],
    ['names none', before, { ...before, [lock]: '\n' }, [`error migration-lock ${lock}`]],
    ['goes', before, without, [`error migration-lock ${lock}`]]
  ])('%s', async (_title, base, head, expected) => {
    expect(await told({ base, head })).toEqual(expected)
  })
})
