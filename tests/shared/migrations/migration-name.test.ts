import { expect, test } from '@jest/globals'
import { ectoName, timeOf, versionAt, type VersionTime } from '../../../actions/shared/migrations/migration-name.ts'

test.each<[string, VersionTime]>([
  ['20260228235959', { kind: 'time', at: Date.UTC(2026, 1, 28, 23, 59, 59) }],
  ['20240229000000', { kind: 'time', at: Date.UTC(2024, 1, 29) }],
  ['20260229000000', { kind: 'no time', fault: 'the day 29 of month 02' }],
  ['20261301000000', { kind: 'no time', fault: 'the month 13' }],
  ['20260100000000', { kind: 'no time', fault: 'the day 00 of month 01' }],
  ['20260101240000', { kind: 'no time', fault: 'the hour 24' }],
  ['20260101006000', { kind: 'no time', fault: 'the minute 60' }],
  ['20260101000060', { kind: 'no time', fault: 'the second 60' }],
  ['202601010000', { kind: 'number', digits: 12 }],
  ['0', { kind: 'number', digits: 1 }],
  ['', { kind: 'none' }]
])('%s is read as the generators write times', (version, expected) => {
  expect(timeOf(version)).toEqual(expected)
})

test('a time is written as it is read', () => {
  const at = Date.UTC(2026, 10, 21, 12, 34, 56)
  expect(timeOf(versionAt(at + 789))).toEqual({ kind: 'time', at })
})

test.each<[string, ReturnType<typeof ectoName>]>([
  ['20260101000000_add_users.exs', { version: '20260101000000', name: 'add_users' }],
  ['007_a.exs', { version: '7', name: 'a' }],
  ['+5_a.exs', { version: '5', name: 'a' }],
  ['1_a.b.exs', { version: '1', name: 'a.b' }],
  ['1_.exs', { version: '1', name: '' }],
  ['1__a.exs', { version: '1', name: '_a' }],
  ['1a_b.exs', undefined],
  ['1-a.exs', undefined],
  ['1.exs', undefined],
  ['_1_a.exs', undefined],
  [' 1_a.exs', undefined]
])('%s is a name as Ecto reads it, or none', (base, expected) => {
  expect(ectoName(base)).toEqual(expected)
})
