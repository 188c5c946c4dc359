import { beforeAll, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { unpackRunnerArchive } from '../../rehearse/archive.ts'
import { isolatedGit } from '../../rehearse/git.ts'
import { frontDoors, readActionMetadata } from '../../scripts/action-metadata.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { root } from './repository.ts'

const folder = temporaryFolder('archive')
const unpacked = join(folder, 'unpacked')

beforeAll(async () => {
  await unpackRunnerArchive(root, unpacked, join(folder, 'work'), isolatedGit(folder))
})

test('what a runner downloads is what runs, and nothing else', () => {
  const files = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(unpacked, join(entry.parentPath, entry.name)).split(sep).join('/'))
  const perAction = frontDoors.flatMap((action) => [
    `${action}/README.md`,
    `${action}/action.yml`,
    `dist/${action}/index.js`,
    `dist/${action}/licenses.txt`,
    `dist/${action}/package.json`,
    ...(readActionMetadata(action).runs.post === undefined ? [] : [`dist/${action}/post.js`])
  ])
  // What every action loads from beside its own folder.
  const shared = ['parsers', 'age'].map((folder) =>
    readdirSync(join(root, 'dist', folder)).map((name) => `dist/${folder}/${name}`)
  )
  for (const names of shared) expect(names.length).toBeGreaterThan(0)
  expect(files.toSorted()).toEqual(['LICENSE', 'README.md', ...shared.flat(), ...perAction].toSorted())
})
