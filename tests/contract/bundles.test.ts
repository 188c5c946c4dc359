import { describe, expect, test } from '@jest/globals'
import { frontDoors } from '../../scripts/action-metadata.ts'
import { read } from './repository.ts'

describe.each(frontDoors)('dist/%s', (action) => {
  const bundle = read(`dist/${action}/index.js`)

  test('is bundled with packages that others wrote', () => {
    expect(bundledPackages(bundle)).toContain('@actions/core')
  })

  // ncc leaves packages out of the licence file when the bundle is split into chunks.
  test('comes with the licence of every package that asks for it', () => {
    const licensed = read(`dist/${action}/licenses.txt`).split('\n')
    const asking = bundledPackages(bundle).filter((name) => !isPublicDomain(name))
    expect(asking.filter((name) => !licensed.includes(name))).toEqual([])
  })

  test('is an ES module wherever it is unpacked', () => {
    expect(JSON.parse(read(`dist/${action}/package.json`))).toEqual({ type: 'module' })
  })
})

test('dist/age comes with the licence of every package in it', () => {
  const licensed = read('dist/age/licenses.txt').split('\n')
  const names = [...read('dist/age/age.cjs').matchAll(/node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//g)].map(
    ([, name]) => name ?? ''
  )
  expect(names).toContain('age-encryption')
  expect([...new Set(names)].filter((name) => !licensed.includes(name))).toEqual([])
})

/** CC0 asks for no notice, and such packages come without a text that could be shown. */
function isPublicDomain(name: string): boolean {
  return read(`node_modules/${name}/package.json`).includes('"license": "CC0-1.0"')
}

/** Packages of the modules that webpack names in its comments: the ES modules among what is bundled. */
function bundledPackages(bundle: string): readonly string[] {
  const names = bundle.matchAll(/^;\/\/ CONCATENATED MODULE: .*\/node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm)
  return [...new Set(Array.from(names, ([, name]) => name ?? ''))].sort()
}
