import { expect, test } from '@jest/globals'
import {
  expectedRelation,
  readExpectRows,
  unknownExpectations
} from '../../../actions/db-deploy/verification/expect-rows.ts'
import { expected } from './smoking.ts'

test('expectations stand on lines or between commas, with any space', () => {
  expect(expected('connector>=16, total >= 52', ' users = 3', '', 'User>0, a<1,b<=2,c==1_000')).toEqual([
    { text: 'connector>=16', of: { schema: undefined, name: 'connector' }, operator: '>=', rows: 16 },
    { text: 'total >= 52', of: 'total', operator: '>=', rows: 52 },
    { text: 'users = 3', of: { schema: undefined, name: 'users' }, operator: '=', rows: 3 },
    { text: 'User>0', of: { schema: undefined, name: 'User' }, operator: '>', rows: 0 },
    { text: 'a<1', of: { schema: undefined, name: 'a' }, operator: '<', rows: 1 },
    { text: 'b<=2', of: { schema: undefined, name: 'b' }, operator: '<=', rows: 2 },
    { text: 'c==1_000', of: { schema: undefined, name: 'c' }, operator: '=', rows: 1000 }
  ])
})

test('names may have a schema and quotes, and a table called total is named in quotes', () => {
  expect(expected('auth.keys>=1, "Odd, ""name""">=2, "total">=3').map(({ of }) => of)).toEqual([
    { schema: 'auth', name: 'keys' },
    { schema: undefined, name: 'Odd, "name"' },
    { schema: undefined, name: 'total' }
  ])
})

test('every entry that is no expectation is told, with what it is', () => {
  const read = readExpectRows(['users>=ten, users, >=1, users>=-1, users=>1, users>=1.5, "open>=1', 'ok>=1'])
  expect('problems' in read ? read.problems.map(({ message }) => /has "(.*)", which/.exec(message)?.[1]) : []).toEqual([
    'users>=ten',
    'users',
    '>=1',
    'users>=-1',
    'users=>1',
    'users>=1.5',
    String.raw`\"open>=1`
  ])
})

const relations = [
  { name: 'User', schema: 'public', table: 'users' },
  { name: 'users', schema: 'public', table: 'people' },
  { name: 'Key', schema: 'auth', table: 'Keys' },
  { name: 'OldKey', schema: 'public', table: 'Keys' }
]

test('a name means the model of just this name, then the table, then the only one in another case', () => {
  const meant = (text: string): string => {
    const [{ of } = { of: 'total' as const }] = expected(`${text}>=1`)
    const found = of === 'total' ? undefined : expectedRelation(of, relations)
    if (found === undefined || 'problem' in found) return found?.problem.message ?? ''
    return found.relation.name
  }
  expect(meant('users')).toBe('users')
  expect(meant('User')).toBe('User')
  expect(meant('public.users')).toBe('User')
  expect(meant('PEOPLE')).toBe('users')
  expect(meant('auth.keys')).toBe('Key')
  expect(meant('Keys')).toBe('expect-rows names "Keys", which may be Key (auth.Keys) or OldKey (public.Keys).')
})

test('names that nothing has are told before anything is changed', () => {
  expect(
    unknownExpectations(expected('User>=1', 'total>=1', 'Usr>=1', 'Zebra>=1'), relations).map(({ hint }) => hint)
  ).toEqual([
    'Did you mean User?',
    'Take the name of a model or a table that the smoke test reads; its summary lists them.'
  ])
})
