import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import {
  changelog,
  notes,
  repository,
  setStage,
  token,
  write,
  writes,
  type Stage,
  type StageOptions
} from './release-stage.ts'

const stages: Stage[] = []
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.sandbox.close()
})

async function stageOf(options: StageOptions = {}): Promise<Stage> {
  const stage = await setStage(options)
  stages.push(stage)
  return stage
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What everybody can see and download, without ids and times. */
function page(stage: Stage): unknown {
  return stage.sandbox.github.releases(repository).map(({ tag, name, body, draft, prerelease, assets }) => ({
    tag,
    name,
    body,
    draft,
    prerelease,
    assets: assets.map((asset) => [asset.name, asset.state, asset.bytes.toString()]).sort()
  }))
}

const wholeRelease = {
  tag: 'v1.0.0',
  name: 'v1.0.0',
  body: notes,
  draft: false,
  prerelease: false,
  assets: [
    ['a.whl', 'uploaded', 'wheel'],
    ['b.tar.gz', 'uploaded', 'sdist']
  ]
}

describe('a release', () => {
  test('is a draft until its assets are verified, and is then published by one request', async () => {
    const stage = await stageOf()
    const seen: string[] = []
    stage.sandbox.intercept(() => {
      for (const { draft, assets } of stage.sandbox.github.releases(repository))
        if (!draft) seen.push(String(assets.length))
    })
    const { status, codes, report, receipt } = await stage.run()
    expect(codes).toEqual([])
    expect(status).toBe('published')
    expect(page(stage)).toEqual([wholeRelease])
    expect(new Set(seen)).toEqual(new Set(['2']))
    expect(writes(stage.sandbox)).toEqual([
      `POST /api/v3/repos/${repository}/releases`,
      `POST /api/uploads/repos/${repository}/releases/N/assets`,
      `POST /api/uploads/repos/${repository}/releases/N/assets`,
      `PATCH /api/v3/repos/${repository}/releases/N`
    ])
    const { outputs } = report
    expect(outputs).toMatchObject({ tag: 'v1.0.0', version: '1.0.0', prerelease: 'false', notes })
    expect(outputs['url']).toMatch(/\/octo-org\/demo\/releases\/tag\/v1\.0\.0$/)
    expect(JSON.parse(outputs['assets'] ?? '')).toMatchObject([
      { name: 'a.whl', size: 5, digest: `sha256:${sha256('wheel')}`, status: 'published' },
      { name: 'b.tar.gz', size: 5, digest: `sha256:${sha256('sdist')}`, status: 'published' }
    ])
    expect(receipt.targets[0]?.files.map(({ status: of }) => of)).toEqual(['published', 'published'])
  })

  test('is left alone by a second run: no writes', async () => {
    const stage = await stageOf()
    await stage.run()
    const before = writes(stage.sandbox).length
    const again = await stage.run()
    expect(again.status).toBe('unchanged')
    expect(again.report.outputs['id']).toMatch(/^\d+$/)
    expect(JSON.parse(again.report.outputs['assets'] ?? '')).toMatchObject([
      { status: 'unchanged' },
      { status: 'unchanged' }
    ])
    expect(writes(stage.sandbox).slice(before)).toEqual([])
  })

  test('is only planned by a dry run', async () => {
    const stage = await stageOf()
    const { status, report } = await stage.run({ 'dry-run': 'true' })
    expect(status).toBe('planned')
    expect(writes(stage.sandbox)).toEqual([])
    expect(report.summary.map(({ markdown }) => markdown).join('\n')).toContain('`a.whl` | create')
    expect(report.notChecked).toHaveLength(1)
  })

  test('needs no assets', async () => {
    const stage = await stageOf()
    expect((await stage.run({ assets: '' })).status).toBe('published')
    expect(page(stage)).toEqual([{ ...wholeRelease, assets: [] }])
    expect((await stage.run({ assets: '' })).status).toBe('unchanged')
  })

  test('stays a draft when that is asked for, complete, and a rerun changes nothing', async () => {
    const stage = await stageOf()
    expect((await stage.run({ draft: 'true' })).status).toBe('published')
    expect(page(stage)).toEqual([{ ...wholeRelease, draft: true }])
    expect((await stage.run({ draft: 'true' })).status).toBe('unchanged')
    expect((await stage.run()).status).toBe('published')
    expect(page(stage)).toEqual([wholeRelease])
    expect((await stage.run({ draft: 'true' })).status).toBe('unchanged')
    expect(page(stage)).toEqual([wholeRelease])
  })

  test('is a prerelease by its version, or by the input', async () => {
    const stage = await stageOf()
    await stage.run({ tag: 'v1.0.0-rc.1' })
    await stage.run({ prerelease: 'true' })
    await stage.run({ tag: 'v1.1.0', prerelease: 'false' })
    const flags = stage.sandbox.github.releases(repository).map(({ tag, prerelease }) => [tag, prerelease])
    expect(flags).toEqual([
      ['v1.0.0-rc.1', true],
      ['v1.0.0', true],
      ['v1.1.0', false]
    ])
  })

  test('becomes the latest only as the highest stable version of its tags', async () => {
    const stage = await stageOf({
      tags: ['v1.0.0', 'v1.1.0', 'v1.0.0-rc.1', 'lib-v9.0.0'],
      files: { 'CHANGELOG.md': `${changelog}\n## 9.0.0\n\n- lib\n` }
    })
    const latest = async (): Promise<unknown> => {
      const answer = await fetch(
        `${stage.sandbox.address('github').origin}/api/v3/repos/${repository}/releases/latest`,
        {
          headers: { authorization: `Bearer ${token}` }
        }
      )
      return ((await answer.json()) as { tag_name?: string }).tag_name
    }
    await stage.run({ tag: 'v1.1.0' })
    await stage.run({ tag: 'v1.0.0' })
    expect(await latest()).toBe('v1.1.0')
    await stage.run({ tag: 'lib-v9.0.0', 'make-latest': 'false' })
    expect(await latest()).toBe('v1.1.0')
    expect((await stage.run({ tag: 'v1.0.0', 'make-latest': 'true' })).status).toBe('published')
    expect(await latest()).toBe('v1.0.0')
    expect((await stage.run({ tag: 'v1.0.0', 'make-latest': 'true' })).status).toBe('unchanged')
    write(stage.workspace, { 'CHANGELOG.md': changelog.replace('newer', 'newest') })
    expect((await stage.run({ tag: 'v1.1.0' })).status).toBe('published')
    expect(await latest()).toBe('v1.0.0')
  })
})

test('a version that is marked as yanked is never made the latest', async () => {
  const stage = await stageOf({ files: { 'CHANGELOG.md': '## 1.1.0 [YANKED]\n\n- a\n\n## 1.0.0\n\n- b\n' } })
  const { log, report } = await stage.run({ tag: 'v1.1.0' })
  expect(log.join('\n')).toContain('marked as yanked')
  expect(report.summary.map(({ markdown }) => markdown).join('\n')).toContain('Warnings (1)')
  expect(log.join('\n')).toContain('not as the latest one')
})

describe('what is there already', () => {
  test('a draft is completed, with the notes of now', async () => {
    const stage = await stageOf()
    await stage.run({ draft: 'true', assets: 'dist/a.whl', title: 'By hand' })
    write(stage.workspace, { 'CHANGELOG.md': changelog.replace('a [thing]', 'another [thing]') })
    expect((await stage.run()).status).toBe('published')
    expect(page(stage)).toEqual([
      { ...wholeRelease, name: 'By hand', body: notes.replace('a [thing]', 'another [thing]') }
    ])
  })

  test('other bytes on a draft are replaced, what broke off is sent again, and unknown assets stay', async () => {
    const stage = await stageOf({ files: { 'dist/c.txt': 'third' } })
    await stage.run({ draft: 'true' })
    write(stage.workspace, { 'dist/a.whl': 'other wheel' })
    rmSync(join(stage.workspace, 'dist/c.txt'))
    write(stage.workspace, { 'dist/d.txt': 'fourth' })
    stage.sandbox.fault('POST github/*/assets* 502 partial')
    expect((await stage.run()).status).toBe('published')
    expect(page(stage)).toEqual([
      {
        ...wholeRelease,
        assets: [
          ['a.whl', 'uploaded', 'other wheel'],
          ['b.tar.gz', 'uploaded', 'sdist'],
          ['c.txt', 'uploaded', 'third'],
          ['d.txt', 'uploaded', 'fourth']
        ]
      }
    ])
  })

  test('other bytes on a published release are an error that names both hashes', async () => {
    const stage = await stageOf()
    await stage.run()
    write(stage.workspace, { 'dist/a.whl': 'other wheel', 'dist/new.txt': 'new' })
    const before = writes(stage.sandbox).length
    const { status, problems } = await stage.run()
    expect(status).toBe('failed')
    expect(problems).toHaveLength(1)
    expect(problems[0]?.code).toBe('asset-differs')
    expect(problems[0]?.message).toContain(sha256('wheel'))
    expect(problems[0]?.message).toContain(sha256('other wheel'))
    expect(writes(stage.sandbox).length).toBe(before)
  })

  test('a published release gets what it lacks, and keeps what it has', async () => {
    const stage = await stageOf()
    await stage.run({ assets: 'dist/a.whl' })
    expect((await stage.run({ title: 'One' })).status).toBe('published')
    expect((await stage.run({ prerelease: 'auto' })).status).toBe('unchanged')
    expect(page(stage)).toEqual([{ ...wholeRelease, name: 'One' }])
  })

  test('an immutable release takes new notes and nothing else', async () => {
    const stage = await stageOf({ immutable: true })
    expect((await stage.run({ assets: 'dist/a.whl' })).status).toBe('published')
    const before = writes(stage.sandbox).length
    const { codes, problems } = await stage.run()
    expect(codes).toEqual(['release-immutable'])
    expect(problems[0]?.message).toContain('b.tar.gz')
    expect(writes(stage.sandbox).length).toBe(before)
    write(stage.workspace, { 'CHANGELOG.md': changelog.replace('a [thing]', 'another [thing]') })
    expect((await stage.run({ assets: 'dist/a.whl' })).status).toBe('published')
  })
})

describe('on other servers than github.com', () => {
  test('without digests, assets are read back and compared by their own hash', async () => {
    const stage = await stageOf()
    stage.sandbox.github.state.digests = false
    const first = await stage.run()
    expect([first.status, first.report.notChecked]).toEqual(['published', []])
    expect((await stage.run()).status).toBe('unchanged')
    write(stage.workspace, { 'dist/a.whl': 'whele' })
    const { codes, problems } = await stage.run()
    expect(codes).toEqual(['asset-differs'])
    expect(problems[0]?.message).toContain(sha256('wheel'))
  })

  test('with more releases than GitHub lists, a draft is found by GraphQL', async () => {
    const stage = await stageOf()
    await stage.run({ draft: 'true' })
    await stage.run({ tag: 'v1.1.0', assets: '' })
    const [repositoryState] = stage.sandbox.github.state.repositories
    const published = repositoryState?.releases.find(({ draft }) => !draft)
    if (repositoryState === undefined || published === undefined) throw new Error('the stage has no release')
    for (let n = 0; n < 1_000; n++) {
      const createdAt = new Date(Date.now() + 1_000 * n).toISOString()
      repositoryState.releases.push({ ...published, id: 1_000_000 + n, tag: `v1.1.0-rc.${n}`, createdAt, assets: [] })
    }
    expect((await stage.run()).status).toBe('published')
    expect(stage.sandbox.requests.filter(({ url }) => url.endsWith('/api/graphql'))).toHaveLength(1)
    expect(stage.sandbox.github.releases(repository).filter(({ tag }) => tag === 'v1.0.0')).toMatchObject([
      { draft: false }
    ])
  })
})

describe('nothing is written', () => {
  test('when anything is wrong, and all of it is told at once', async () => {
    const stage = await stageOf({ tags: ['v1.0.0'], files: { 'dist/empty.txt': '' } })
    const { codes, writing } = await stage.run({ tag: 'v3.0.0', assets: 'dist/*\nmissing/*.zip' })
    expect(writing).toBe(false)
    expect([...codes].sort()).toEqual([
      'asset-empty',
      'asset-glob-unmatched',
      'changelog-section-missing',
      'tag-not-on-github'
    ])
    expect(writes(stage.sandbox)).toEqual([])
  })

  test.each([
    [{ tag: 'main' }, 'tag-without-version'],
    [{ tag: 'v1.0.0$(touch x)' }, 'tag-not-a-ref-name'],
    [{ changelog: 'NEWS.md' }, 'changelog-unreadable'],
    [{ changelog: 'dist' }, 'changelog-unreadable'],
    [{ 'github-token': '' }, 'github-token-missing'],
    [{ 'github-token': 'ghs_wrong_token' }, 'github-token-refused'],
    [{ 'make-latest': 'true', draft: 'true' }, 'latest-not-released'],
    [{ 'make-latest': 'true', tag: 'v1.0.0-rc.1' }, 'latest-not-released'],
    [{ draft: 'yes' }, 'input-not-boolean'],
    [{ prerelease: 'maybe' }, 'input-not-a-choice']
  ])('with the inputs %j: %s', async (inputs, code) => {
    const stage = await stageOf()
    const { status, codes } = await stage.run(inputs)
    expect(status).toBe('failed')
    expect(codes).toContain(code)
    expect(writes(stage.sandbox)).toEqual([])
  })

  test('with a changelog that is not UTF-8', async () => {
    const stage = await stageOf()
    writeFileSync(join(stage.workspace, 'CHANGELOG.md'), Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x31]))
    expect((await stage.run()).codes).toEqual(['changelog-not-utf8'])
  })

  test('without the permission, which the error names', async () => {
    const stage = await stageOf({ permissions: 'read' })
    const { problems } = await stage.run()
    expect(problems[0]?.code).toBe('github-permission')
    expect(problems[0]?.hint).toContain('contents: write')
    expect(page(stage)).toEqual([])
  })
})

test('file names with spaces, quotes, line breaks and other scripts become what GitHub stores, with their own names as labels', async () => {
  const names = ['a b.txt', 'quote".txt', "it's.txt", 'new\nline.txt', 'naïve 日本.txt', '$(touch x).txt']
  const stage = await stageOf({ files: Object.fromEntries(names.map((name) => [`odd/${name}`, `bytes of ${name}`])) })
  expect((await stage.run({ assets: 'odd/*' })).status).toBe('published')
  const assets = stage.sandbox.github.releases(repository)[0]?.assets.map(({ name, label }) => [name, label])
  expect(assets?.sort()).toEqual([
    ['a.b.txt', 'a b.txt'],
    ['it.s.txt', "it's.txt"],
    ['naive.txt', 'naïve 日本.txt'],
    ['new.line.txt', 'new line.txt'],
    ['quote.txt', 'quote".txt'],
    ['touch.x.txt', '$(touch x).txt']
  ])
  expect((await stage.run({ assets: 'odd/*' })).status).toBe('unchanged')
})

test('the token goes to GitHub only, and stands nowhere in what is told', async () => {
  const stage = await stageOf({ files: { 'CHANGELOG.md': changelog } })
  const runs = [await stage.run(), await stage.run({ tag: 'v9.9.9' })]
  for (const { report, receipt, problems, log } of runs) {
    expect(JSON.stringify({ report, receipt, problems, log })).not.toContain(token)
  }
  expect(stage.sandbox.requests.every(({ secrets, service }) => secrets.length === 0 || service === 'github')).toBe(
    true
  )
})
