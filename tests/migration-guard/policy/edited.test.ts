import { describe, expect, test } from '@jest/globals'
import type { Compare } from '../../../actions/migration-guard/policy/contents-facts.ts'
import { treeOf, type Files } from '../../support/trees.ts'
import { ecto, judge, listing, prisma, sentences, told } from './judged-change.ts'

const file = 'priv/repo/migrations/20260101000000_a.exs'
const base = ecto('20260101000000_a', '20260102000000_b')
const short = treeOf(base).commit.slice(0, 12)
const says = (answer: ReturnType<Compare>) => ({ compare: () => answer })
const edited: Files = { ...base, [file]: 'defmodule Other do\nend\n' }

describe('the level is what the comparison says', () => {
  test.each<[ReturnType<Compare>, string[]]>([
    ['equal', [`notice edited-after-merge ${file}`]],
    ['module-renamed', [`warning edited-after-merge ${file}`]],
    ['different', [`error edited-after-merge ${file}`]],
    ['unreadable', [`error edited-after-merge ${file}`]]
  ])('%s', async (answer, expected) => {
    expect(await told({ base, head: edited }, says(answer))).toEqual(expected)
  })

  test.each([
    ['forbidden', /Databases are not harmed; what frozen paths demand is told by itself\.$/],
    [undefined, /Nothing needs to be done\.$/]
  ] as const)('what is %s where it is frozen: what is told of line endings agrees with it', async (condition, said) => {
    const base = ecto('20260101000000_a')
    const head = Object.fromEntries(
      Object.entries(base).map(([path, text]) => [path, String(text).replaceAll('\n', '\r\n')])
    )
    const none = { add: [], delete: [], rename: [], builtIn: false }
    const edit = condition === undefined ? [] : [condition]
    const configuration = { frozen: [{ ...none, paths: ['priv/repo/migrations/**'], edit }] }
    const [sentence] = await sentences('edited-after-merge', { base, head }, { configuration })
    expect(sentence).toMatch(said)
  })

  test('line endings alone are a notice, and no parser is asked', async () => {
    const head = { ...base, [file]: String(base[file]).replaceAll('\n', '\r\n') }
    expect(await told({ base, head }, says('different'))).toEqual([`notice edited-after-merge ${file}`])
  })

  test('what was not compared counts as an error', async () => {
    expect(await told({ base, head: edited }, { edits: new Map() })).toEqual([`error edited-after-merge ${file}`])
  })
})

test('a configured level makes lighter cases no graver', async () => {
  const rules = { 'edited-after-merge': 'warning' } as const
  expect(await told({ base, head: edited }, { ...says('different'), configuration: { rules } })).toEqual([
    `warning edited-after-merge ${file}`
  ])
  expect(await told({ base, head: edited }, { ...says('equal'), configuration: { rules } })).toEqual([
    `notice edited-after-merge ${file}`
  ])
})

test('the sentence says what Ecto does, and how to restore the file', async () => {
  expect(await sentences('edited-after-merge', { base, head: edited })).toEqual([
    `20260101000000_a was merged and is edited. Where its version is in schema_migrations, Ecto never runs the new contents: databases come to differ. → Restore it: \`git checkout ${short} -- ${file}\`; and make the change in a migration of its own: \`mix ecto.gen.migration NAME\`.`
  ])
})

test('equal trees in Prisma still break its checksum, and the notice says what Prisma will do', async () => {
  const before = prisma('20260101000000_a')
  const head = { ...before, 'prisma/migrations/20260101000000_a/migration.sql': 'create table "a" (id int);' }
  const [sentence = ''] = await sentences('edited-after-merge', { base: before, head }, says('equal'))
  expect(sentence).toMatch(
    /the checksum that Prisma keeps no longer fits: `prisma migrate deploy` passes over that, `prisma migrate dev` says "was modified after it was applied"/
  )
})

test('a sweep of the formatter is one notice a folder', async () => {
  const names = Array.from({ length: 9 }, (_, index) => `2026010100000${String(index)}_m${String(index)}`)
  const before = ecto(...names)
  const head = Object.fromEntries(Object.entries(before).map(([path, text]) => [path, `${String(text)}\n\n`]))
  const { findings } = await judge({ base: before, head }, says('equal'))
  expect(findings.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'notice: 9 merged migrations changed in layout or comments only, not in what they do: 20260101000000_m0, 20260101000001_m1, 20260101000002_m2, 20260101000003_m3, 20260101000004_m4 and 4 more.'
  ])
})

describe('renamed', () => {
  const rename = (to: string): Files => {
    const { [file]: text = '', ...rest } = base
    return { ...rest, [`priv/repo/migrations/${to}`]: text }
  }

  test('to another version, it would run once more', async () => {
    expect(await sentences('edited-after-merge', { base, head: rename('20260103000000_a.exs') })).toEqual([
      `20260101000000_a was merged and is now called 20260103000000_a. Ecto runs 20260103000000_a once more where 20260101000000_a has run. → Give it its name back: \`git rm -q priv/repo/migrations/20260103000000_a.exs && git checkout ${short} -- ${file}\`.`
    ])
  })

  test('to another name with the same version, Ecto sees no difference', async () => {
    expect(await told({ base, head: rename('20260101000000_aa.exs') })).toEqual([])
  })

  test('in Prisma every name is another migration', async () => {
    const before = prisma('20260101000000_a')
    const { 'prisma/migrations/20260101000000_a/migration.sql': sql = '', ...rest } = before
    const head = { ...rest, 'prisma/migrations/20260101000000_aa/migration.sql': sql }
    expect(await told({ base: before, head })).toEqual([
      'error edited-after-merge prisma/migrations/20260101000000_aa/migration.sql'
    ])
  })

  test('out of the folder, it is deleted', async () => {
    const { [file]: text = '', ...rest } = base
    expect(await told({ base, head: { ...rest, 'old/20260101000000_a.exs': text } })).toEqual([
      `error edited-after-merge ${file}`
    ])
  })

  test('with the whole folder and as it is, nothing happens; with an edit, the edit is told', async () => {
    const moved = Object.fromEntries(Object.entries(base).map(([path, text]) => [`apps/core/${path}`, text]))
    expect(await told({ base, head: moved })).toEqual([])
    expect(await told({ base, head: { ...moved, [`apps/core/${file}`]: 'x\n' } })).toEqual([
      `error edited-after-merge apps/core/${file}`
    ])
  })
})

describe('deleted', () => {
  test('several are one finding, with what is lost', async () => {
    expect(await sentences('edited-after-merge', { base, head: { 'mix.exs': '' } })).toEqual([
      `2 merged migrations are deleted: 20260101000000_a and 20260102000000_b. A new database never gets what they make; one that has run them shows "** FILE NOT FOUND **" and cannot roll them back. → Restore them: \`git checkout ${short} -- ${file} priv/repo/migrations/20260102000000_b.exs\`. What they made is taken back by a new migration: \`mix ecto.gen.migration NAME\`. Where it must be, somebody who may reviews the newest commit with the body \`ALLOW_CORE_MIGRATION: REASON, until YYYY-MM-DD\`.`
    ])
  })

  test('a squash is told once, and its new migration is in order', async () => {
    expect(await told({ base, head: ecto('20260101120000_all') })).toEqual([`error edited-after-merge ${file}`])
  })

  test('what the package holds was handed over', async () => {
    const packaged = Object.fromEntries(Object.entries(base).map(([path, text]) => [path.slice(21), text]))
    const given = {
      configuration: { package: { name: 'diwa_schema', path: 'priv/repo/migrations', from: 'priv/repo/migrations' } },
      package: listing('diwa_schema 1.2.0', packaged)
    }
    expect(await told({ base, head: { 'mix.exs': '' } }, given)).toEqual([])
  })
})

test('a port of what the source changed after its merge is a warning', async () => {
  const given = {
    configuration: {
      source: {
        repository: 'acme/diwa-cloud',
        ref: 'main',
        path: 'priv/repo/migrations',
        into: 'priv/repo/migrations',
        set: 'subset' as const
      }
    },
    source: listing(
      'acme/diwa-cloud@main',
      Object.fromEntries(Object.entries(edited).map(([path, text]) => [path.slice(21), text]))
    )
  }
  expect(await told({ base, head: edited }, given)).toEqual([`warning edited-after-merge ${file}`])
})

test('a migration that the change itself added before may be edited freely', async () => {
  const head = { ...base, ...ecto('20260103000000_c') }
  expect(await told({ base, head })).toEqual([])
})
