import { describe, expect, test } from '@jest/globals'
import { compareSemver, formatSemver, parseSemver } from '../../actions/shared/semver.ts'

// Thousands of versions against node-semver are in tests/conformance/versions.test.ts.
describe('SemVer 2.0', () => {
  test.each([
    '0.0.0',
    '1.2.3-0',
    '1.2.3-alpha',
    '1.2.3--',
    '1.2.3-0a.-1+001.a-b',
    '99999999999999999999.0.0',
    '1.0.0+build'
  ])('reads %s and writes it back', (text) => {
    expect(formatSemver(parseSemver(text)!)).toBe(text)
  })

  test.each([
    '',
    '1',
    '1.2',
    '1.2.3.4',
    '01.2.3',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a..b',
    '1.2.3+',
    '1.2.3+a+b',
    'v1.2.3',
    ' 1.2.3',
    '1.2.3\n',
    '1.2.3-ä',
    '1.2.3-a_b'
  ])('refuses %j', (text) => {
    expect(parseSemver(text)).toBeUndefined()
  })

  test('orders the example of section 11, and numbers of any length by value', () => {
    const ascending = [
      '1.0.0-9007199254740992',
      '1.0.0-9007199254740993',
      '1.0.0-90071992547409930',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.9007199254740992',
      '1.0.9007199254740993',
      '2.0.0'
    ]
    const versions = ascending.map((text) => parseSemver(text)!)
    expect(versions.toReversed().sort(compareSemver).map(formatSemver)).toEqual(ascending)
  })

  test('gives builds of one version the same precedence', () => {
    expect(compareSemver(parseSemver('1.0.0+a')!, parseSemver('1.0.0+b')!)).toBe(0)
  })
})
