import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { isolatedGit, type Git } from '../../rehearse/git.ts'
import { tagAtHead, temporaryRepository } from '../../rehearse/repository.ts'

let base: string
let source: string
let git: Git

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'repository-'))
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

  test('moves a tag that is elsewhere, and says so', async () => {
    write('file')
    await commitAll()
    await git(['tag', 'v1.0.0'], { cwd: source })
    write('file', 'later')
    const { refs, sha, remarks } = await copy()
    expect(refs.get('refs/tags/v1.0.0')).toBe(sha)
    expect(remarks.join()).toContain('the tag v1.0.0 exists at another commit')
  })

  test('leaves ignored files, hooks, configuration and credentials behind', async () => {
    write('.gitignore', 'ignored\n')
    write('ignored')
    await commitAll()
    write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n')
    await git(['remote', 'add', 'origin', 'https://user:planted@github.com/some/where.git'], { cwd: source })
    await git(['config', 'http.extraheader', 'AUTHORIZATION: basic planted'], { cwd: source })
    write('.env', 'A=planted')
    write('.secrets', 'A=planted')
    write('new')

    const { folder, origin, owner, name } = await copy()
    expect([owner, name]).toEqual(['some', 'where'])
    for (const place of [folder, join(folder, '.git'), origin]) {
      expect(readFileSync(join(place, place === folder ? '.git/config' : 'config'), 'utf8')).not.toContain('planted')
    }
    expect((await git(['ls-files'], { cwd: folder })).trim().split('\n')).toEqual(['.gitignore', 'new'])
  })

  test('of a folder that is no repository is named after it', async () => {
    write('.gitignore', '*.log\n')
    write('a.log')
    write('a')
    symlinkSync('a', join(source, 'link'))
    const { owner, name, folder } = await copy()
    expect([owner, name]).toEqual(['octo-org', 'my-project'])
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
    write('file')
    await expect(copy(tag)).rejects.toThrow('is no name for a tag')
  })

  test('a tag with the characters of a shell is only a name', async () => {
    write('file')
    const { refs } = await copy('v1.0.0$(touch${IFS}x)')
    expect([...refs.keys()]).toContain('refs/tags/v1.0.0$(touch${IFS}x)')
    expect(existsSync(join(base, 'work', 'repository', 'x'))).toBe(false)
  })
})
