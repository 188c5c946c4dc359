import { describe, expect, test } from '@jest/globals'
import { exemptPaths } from '../../actions/hex-publish/exempt-paths.ts'

describe('paths exempt from the scan for secrets', () => {
  test.each([
    ['test/fixtures/**', 'test/fixtures/a/key.pem', true],
    ['test/fixtures/**', 'test/key.pem', false],
    ['priv/certs/*.pem', 'priv/certs/ca.pem', true],
    ['priv/certs/*.pem', 'priv/certs/old/ca.pem', false],
    ['**/ca.pem', 'ca.pem', true],
    ['**/ca.pem', 'a/b/ca.pem', true],
    ['**/ca.pem', 'a/myca.pem', false],
    ['test/**/key', 'test/key', true],
    ['test/**/key', 'test/a/key', true],
    ['test/**/key', 'test/monkey', false],
    ['**', '.hidden/a', true],
    ['key?.pem', 'key1.pem', true],
    ['a?b', 'a/b', false],
    ['a.b', 'axb', false],
    ['[a](b)', '[a](b)', true],
    ['', 'a', false]
  ])('%s and %s', (glob, path, exempt) => {
    expect(exemptPaths([glob])(path)).toBe(exempt)
  })

  test.each([
    ['many stars', ['*a*a*a*a*a*a*a*a*a*a*a*a*b'], `${'a'.repeat(4000)}c`],
    ['many folders', ['**/'.repeat(300) + 'b'], 'a/'.repeat(2000)],
    ['many globs', Array.from({ length: 30_000 }, (_, index) => `**/${index}*`), 'a/'.repeat(500)],
    ['a glob without end', ['*'.repeat(70_000)], 'a'.repeat(4000)]
  ])('are found in time, with %s', (_, globs, path) => {
    const started = performance.now()
    expect(exemptPaths(globs)(path)).toBe(false)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
