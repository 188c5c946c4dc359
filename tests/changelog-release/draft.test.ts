import { describe, expect, test } from '@jest/globals'
import type { Asset } from '../../sandbox/github/state.ts'
import {
  asPerson,
  assetsOf,
  at,
  openStage,
  releaseState,
  repository,
  repositoryState,
  write,
  type Run
} from './release-stage.ts'

const api = `github/api/v3/repos/${repository}`
const told = ({ report }: Run): string => report.summary.map(({ markdown }) => markdown).join('\n')

describe('of a draft that a person made or changed', () => {
  test('the prerelease tick stays, which the summary says, and goes when that is asked for', async () => {
    const stage = await openStage()
    await asPerson(stage, 'POST', '/releases', { tag_name: 'v1.0.0', draft: true, prerelease: true })
    const kept = await stage.run({ draft: 'true' })
    expect([kept.status, releaseState(stage).prerelease]).toEqual(['published', true])
    expect(told(kept)).toContain('marked as a prerelease')
    expect((await stage.run()).status).toBe('published')
    expect(releaseState(stage)).toMatchObject({ draft: false, prerelease: true })
    await stage.run({ prerelease: 'false' })
    expect(releaseState(stage).prerelease).toBe(false)
  })

  test('the notes are replaced by the changelog’s, with a warning that names the draft and whose it is', async () => {
    const stage = await openStage()
    await asPerson(stage, 'POST', '/releases', { tag_name: 'v1.0.0', draft: true, body: 'By hand.' })
    const { id } = releaseState(stage)
    const first = await stage.run({ draft: 'true' })
    expect(first.log.join('\n')).toContain(`The notes of draft ${id} of a-person are others`)
    expect(told(first)).toContain('Warnings (1)')
    const second = await stage.run()
    expect(told(second)).not.toContain('Warnings')
  })
})

describe('what is left of a broken upload', () => {
  test('is not published along, though no file has its name now', async () => {
    const stage = await openStage({ files: { 'dist/c.txt': 'third' } })
    await stage.run({ assets: '', draft: 'true' })
    stage.sandbox.fault('POST github/api/uploads/* 502 partial')
    await asPerson(stage, 'POST', `/releases/${releaseState(stage).id}/assets?name=c.txt`, 'third')
    expect(assetsOf(releaseState(stage))).toEqual(['c.txt starter '])
    const run = await stage.run({ assets: 'dist/*.whl', 'dry-run': 'true' })
    expect(told(run)).toContain('`c.txt` | update | deleted')
    const published = await stage.run({ assets: 'dist/*.whl' })
    expect(published.codes).toEqual([])
    expect(assetsOf(releaseState(stage))).toEqual(['a.whl uploaded wheel'])
  })

  test.each([
    ['new', 5],
    ['processing', 0]
  ])('is known by other states than the one that is documented: %s with %i bytes', async (state, size) => {
    const stage = await openStage()
    await stage.run()
    const release = releaseState(stage)
    release.assets = release.assets.map((asset): Asset =>
      asset.name === 'a.whl' ? Object.assign({ ...asset }, { state, size, digest: null }) : asset
    )
    expect((await stage.run()).status).toBe('published')
    expect(assetsOf(releaseState(stage))).toEqual(['a.whl uploaded wheel', 'b.tar.gz uploaded sdist'])
  })
})

test('an asset of another size is another one, also on a server without digests', async () => {
  const stage = await openStage()
  stage.sandbox.github.state.digests = false
  await stage.run()
  write(stage.workspace, { 'dist/a.whl': 'a longer wheel' })
  expect((await stage.run()).codes).toEqual(['asset-differs'])
})

test.each([
  [998, []],
  [999, ['assets-too-many']]
])('with %i other assets on the release, two more give %j', async (count, codes) => {
  const stage = await openStage()
  await stage.run({ draft: 'true', assets: 'dist/a.whl' })
  const release = releaseState(stage)
  const [asset] = release.assets
  if (asset === undefined) throw new Error('the release has no asset')
  release.assets = Array.from({ length: count }, (_, n) => ({ ...asset, id: 100_000 + n, name: `other-${n}` }))
  expect((await stage.run({ 'dry-run': 'true' })).codes).toEqual(codes)
})

test('a file whose name GitHub rewrites in another way than was expected is known by its label', async () => {
  const stage = await openStage({ files: { 'odd/a (b).txt': 'odd' } })
  at(stage, 'after', /^POST .*\/assets$/, () => {
    for (const asset of releaseState(stage).assets) asset.name = 'a.b.1.txt'
  })
  const inputs = { assets: 'odd/*' }
  const first = await stage.run(inputs)
  expect(first.codes).toEqual([])
  expect(JSON.parse(first.report.outputs['assets'] ?? '')).toMatchObject([
    { url: expect.stringContaining('a.b.1.txt') }
  ])
  expect((await stage.run(inputs)).status).toBe('unchanged')
})

test('a draft that GitHub does not know everywhere yet is waited for', async () => {
  const stage = await openStage()
  stage.sandbox.fault(`GET ${api}/releases/*/assets #1-2 404`)
  const { codes, slept } = await stage.run()
  expect([codes, slept]).toEqual([[], [2_000, 2_000]])
})

test('with more releases than GitHub lists and no GraphQL, it is told that a draft may be hidden', async () => {
  const stage = await openStage()
  await stage.run({ tag: 'v1.1.0', assets: '' })
  const newest = releaseState(stage, 'v1.1.0')
  const { releases } = repositoryState(stage)
  for (let n = 0; n < 1_000; n++) releases.push({ ...newest, id: 1_000_000 + n, tag: `v1.1.0-rc.${n}`, assets: [] })
  stage.sandbox.fault('POST github/api/graphql #1+ 404')
  const { status, report } = await stage.run({ 'make-latest': 'false' })
  expect(status).toBe('published')
  expect(report.notChecked).toEqual([expect.stringContaining('a draft of v1.0.0 older than the 1000 releases')])
})

test('a run that fails after it made the draft tells its id and address, and what was uploaded', async () => {
  const stage = await openStage()
  stage.sandbox.fault('POST github/api/uploads/*/assets* #2+ 500')
  const run = await stage.run()
  expect(run.status).toBe('failed')
  const files = run.receipt.targets[0]?.files.map(({ status }) => status)
  expect(files?.sort()).toEqual(['missing', 'uploaded'])
  const { id, untagged } = releaseState(stage)
  expect(run.report.outputs).toMatchObject({ id: String(id), url: expect.stringContaining(untagged) })
  expect(told(run)).toContain('is not complete; it is a draft')
})

test('a dry run says that drafts are hidden from a token that may not write', async () => {
  const stage = await openStage({ permissions: 'read' })
  await asPerson(stage, 'POST', '/releases', { tag_name: 'v1.0.0', draft: true })
  const { status, report } = await stage.run({ 'dry-run': 'true' })
  expect(status).toBe('planned')
  expect(report.notChecked).toEqual([expect.stringContaining('a draft of v1.0.0 is hidden from it')])
})
