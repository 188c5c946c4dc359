import { execFileSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'
import { isolatedGit } from '../../rehearse/git.ts'
import { readOptions } from '../../rehearse/options.ts'
import { dated } from '../../rehearse/pulls.ts'
import { temporaryRepository } from '../../rehearse/repository.ts'
import { readSettings } from '../../rehearse/settings.ts'
import { settle } from '../../rehearse/settled-options.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { folderOf } from './rehearse-folder.ts'
import { messagesOf, optionsOf } from './told-problems.ts'

const file = '.github/rehearsal.yml'
const addsB = `diff --git a/b.txt b/b.txt
new file mode 100644
--- /dev/null
+++ b/b.txt
@@ -0,0 +1 @@
+b
`
const described = `event: pull_request
pull: adds-b
pulls:
  adds-b:
    title: Add b
    author: dora
    patch: .github/adds-b.patch
    reviews:
      - user: maria
        state: approved
        body: 'ALLOW_CORE_MIGRATION: needed now, until {in 7 days}'
  from-outside:
    title: Add b from a fork
    patch: .github/adds-b.patch
    fork: true
`
const files = { [file]: described, '.github/adds-b.patch': addsB, 'a.txt': 'a\n' }

describe('the pull requests that a repository describes', () => {
  test('are rehearsed by name, or the usual one', () => {
    const folder = folderOf(files)
    const settings = readSettings(folder)
    expect(settle(optionsOf(), settings, folder)).toMatchObject({
      event: 'pull_request',
      pull: { name: 'adds-b', number: 1, author: 'dora', branch: 'adds-b', reviews: [{ user: 'maria' }] }
    })
    expect(settle(optionsOf('--pull', 'from-outside'), settings, folder)).toMatchObject({
      event: 'pull_request',
      pull: { number: 2, fork: true, author: 'author', reviews: [] }
    })
    expect(settle(optionsOf('--event', 'push'), settings, folder).pull).toBeUndefined()
  })

  test('that nobody described are told, with those that are', () => {
    const folder = folderOf(files)
    const settings = readSettings(folder)
    expect(messagesOf(() => settle(optionsOf('--pull', 'other'), settings, folder))).toEqual([
      '--pull other: the repository describes no such pull request'
    ])
    expect(readOptions(['--event', 'push', '--pull', 'x'])).toMatchObject({
      problems: [{ code: 'rehearse-arguments' }]
    })
  })

  test('are told with everything that is wrong in them', () => {
    const folder = folderOf({
      [file]:
        'pull: none\npulls:\n  a: {title: A, patch: nowhere.patch, reviews: [{state: fine}], nme: x}\n  b: {title: 1}\n'
    })
    expect(messagesOf(() => readSettings(folder))).toEqual([
      'pulls.a.nme is nothing that is known here',
      'pulls.a.patch is nowhere.patch, and there is no such file',
      'pulls.a.reviews[0].user is missing',
      'pulls.a.reviews[0].state is "fine"',
      'pulls.b.title is 1, and has to be a text',
      'pulls.b has no title or no patch',
      'pull is none, and pulls has none of that name'
    ])
    expect(messagesOf(() => readSettings(folderOf({ [file]: 'pulls: [a]\nbeside: [../gone]\n' })))).toEqual([
      'beside[0] is ../gone, and there is no such folder',
      'pulls is no mapping'
    ])
  })

  test('have people, branches and forks as GitHub has them', () => {
    const folder = folderOf({
      ...files,
      [file]: `pulls:
  a b: {title: A, patch: .github/adds-b.patch, author: "<x>", fork: "yes", reviews: [{user: "a/b", state: approved}]}
  own: {title: A, patch: .github/adds-b.patch, author: dora, reviews: [{user: dora, state: approved}, {user: dora, state: commented}]}
`
    })
    expect(messagesOf(() => readSettings(folder))).toEqual([
      'pulls.a b.author is <x>, and that is no login',
      'pulls.a b: a b is no name for a branch',
      'pulls.a b.fork is "yes"',
      'pulls.a b.reviews[0].user is a/b, and that is no login',
      'pulls.own.reviews[0].user is the author'
    ])
  })

  test('may have the name of a branch that is there, but not of the one that they go to', async () => {
    const folder = folderOf(files)
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=x', '-c', 'user.email=x', ...args]).toString()
    for (const args of [
      ['init', '-q', '-b', 'adds-b'],
      ['add', '-A'],
      ['commit', '-qm', 'x'],
      ['branch', 'main']
    ])
      git(...args)
    const { pull } = settle(optionsOf(), readSettings(folder), folder)
    const work = temporaryFolder('work')
    const { defaultBranch } = await temporaryRepository(folder, undefined, work, isolatedGit(work), pull)
    expect(defaultBranch).toBe('main')
    const into = temporaryFolder('work')
    const same = pull === undefined ? undefined : { ...pull, branch: 'main' }
    await expect(temporaryRepository(folder, undefined, into, isolatedGit(into), same)).rejects.toMatchObject({
      problems: [{ code: 'rehearse-settings' }]
    })
  })

  test('promise days that are ahead, whenever they are rehearsed', () => {
    const now = Date.UTC(2026, 11, 30)
    expect(dated('until {in 7 days}, {in 1 day}, {in a day}', now)).toBe('until 2027-01-06, 2026-12-31, {in a day}')
  })

  test('become a branch with their patch, and the merge that GitHub makes of it', async () => {
    const folder = folderOf(files)
    const { pull } = settle(optionsOf(), readSettings(folder), folder)
    const work = temporaryFolder('work')
    const repository = await temporaryRepository(folder, undefined, work, isolatedGit(work), pull)
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', repository.origin, ...args])
        .toString()
        .trim()
    expect(repository.pull).toEqual({
      base: git('rev-parse', 'refs/heads/main'),
      head: git('rev-parse', 'refs/pull/1/head'),
      merge: git('rev-parse', 'refs/pull/1/merge')
    })
    expect(repository.sha).toBe(repository.pull?.merge)
    expect(git('log', '--format=%an %s', '-1', 'adds-b')).toBe('dora Add b')
    expect(git('diff', '--name-status', 'main...adds-b')).toBe('A\tb.txt')
    expect(git('rev-parse', 'refs/pull/1/merge^1', 'refs/pull/1/merge^2').split('\n')).toEqual([
      repository.pull?.base,
      repository.pull?.head
    ])
  })

  test('whose patch does not fit are told before anything runs', async () => {
    const folder = folderOf({ ...files, 'b.txt': 'another b\n' })
    const { pull } = settle(optionsOf(), readSettings(folder), folder)
    const work = temporaryFolder('work')
    const made = temporaryRepository(folder, undefined, work, isolatedGit(work), pull)
    await expect(made).rejects.toMatchObject({ problems: [{ code: 'rehearse-patch' }] })
    await expect(made).rejects.toThrow(/adds-b does not fit the repository: .*b\.txt: already exists/)
  })
})
