import { describe, expect, test } from '@jest/globals'
import {
  baseVersion,
  comparePep440,
  formatPep440,
  isDevrelease,
  isPostrelease,
  isPrerelease,
  parsePep440,
  pep440Words,
  publicVersion
} from '../../actions/shared/pep440.ts'

// The whole tables of packaging's own tests, and packaging itself, are in tests/conformance/versions.test.ts.
describe('PEP 440', () => {
  test.each([
    ['1.0-alpha.1', '1.0a1'],
    ['1.0.ALPHA', '1.0a0'],
    ['1.0_c_07', '1.0rc7'],
    ['1.0preview2', '1.0rc2'],
    ['1.0-1', '1.0.post1'],
    ['1.0-r.5', '1.0.post5'],
    ['1.0rev', '1.0.post0'],
    ['1.0dev', '1.0.dev0'],
    ['1.0-rc.1.dev.2', '1.0rc1.dev2'],
    ['v01.02.03', '1.2.3'],
    ['00!1.2', '1.2'],
    ['7!1.0.post1+Ubuntu_0020-x', '7!1.0.post1+ubuntu.20.x'],
    ['\u202f1.0\t\u2029\n\x1f\x85', '1.0']
  ])('writes %j as %s', (text, normal) => {
    expect(formatPep440(parsePep440(text)!)).toBe(normal)
  })

  test.each([
    '',
    'v',
    '1..0',
    '1.0.',
    '1.0-beta.2.3',
    '1.0-canary.1',
    '1.0+',
    '1.0+a+b',
    '1. 0',
    '\ufeff1.0',
    '١.٢',
    '1.0+\u0130',
    '1.0.poſt1'
  ])('refuses %j', (text) => {
    expect(parsePep440(text)).toBeUndefined()
    expect(pep440Words(text)).toBeUndefined()
  })

  test('orders dev, alpha, beta, candidate, release and post, each before its next number', () => {
    const ascending = [
      '1.dev1',
      '1a1.dev1',
      '1a1',
      '1a1.post1',
      '1a2',
      '1b1',
      '1rc1',
      '1',
      '1+a',
      '1+1',
      '1.post1.dev1',
      '1.post1',
      '1.1',
      '1!0'
    ]
    const versions = ascending.map((text) => parsePep440(text)!)
    expect(versions.toReversed().sort(comparePep440).map(formatPep440)).toEqual(versions.map(formatPep440))
  })

  test('takes 1, 1.0 and v1.0.0 for one version, and a local part for another', () => {
    const one = parsePep440('1')!
    expect(comparePep440(one, parsePep440('1.0')!)).toBe(0)
    expect(comparePep440(one, parsePep440('v1.0.0')!)).toBe(0)
    expect(comparePep440(one, parsePep440('1+0')!)).toBeLessThan(0)
  })

  test('keeps every digit of numbers that a double cannot hold', () => {
    const [smaller, larger] = ['1.0.dev20260819123456789012', '1.0.dev20260819123456789013'].map((text) =>
      parsePep440(text)!
    )
    expect(comparePep440(smaller!, larger!)).toBeLessThan(0)
    expect(formatPep440(larger!)).toBe('1.0.dev20260819123456789013')
  })

  test('tells public and base version, and which kind of release it is', () => {
    const version = parsePep440('2!1.0rc1.post2.dev3+local')!
    expect(publicVersion(version)).toBe('2!1.0rc1.post2.dev3')
    expect(baseVersion(version)).toBe('2!1.0')
    expect([isPrerelease, isPostrelease, isDevrelease].map((is) => is(version))).toEqual([true, true, true])
    expect(isPrerelease(parsePep440('1.0.dev1')!)).toBe(true)
    const final = parsePep440('1.0+local')!
    expect([isPrerelease, isPostrelease, isDevrelease].map((is) => is(final))).toEqual([false, false, false])
  })

  test('remembers the words that SemVer reads in another way', () => {
    expect(pep440Words('1.0-Preview.1')).toEqual({ pre: 'preview', implicitPost: false })
    expect(pep440Words('1.0-1')).toEqual({ pre: undefined, implicitPost: true })
    expect(pep440Words('1.0a-1')).toEqual({ pre: 'a', implicitPost: false })
  })
})
