import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readChangelogFile } from '../../actions/changelog-release/changelog-file.ts'
import { temporaryFolder } from '../support/run-action.ts'

test('a changelog outside of the workspace is refused, by path and by link', async () => {
  const outer = temporaryFolder('changelog')
  const workspace = join(outer, 'workspace')
  mkdirSync(workspace)
  writeFileSync(join(outer, 'secret.txt'), 'secret')
  symlinkSync('../secret.txt', join(workspace, 'CHANGELOG.md'))
  for (const path of ['CHANGELOG.md', '../secret.txt', join(outer, 'secret.txt')]) {
    expect(await readChangelogFile(workspace, path)).toMatchObject({ code: 'changelog-outside-workspace', file: path })
  }
})

test('a link within the workspace is followed, and the workspace may be known by a link', async () => {
  const workspace = temporaryFolder('changelog')
  writeFileSync(join(workspace, 'NEWS.md'), '# 1.0.0\n')
  symlinkSync('NEWS.md', join(workspace, 'CHANGELOG.md'))
  const known = join(temporaryFolder('link'), 'workspace')
  symlinkSync(workspace, known)
  expect(await readChangelogFile(known, 'CHANGELOG.md')).toBe('# 1.0.0\n')
  expect(await readChangelogFile(known, join(known, 'NEWS.md'))).toBe('# 1.0.0\n')
})

test('what cannot be read is told with the reason', async () => {
  const workspace = temporaryFolder('changelog')
  writeFileSync(join(workspace, 'latin.md'), Uint8Array.of(0x23, 0x20, 0xe9))
  expect(await readChangelogFile(workspace, 'latin.md')).toMatchObject({ code: 'changelog-not-utf8' })
  expect(await readChangelogFile(workspace, 'none.md')).toMatchObject({ message: 'There is no file none.md.' })
  expect(await readChangelogFile(workspace, '.')).toMatchObject({ code: 'changelog-unreadable' })
})
