import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { isolatedGit, type Git } from '../../rehearse/git.ts'
import { tagAtHead, tagProblems, temporaryRepository } from '../../rehearse/repository.ts'
import { temporaryFolder } from '../support/run-action.ts'

let base: string
let source: string
let git: Git

beforeEach(() => {
  base = temporaryFolder('repository')
  source = join(base, 'my project')
  mkdirSync(source)
  git = isolatedGit(base)
})

function write(path: string, text = path): void {
  mkdirSync(dirname(join(source, path)), { recursive: true })
  writeFileSync(join(source, path), text)
}

async function commitAll(): Promise<void> {
  await git(['init', '--quiet'], { cwd: source })
  await git(['add', '--all'], { cwd: source })
  await git(['commit', '--quiet', '-m', 'First'], { cwd: source })
}

const copy = (tag = 'v1.0.0') => temporaryRepository(source, tag, join(base, 'work'), git)

describe('the copy of a repository', () => {
  test('has its history, its tags and the working tree as it is', async () => {
    write('kept')
    write('deleted')
    await commitAll()
    await git(['tag', 'v0.9.0'], { cwd: source })
    write('kept', 'changed')
    write('sub/näme with space.txt')
    await git(['add', 'sub'], { cwd: source })
    rmSync(join(source, 'deleted'))

    const { folder, refs, sha, remarks } = await copy()
    expect(readFileSync(join(folder, 'kept'), 'utf8')).toBe('changed')
    expect(existsSync(join(folder, 'deleted'))).toBe(false)
    expect((await git(['log', '--format=%s'], { cwd: folder })).trim().split('\n')).toEqual([
      'Rehearse the working tree',
      'First'
    ])
    expect(refs.get('refs/tags/v1.0.0')).toBe(sha)
    expect(refs.get('refs/tags/v0.9.0')).not.toBe(sha)
    expect(refs.get('refs/heads/main')).toBe(sha)
    expect(remarks).toEqual(['the working tree has changes that are not committed; they are part of the rehearsal'])
    expect(await git(['ls-tree', '-r', '-z', '--name-only', sha], { cwd: folder })).toBe(
      'kept\0sub/näme with space.txt\0'
    )
  })

  test('of a clean repository is at the same commit, and a tag there stays as it is', async () => {
    write('file')
    await commitAll()
    await git(['tag', '-a', '-m', 'One', 'v1.0.0'], { cwd: source })
    const head = (await git(['rev-parse', 'HEAD'], { cwd: source })).trim()
    const { folder, sha, remarks } = await copy()
    expect(sha).toBe(head)
    expect((await git(['cat-file', '-t', 'v1.0.0'], { cwd: folder })).trim()).toBe('tag')
    expect(remarks).toEqual([])
    expect(await tagAtHead(source, git)).toBe('v1.0.0')
  })

  test('moves a tag that is at another commit than HEAD, and says so', async () => {
    write('file')
    await commitAll()
    await git(['tag', 'v1.0.0'], { cwd: source })
    await git(['commit', '--quiet', '--allow-empty', '-m', 'Second'], { cwd: source })
    const [tagged, head] = (await git(['rev-parse', 'v1.0.0', 'HEAD'], { cwd: source })).split('\n')
    const { refs, sha, remarks } = await copy()
    expect(sha).toBe(head)
    expect(refs.get('refs/tags/v1.0.0')).toBe(sha)
    expect(remarks).toEqual([
      `the tag v1.0.0 is at ${tagged?.slice(0, 10)}, and the working tree at ${sha.slice(0, 10)}: ` +
        'the working tree is rehearsed, not the tag'
    ])
  })

  test('says nothing of the tag when it is at HEAD and only the working tree is ahead', async () => {
    write('file')
    await commitAll()
    await git(['tag', 'v1.0.0'], { cwd: source })
    write('file', 'changed')
    const { refs, sha, remarks } = await copy()
    expect(refs.get('refs/tags/v1.0.0')).toBe(sha)
    expect(remarks).toEqual(['the working tree has changes that are not committed; they are part of the rehearsal'])
  })

  test('leaves ignored files, hooks, configuration and credentials behind', async () => {
    write('.gitignore', 'ignored\n')
    write('ignored')
    await commitAll()
    write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n')
    await git(['remote', 'add', 'origin', 'https://user:planted@github.com/some/where.git'], { cwd: source })
    await git(['config', 'http.extraheader', 'AUTHORIZATION: basic planted'], { cwd: source })
    for (const name of ['.env', '.secrets', '.npmrc', '.pypirc', 'sub/.netrc']) write(name, 'A=planted')
    write('new')
    await git(['add', 'new'], { cwd: source })

    const { folder, origin, owner, name, ownerIsMadeUp, remarks } = await copy()
    expect([owner, name, ownerIsMadeUp]).toEqual(['some', 'where', false])
    for (const place of [folder, join(folder, '.git'), origin]) {
      expect(readFileSync(join(place, place === folder ? '.git/config' : 'config'), 'utf8')).not.toContain('planted')
    }
    expect((await git(['ls-files'], { cwd: folder })).trim().split('\n')).toEqual(['.gitignore', 'new'])
    expect(remarks).toContain(
      'files that git does not know are left out (git add takes them in): .env, .npmrc, .pypirc, .secrets, sub/.netrc'
    )
  })

  test('of a folder that is no repository is named after it', async () => {
    write('.gitignore', '*.log\n')
    write('a.log')
    write('a')
    symlinkSync('a', join(source, 'link'))
    write('.pypirc', 'planted')
    const { owner, name, ownerIsMadeUp, folder } = await copy()
    expect([owner, name, ownerIsMadeUp]).toEqual(['octo-org', 'my-project', true])
    expect((await git(['ls-files'], { cwd: folder })).trim().split('\n')).toEqual(['.gitignore', 'a', 'link'])
  })

  test('of a folder inside a repository is that folder alone', async () => {
    write('outside')
    write('inner/file')
    await commitAll()
    const { folder, name } = await temporaryRepository(join(source, 'inner'), 'v1', join(base, 'work'), git)
    expect(name).toBe('inner')
    expect((await git(['ls-files'], { cwd: folder })).trim()).toBe('file')
  })

  test.each(['v1 .0', 'v1..0', '-d', 'v1~', ''])('the tag "%s" is refused', async (tag) => {
    expect(await tagProblems(tag, git)).toMatchObject([{ message: `"${tag}" is no name for a tag` }])
  })

  test('a tag with the characters of a shell is only a name', async () => {
    write('file')
    const { refs } = await copy('v1.0.0$(touch${IFS}x)')
    expect([...refs.keys()]).toContain('refs/tags/v1.0.0$(touch${IFS}x)')
    expect(existsSync(join(base, 'work', 'repository', 'x'))).toBe(false)
  })
})
