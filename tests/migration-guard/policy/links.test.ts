// Ecto's and Prisma's wildcards follow links and submodules: what these bring is there, and in no listing of files.
import { describe, expect, test } from '@jest/globals'
import type { Configuration, FrozenPaths } from '../../../actions/migration-guard/configuration.ts'
import { mayHold } from '../../../actions/migration-guard/policy/links.ts'
import type { Files } from '../../support/trees.ts'
import { ecto, listing, migration, sentences, told } from './judged-change.ts'

const folder = 'priv/repo/migrations'
const a = `${folder}/20260101000000_a.exs`
const base: Files = ecto('20260101000000_a')

function frozen(given: Partial<FrozenPaths>): Partial<Configuration> {
  const entry = { paths: [`${folder}/**`], add: [], edit: [], delete: [], rename: [], builtIn: false }
  return { frozen: [{ ...entry, ...given }] }
}

describe('a link or a submodule that came is an addition to the frozen path', () => {
  test.each([
    ['submodule', '160000', `${folder}/extra`],
    ['submodule above it', '160000', 'priv'],
    ['link below it', '120000', `${folder}/20260102000000_b.exs`],
    ['link above it', '120000', 'priv/repo']
  ])('%s', async (_, mode, path) => {
    const given = { configuration: frozen({ add: ['forbidden'] }) }
    const handedOver = { 'mix.exs': '' }
    expect(
      await told({ base: handedOver, head: { ...handedOver, [path]: '../evil' }, modes: { [path]: mode } }, given)
    ).toEqual([`error frozen-path ${path}`])
  })

  test('elsewhere it is none', async () => {
    const states = { base, head: { ...base, 'vendor/x': 'y' }, modes: { 'vendor/x': '160000' } }
    expect(await told(states, { configuration: frozen({ add: ['forbidden'] }) })).toEqual([])
  })
})

const source = {
  repository: 'acme/diwa-cloud',
  ref: 'main',
  path: folder,
  into: folder,
  set: 'subset' as const
}

test('a link is no port, whatever its text says', async () => {
  const head = { ...base, 'priv/repo/migrations/20260102000000_b.exs': migration('20260102000000_b') }
  const theirs = listing('acme/diwa-cloud@main', {
    '20260101000000_a.exs': base[a] ?? '',
    '20260102000000_b.exs': migration('20260102000000_b')
  })
  const given = {
    configuration: { ...frozen({ add: ['ported'], edit: ['ported'] }), source },
    source: theirs
  }
  const b = `${folder}/20260102000000_b.exs`
  expect(await told({ base, head }, given)).toEqual([])
  expect(await told({ base, head, modes: { [b]: '120000' } }, given)).toEqual([`error not-ported ${b}`])
  expect(await told({ base, head: base, modes: { [a]: '120000' } }, given)).toEqual([
    `error not-ported ${a}`,
    `error edited-after-merge ${a}`
  ])
})

test('where nothing is frozen, one that leads into a folder of migrations is told all the same', async () => {
  const states = { base, head: { ...base, [`${folder}/extra`]: 'x' }, modes: { [`${folder}/extra`]: '160000' } }
  expect(await sentences('linked-migrations', states)).toEqual([
    `${folder}/extra is a submodule: what it brings into ${folder} is run, and is not in the change, so that nothing of it is checked. → Commit the files themselves: \`git rm -q --cached ${folder}/extra\`, and add them.`
  ])
})

test('a rename that edits needs what both need', async () => {
  const head = { [`${folder}/20260101000000_aa.exs`]: 'other' }
  const configuration = { ...frozen({ edit: ['forbidden'] }), rules: { 'edited-after-merge': 'off' as const } }
  expect(await told({ base, head }, { configuration })).toEqual([`error frozen-path ${folder}/20260101000000_aa.exs`])
  const same = { [`${folder}/20260101000000_aa.exs`]: base[a] ?? '' }
  expect(await told({ base, head: same }, { configuration })).toEqual([])
})

test.each([
  ['priv', 'priv/repo/migrations/**', true],
  ['priv/repo/migrations', 'priv/repo/migrations/*.exs', true],
  ['apps/x', 'apps/*/priv/repo/migrations/**', true],
  ['apps/x', 'lib/**', false],
  ['anything', '**/migrations/*.exs', true],
  ['priv/repo/migrations/x.exs', 'priv/repo/migrations/*.exs', false]
])('%s may hold %s: %s', (path, glob, expected) => {
  expect(mayHold(path, glob)).toBe(expected)
})

test('a ported migration keeps its name as long as the source has it under that', async () => {
  const text = base[a] ?? ''
  const theirs = listing('acme/diwa-cloud@main', { '20260101000000_a.exs': text, '20260101000000_aa.exs': text })
  const configuration = { ...frozen({ rename: ['ported'] }), source }
  const head = { [`${folder}/20260101000000_aa.exs`]: text }
  expect(await sentences('not-ported', { base, head }, { configuration, source: theirs })).toEqual([
    expect.stringContaining('acme/diwa-cloud@main still has it under the old name')
  ])
})
