import { expect, test } from '@jest/globals'
import { homedir } from 'node:os'
import { posix, sep } from 'node:path'
import { frontDoors } from '../../scripts/action-metadata.ts'
import { projectFiles, read, root } from './repository.ts'

const texts = projectFiles().filter(
  (path) =>
    !path.startsWith('dist/') && /(^|\/)[^.][^/]*\.(ts|js|json|ya?ml|md|py|toml|in)$|(^|\/)\.[a-z]+[^/]*$/.test(path)
)
const sources = texts.filter((path) => /^(actions|sandbox|rehearse|scripts)\/.*\.ts$/.test(path))

/** Places as `path:line`, to be read in the failure message. */
function placesOf(paths: readonly string[], pattern: RegExp): readonly string[] {
  return paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((text, index) => (pattern.test(text) ? [`${path}:${index + 1}: ${text.trim()}`] : []))
  )
}

test('no file names a folder of the machine it was written on', () => {
  const machine = [root, homedir()].filter((path) => path !== sep && path.length > 5)
  expect(machine.length).toBeGreaterThan(0)
  for (const path of machine) {
    const pattern = new RegExp(path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') + String.raw`(?![\w-])`)
    expect(placesOf(texts, pattern)).toEqual([])
  }
})

test('nothing is left to be done', () => {
  const marker = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`)
  expect(placesOf(texts, marker)).toEqual([])
})

test('what is installed is pinned by hash, and from no named place', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"')
  const pinned = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  for (const group of ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides']) {
    for (const version of Object.values(pinned[group] ?? {})) expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/)
  }
})

test('the product knows nothing of the sandbox, the rehearsal and the tests', () => {
  const product = sources.filter((path) => path.startsWith('actions/'))
  expect(product.length).toBeGreaterThan(0)
  expect(placesOf(product, /(from|import)[ (]+'[^']*\/(sandbox|rehearse|tests)\//)).toEqual([])
})

test('no action imports another, and shared imports none', () => {
  for (const path of sources.filter((each) => each.startsWith('actions/'))) {
    const home = path.split('/')[1] ?? ''
    const foreign = [...read(path).matchAll(/from '(\.[^']+)'/g)]
      .map(([, imported = '']) => posix.join(posix.dirname(path), imported).split('/'))
      .filter(([top, room]) => top !== 'actions' || (room !== 'shared' && room !== home))
    expect({ path, foreign }).toEqual({ path, foreign: [] })
  }
})

test('files are named for what they are about', () => {
  const vague = /(^|\/)(utils?|helpers?|managers?|data|misc|common)(\.[a-z]+)+$/
  expect(sources.filter((path) => vague.test(path))).toEqual([])
})

test.each(frontDoors)('the lint rule about imports between actions knows %s', (action) => {
  expect(read('eslint.config.js')).toContain(`'${action}'`)
})
