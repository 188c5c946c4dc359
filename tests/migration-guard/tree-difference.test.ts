import { expect, test } from '@jest/globals'
import { differences } from '../../actions/migration-guard/tree-difference.ts'
import type { Tree, TreeFile } from '../../actions/migration-guard/tree.ts'

function tree(files: Readonly<Record<string, string | readonly [blob: string, mode: string]>>): Pick<Tree, 'files'> {
  return {
    files: new Map(
      Object.entries(files).map(([path, file]): [string, TreeFile] => {
        const [blob, mode] = typeof file === 'string' ? [file, '100644'] : file
        return [path, { path, blob, mode }]
      })
    )
  }
}

/** `KIND BEFORE -> PATH`, for comparing. */
function told(base: Pick<Tree, 'files'>, head: Pick<Tree, 'files'>): string[] {
  return differences(base, head).map((change) =>
    change.kind === 'renamed' ? `renamed ${change.before.path} -> ${change.path}` : `${change.kind} ${change.path}`
  )
}

test('what is the same in both is no change', () => {
  expect(told(tree({ a: '1', b: '2' }), tree({ b: '2', a: '1' }))).toEqual([])
})

test('files are added, edited and deleted, sorted by path', () => {
  expect(told(tree({ b: '1', d: '3' }), tree({ b: '2', a: '9', c: '4' }))).toEqual([
    'added a',
    'edited b',
    'added c',
    'deleted d'
  ])
})

test('a file that becomes a link to the same text, or executable, is edited', () => {
  expect(told(tree({ a: '1', b: '2' }), tree({ a: ['1', '120000'], b: ['2', '100755'] }))).toEqual([
    'edited a',
    'edited b'
  ])
})

test('names that differ in case only are two files', () => {
  expect(told(tree({ 'm/A.sql': '1' }), tree({ 'm/a.sql': '2' }))).toEqual(['deleted m/A.sql', 'added m/a.sql'])
})

test('the same contents under another path is a rename', () => {
  expect(told(tree({ 'old/a.exs': '1' }), tree({ 'new/b.exs': '1' }))).toEqual(['renamed old/a.exs -> new/b.exs'])
})

test('of several files with the same contents, each is renamed to one: that of its name, then of its folder', () => {
  const base = tree({ 'a/x.sql': '0', 'a/y.sql': '0', 'b/z.sql': '0' })
  expect(told(base, tree({ 'c/y.sql': '0', 'b/w.sql': '0', 'a/v.sql': '0', 'a/u.sql': '0' }))).toEqual([
    'added a/u.sql',
    'renamed a/x.sql -> a/v.sql',
    'renamed b/z.sql -> b/w.sql',
    'renamed a/y.sql -> c/y.sql'
  ])
})

test('a migration of Ecto with another version and other contents is the same one, renamed', () => {
  const base = tree({ 'priv/repo/migrations/20240101000000_add_users.exs': '1' })
  const head = tree({ 'priv/repo/migrations/20240105000000_add_users.exs': '2' })
  expect(told(base, head)).toEqual([
    'renamed priv/repo/migrations/20240101000000_add_users.exs -> priv/repo/migrations/20240105000000_add_users.exs'
  ])
})

test('a migration of Prisma with another name and other contents is the same one, renamed', () => {
  const base = tree({ 'prisma/migrations/20240101000000_a/migration.sql': '1' })
  const head = tree({ 'prisma/migrations/20240101000000_b/migration.sql': '2' })
  expect(differences(base, head).map(({ kind }) => kind)).toEqual(['renamed'])
})

test('the same version comes before the same name', () => {
  const base = tree({ 'm/101_a.exs': '1', 'm/102_b.exs': '2' })
  const head = tree({ 'm/101_b.exs': '3', 'm/103_a.exs': '4' })
  expect(told(base, head)).toEqual(['renamed m/101_a.exs -> m/101_b.exs', 'deleted m/102_b.exs', 'added m/103_a.exs'])
})

test.each([
  ['another folder', 'one/20240101000000_a.exs', 'two/20240101000000_a.exs'],
  ['another kind of file', 'm/20240101000000_a/migration.sql', 'm/20240101000000_a/down.sql'],
  ['no version', 'm/a.exs', 'm/b.exs']
])('other contents and %s is no rename', (_, before, after) => {
  expect(told(tree({ [before]: '1' }), tree({ [after]: '2' })).sort()).toEqual([`added ${after}`, `deleted ${before}`])
})

test('a hundred thousand files are compared in half a second', () => {
  const many = (changed: number): Pick<Tree, 'files'> =>
    tree(
      Object.fromEntries(
        Array.from({ length: 100_000 }, (_, index) => [
          `app/${index % 500}/${index}.ts`,
          index < changed ? `c${index}` : `${index}`
        ])
      )
    )
  const [base, head] = [many(0), many(1000)]
  expect(differences(base, head)).toHaveLength(1000)
})
