import { describe, expect, test } from '@jest/globals'
import { groupApproval, readGroup } from '../../actions/migration-guard/group-reviews.ts'
import { readPull } from '../../actions/migration-guard/read-pull.ts'
import { configured } from './judged.ts'
import { openStage, repository } from './pull-stage.ts'

const line = 'ALLOW_CORE_MIGRATION: production is down for want of it, until 2026-10-20'

describe('a pull request is read as it is now', () => {
  test('with its head, base, author and labels', async () => {
    const stage = await openStage()
    stage.sandbox.github.addLabel(repository, stage.number, 'database', 'author')
    const head = stage.push('author')
    expect(await stage.pull()).toMatchObject({
      number: stage.number,
      author: 'author',
      headSha: head,
      headRef: 'add-index',
      headRepository: repository,
      fromFork: false,
      baseRef: 'main',
      labels: ['database']
    })
  })

  test('from a fork', async () => {
    const stage = await openStage({ fork: 'zoe' })
    expect(await stage.pull()).toMatchObject({ fromFork: true, headRepository: 'zoe/core' })
  })

  test('from a fork that was deleted', async () => {
    const stage = await openStage({ fork: 'zoe' })
    stage.sandbox.github.deleteRepository('zoe/core')
    expect(await stage.pull()).toMatchObject({ fromFork: true, headRepository: undefined })
  })

  test('and one that is not there is told with the permission that it may be for', async () => {
    const stage = await openStage()
    await expect(readPull(stage.access(), 99, configured(), stage.now())).rejects.toMatchObject({
      problems: [{ code: 'github-not-found', hint: expect.stringContaining('pull-requests: read') }]
    })
  })
})

describe('an approval', () => {
  test('counts for the head, and no more after a push', async () => {
    const stage = await openStage()
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
    expect(await stage.pull()).toMatchObject({ approval: { state: 'approved', by: ['ann'] } })
    stage.push('author')
    expect(await stage.pull()).toMatchObject({ approval: { state: 'missing' } })
  })

  test('is found behind the first page of reviews', async () => {
    const stage = await openStage()
    for (let n = 0; n < 120; n++) {
      stage.sandbox.github.addReview(repository, stage.number, { user: `guest-${n}`, state: 'COMMENTED', body: 'Hm.' })
    }
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
    expect(await stage.pull()).toMatchObject({ approval: { state: 'approved' } })
  })

  test('that was dismissed, and a review that is not submitted, do not count', async () => {
    const stage = await openStage()
    const { github } = stage.sandbox
    const id = github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
    github.dismissReview(repository, stage.number, id, 'author')
    github.addReview(repository, stage.number, { user: 'ann', state: 'PENDING' })
    expect(await stage.pull()).toMatchObject({ approval: { state: 'missing' } })
  })

  describe('of a member of a team', () => {
    const dba = { reviewers: { users: [], teams: ['acme/dba'], approvals: 1 } }
    const approve = async (...members: Parameters<typeof addTeam>[2]): ReturnType<typeof openStage> => {
      const stage = await openStage()
      addTeam(stage, 'dba', members)
      stage.sandbox.github.addReview(repository, stage.number, { user: 'carol', state: 'APPROVED' })
      return stage
    }

    test('counts with a token that can read members', async () => {
      const stage = await approve('carol')
      expect(await stage.pull(dba)).toMatchObject({ approval: { state: 'approved', by: ['carol'] } })
    })

    test('is not known with the job’s own token', async () => {
      const stage = await approve('carol')
      const pull = await readPull(stage.access(), stage.number, configured(dba), stage.now())
      expect(pull.approval).toMatchObject({ state: 'unknown', next: expect.stringContaining('team-token') })
    })

    test('does not count when the invitation is not accepted', async () => {
      const stage = await approve({ login: 'carol', state: 'pending' })
      expect(await stage.pull(dba)).toMatchObject({ approval: { state: 'missing' } })
    })

    test('does not count when the team has other members, which such a token can tell', async () => {
      const stage = await approve('dave')
      expect(await stage.pull(dba)).toMatchObject({
        approval: { state: 'missing', why: expect.stringContaining('carol, who approved, is not among the reviewers') }
      })
    })
  })

  test('counts of whoever may write, where nobody is named, unless they pushed', async () => {
    const stage = await openStage()
    const { github } = stage.sandbox
    const nobody = { reviewers: { users: [], teams: [], approvals: 1 } }
    for (const login of ['ann', 'bob']) github.setCollaborator(repository, login, 'write')
    stage.push('bob')
    github.addReview(repository, stage.number, { user: 'bob', state: 'APPROVED' })
    expect(await stage.pull(nobody)).toMatchObject({ approval: { state: 'missing' } })
    github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
    expect(await stage.pull(nobody)).toMatchObject({ approval: { state: 'approved', by: ['ann'] } })
  })
})

describe('in the merge queue', () => {
  test('each pull request of a group is read with its own reviews, of its own head', async () => {
    const stage = await openStage()
    const { github } = stage.sandbox
    github.commitFiles(repository, 'second', { 'lib/a.ex': 'a\n' }, { by: 'dave' })
    const second = github.addPullRequest(repository, {
      author: 'dave',
      head: { ref: 'second' },
      base: { ref: 'main' }
    })
    github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
    for (const number of [stage.number, second]) github.queuePull(repository, number)
    const group = await readGroup(
      stage.access(),
      { pulls: [stage.number, second], known: true },
      configured(),
      stage.now()
    )
    expect(group.pulls.map(({ pull, files }) => [pull.number, pull.approval.state, files])).toEqual([
      [stage.number, 'approved', [expect.stringMatching(/^priv\/repo\/migrations\/\d+\.exs$/)]],
      [second, 'missing', ['lib/a.ex']]
    ])
    expect(groupApproval(group, (path) => path.startsWith('priv/'))).toMatchObject({ state: 'approved' })
    expect(groupApproval(group, () => true)).toMatchObject({
      state: 'missing',
      why: expect.stringContaining(`#${second}`)
    })
  })

  test('a group whose pull requests are not known is approved by nobody', async () => {
    const stage = await openStage()
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
    const group = await readGroup(stage.access(), { pulls: [stage.number], known: false }, configured(), stage.now())
    expect(groupApproval(group, () => true)).toMatchObject({ state: 'unknown' })
  })
})

describe('a bypass', () => {
  test('is granted to a reviewer who neither wrote nor pushed', async () => {
    const stage = await openStage()
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'COMMENTED', body: line })
    expect(await stage.pull()).toMatchObject({
      bypass: { state: 'granted', by: 'ann', reason: 'production is down for want of it', until: '2026-10-20' }
    })
  })

  test('is granted for a fork, whose activity every token can read', async () => {
    const stage = await openStage({ fork: 'zoe' })
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED', body: line })
    expect(await stage.pull()).toMatchObject({ bypass: { state: 'granted', by: 'ann' } })
  })

  test('is refused to the author, and to who pushed last', async () => {
    const stage = await openStage()
    stage.push('ann')
    for (const user of ['author', 'ann']) {
      stage.sandbox.github.addReview(repository, stage.number, { user, state: 'COMMENTED', body: line })
    }
    expect(await stage.pull()).toMatchObject({
      bypass: {
        state: 'refused',
        attempts: [
          { by: 'ann', why: 'ann pushed commits of the pull request.' },
          { by: 'author', why: 'author is the author of the pull request.' }
        ]
      }
    })
  })

  test('is refused for a head that was pushed after it', async () => {
    const stage = await openStage()
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'COMMENTED', body: line })
    stage.push('author')
    expect(await stage.pull()).toMatchObject({
      bypass: { state: 'refused', attempts: [{ why: expect.stringContaining('submit a new review') }] }
    })
  })

  test('is refused when somebody with write access put the words into the review of another', async () => {
    const stage = await openStage()
    const { github } = stage.sandbox
    const id = github.addReview(repository, stage.number, { user: 'ann', state: 'COMMENTED', body: 'Not yet.' })
    github.editReview(repository, stage.number, id, line, 'author')
    expect(await stage.pull()).toMatchObject({
      bypass: { state: 'refused', attempts: [{ by: 'ann', why: expect.stringContaining('author edited the review') }] }
    })
  })

  test('is granted when the reviewer edited the review', async () => {
    const stage = await openStage()
    const { github } = stage.sandbox
    const id = github.addReview(repository, stage.number, { user: 'ann', state: 'COMMENTED', body: 'Not yet.' })
    github.editReview(repository, stage.number, id, line, 'ann')
    expect(await stage.pull()).toMatchObject({ bypass: { state: 'granted', by: 'ann' } })
  })

  test('is refused when a fork is gone, and with it who pushed', async () => {
    const stage = await openStage({ fork: 'zoe' })
    stage.sandbox.github.deleteRepository('zoe/core')
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'COMMENTED', body: line })
    expect(await stage.pull()).toMatchObject({
      bypass: { state: 'refused', attempts: [{ why: expect.stringContaining('the activity of the deleted fork') }] }
    })
  })
})

function addTeam(
  stage: Awaited<ReturnType<typeof openStage>>,
  slug: string,
  members: Parameters<typeof stage.sandbox.github.addTeam>[2]
): void {
  stage.sandbox.github.addTeam('acme', slug, members)
}
