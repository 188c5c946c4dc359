import { describe, expect, test } from '@jest/globals'
import { judgeBypass } from '../../actions/migration-guard/bypass.ts'
import type { BypassPolicy } from '../../actions/migration-guard/configuration.ts'
import type { ReviewBypass } from '../../actions/migration-guard/pull-request.ts'
import type { Contributors } from '../../actions/migration-guard/pushers.ts'
import type { Review } from '../../actions/migration-guard/reviews.ts'
import { contributed, head, older, review, standingIn } from './reviewed-pull.ts'
import { scriptedGithub } from './scripted-github.ts'

const line = 'ALLOW_CORE_MIGRATION: production is down for want of it, until 2026-10-20'
const now = Date.UTC(2026, 9, 10, 12)
const unedited = { node: { lastEditedAt: null, userContentEdits: { totalCount: 0, nodes: [] } } }
const editedBy = (...logins: readonly (string | null)[]): unknown => ({
  node: {
    lastEditedAt: '2026-10-02T00:00:00Z',
    userContentEdits: {
      totalCount: logins.length,
      nodes: logins.map((login) => ({ editor: login === null ? null : { login } }))
    }
  }
})

interface Situation {
  readonly bypass?: Partial<BypassPolicy>
  readonly contributors?: () => Promise<Contributors>
  readonly graphql?: unknown
  readonly now?: number
}

async function judge(reviews: readonly Review[], situation: Situation = {}): Promise<ReviewBypass> {
  const { access } = await scriptedGithub({}, 'graphql' in situation ? situation.graphql : unedited)
  return judgeBypass(
    access,
    { author: 'author', headSha: head },
    reviews,
    {
      bypass: { allowed: true, users: ['ann'], teams: ['acme/dba'], days: 30, ...situation.bypass },
      reviewers: { users: ['bob'], teams: [], approvals: 1 }
    },
    standingIn({ 'acme/dba': ['carol'] }, ['writer']),
    situation.now ?? now,
    situation.contributors ?? contributed(['author'])
  )
}

const bypassing = (login: string, more: Partial<Review> = {}): Review =>
  review(login, 'COMMENTED', { body: line, ...more })

describe('a bypass is granted', () => {
  test('for an allowed person’s review of the head', async () => {
    const given = bypassing('ann')
    expect(await judge([given])).toEqual({
      state: 'granted',
      by: 'ann',
      reason: 'production is down for want of it',
      until: '2026-10-20',
      url: given.url,
      at: given.at
    })
  })

  test.each<[string, Review, Situation]>([
    ['when it approves, too', bypassing('ann', { state: 'APPROVED' }), {}],
    ['to a member of an allowed team', bypassing('carol'), {}],
    ['on its last day', bypassing('ann'), { now: Date.UTC(2026, 9, 20, 23, 59) }],
    ['as far as the configuration allows', bypassing('ann', { at: '2026-10-10T23:00:00Z' }), { bypass: { days: 10 } }],
    ['when its author edited it', bypassing('ann'), { graphql: editedBy('ann', 'Ann') }],
    [
      'to a named bot, which GraphQL calls otherwise',
      bypassing('on-call[bot]'),
      { bypass: { users: ['on-call[bot]'] }, graphql: editedBy('on-call') }
    ],
    [
      'to the reviewers, where the configuration names nobody for it',
      bypassing('bob'),
      { bypass: { users: [], teams: [] } }
    ]
  ])('%s', async (_, given, situation) => {
    expect(await judge([given], situation)).toMatchObject({ state: 'granted' })
  })

  test('whatever others tried', async () => {
    expect(await judge([bypassing('author'), bypassing('ann'), bypassing('zoe')])).toMatchObject({
      state: 'granted',
      by: 'ann'
    })
  })

  test('when the same person asked for changes before', async () => {
    expect(await judge([review('ann', 'CHANGES_REQUESTED'), bypassing('ann')])).toMatchObject({ state: 'granted' })
  })
})

describe('a bypass is refused, and the reason told', () => {
  test.each<[string, Review, Situation, string]>([
    [
      'to the author',
      bypassing('author'),
      { bypass: { users: ['author'] } },
      'author is the author of the pull request.'
    ],
    ['to the author in other capitals', bypassing('Author'), {}, 'is the author'],
    [
      'to who pushed the head',
      bypassing('ann'),
      { contributors: contributed(['Ann']) },
      'ann pushed commits of the pull request.'
    ],
    [
      'to who wrote a commit',
      bypassing('ann'),
      { contributors: contributed(['x'], ['ann']) },
      'ann wrote or committed commits'
    ],
    [
      'where it is not known who pushed',
      bypassing('ann'),
      { contributors: () => Promise.resolve({ state: 'unknown', why: 'of fog' }) },
      'Whether ann pushed to the pull request could not be found out: of fog.'
    ],
    ['to a stranger', bypassing('zoe'), {}, 'zoe may not: the configuration allows it to ann or a member of acme/dba.'],
    ['to a bot that is not named', bypassing('carol[bot]'), {}, 'carol[bot] may not'],
    [
      'where the team cannot be read',
      bypassing('dave'),
      { bypass: { users: [], teams: ['acme/hidden'] } },
      'acme/hidden cannot be read.'
    ],
    [
      'where the configuration allows none',
      bypassing('ann'),
      { bypass: { allowed: false } },
      'The configuration allows no bypass.'
    ],
    ['when it was dismissed', bypassing('ann', { state: 'DISMISSED' }), {}, 'The review was dismissed.'],
    ['when it asks for changes', bypassing('ann', { state: 'CHANGES_REQUESTED' }), {}, 'The review asks for changes.'],
    [
      'for an older commit',
      bypassing('ann', { commit: older }),
      {},
      'It was given for bbbbbbbbbbbb, and the head is aaaaaaaaaaaa now'
    ],
    [
      'for a commit that is gone',
      bypassing('ann', { commit: undefined }),
      {},
      'It was given for a commit that is gone'
    ],
    ['the day after', bypassing('ann'), { now: Date.UTC(2026, 9, 21) }, 'It was good until 2026-10-20, which is past.'],
    [
      'for longer than the configuration allows',
      bypassing('ann', { at: '2026-10-10T23:00:00Z' }),
      { bypass: { days: 9 } },
      'It says until 2026-10-20; the configuration allows 9 days at most, until 2026-10-19.'
    ],
    [
      'when the line is not right',
      bypassing('ann', { body: 'ALLOW_CORE_MIGRATION: hurry' }),
      {},
      'does not say until when'
    ],
    [
      'when somebody else edited it',
      bypassing('ann'),
      { graphql: editedBy('ann', 'author') },
      'author edited the review, which must be in the reviewer’s own words'
    ],
    [
      'when a deleted account edited it',
      bypassing('ann'),
      { graphql: editedBy('ann', null) },
      'a deleted account edited the review'
    ],
    [
      'when not all edits are told',
      bypassing('ann'),
      { graphql: { node: { lastEditedAt: 'x', userContentEdits: { totalCount: 101, nodes: [] } } } },
      'GraphQL API does not tell'
    ],
    [
      'when edits are not told at all',
      bypassing('ann'),
      { graphql: { node: { lastEditedAt: 'x', userContentEdits: null } } },
      'GraphQL API does not tell'
    ],
    [
      'where there is no GraphQL',
      bypassing('ann'),
      { graphql: undefined },
      'Whether somebody else edited the review could not be found out'
    ],
    ['when the review has no id for GraphQL', bypassing('ann', { nodeId: undefined }), {}, 'could not be found out']
  ])('%s', async (_, given, situation, why) => {
    expect(await judge([given], situation)).toEqual({
      state: 'refused',
      attempts: [{ by: given.by.login, why: expect.stringContaining(why), url: given.url }]
    })
  })

  test('when the same person asks for changes afterwards', async () => {
    expect(await judge([bypassing('ann'), review('ann', 'CHANGES_REQUESTED')])).toMatchObject({
      state: 'refused',
      attempts: [{ why: 'ann asked for changes after it.' }]
    })
  })

  test('with all that the review shows at once, and each attempt', async () => {
    const bypass = await judge([
      bypassing('author', { commit: older, body: 'ALLOW_CORE_MIGRATION: x' }),
      bypassing('zoe')
    ])
    expect(bypass.state === 'refused' && bypass.attempts.map(({ by }) => by)).toEqual(['zoe', 'author'])
    const why = bypass.state === 'refused' ? bypass.attempts[1]?.why : ''
    for (const part of ['is the author', 'was given for bbbbbbbbbbbb', 'does not say until when'])
      expect(why).toContain(part)
  })
})

test('reviews without the line are no attempts', async () => {
  expect(await judge([review('ann', 'APPROVED', { body: 'Looks good' }), review('zoe', 'COMMENTED')])).toEqual({
    state: 'none'
  })
})
