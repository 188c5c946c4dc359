import { describe, expect, test } from '@jest/globals'
import {
  isElixirRequirement,
  isHexVersion,
  matchesRequirement,
  parseElixirVersion
} from '../../../actions/shared/hex/elixir-version.ts'
import { isHexPackageName } from '../../../actions/shared/hex/package-name.ts'

describe('a requirement', () => {
  // The table in the documentation of Elixir's Version module, and what Hex resolves with (allow_pre: false).
  test.each([
    ['~> 2.0', '2.1.0', true, true],
    ['~> 2.0', '3.0.0', true, false],
    ['~> 2.0.0', '2.0.1', true, true],
    ['~> 2.0.0', '2.1.0', true, false],
    ['~> 2.1.2', '2.1.3-dev', true, true],
    ['~> 2.1.2', '2.1.3-dev', false, false],
    ['~> 2.1-dev', '2.2.0-dev', false, true],
    ['~> 2.1.2-dev', '2.1.3-dev', false, true],
    ['>= 2.1.0', '2.2.0-dev', false, false],
    ['>= 2.1.0-dev', '2.2.6-dev', false, true],
    ['~> 2.0', '3.0.0-rc.1', true, false],
    ['< 2.0.0', '1.0.0-rc.1', false, true],
    ['0.1.0', '0.1.0', true, true],
    ['0.1.0', '0.1.1', true, false],
    ['!= 0.1.0', '0.1.1', true, true],
    ['~> 1.0 or ~> 2.0', '2.5.0', true, true],
    ['> 1.0.0 and < 1.2.0', '1.2.0', true, false]
  ])('%s and version %s, pre-releases welcome: %s: %s', (requirement, version, allowPre, matches) => {
    const parsed = parseElixirVersion(version)
    expect(parsed !== undefined && matchesRequirement(parsed, requirement, { allowPre })).toBe(matches)
  })

  test.each([
    ['1.0.0 and 2.0.0 or 3.0.0', '3.0.0'],
    ['3.0.0 or 1.0.0 and 2.0.0', '3.0.0']
  ])('%s lets `and` bind tighter than `or`', (requirement, text) => {
    const version = parseElixirVersion(text)
    expect(version !== undefined && matchesRequirement(version, requirement)).toBe(true)
  })

  test.each(['', 'nil', '>= 1.0', '~> 1', '1.0', '== == 1.0.0', '~> 1.0 and', 'or 1.0.0', '1.0.0 2.0.0', '^1.0.0'])(
    '%j is none',
    (text) => {
      expect(isElixirRequirement(text)).toBe(false)
    }
  )
})

test.each([
  ['0.1.0', true],
  ['1.0.0-rc.1', true],
  ['99999999999999.0.0', true],
  ['100000000000000.0.0', false],
  ['1.0.0-100000000000000', false],
  [`1.0.0-${'a'.repeat(64)}`, true],
  [`1.0.0-${'a'.repeat(65)}`, false],
  ['1.0.0+build', false],
  ['1.0', false],
  ['v1.0.0', false]
])('hex.pm takes version %s: %s', (text, taken) => {
  expect(isHexVersion(text)).toBe(taken)
})

test.each([
  ['diwa_schema', true],
  ['a1', true],
  ['a', false],
  ['1a', false],
  ['_a', false],
  ['Diwa', false],
  ['diwa-schema', false],
  ['diwa\n', false],
  ['', false]
])('hex.pm takes the package name %j: %s', (text, taken) => {
  expect(isHexPackageName(text)).toBe(taken)
})
