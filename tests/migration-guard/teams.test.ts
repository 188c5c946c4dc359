import { describe, expect, test } from '@jest/globals'
import { peopleInWords, standings, type Account } from '../../actions/migration-guard/teams.ts'
import { scriptedGithub, type Scripted } from './scripted-github.ts'

const carol: Account = { login: 'carol', bot: false }
const dba = { users: [], teams: ['acme/dba'] }
const team = 'GET /orgs/acme/teams/dba'
const membership = `${team}/memberships/carol`

test('a named user needs no request, whatever the capitals', async () => {
  const { access, requests } = await scriptedGithub({})
  expect(await standings(access)({ login: 'Ann', bot: false }, { users: ['ann'], teams: ['acme/dba'] })).toEqual({
    state: 'yes'
  })
  expect(requests).toEqual([])
})

describe('a member of a team', () => {
  test.each<[string, Readonly<Record<string, Scripted>>, string]>([
    ['is one who is active', { [membership]: { state: 'active', role: 'member' } }, 'yes'],
    ['is not one who was invited only', { [membership]: { state: 'pending', role: 'member' } }, 'no'],
    ['is not one whom a team that can be seen does not have', { [team]: { slug: 'dba' } }, 'no'],
    ['is not known where the team cannot be seen either', {}, 'unknown'],
    ['is not known where the token may not read members', { [membership]: { status: 403, body: {} } }, 'unknown'],
    ['is not known where GitHub has an outage', { [membership]: { status: 502, body: {} } }, 'unknown'],
    ['is not known where GitHub has an outage half-way', { [team]: { status: 502, body: {} } }, 'unknown']
  ])('%s', async (_, answers, state) => {
    const { access } = await scriptedGithub(answers)
    expect(await standings(access)(carol, dba)).toMatchObject({ state })
  })

  test('is asked for once, and in one team after the other', async () => {
    const { access, requests } = await scriptedGithub({
      'GET /orgs/acme/teams/ops/memberships/carol': { state: 'active' },
      [team]: {}
    })
    const standingOf = standings(access)
    const people = { users: [], teams: ['acme/dba', 'acme/ops'] }
    expect(await standingOf(carol, people)).toEqual({ state: 'yes' })
    expect(await standingOf(carol, people)).toEqual({ state: 'yes' })
    expect(requests).toEqual([membership, team, 'GET /orgs/acme/teams/ops/memberships/carol'])
  })

  test('is never a bot', async () => {
    const { access, requests } = await scriptedGithub({ [membership]: { state: 'active' } })
    expect(await standings(access)({ login: 'carol', bot: true }, dba)).toEqual({ state: 'no' })
    expect(requests).toEqual([])
  })
})

test('without a token for teams, what is missing is told: the token, its permission, or names', async () => {
  const { access } = await scriptedGithub({})
  expect(await standings(access)(carol, dba)).toEqual({
    state: 'unknown',
    why: 'Whether carol is a member of acme/dba could not be found out: GitHub answers 404, which it also does where the token may not see the team.',
    next: expect.stringMatching(/team-token.*Members: read.*read:org.*cannot read teams.*`users`/)
  })
})

test('with a token for teams, its permission and the name of the team are told', async () => {
  const { access } = await scriptedGithub({}, undefined, true)
  expect(await standings(access)(carol, dba)).toMatchObject({
    next: expect.stringContaining('Check that the team’s name is right')
  })
})

describe('where nobody is named, a reviewer', () => {
  const permission = 'GET /repos/acme/core/collaborators/carol/permission'
  test.each<[string, Readonly<Record<string, Scripted>>, string]>([
    ['is one who may write', { [permission]: { permission: 'write' } }, 'yes'],
    ['is an administrator', { [permission]: { permission: 'admin' } }, 'yes'],
    ['is not one who may read', { [permission]: { permission: 'read' } }, 'no'],
    ['is not known where GitHub does not tell', { [permission]: { status: 403, body: {} } }, 'unknown']
  ])('%s', async (_, answers, state) => {
    const { access } = await scriptedGithub(answers)
    expect(await standings(access)(carol, { users: [], teams: [] })).toMatchObject({ state })
  })
})

test.each([
  [{ users: ['ann'], teams: [] }, 'ann'],
  [{ users: ['ann', 'bob'], teams: ['acme/dba'] }, 'ann, bob or a member of acme/dba'],
  [{ users: [], teams: [] }, 'somebody with write permission']
])('people are named as %s', (people, words) => {
  expect(peopleInWords(people)).toBe(words)
})
