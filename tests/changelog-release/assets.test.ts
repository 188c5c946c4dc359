import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { labelFor, remoteName } from '../../actions/changelog-release/asset-name.ts'
import { findAssets } from '../../actions/changelog-release/assets.ts'
import { temporaryFolder } from '../support/run-action.ts'

function workspace(...files: readonly string[]): string {
  const root = temporaryFolder('assets')
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), `bytes of ${file}`)
  }
  return root
}

async function names(root: string, ...patterns: string[]): Promise<readonly string[]> {
  const { assets, problems } = await findAssets(root, patterns)
  expect(problems).toEqual([])
  return assets.map(({ name }) => name)
}

async function codes(root: string, ...patterns: string[]): Promise<readonly string[]> {
  const { assets, problems } = await findAssets(root, patterns)
  expect(assets).toEqual([])
  return problems.map(({ code }) => code)
}

describe('the name GitHub gives a file', () => {
  test.each([
    ['app-1.0.0_x86+64@2.tar.gz', 'app-1.0.0_x86+64@2.tar.gz'],
    ['we ird (1)~x.txt', 'we.ird.1.x.txt'],
    ['.hidden', 'default.hidden'],
    ['naïve.txt', 'naive.txt'],
    ['naïve', 'default.naive'],
    ['a,b:c"d\'e\nf.txt', 'a.b.c.d.e.f.txt'],
    ['..x..', 'default.x'],
    ['🎉party.zip', 'party.zip'],
    ['日本.zip', 'default.zip'],
    ['LICENSE', 'LICENSE']
  ])('%j becomes %j', (file, remote) => {
    expect(remoteName(file)).toBe(remote)
    expect(remoteName(remote)).toBe(remote)
  })

  test('is none where nothing would be left', () => {
    expect(remoteName('🎉')).toBeUndefined()
  })

  test('is accompanied by the file’s own name, on one line', () => {
    expect(labelFor('a\nb c.txt', 'a.b.c.txt')).toBe('a b c.txt')
    expect(labelFor('a.txt', 'a.txt')).toBeUndefined()
  })
})

describe('assets are found', () => {
  test('by globs and paths, once each, sorted, with size, hash and type', async () => {
    const root = workspace('dist/b.whl', 'dist/a.tar.gz', 'dist/sub/c.txt', 'dist/.dot', 'notes.bin')
    const { assets } = await findAssets(root, ['dist/*.whl', 'dist/*', 'dist/**/*.txt', join(root, 'notes.bin')])
    expect(assets.map(({ path }) => path)).toEqual(['dist/a.tar.gz', 'dist/b.whl', 'dist/sub/c.txt', 'notes.bin'])
    const bytes = 'bytes of dist/a.tar.gz'
    expect(assets[0]).toEqual({
      path: 'dist/a.tar.gz',
      absolutePath: join(root, 'dist/a.tar.gz'),
      name: 'a.tar.gz',
      contentType: 'application/gzip',
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex')
    })
    expect(assets.at(-1)?.contentType).toBe('application/octet-stream')
  })

  test('by names that are globs too, and with any character in them', async () => {
    const root = workspace('app[1].zip', 'app1.zip', 'a b.txt', 'quote".txt', 'new\nline.txt', '$(touch x).txt')
    expect(await names(root, 'app[1].zip')).toEqual(['app.1.zip'])
    expect(await names(root, '*.txt')).toEqual(['a.b.txt', 'new.line.txt', 'quote.txt', 'touch.x.txt'])
  })
})

describe('assets are refused', () => {
  test('when a glob matches nothing, or only folders', async () => {
    const root = workspace('dist/a.txt')
    expect(await codes(root, '*.whl', 'dist', 'dist/a.txt')).toEqual(['asset-glob-unmatched', 'asset-is-a-folder'])
  })

  test('outside the workspace, also where a link leads there', async () => {
    const root = workspace('in/a.txt')
    const other = workspace('secret.txt')
    symlinkSync(join(other, 'secret.txt'), join(root, 'in/link.txt'))
    symlinkSync(other, join(root, 'linked'))
    expect(await codes(root, '../*/secret.txt')).toEqual(['asset-outside-workspace'])
    expect(await codes(root, join(other, 'secret.txt'))).toEqual(['asset-outside-workspace'])
    expect(await codes(root, 'in/*')).toEqual(['asset-outside-workspace'])
    expect(await codes(root, 'linked/*.txt')).toEqual(['asset-outside-workspace'])
    symlinkSync('a.txt', join(root, 'in/inside.txt'))
    expect(await names(root, 'in/inside.txt')).toEqual(['inside.txt'])
  })

  test('when a link leads nowhere', async () => {
    const root = workspace('a.txt')
    symlinkSync('gone.txt', join(root, 'link.txt'))
    expect(await codes(root, '*.txt')).toEqual(['asset-unreadable'])
  })

  test('when they are empty or too large, all told at once', async () => {
    const root = workspace('large.bin', 'fits.bin', 'empty.bin')
    truncateSync(join(root, 'large.bin'), 2 ** 31)
    truncateSync(join(root, 'empty.bin'), 0)
    expect(await codes(root, '*.bin')).toEqual(['asset-empty', 'asset-too-large'])
  })

  test('when two would get one name, or one no name', async () => {
    const root = workspace('a/x y.txt', 'b/x-y.txt', 'b/x(y.txt', '🎉')
    const { problems } = await findAssets(root, ['**'])
    expect(problems.map(({ code }) => code)).toEqual(['asset-name-collision', 'asset-name-unusable'])
    expect(problems[0]?.message).toBe('"a/x y.txt" and "b/x(y.txt" would both be the asset x.y.txt.')
  })

  test('when there are more than a release can have', async () => {
    const root = workspace(...Array.from({ length: 1_001 }, (_, n) => `f${n}.txt`))
    expect(await codes(root, '*.txt')).toEqual(['assets-too-many'])
  })
})

test('a pipe is told for what it is', async () => {
  const root = workspace('dist/a.whl')
  execFileSync('mkfifo', [join(root, 'dist/pipe')])
  expect(await codes(root, 'dist/pipe')).toEqual(['asset-not-a-file'])
})

test('an absolute path may lead through the link by which the workspace is known', async () => {
  const root = workspace('dist/a.whl')
  const link = join(temporaryFolder('link'), 'workspace')
  symlinkSync(root, link)
  expect(await names(link, join(link, 'dist/a.whl'))).toEqual(['a.whl'])
  expect(await names(link, join(link, 'dist/*.whl'))).toEqual(['a.whl'])
  expect(await codes(link, join(link, '../other.whl'))).toEqual(['asset-glob-unmatched'])
})
