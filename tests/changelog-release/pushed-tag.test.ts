import { describe, expect, test } from '@jest/globals'
import {
  asPerson,
  at,
  openStage,
  releaseState,
  repository,
  repositoryState,
  writes,
  type Stage
} from './release-stage.ts'

const pushOf = (sha: string): Record<string, string> => ({ GITHUB_REF: 'refs/tags/v1.0.0', GITHUB_SHA: sha })
const commit = (stage: Stage, message: string): string => stage.sandbox.github.addCommit(repository, { message })
const tagAt = (stage: Stage): string | undefined => stage.sandbox.github.refs(repository)['refs/tags/v1.0.0']
const dropTag = (stage: Stage): void => {
  const state = repositoryState(stage)
  state.refs = state.refs.filter(({ ref }) => ref !== 'refs/tags/v1.0.0')
}

test('a tag that was just pushed is looked for until it is seen', async () => {
  const stage = await openStage({ tags: [] })
  const sha = commit(stage, 'Release')
  at(
    stage,
    'before',
    /git\/ref/,
    () => {
      stage.sandbox.github.setRef(repository, 'refs/tags/v1.0.0', sha)
    },
    3
  )
  const { codes, slept } = await stage.run({}, pushOf(sha))
  expect([codes, slept]).toEqual([[], [2_000, 2_000]])
  expect(releaseState(stage).draft).toBe(false)
})

test('an annotated tag is at the commit it leads to', async () => {
  const stage = await openStage({ tags: [] })
  const sha = commit(stage, 'Release')
  stage.sandbox.github.addAnnotatedTag(repository, 'v1.0.0', 'One', sha)
  expect((await stage.run({}, pushOf(sha))).status).toBe('published')
  expect((await stage.run({}, pushOf(commit(stage, 'Another')))).codes).toEqual(['tag-moved'])
})

describe('no release is made, and no tag,', () => {
  test('where the tag is not there, whatever draft of it is', async () => {
    const stage = await openStage({ tags: [] })
    await asPerson(stage, 'POST', '/releases', { tag_name: 'v1.0.0', draft: true })
    const before = writes(stage.sandbox).length
    const { codes } = await stage.run({}, pushOf(commit(stage, 'Release')))
    expect(codes).toEqual(['tag-not-on-github'])
    expect([writes(stage.sandbox).length, tagAt(stage)]).toEqual([before, undefined])
  })

  test('where the tag was moved since it was pushed, and both commits are named', async () => {
    const stage = await openStage()
    const sha = commit(stage, 'As pushed')
    const { codes, problems } = await stage.run({}, pushOf(sha))
    expect(codes).toEqual(['tag-moved'])
    expect(problems[0]?.message).toContain(sha)
    expect(problems[0]?.message).toContain(tagAt(stage))
    expect(writes(stage.sandbox)).toEqual([])
  })

  test('where the tag is deleted while assets are uploaded', async () => {
    const stage = await openStage()
    const sha = tagAt(stage) ?? ''
    at(stage, 'after', /^POST .*\/assets$/, () => {
      dropTag(stage)
    })
    expect((await stage.run({}, pushOf(sha))).codes).toEqual(['tag-not-on-github'])
    expect([releaseState(stage).draft, tagAt(stage)]).toEqual([true, undefined])
  })

  test('where the tag is moved while assets are uploaded', async () => {
    const stage = await openStage()
    const sha = tagAt(stage) ?? ''
    at(stage, 'after', /^POST .*\/assets$/, () => {
      stage.sandbox.github.setRef(repository, 'refs/tags/v1.0.0', commit(stage, 'Moved'))
    })
    expect((await stage.run({}, pushOf(sha))).codes).toEqual(['tag-moved'])
    expect(releaseState(stage).draft).toBe(true)
  })
})

test('GitHub is never told of a commit to make a tag at', async () => {
  const stage = await openStage()
  const told: string[] = []
  stage.sandbox.intercept(({ body }) => {
    if (body.includes('target_commitish')) told.push(body.toString())
  })
  expect((await stage.run({}, pushOf(tagAt(stage) ?? ''))).status).toBe('published')
  expect(told).toEqual([])
})

test('a tag that came by input is not compared with the run’s commit, which is told where it is another', async () => {
  const stage = await openStage()
  const sha = commit(stage, 'Later')
  const { status, report } = await stage.run({}, { GITHUB_REF: 'refs/heads/main', GITHUB_SHA: sha })
  expect(status).toBe('published')
  expect(report.notChecked).toEqual([expect.stringContaining(sha)])
  const same = await stage.run({}, { GITHUB_REF: 'refs/heads/main', GITHUB_SHA: tagAt(stage) ?? '' })
  expect(same.report.notChecked).toEqual([])
})
