import { describe, expect, test } from '@jest/globals'
import { judgeApproval } from '../../actions/migration-guard/approval.ts'
import type { Reviewers } from '../../actions/migration-guard/configuration.ts'
import type { Approval } from '../../actions/migration-guard/pull-request.ts'
import { standingOpinions, type Review } from '../../actions/migration-guard/reviews.ts'
import { contributed, head, older, review, standingIn } from './reviewed-pull.ts'

const pull = { author: 'author', headSha: head }
const reviewers: Reviewers = { users: ['ann', 'bob'], teams: [], approvals: 1 }
const dba: Reviewers = { users: [], teams: ['acme/dba'], approvals: 1 }

function judge(reviews: readonly Review[], by: Reviewers = reviewers, standing = standingIn()): Promise<Approval> {
  return judgeApproval(pull, reviews, by, standing, contributed(['author']))
}

describe('approved is what', () => {
  test('a named reviewer approved on the head', async () => {
    const approval = review('ann', 'APPROVED')
    expect(await judge([approval])).toEqual({ state: 'approved', by: ['ann'], at: approval.at })
  })

  test('a reviewer approved whose name is written with other capitals', async () => {
    const approval = await judgeApproval(
      pull,
      [review('Ann', 'APPROVED')],
      reviewers,
      (account, people) => standingIn()({ ...account, login: account.login.toLowerCase() }, people),
      contributed([])
    )
    expect(approval).toMatchObject({ state: 'approved' })
  })

  test('an active member of a team approved', async () => {
    const approval = await judge([review('carol', 'APPROVED')], dba, standingIn({ 'acme/dba': ['carol'] }))
    expect(approval).toMatchObject({ state: 'approved', by: ['carol'] })
  })

  test('a reviewer approved, commented afterwards, and comments change nothing', async () => {
    expect(await judge([review('ann', 'APPROVED'), review('ann', 'COMMENTED')])).toMatchObject({ state: 'approved' })
  })

  test('a reviewer approved after asking for changes', async () => {
    const asked = review('ann', 'CHANGES_REQUESTED', { commit: older })
    expect(await judge([asked, review('ann', 'APPROVED')])).toMatchObject({ state: 'approved' })
  })

  test('a stranger asked to be changed, and a reviewer approved', async () => {
    const reviews = [review('mallory', 'CHANGES_REQUESTED'), review('ann', 'APPROVED')]
    expect(await judge(reviews)).toMatchObject({ state: 'approved', by: ['ann'] })
  })

  test('two approved, where two are needed; the newest gives the time', async () => {
    const [first, second] = [review('ann', 'APPROVED'), review('bob', 'APPROVED')]
    const approval = await judge([first, second], { ...reviewers, approvals: 2 })
    expect(approval).toEqual({ state: 'approved', by: ['ann', 'bob'], at: second.at })
  })

  test('a named bot approved', async () => {
    const approval = await judge([review('release[bot]', 'APPROVED')], { ...reviewers, users: ['release[bot]'] })
    expect(approval).toMatchObject({ state: 'approved' })
  })

  test('enough approved, whatever another one’s team cannot be asked for', async () => {
    const by = { users: ['ann'], teams: ['acme/hidden'], approvals: 1 }
    expect(await judge([review('ann', 'APPROVED'), review('zoe', 'APPROVED')], by)).toMatchObject({ state: 'approved' })
  })
})

describe('the author of the pull request is never the one to ask:', () => {
  test.each<[string, Reviewers, RegExp]>([
    ['others are left', { ...reviewers, users: ['Author', 'ann'] }, /^Ask ann for an approving review/],
    ['a team is left', { ...dba, users: ['author'] }, /^Ask a member of acme\/dba for/],
    [
      'anybody may',
      { users: [], teams: [], approvals: 1 },
      /^Ask somebody with write permission other than author for/
    ],
    ['nobody is left', { ...reviewers, users: ['author'] }, /not enough for a pull request of author.*administrator/],
    [
      'too few are left',
      { users: ['author', 'ann'], teams: [], approvals: 2 },
      /not enough for a pull request of author/
    ]
  ])('%s', async (_, by, next) => {
    expect(await judge([], by)).toMatchObject({ state: 'missing', next: expect.stringMatching(next) })
  })
})

describe('an approval is missing, and the reason told, when', () => {
  const of = (login: string, state: Review['state'], more: Partial<Review> = {}): Review => review(login, state, more)
  test.each<[string, readonly Review[], Reviewers, string, string]>([
    ['nobody reviewed', [], reviewers, 'No reviewer has approved the head aaaaaaaaaaaa.', 'Ask ann or bob for an'],
    [
      'it was given for an older commit',
      [of('ann', 'APPROVED', { commit: older })],
      reviewers,
      'ann approved bbbbbbbbbbbb, and the head has changed since.',
      'ann must look at the new commits and approve once more'
    ],
    [
      'it was given for a commit that is gone',
      [of('ann', 'APPROVED', { commit: undefined })],
      reviewers,
      'ann approved a commit that is gone',
      'once more'
    ],
    [
      'the author gave it',
      [of('author', 'APPROVED')],
      { ...reviewers, users: ['author'] },
      'No reviewer has',
      'cannot approve it'
    ],
    ['a stranger gave it', [of('mallory', 'APPROVED')], reviewers, 'mallory, who approved, is not among', 'Ask'],
    [
      'a bot gave it that nobody named',
      [of('x[bot]', 'APPROVED')],
      dba,
      'x[bot], who approved, is not among',
      'acme/dba'
    ],
    [
      'it was dismissed, and an earlier one does not come back',
      [of('ann', 'APPROVED'), of('ann', 'DISMISSED')],
      reviewers,
      'The review of ann was dismissed.',
      'Ask'
    ],
    ['only a comment was left', [of('ann', 'COMMENTED')], reviewers, 'No reviewer has approved', 'Ask'],
    [
      'another reviewer asks for changes, be it of an older commit',
      [of('ann', 'APPROVED'), of('bob', 'CHANGES_REQUESTED', { commit: older })],
      reviewers,
      'bob asked for changes.',
      'let them approve the head'
    ],
    [
      'the same reviewer asked for changes later',
      [of('ann', 'APPROVED'), of('ann', 'CHANGES_REQUESTED')],
      reviewers,
      'ann asked for changes.',
      'Mend what ann'
    ],
    [
      'there are fewer than needed',
      [of('ann', 'APPROVED')],
      { ...reviewers, approvals: 2 },
      '1 of 2 approvals of the head aaaaaaaaaaaa are there (ann).',
      'Ask'
    ]
  ])('%s', async (_, reviews, by, why, next) => {
    const approval = await judge(reviews, by, standingIn({ 'acme/dba': ['carol'] }))
    expect(approval).toMatchObject({ state: 'missing' })
    expect(approval).toMatchObject({ why: expect.stringContaining(why), next: expect.stringContaining(next) })
  })
})

describe('whether it is approved is not known when', () => {
  test.each<[string, readonly Review[]]>([
    ['the only approval is of one whose team cannot be read', [review('carol', 'APPROVED')]],
    [
      'one whose team cannot be read asks for changes',
      [review('ann', 'APPROVED'), review('carol', 'CHANGES_REQUESTED')]
    ]
  ])('%s', async (_, reviews) => {
    const approval = await judge(reviews, { users: ['ann'], teams: ['acme/dba'], approvals: 1 })
    expect(approval).toEqual({ state: 'unknown', why: 'acme/dba cannot be read.', next: 'Give a token.' })
  })
})

describe('where the configuration names nobody', () => {
  const nobody: Reviewers = { users: [], teams: [], approvals: 1 }
  const standing = standingIn({}, ['ann', 'bob', 'author'])
  const judgeAll = (reviews: readonly Review[], contributors = contributed(['bob'])): Promise<Approval> =>
    judgeApproval(pull, reviews, nobody, standing, contributors)

  test('whoever may write to the repository can approve', async () => {
    expect(await judgeAll([review('ann', 'APPROVED')])).toMatchObject({ state: 'approved', by: ['ann'] })
  })

  test('but not who pushed', async () => {
    expect(await judgeAll([review('bob', 'APPROVED')])).toMatchObject({
      state: 'missing',
      why: expect.stringContaining('bob, who approved, pushed commits of the pull request.'),
      next: expect.stringContaining('somebody with write permission')
    })
  })

  test('nor the author, nor one who may only read', async () => {
    expect(await judgeAll([review('author', 'APPROVED'), review('zoe', 'APPROVED')])).toMatchObject({
      state: 'missing'
    })
  })

  test('and not knowing who pushed is not knowing whether it is approved', async () => {
    const approval = await judgeAll([review('ann', 'APPROVED')], () =>
      Promise.resolve({ state: 'unknown', why: 'of fog' })
    )
    expect(approval).toMatchObject({
      state: 'unknown',
      why: expect.stringContaining('could not be found out: of fog.')
    })
  })
})

test('of each person the newest review that is an opinion stands, whatever their order', () => {
  const [first, second] = [review('ann', 'CHANGES_REQUESTED'), review('ann', 'APPROVED')]
  const comment = review('ann', 'COMMENTED')
  expect(standingOpinions([second, comment, first])).toEqual([second])
})
