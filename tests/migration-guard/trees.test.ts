import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { blobId, createContents } from '../../actions/migration-guard/contents.ts'
import { openGit, type Git } from '../../actions/migration-guard/git.ts'
import { listTree, readCommitTree, resolveCommit } from '../../actions/migration-guard/git-tree.ts'
import { readIndexTree, readWorkingTree } from '../../actions/migration-guard/local-tree.ts'
import { pathBytes, pathText } from '../../actions/migration-guard/path-bytes.ts'
import type { Tree } from '../../actions/migration-guard/tree.ts'
import { createGitHistory, type GitHistory } from '../support/git-history.ts'

async function open(history: GitHistory): Promise<Git> {
  const opened = await openGit(history.folder, process.env, false)
  if (!('git' in opened)) throw new Error(opened.why)
  return opened.git
}

async function treeAt(history: GitHistory, revision = 'HEAD'): Promise<Tree> {
  const git = await open(history)
  const tree = await readCommitTree(git, history.id(revision), createContents(git, undefined))
  if (tree === undefined) throw new Error(`${revision} is not there`)
  return tree
}

async function texts(tree: Tree): Promise<Record<string, string>> {
  const entries = [...tree.files.keys()].map(
    async (path) => [path, (await tree.read(path)).toString('latin1')] as const
  )
  return Object.fromEntries(await Promise.all(entries))
}

test('a tree has every file with its mode and its contents, and names submodules apart', async () => {
  const history = createGitHistory()
  history.write({ 'bin/run': '#!/bin/sh\n' })
  chmodSync(join(history.folder, 'bin/run'), 0o755)
  const other = history.commit({
    'a/b/c.sql': 'select 1;',
    link: { link: 'a/b' },
    empty: '',
    bytes: Buffer.from([0, 255, 10])
  })
  history.git('update-index', '--add', '--cacheinfo', `160000,${other},deps/module`)
  history.git('commit', '--quiet', '-m', 'a submodule')

  const tree = await treeAt(history)
  expect(await texts(tree)).toEqual({
    'a/b/c.sql': 'select 1;',
    'bin/run': '#!/bin/sh\n',
    bytes: '\0\xff\n',
    empty: '',
    link: 'a/b'
  })
  expect([...tree.files.values()].map(({ path, mode }) => [path, mode])).toEqual([
    ['a/b/c.sql', '100644'],
    ['bin/run', '100755'],
    ['bytes', '100644'],
    ['empty', '100644'],
    ['link', '120000']
  ])
  expect([...(tree.submodules ?? [])]).toEqual([['deps/module', { path: 'deps/module', mode: '160000', blob: other }]])
  expect(tree.commit).toBe(history.id())
})

test('names with newlines, quotes, tabs, letters beyond ASCII and in two cases are kept as they are', async () => {
  const history = createGitHistory()
  const names = [
    'a\nb.sql',
    '"quoted".sql',
    'tab\there',
    'grün/öl.sql',
    'A.sql',
    'a.sql',
    'back\\slash',
    ' space ',
    '-x'
  ]
  history.commit(Object.fromEntries(names.map((name) => [name, name])))
  expect(await texts(await treeAt(history))).toEqual(
    Object.fromEntries(names.map((name) => [name, Buffer.from(name).toString('latin1')]))
  )
})

test('names that are no UTF-8 stay apart, and lead back to their bytes', async () => {
  const history = createGitHistory()
  const one = Buffer.from([0x61, 0xff, 0x62])
  const other = Buffer.from([0x61, 0xfe, 0x62])
  writeFileSync(Buffer.concat([Buffer.from(`${history.folder}/`), one]), 'one')
  writeFileSync(Buffer.concat([Buffer.from(`${history.folder}/`), other]), 'other')
  history.commit({ 'ü.sql': 'plain' })
  const tree = await treeAt(history)
  expect(await texts(tree)).toEqual({ 'a\udcffb': 'one', 'a\udcfeb': 'other', 'ü.sql': 'plain' })
  expect([...tree.files.keys()].map(pathBytes)).toEqual([other, one, Buffer.from('ü.sql')])
  const odd = Buffer.from([0xed, 0xb2, 0x80, 0xc3, 0x28, 0xf0, 0x9f, 0x98, 0x80])
  expect(pathBytes(pathText(odd))).toEqual(odd)
})

test('a repository with SHA-256 is read as any other', async () => {
  const history = createGitHistory('sha256')
  history.commit({ 'a.sql': 'select 1;' })
  const tree = await treeAt(history)
  expect(tree.files.get('a.sql')?.blob).toBe(blobId(Buffer.from('select 1;'), 'sha256'))
  expect(await texts(tree)).toEqual({ 'a.sql': 'select 1;' })
})

test('what a shallow clone lacks is not there, and nothing is fetched for it', async () => {
  const history = createGitHistory()
  const first = history.commit({ a: '1' })
  history.commit({ a: '2' })
  const clone = history.clone('--depth', '1')
  const git = await open(clone)
  expect(git.shallow).toBe(true)
  expect(await resolveCommit(git, first)).toBeUndefined()
  expect(await listTree(git, first)).toBeUndefined()
  expect((await open(history)).shallow).toBe(false)
})

test.each(['blob:none', 'tree:0'])('a partial clone (%s) fetches nothing', async (filter) => {
  const history = createGitHistory()
  const first = history.commit({ 'm/a.sql': 'select 1;', 'm/b.sql': 'select 2;' })
  const second = history.commit({ 'm/a.sql': 'select 3;' })
  const clone = history.clone('--filter', filter)
  const git = await open(clone)
  const read = createContents(git, undefined)
  const files = await listTree(git, first)
  expect(files === undefined ? [] : [...files.keys()]).toEqual(filter === 'tree:0' ? [] : ['m/a.sql', 'm/b.sql'])
  const lacking = blobId(Buffer.from('select 1;'), 'sha1')
  await expect(read(lacking)).rejects.toMatchObject({ problems: [{ code: 'contents-unreadable' }] })
  // The checkout brought those of its own commit, which are found behind one that is not there.
  const [there, missing] = await Promise.allSettled([read(blobId(Buffer.from('select 3;'), 'sha1')), read(lacking)])
  expect([there.status, missing.status]).toEqual(['fulfilled', 'rejected'])
  expect(await resolveCommit(git, second)).toBe(second)
})

test('contents that the clone lacks come from elsewhere, once', async () => {
  const history = createGitHistory()
  history.commit({ a: '1' })
  const asked: string[] = []
  const read = createContents(await open(history), (id) => {
    asked.push(id)
    return Promise.resolve(Buffer.from('elsewhere'))
  })
  const here = blobId(Buffer.from('1'), 'sha1')
  const away = blobId(Buffer.from('away'), 'sha1')
  expect((await Promise.all([read(here), read(away), read(away)])).map(String)).toEqual(['1', 'elsewhere', 'elsewhere'])
  expect(asked).toEqual([away])
})

test('a replaced object, a file monitor and hooks of the repository change nothing', async () => {
  const history = createGitHistory()
  const first = history.commit({ a: 'true' })
  const lie = history.commit({ a: 'lie' })
  history.git('replace', first, lie)
  history.git('config', 'core.fsmonitor', 'touch monitored; false')
  history.git('config', 'core.quotePath', 'true')
  const tree = await treeAt(history, first)
  expect(await texts(tree)).toEqual({ a: 'true' })
  const git = await open(history)
  const working = await readWorkingTree(git, lie, createContents(git, undefined))
  expect([...working.files.keys()]).toEqual(['a'])
})

test.each([
  ['no repository', 'is no checkout'],
  ['no folder', 'is no folder']
])('%s is told with what to do', async (what, said) => {
  const history = createGitHistory()
  history.write({ 'sub/x': '1' })
  const { rmSync } = await import('node:fs')
  if (what === 'no repository') rmSync(join(history.folder, '.git'), { recursive: true })
  const folder = what === 'no repository' ? history.folder : join(history.folder, 'none')
  const opened = await openGit(folder, { ...process.env, GIT_CEILING_DIRECTORIES: history.folder }, false)
  expect(opened).toMatchObject({ why: expect.stringContaining(said), next: expect.stringMatching(/checkout|PATH/) })
})

test('variables of git that a surrounding process has set do not lead elsewhere', async () => {
  const [one, other] = [createGitHistory(), createGitHistory()]
  one.commit({ one: '1' })
  other.commit({ other: '2' })
  const opened = await openGit(one.folder, { ...process.env, GIT_DIR: join(other.folder, '.git') }, false)
  if (!('git' in opened)) throw new Error(opened.why)
  expect([...((await listTree(opened.git, 'HEAD')) ?? new Map()).keys()]).toEqual(['one'])
})

test('the index is what the next commit would hold', async () => {
  const history = createGitHistory()
  history.commit({ kept: '1', edited: '1', gone: '1', renamed: 'the same' })
  history.write({ edited: '2', added: '3', 'not added': '4', intended: '5' })
  history.git('add', 'edited', 'added')
  history.git('add', '--intent-to-add', 'intended')
  history.git('rm', '--quiet', 'gone')
  history.git('mv', 'renamed', 'elsewhere')
  history.write({ edited: 'later than the index' })
  const git = await open(history)
  const index = await readIndexTree(git, history.id(), createContents(git, undefined))
  expect(index.commit).toBe('index')
  expect(await texts(index)).toEqual({ kept: '1', edited: '2', added: '3', elsewhere: 'the same' })
})

test('an index with a merge conflict is told', async () => {
  const history = createGitHistory()
  history.commit({ a: '1' })
  history.branch('other')
  history.commit({ a: '2' })
  history.checkout('main')
  history.commit({ a: '3' })
  expect(() => history.merge('other')).toThrow()
  const git = await open(history)
  await expect(readIndexTree(git, history.id(), createContents(git, undefined))).rejects.toMatchObject({
    problems: [{ code: 'git-unmerged', message: expect.stringContaining('"a"') }]
  })
})

test('the working tree has what was not added and is not ignored, with the ids that git would give', async () => {
  const history = createGitHistory()
  history.commit({
    '.gitattributes': '*.sql text eol=crlf\n',
    '.gitignore': 'deps/\n',
    'a.sql': 'select 1;\n',
    gone: '1',
    same: '1'
  })
  history.write({
    'a.sql': 'select 2;\r\n',
    gone: null,
    'deps/x.exs': 'ignored',
    'new/"b".sql': 'select 3;\r\n',
    'new/line\nfeed.sql': 'select 4;\r\n',
    link: { link: 'nowhere' }
  })
  // As old as the commit, so that git has to look into it.
  history.write({ same: '1' })
  writeFileSync(Buffer.concat([Buffer.from(`${history.folder}/new/`), Buffer.from([0xff])]), 'bytes')
  const git = await open(history)
  const tree = await readWorkingTree(git, history.id(), createContents(git, undefined))
  expect(await texts(tree)).toEqual({
    '.gitattributes': '*.sql text eol=crlf\n',
    '.gitignore': 'deps/\n',
    'a.sql': 'select 2;\n',
    'new/"b".sql': 'select 3;\n',
    'new/line\nfeed.sql': 'select 4;\n',
    'new/\udcff': 'bytes',
    link: 'nowhere',
    same: '1'
  })
  history.git('add', '--all')
  const staged = await readIndexTree(git, history.id(), createContents(git, undefined))
  expect(new Map([...tree.files].sort())).toEqual(new Map([...staged.files].sort()))
})

test('an executable bit and a file that became a link are seen in the working tree', async () => {
  const history = createGitHistory()
  history.commit({ a: '1', b: '2' })
  chmodSync(join(history.folder, 'a'), 0o755)
  history.write({ b: null })
  symlinkSync('a', join(history.folder, 'b'))
  const git = await open(history)
  const tree = await readWorkingTree(git, history.id(), createContents(git, undefined))
  expect([...tree.files.values()].map(({ path, mode }) => [path, mode]).sort()).toEqual([
    ['a', '100755'],
    ['b', '120000']
  ])
})

test('a submodule is there in the index, and a repository within the working tree as what git would make of it', async () => {
  const history = createGitHistory()
  const first = history.commit({ a: '1' })
  history.git('update-index', '--add', '--cacheinfo', `160000,${first},deps/module`)
  history.git('init', '--quiet', 'nested')
  history.git('-C', 'nested', '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x')
  const git = await open(history)
  const read = createContents(git, undefined)
  expect([...((await readIndexTree(git, first, read)).submodules?.keys() ?? [])]).toEqual(['deps/module'])
  expect([...((await readWorkingTree(git, first, read)).submodules?.keys() ?? [])]).toContain('nested')
})

test('a hundred thousand files are listed', async () => {
  const history = createGitHistory()
  const blob = blobId(Buffer.from(''), 'sha1')
  history.commit({ empty: '' })
  const { execFileSync } = await import('node:child_process')
  const entries = Array.from(
    { length: 100_000 },
    (_, index) => `100644 blob ${blob}\tapps/${index % 300}/file-${index}.ts`
  )
  execFileSync('git', ['update-index', '--index-info'], { cwd: history.folder, input: `${entries.join('\n')}\n` })
  const tree = history.git('write-tree')
  const git = await open(history)
  expect((await listTree(git, tree))?.size).toBe(100_001)
})
