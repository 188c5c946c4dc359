import { describe, expect, test } from '@jest/globals'
import { readContributors, type PushedPull } from '../../actions/migration-guard/pushers.ts'
import { head, older } from './reviewed-pull.ts'
import { scriptedGithub, type Scripted } from './scripted-github.ts'

const pull: PushedPull = { number: 7, headSha: head, headRef: 'feature/index', headRepository: 'zoe/core', commits: 2 }
const commits = 'GET /repos/acme/core/pulls/7/commits'
const activity = 'GET /repos/zoe/core/activity?ref=refs%2Fheads%2Ffeature%2Findex&per_page=100'

const twoCommits = [
  { sha: older, author: { login: 'wanda' }, committer: { login: 'web-flow' } },
  { sha: head, author: null, committer: { login: 'carl' } }
]
const pushed = (after: string, login: string | undefined): object => ({
  after,
  activity_type: 'push',
  actor: login === undefined ? null : { login }
})

describe('who contributed is known', () => {
  test('from the activity of the branch and the commits', async () => {
    const { access } = await scriptedGithub({
      [commits]: twoCommits,
      [activity]: [pushed(head, 'paul'), pushed(older, 'pia'), pushed('f'.repeat(40), 'long-ago')]
    })
    expect(await readContributors(access, pull, undefined)).toEqual({
      state: 'known',
      pushers: ['paul', 'pia'],
      committers: ['wanda', 'carl']
    })
  })

  test('with everybody who pushed the head, and each once', async () => {
    const { access } = await scriptedGithub({
      [commits]: twoCommits,
      [activity]: [pushed(head, 'paul'), pushed(head, 'Paul'), pushed(head, 'quinn')]
    })
    expect(await readContributors(access, pull, undefined)).toMatchObject({ pushers: ['paul', 'quinn'] })
  })

  test('from the event of the push, where the activity does not show it yet', async () => {
    const { access } = await scriptedGithub({ [commits]: twoCommits, [activity]: [] })
    expect(await readContributors(access, pull, { head, by: 'paul' })).toMatchObject({ pushers: ['paul'] })
  })

  test('with both, where they say different things', async () => {
    const { access } = await scriptedGithub({ [commits]: twoCommits, [activity]: [pushed(head, 'quinn')] })
    expect(await readContributors(access, pull, { head, by: 'paul' })).toMatchObject({ pushers: ['quinn', 'paul'] })
  })
})

describe('who contributed is unknown', () => {
  const all: Readonly<Record<string, Scripted>> = { [commits]: twoCommits, [activity]: [pushed(head, 'paul')] }
  test.each<[string, Readonly<Record<string, Scripted>>, Partial<PushedPull>, string]>([
    [
      'when the activity does not show the head',
      { ...all, [activity]: [pushed(older, 'paul')] },
      {},
      'the activity of zoe/core does not show who pushed aaaaaaaaaaaa'
    ],
    ['when its actor is gone', { ...all, [activity]: [pushed(head, undefined)] }, {}, 'does not show who pushed'],
    ['when the fork is gone', all, { headRepository: undefined }, 'the activity of the deleted fork does not show'],
    ['when the activity cannot be read', { [commits]: twoCommits }, {}, 'GitHub answered 404'],
    ['when the commits cannot be read', { [activity]: [] }, {}, 'GitHub answered 404'],
    ['when there are more commits than GitHub lists', all, { commits: 251 }, '251 commits, and GitHub lists 250'],
    ['when a commit is missing from the list', all, { commits: 3 }, 'only 2 of its 3 commits']
  ])('%s', async (_, answers, given, why) => {
    const { access } = await scriptedGithub(answers)
    expect(await readContributors(access, { ...pull, ...given }, undefined)).toEqual({
      state: 'unknown',
      why: expect.stringContaining(why)
    })
  })

  test('when the event told of another head', async () => {
    const { access } = await scriptedGithub({ [commits]: twoCommits, [activity]: [] })
    expect(await readContributors(access, pull, { head: older, by: 'paul' })).toMatchObject({ state: 'unknown' })
  })
})
