import { describe, expect, test } from '@jest/globals'
import {
  asPerson,
  at,
  changelog,
  openStage,
  releaseState,
  repository,
  repositoryState,
  write,
  writes,
  type Stage
} from './release-stage.ts'

const tags = ['v0.9.0', 'v1.0.0', 'v1.1.0', 'v2.0.0-rc.1', 'lib-v9.0.0']
const publication = /^PATCH .*\/releases\/\d+$/

async function latest(stage: Stage): Promise<unknown> {
  return ((await asPerson(stage, 'GET', '/releases/latest')) as { tag_name?: string }).tag_name
}

describe('by itself, the highest stable version is the latest', () => {
  test.each([['lib-v9.0.0'], ['v2.0.0-rc.1']])('whatever %s is', async (other) => {
    const stage = await openStage({ tags })
    await asPerson(stage, 'POST', '/releases', { tag_name: other })
    expect((await stage.run({ tag: 'v1.1.0' })).status).toBe('published')
    expect(await latest(stage)).toBe('v1.1.0')
  })

  test.each([
    ['while assets are uploaded', 'after', /^POST .*\/assets$/],
    ['in the moment of the publication', 'before', publication]
  ] as const)('also when it is published by another run %s', async (_, moment, request) => {
    const stage = await openStage({ tags })
    at(stage, moment, request, () => stage.run({ tag: 'v1.1.0', assets: '' }))
    expect((await stage.run()).codes).toEqual([])
    expect(releaseState(stage, 'v1.1.0').draft).toBe(false)
    expect(await latest(stage)).toBe('v1.1.0')
  })

  test('also when it was marked as a prerelease before', async () => {
    const stage = await openStage({ tags })
    await asPerson(stage, 'POST', '/releases', { tag_name: 'v0.9.0' })
    await stage.run({ prerelease: 'true' })
    expect(await latest(stage)).toBe('v0.9.0')
    expect((await stage.run({ prerelease: 'false' })).status).toBe('published')
    expect(await latest(stage)).toBe('v1.0.0')
  })
})

test.each(['#1', '#2', '#1-2'])('one lagging answer (%s) does not cost a corrected release its mark', async (nth) => {
  const stage = await openStage({ tags })
  await asPerson(stage, 'POST', '/releases', { tag_name: 'v0.9.0' })
  await stage.run()
  write(stage.workspace, { 'CHANGELOG.md': changelog.replace('a [thing]', 'another [thing]') })
  stage.sandbox.fault(`GET github/api/v3/repos/${repository}/releases/latest ${nth} 404`)
  expect((await stage.run()).status).toBe('published')
  expect(await latest(stage)).toBe('v1.0.0')
})

describe('the mark is read back:', () => {
  test.each([
    ['another release has it', { 'make-latest': 'true' }, 'v0.9.0'],
    ['another release has it', { 'make-latest': 'auto' }, 'v0.9.0'],
    ['this one has it and should not', { 'make-latest': 'false' }, 'v1.0.0']
  ])('%s, with %j', async (_, inputs, shown) => {
    const stage = await openStage({ tags })
    await asPerson(stage, 'POST', '/releases', { tag_name: 'v0.9.0' })
    at(stage, 'after', publication, () => {
      repositoryState(stage).latestReleaseId = releaseState(stage, shown).id
    })
    const { codes, problems } = await stage.run(inputs)
    expect(codes).toEqual(['release-not-latest'])
    expect(problems[0]?.message).toContain(shown)
  })

  test('where it cannot be read, that is told', async () => {
    const stage = await openStage({ tags })
    stage.sandbox.fault(`GET github/api/v3/repos/${repository}/releases/latest #1+ 500`)
    const { status, report } = await stage.run()
    expect(status).toBe('published')
    expect(report.notChecked).toEqual([expect.stringContaining('v1.0.0 is shown as the latest release')])
  })
})

test('a release that a person marked as a prerelease cannot be asked to be the latest', async () => {
  const stage = await openStage({ tags })
  await stage.run()
  releaseState(stage).prerelease = true
  const before = writes(stage.sandbox).length
  expect((await stage.run({ 'make-latest': 'true' })).codes).toEqual(['latest-not-released'])
  expect(writes(stage.sandbox).length).toBe(before)
  expect((await stage.run({ 'make-latest': 'true', prerelease: 'false' })).status).toBe('published')
  expect(await latest(stage)).toBe('v1.0.0')
})
