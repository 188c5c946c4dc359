import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Asset, Release } from '../../sandbox/github/state.ts'
import { asPerson, assetsOf, at, notes, openStage, releaseState, repositoryState, write } from './release-stage.ts'

const upload = /^POST .*\/assets$/
const publication = /^PATCH .*\/releases\/\d+$/

describe('a published release keeps its bytes', () => {
  test('when it is published while a run is about to replace a draft’s asset', async () => {
    const stage = await openStage()
    await stage.run({ draft: 'true' })
    write(stage.workspace, { 'dist/a.whl': 'other wheel' })
    const { id } = releaseState(stage)
    at(stage, 'after', /^GET .*\/assets$/, () => asPerson(stage, 'PATCH', `/releases/${id}`, { draft: false }))
    expect((await stage.run()).codes).toEqual(['asset-differs'])
    expect(assetsOf(releaseState(stage))).toEqual(['a.whl uploaded wheel', 'b.tar.gz uploaded sdist'])
  })

  test('and loses wrong ones that the run itself has just added, from a file that was changed after it was hashed', async () => {
    const stage = await openStage()
    await stage.run({ assets: 'dist/a.whl' })
    at(stage, 'after', /^GET .*\/assets$/, () => {
      write(stage.workspace, { 'dist/b.tar.gz': 'tsids' })
    })
    expect((await stage.run()).codes).toEqual(['asset-changed'])
    expect(assetsOf(releaseState(stage))).toEqual(['a.whl uploaded wheel'])
    expect((await stage.run()).status).toBe('published')
    expect(assetsOf(releaseState(stage))).toEqual(['a.whl uploaded wheel', 'b.tar.gz uploaded tsids'])
  })
})

test('a file that grows after it was hashed is uploaded as it was', async () => {
  const stage = await openStage()
  at(stage, 'after', /^GET .*\/releases$/, () => {
    appendFileSync(join(stage.workspace, 'dist/a.whl'), ' and more')
  })
  expect((await stage.run()).codes).toEqual([])
  expect(assetsOf(releaseState(stage))).toContain('a.whl uploaded wheel')
})

test('a file that shrinks after it was hashed fails the run at once, with a draft', async () => {
  const stage = await openStage()
  at(stage, 'after', /^GET .*\/releases$/, () => {
    write(stage.workspace, { 'dist/a.whl': 'wh' })
  })
  const { codes, slept } = await stage.run()
  expect([codes, slept]).toEqual([['http-body'], []])
  expect(releaseState(stage).draft).toBe(true)
})

describe('a draft is not published', () => {
  const changes: readonly (readonly [string, (assets: Asset[]) => Asset[]])[] = [
    ['gone', (assets) => assets.slice(1)],
    ['replaced', (assets) => assets.map((asset) => ({ ...asset, digest: `sha256:${'0'.repeat(64)}` }))]
  ]
  test.each(changes)('when an asset is %s after its upload', async (_, change) => {
    const stage = await openStage()
    const spoil = (): void => {
      const release = releaseState(stage)
      release.assets = change(release.assets)
    }
    at(stage, 'after', upload, spoil, 2)
    const { codes } = await stage.run()
    expect(new Set(codes)).toEqual(new Set(['asset-not-verified']))
    expect(releaseState(stage).draft).toBe(true)
  })
})

describe('a release that is not as it was written is told, when after the publication', () => {
  const changes: readonly (readonly [string, (release: Release) => void])[] = [
    ['its notes change', (release) => (release.body = 'others')],
    ['its title changes', (release) => (release.name = 'Another')],
    ['it becomes a prerelease', (release) => (release.prerelease = true)],
    ['it becomes a draft', (release) => (release.draft = true)],
    ['it loses an asset', (release) => release.assets.pop()]
  ]
  test.each(changes)('%s', async (_, change) => {
    const stage = await openStage()
    at(stage, 'after', publication, () => {
      change(releaseState(stage))
    })
    expect((await stage.run()).codes).toContain('release-not-as-wanted')
  })
})

describe('of several drafts of the tag', () => {
  test('the oldest is taken, and the others stay', async () => {
    const stage = await openStage()
    for (const name of ['older', 'newer']) {
      await asPerson(stage, 'POST', '/releases', { tag_name: 'v1.0.0', name, draft: true })
    }
    const { report } = await stage.run()
    const found = repositoryState(stage).releases.map(({ name, draft }) => [name, draft])
    expect(found).toEqual([
      ['older', false],
      ['newer', true]
    ])
    expect(report.summary.map(({ markdown }) => markdown).join('\n')).toContain('Other drafts of this tag')
  })

  test('the run’s own is deleted only while it is empty', async () => {
    const stage = await openStage()
    at(stage, 'before', /^POST .*\/releases$/, () =>
      asPerson(stage, 'POST', '/releases', { tag_name: 'v1.0.0', name: 'older', draft: true })
    )
    at(
      stage,
      'after',
      /^POST .*\/releases$/,
      () => {
        const own = repositoryState(stage).releases.find(({ name }) => name === 'v1.0.0')
        return asPerson(stage, 'POST', `/releases/${own?.id ?? ''}/assets?name=by-another.txt`, 'text')
      },
      2
    )
    expect((await stage.run()).codes).toEqual([])
    const found = repositoryState(stage).releases.map(({ draft, assets }) => [draft, assets.length])
    expect(found).toEqual([
      [false, 2],
      [true, 1]
    ])
  })
})

describe('what a person did to a published release stays:', () => {
  test('that it is a prerelease', async () => {
    const stage = await openStage()
    await stage.run()
    releaseState(stage).prerelease = true
    const { status, report } = await stage.run()
    expect(status).toBe('unchanged')
    expect(releaseState(stage).prerelease).toBe(true)
    expect(report.outputs['prerelease']).toBe('true')
  })

  test('that it is none, though its version says so', async () => {
    const stage = await openStage()
    await stage.run({ tag: 'v1.0.0-rc.1' })
    releaseState(stage, 'v1.0.0-rc.1').prerelease = false
    expect((await stage.run({ tag: 'v1.0.0-rc.1' })).status).toBe('unchanged')
  })

  test('the line ends of GitHub’s editor', async () => {
    const stage = await openStage()
    await stage.run()
    releaseState(stage).body = `${notes.replaceAll('\n', '\r\n')}\r\n`
    expect((await stage.run()).status).toBe('unchanged')
  })
})
