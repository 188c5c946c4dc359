import { afterEach, describe, expect, test } from '@jest/globals'
import { notes, repository, setStage, writes, type Stage } from './release-stage.ts'

const stages: Stage[] = []
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.sandbox.close()
})

async function stageWith(...faults: readonly string[]): Promise<Stage> {
  const stage = await setStage()
  stages.push(stage)
  for (const fault of faults) stage.sandbox.fault(fault)
  return stage
}

function endState(stage: Stage): unknown {
  return stage.sandbox.github
    .releases(repository)
    .map(({ tag, body, draft, assets }) => [
      tag,
      body,
      draft,
      assets.map(({ name, state, bytes }) => `${name} ${state} ${bytes.toString()}`).sort()
    ])
}

const whole = [['v1.0.0', notes, false, ['a.whl uploaded wheel', 'b.tar.gz uploaded sdist']]]

const api = `github/api/v3/repos/${repository}`
const uploads = `github/api/uploads/repos/${repository}/releases/*/assets`

describe('a run goes on to the same end after', () => {
  test.each([
    [`GET ${api}/releases 503`],
    [`GET ${api}/releases reset-before`],
    [`GET ${api}/releases/tags/* 502 html`],
    [`GET ${api}/git/ref/* truncate`],
    [`POST ${api}/releases reset-before`],
    [`POST ${api}/releases reset-after`],
    [`POST ${api}/releases 502`],
    [`POST ${api}/releases 502 after`],
    [`POST ${api}/releases 403 retry-after=30 body="{\\"message\\":\\"You have exceeded a secondary rate limit.\\"}"`],
    [`POST ${api}/releases 429 retry-after=30`],
    [`POST ${uploads} reset-before`],
    [`POST ${uploads} reset-body`],
    [`POST ${uploads} reset-after`],
    [`POST ${uploads} #1-3 reset-after`],
    [`POST ${uploads} 500`],
    [`POST ${uploads} 502 partial`],
    [`POST ${uploads} #1-2 502 partial`],
    [`POST ${uploads} 504 after`],
    [`POST ${uploads} 400 body="{\\"message\\":\\"Bad Content-Length: \\"}"`],
    [`POST ${uploads} 403 retry-after=60 body="{\\"message\\":\\"You have exceeded a secondary rate limit.\\"}"`],
    [`POST ${uploads} stall 200ms`],
    [`GET ${api}/releases/*/assets 503`],
    [`PATCH ${api}/releases/* reset-before`],
    [`PATCH ${api}/releases/* reset-after`],
    [`PATCH ${api}/releases/* 502 after`],
    [`GET ${api}/releases/* stale`]
  ])('%s', async (fault) => {
    const stage = await stageWith(fault)
    const { status, codes } = await stage.run()
    expect(codes).toEqual([])
    expect(status).toBe('published')
    expect(stage.sandbox.faults.map(({ struck }) => struck > 0)).toEqual([true])
    expect(endState(stage)).toEqual(whole)
    const before = writes(stage.sandbox).length
    expect((await stage.run()).status).toBe('unchanged')
    expect(writes(stage.sandbox).length).toBe(before)
  })
})

test('an upload that breaks off every time leaves a draft without half an asset', async () => {
  const stage = await stageWith(`POST ${uploads} #1+ 502 partial`)
  const { status, codes } = await stage.run({ assets: 'dist/a.whl' })
  expect({ status, codes }).toEqual({ status: 'failed', codes: ['github-outage'] })
  expect(endState(stage)).toEqual([['v1.0.0', notes, true, []]])
})

test('a rate limit is waited for as long as GitHub asks', async () => {
  const stage = await stageWith(`POST ${uploads} 429 retry-after=77`)
  expect((await stage.run()).slept).toContain(77_000)
})

test('an outage that stays leaves a draft, which nobody sees, and the next run completes it', async () => {
  const stage = await stageWith(`POST ${uploads} #2-40 500`)
  const { status, codes, writing } = await stage.run()
  expect({ status, codes, writing }).toEqual({ status: 'failed', codes: ['github-outage'], writing: true })
  expect(stage.sandbox.github.releases(repository).map(({ draft }) => draft)).toEqual([true])
  for (let run = 1; run <= 10 && (await stage.run()).status === 'failed'; run++);
  expect(endState(stage)).toEqual(whole)
})

test('another job’s older draft is used, and the own empty one deleted', async () => {
  const stage = await stageWith()
  const runs = await Promise.all([
    stage.run({ assets: 'dist/a.whl', draft: 'true' }),
    stage.run({ assets: 'dist/b.tar.gz', draft: 'true' }),
    stage.run({ assets: '', draft: 'true' })
  ])
  expect(runs.map(({ codes }) => codes)).toEqual([[], [], []])
  expect((await stage.run()).status).toBe('published')
  expect(endState(stage)).toEqual(whole)
})

describe('GitHub’s refusals become instructions:', () => {
  test.each([
    [
      '422',
      '{"message":"Validation Failed","errors":[{"resource":"Release","code":"custom","field":"tag_name","message":"tag_name was used by an immutable release"}]}',
      'release-tag-burned'
    ],
    [
      '422',
      '{"message":"Validation Failed","errors":[{"resource":"Release","code":"custom","field":"pre_receive","message":"pre_receive Repository rule violations found"}]}',
      'release-tag-rule'
    ],
    ['422', '{"message":"Cannot upload assets to an immutable release."}', 'release-immutable'],
    ['403', '{"message":"Resource not accessible by integration"}', 'github-permission'],
    ['404', '{"message":"Not Found"}', 'github-not-found'],
    ['401', '{"message":"Bad credentials"}', 'github-token-refused']
  ])('%s %s', async (status, body, code) => {
    const stage = await stageWith(`POST ${api}/releases ${status} body=${JSON.stringify(body)}`)
    const { codes, problems } = await stage.run()
    expect(codes).toEqual([code])
    expect(problems[0]?.hint).not.toBe('')
    expect(endState(stage)).toEqual([])
  })

  test('a release that another job published meanwhile', async () => {
    const stage = await stageWith()
    let other: Promise<unknown> | undefined
    const stop = stage.sandbox.intercept(async (request, moment) => {
      if (moment !== 'before' || request.method !== 'PATCH' || other !== undefined) return
      other = fetch(`${stage.sandbox.address('github').origin}/api/v3/repos/${repository}/releases`, {
        method: 'POST',
        headers: { authorization: 'Bearer ghs_planted_token_of_this_test' },
        body: JSON.stringify({ tag_name: 'v1.0.0', name: 'by another job' })
      })
      await other
    })
    expect((await stage.run()).codes).toEqual(['release-exists'])
    stop()
    expect((await stage.run()).status).toBe('published')
    const published = stage.sandbox.github.releases(repository).filter(({ draft }) => !draft)
    expect(published.map(({ assets }) => assets.length)).toEqual([2])
  })
})
