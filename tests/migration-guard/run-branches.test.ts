// What comes to the guard without a pull request of its own: pushes, groups of the merge queue, and what has no change.
import { describe, expect, test } from '@jest/globals'
import {
  configurationFile,
  first,
  guardStage,
  harmless,
  migrations,
  outcomeOf,
  repository,
  reviewed,
  second,
  toldBy,
  type GuardStage
} from './guard-stage.ts'

const zeros = '0'.repeat(40)

interface Push {
  readonly before: string
  readonly after: string
}

function pushEvent({ payload }: GuardStage, { before, after }: Push): Record<string, string> {
  return payload('push', { before, after, ref: 'refs/heads/main', repository: { default_branch: 'main' } }, after)
}

describe('a push', () => {
  test.each([
    ['in a clone', true],
    ['with nothing checked out', false]
  ])('is judged by what it adds: %s', async (_, cloned) => {
    const stage = await guardStage({ change: { [first]: 'CREATE TABLE orders (id int PRIMARY KEY);\n' } })
    stage.history.checkout('topic')
    const env = pushEvent(stage, { before: stage.base, after: stage.head })
    const run = await stage.run({ env, ...(cloned ? { workspace: stage.history.clone().folder } : {}) })
    expect(outcomeOf(run)).toMatchObject({ exitCode: 1, status: 'failed' })
    expect(toldBy(run)).toContain('error edited-after-merge')
    expect(toldBy(run)).toContain('error frozen-path')
    expect(stage.writes()).toEqual([])
  })

  test('knows no reviews, and says so instead of failing', async () => {
    const stage = await guardStage()
    const run = await stage.run({ env: pushEvent(stage, { before: stage.base, after: stage.head }) })
    expect(outcomeOf(run)).toEqual({ exitCode: 0, status: 'passed', told: [] })
    expect(run.summary).toContain('a push knows no reviews')
  })

  test('of a new branch is compared with the default branch', async () => {
    const stage = await guardStage({ change: { [first]: 'CREATE TABLE orders (id int);\n' } })
    const run = await stage.run({ env: pushEvent(stage, { before: zeros, after: stage.head }) })
    expect(toldBy(run)).toContain('error frozen-path')
    expect(run.stdout).toContain('judged against the branch main')
  })

  test('that was forced answers for what it took away, too', async () => {
    const stage = await guardStage()
    const run = await stage.run({ env: pushEvent(stage, { before: stage.head, after: stage.base }) })
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toContain('error edited-after-merge')
    expect(run.summary).toContain('1 deleted')
  })

  test('that deletes a branch has nothing to compare', async () => {
    const stage = await guardStage()
    const env = stage.payload('push', { before: stage.head, after: zeros, deleted: true })
    expect(outcomeOf(await stage.run({ env }))).toMatchObject({ exitCode: 1, told: ['error change-without-base'] })
  })
})

describe('a group of the merge queue', () => {
  /** dora's pull request and one of bob's, which adds another migration, in one group; who approves what is the test's. */
  async function group(
    approved: readonly ('dora' | 'bob')[],
    configuration = reviewed
  ): Promise<{ stage: GuardStage; env: Record<string, string> }> {
    const stage = await guardStage({ base: { [configurationFile]: configuration } })
    const { github } = stage.sandbox
    const third = `${migrations}/20260103000000_tags/migration.sql`
    github.commitFiles(
      repository,
      'tags',
      { [third]: 'CREATE TABLE tags (id bigint PRIMARY KEY);\n' },
      { by: 'bob', from: stage.base }
    )
    const other = github.addPullRequest(repository, { author: 'bob', head: { ref: 'tags' }, base: { ref: 'main' } })
    const numbers = { dora: stage.number, bob: other }
    for (const author of approved) {
      github.addReview(repository, numbers[author], { user: 'maria', state: 'APPROVED' })
    }
    github.queuePull(repository, stage.number, 'dora')
    github.queuePull(repository, other, 'bob')
    const refs = github.refs(repository)
    const [headRef = '', headSha = ''] =
      Object.entries(refs).find(([ref]) => ref.includes(`gh-readonly-queue/main/pr-${other}-`)) ?? []
    const env = stage.payload(
      'merge_group',
      { merge_group: { head_sha: headSha, head_ref: headRef, base_sha: stage.base, base_ref: 'refs/heads/main' } },
      headSha
    )
    return { stage, env }
  }

  test('passes where each pull request was approved, at its own head', async () => {
    const { stage, env } = await group(['dora', 'bob'])
    const run = await stage.run({ env })
    expect(outcomeOf(run)).toEqual({ exitCode: 0, status: 'passed', told: [] })
    expect(run.summary).toContain('2 migrations among them')
    expect(stage.writes()).toEqual([])
  })

  test('fails for the one that nobody approved, and names it', async () => {
    const { stage, env } = await group(['dora'])
    const run = await stage.run({ env })
    expect(outcomeOf(run)).toEqual({ exitCode: 1, status: 'failed', told: ['error review-missing'] })
    expect(run.annotations[0]?.message).toContain('#2: No reviewer has approved')
  })

  test('gets the status that its branch requires, where the configuration asks for one', async () => {
    const { stage, env } = await group(['dora', 'bob'], `${reviewed}after-review: status\n`)
    expect((await stage.run({ env })).exitCode).toBe(0)
    expect(stage.statuses()).toEqual(['success: no errors, no warnings'])
    expect(stage.writes()).toEqual([`POST /repos/${repository}/statuses/${env['GITHUB_SHA']}`])
  })

  test('of which nobody can say what it is made of is approved by nobody', async () => {
    const stage = await guardStage()
    const env = stage.payload(
      'merge_group',
      {
        merge_group: {
          head_sha: stage.head,
          head_ref: 'refs/heads/gh-readonly-queue/main/other',
          base_sha: stage.base,
          base_ref: 'refs/heads/main'
        }
      },
      stage.head
    )
    const run = await stage.run({ env })
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toContain('error review-missing')
  })
})

test.each(['workflow_dispatch', 'schedule'])('%s has no change of its own, and is told what to do', async (name) => {
  const stage = await guardStage()
  const run = await stage.run({ env: stage.payload(name, {}) })
  expect(outcomeOf(run)).toMatchObject({ exitCode: 1, status: 'failed', told: ['error change-without-base'] })
  expect(run.annotations[0]?.message).toContain('set input base')
})

test('workflow_dispatch with a base is judged against it', async () => {
  const stage = await guardStage({ change: { ...harmless, [first]: 'SELECT 1;\n' } })
  const run = await stage.run({ env: stage.payload('workflow_dispatch', {}), inputs: { base: 'main' } })
  expect(run.exitCode).toBe(1)
  expect(toldBy(run)).toContain('error frozen-path')
  expect(run.annotations.some(({ properties }) => properties['file'] === second)).toBe(false)
})
