// needs: elixir
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readMigrationSet } from '../../actions/shared/migrations/migration-set.ts'
import { elixir } from '../support/elixir/elixir.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { treeOf } from '../support/trees.ts'

/** Parts that names are made of, so that every way to be passed over comes by. */
const versions = [
  '',
  '1',
  '007',
  '20260101000000',
  '202601010000001',
  '+3',
  '-4',
  '1a',
  ' 2',
  '1.5',
  '1_2',
  '٣',
  '1e3',
  '99999999999999999999'
]
const joints = ['_', '__', '-', '']
const names = ['a', 'add_users', 'a.b', '', 'ä', 'a b', '_']
const endings = ['.exs', '.ex', '.sql', '', '.exs.orig', '.EXS', '.exs.exs']
const folders = ['', 'old/', 'old/1_x/', '.hidden/', 'a/b/c/']

test('Elixir itself finds the migrations that we find, in our order', async () => {
  const root = temporaryFolder('ecto-names')
  const paths = versions.flatMap((version) =>
    joints.flatMap((joint) =>
      names.flatMap((name) =>
        endings.map(
          (ending, index) =>
            `${folders[(version.length + name.length + index) % folders.length] ?? ''}${version}${joint}${name}${ending}`
        )
      )
    )
  )
  const files = [...new Set(['.formatter.exs', ...paths])].filter((path) => !path.endsWith('/'))
  for (const path of files) {
    mkdirSync(dirname(join(root, 'm', path)), { recursive: true })
    writeFileSync(join(root, 'm', path), '')
  }
  const output = await elixir('migrations.exs', '', [join(root, 'm')])
  const theirs = output.trimEnd().split('\n')
  const { migrations } = readMigrationSet(treeOf(Object.fromEntries(files.map((path) => [`m/${path}`, '']))), {
    path: 'm',
    framework: 'ecto'
  })
  const ours = migrations.map(({ version, name, below }) => `${version}\t${name}\t${below}`)
  expect(theirs.length).toBeGreaterThan(100)
  expect(ours.toSorted()).toEqual(theirs.toSorted())
  expect(migrations.map(({ version, name }) => `${version} ${name}`)).toEqual(
    theirs.map((line) => line.split('\t').slice(0, 2).join(' '))
  )
})
