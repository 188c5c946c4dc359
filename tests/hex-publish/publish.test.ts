import { afterEach, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hexTarball, validFiles } from '../support/hex-tarball.ts'
import {
  apiKey,
  codesOf,
  problemsOf,
  ready,
  sha256,
  startRelease,
  tarballName,
  validDocs,
  writeDocs,
  writes,
  type Release,
  type ReleaseOptions
} from './release.ts'

const started: Release[] = []
afterEach(async () => {
  for (const release of started.splice(0)) await release.sandbox.close()
})

async function start(options?: ReleaseOptions): Promise<Release> {
  const release = await startRelease(options)
  started.push(release)
  return release
}

const ours = hexTarball()
/** The same contents in other bytes, as another machine would pack them. */
const repacked = hexTarball({ padTo: 10_240 })
const other = hexTarball({ files: { ...validFiles, 'README.md': '# other\n', 'lib/gone.ex': 'x' } })
const older = hexTarball({ metadata: { version: '0.0.9' }, files: { ...validFiles, 'lib/gone.ex': 'x' } })

const releasePost = 'POST /api/packages/demo_schema/releases'
const docsPost = 'POST /api/packages/demo_schema/releases/0.1.0/docs'

describe('a new package', () => {
  test('is published as the bytes that were inspected, then its docs, and both are read back', async () => {
    const release = await start()
    const run = await release.run()
    expect(problemsOf(run)).toEqual([])
    expect(run.exitCode).toBe(0)
    expect(release.sandbox.hex.releases('demo_schema')[0]?.tarball.equals(ours)).toBe(true)
    expect(release.published()).toEqual([`0.1.0 ${sha256(ours)} docs`])
    expect(writes(release.sandbox)).toEqual([releasePost, docsPost])
    expect(release.sandbox.requests.find(({ method }) => method === 'POST')?.url).toMatch(/\?replace=false$/)
    expect(release.sandbox.requests.slice(-2).map(({ url }) => url)).toEqual([
      'https://repo.hex.pm/packages/demo_schema',
      'https://repo.hex.pm/tarballs/demo_schema-0.1.0.tar'
    ])
    expect(run.outputs).toMatchObject({
      status: 'published',
      name: 'demo_schema',
      version: '0.1.0',
      checksum: sha256(ours),
      url: 'https://hex.pm/packages/demo_schema/0.1.0',
      'docs-url': 'https://demo-schema.hexdocs.pm/0.1.0/',
      tarball: join(release.workspace, tarballName)
    })
  })

  test('has a receipt with the tarball and the docs', async () => {
    const release = await start()
    const run = await release.run()
    expect(run.receipt).toMatchObject({
      action: 'hex-publish',
      status: 'published',
      tag: 'v0.1.0',
      targets: [
        {
          kind: 'hex',
          name: 'demo_schema',
          version: '0.1.0',
          status: 'published',
          files: [
            { name: 'demo_schema-0.1.0.tar', sha256: sha256(ours), size: ours.length, status: 'published' },
            {
              name: 'demo_schema-0.1.0-docs.tar.gz',
              sha256: sha256(release.sandbox.hex.docs('demo_schema', '0.1.0') ?? Buffer.of()),
              status: 'published'
            }
          ]
        }
      ]
    })
  })

  test('is told with its files, its docs, and the step that would take it back', async () => {
    const release = await start()
    const { summary } = await release.run()
    for (const told of [
      'is on Hex',
      sha256(ours),
      '`priv/repo/migrations/20240101000000_create_notes.exs`',
      'demo-schema.hexdocs.pm/0.1.0',
      'until 24 hours after its package was first published',
      "    mode: revert\n    package: demo_schema\n    version: '0.1.0'\n    confirm: '0.1.0'"
    ])
      expect(summary).toContain(told)
  })

  test('is shown by a dry run without a key, which writes nothing and leaves the tarball', async () => {
    const release = await start()
    const run = await release.run({ tarball: '*.tar', 'docs-folder': 'doc', 'dry-run': 'true' })
    expect(problemsOf(run)).toEqual([])
    expect(run.outputs).toMatchObject({
      status: 'planned',
      checksum: sha256(ours),
      tarball: join(release.workspace, tarballName)
    })
    expect(writes(release.sandbox)).toEqual([])
    expect(run.summary).toContain('would go to Hex')
    expect(run.summary).toContain('whether a key may publish this package (this run has none)')
    expect(run.receipt).toMatchObject({ targets: [{ files: [{ status: 'planned' }, { status: 'planned' }] }] })
  })

  test('needs a key, and says how to get one', async () => {
    const release = await start()
    const run = await release.run({ ...ready, 'api-key': '' })
    expect(codesOf(run)).toEqual(['api-key-missing'])
    expect(problemsOf(run)[0]).toContain('secrets.HEX_API_KEY')
    expect(writes(release.sandbox)).toEqual([])
  })
})

describe('a new version', () => {
  test('is told with what changed since the one before it', async () => {
    const release = await start()
    release.sandbox.hex.addRelease(older)
    release.sandbox.hex.addRelease(hexTarball({ metadata: { version: '0.2.0' } }))
    const run = await release.run()
    expect(problemsOf(run)).toEqual([])
    expect(run.summary).toContain('Files since 0.0.9: 1 changed')
    expect(run.summary).toContain('`lib/gone.ex` gone')
    expect(run.summary).toContain('https://diff.hex.pm/diff/demo_schema/0.0.9..0.1.0')
    expect(release.published()).toHaveLength(3)
  })

  test('is published though the one before it cannot be read, which is said', async () => {
    const release = await start()
    release.sandbox.hex.addRelease(older)
    release.sandbox.fault('GET repo.hex.pm/tarballs/demo_schema-0.0.9.tar #1+ 404')
    const run = await release.run()
    expect(run.outputs['status']).toBe('published')
    expect(run.summary).toContain('what changed since 0.0.9')
    expect(run.summary).toContain('was answered 404')
  })

  test('of another package or another version than the tag’s is not published', async () => {
    const release = await start({ tag: 'other-v0.2.0' })
    const run = await release.run()
    expect(codesOf(run)).toEqual(['version-mismatch', 'tag-other-package'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test.each(['demo_schema-v0.1.0', 'demo_schema@0.1.0', 'demo-schema-v0.1.0'])('may be tagged %s', async (tag) => {
    const release = await start({ tag })
    expect((await release.run()).outputs['status']).toBe('published')
  })
})

test('a version that the tag spells in another way is looked for as the package spells it', async () => {
  const release = await start({
    tag: 'v0.1.0rc1',
    tarball: hexTarball({ metadata: { version: '0.1.0-rc1' } })
  })
  expect((await release.run()).outputs).toMatchObject({ status: 'published', version: '0.1.0-rc1' })
  expect((await release.run()).outputs['status']).toBe('unchanged')
})

describe('a release that is there', () => {
  test('with the same bytes and docs is left alone: a rerun writes nothing', async () => {
    const release = await start()
    await release.run()
    const before = release.sandbox.requests.length
    const run = await release.run()
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({
      status: 'unchanged',
      checksum: sha256(ours),
      url: 'https://hex.pm/packages/demo_schema/0.1.0',
      'docs-url': 'https://demo-schema.hexdocs.pm/0.1.0/'
    })
    expect(release.sandbox.requests.slice(before).every(({ method }) => method === 'GET')).toBe(true)
    expect(run.receipt).toMatchObject({ status: 'unchanged', targets: [{ files: [{ status: 'unchanged' }] }] })
  })

  test('needs no key to be found unchanged', async () => {
    const release = await start()
    await release.run()
    const run = await release.run({ tarball: '*.tar' })
    expect(run.outputs['status']).toBe('unchanged')
  })

  test('with the same contents in other bytes is left alone, and its own checksum counts', async () => {
    const release = await start()
    release.sandbox.hex.addRelease(repacked, { publisher: 'maintainer' })
    const run = await release.run({ ...ready, docs: 'false', 'docs-folder': '' })
    expect(problemsOf(run)).toEqual([])
    expect(run.outputs).toMatchObject({ status: 'unchanged', checksum: sha256(repacked) })
    expect(run.summary).toContain('packed into other bytes')
    expect(run.receipt).toMatchObject({ targets: [{ files: [{ sha256: sha256(repacked), size: repacked.length }] }] })
    expect(writes(release.sandbox)).toEqual([])
  })

  test('with other contents stops the run, which names the files and both checksums', async () => {
    const release = await start()
    release.sandbox.hex.addRelease(other)
    const run = await release.run()
    expect(codesOf(run)).toEqual(['hex-different-release'])
    for (const told of [sha256(ours), sha256(other), 'README.md differs', 'lib/gone.ex only on Hex'])
      expect(problemsOf(run)[0]).toContain(told)
    expect(writes(release.sandbox)).toEqual([])
    expect(run.summary).toContain('Nothing was written')
  })

  test('that cannot be downloaded is not called different', async () => {
    const release = await start()
    release.sandbox.hex.addRelease(other)
    release.sandbox.fault('GET repo.hex.pm/tarballs/* #1+ 403')
    const run = await release.run()
    expect(codesOf(run)).toEqual(['release-not-compared'])
    expect(problemsOf(run)[0]).toContain('was answered 403')
    expect(writes(release.sandbox)).toEqual([])
  })

  test('with other contents is replaced within the window where that is wanted, and its docs too', async () => {
    const release = await start()
    release.sandbox.hex.addRelease(other)
    const run = await release.run({ ...ready, replace: 'true' })
    expect(problemsOf(run)).toEqual([])
    expect(release.published()).toEqual([`0.1.0 ${sha256(ours)} docs`])
    expect(release.sandbox.requests.find(({ method }) => method === 'POST')?.url).toMatch(/\?replace=true$/)
    for (const told of [run.stdout, run.summary])
      expect(told).toContain('replace is true, and a release can be changed until 24 hours after its package')
    expect(run.outputs).toMatchObject({ status: 'published', checksum: sha256(ours) })
  })

  test('with other contents is not replaced after the window, which is shown', async () => {
    const release = await start()
    const longAgo = Date.now() - 48 * 3_600_000
    release.sandbox.hex.addRelease(other, { insertedAt: longAgo })
    const run = await release.run({ ...ready, replace: 'true' })
    expect(codesOf(run)).toEqual(['hex-window-closed'])
    expect(problemsOf(run)[0]).toContain('README.md differs')
    expect(problemsOf(run)[0]).toContain('mode: retire')
    expect(writes(release.sandbox)).toEqual([])
  })

  test('is not sent again though replace is true, where it has our contents', async () => {
    const release = await start()
    await release.run()
    const before = writes(release.sandbox).length
    const run = await release.run({ ...ready, replace: 'true' })
    expect(run.outputs['status']).toBe('unchanged')
    expect(writes(release.sandbox)).toHaveLength(before)
  })

  test('and is retired is told', async () => {
    const release = await start()
    await release.run()
    const [retired] = release.sandbox.hex.state.packages.find(({ name }) => name === 'demo_schema')?.releases ?? []
    if (retired !== undefined) retired.retirement = { reason: 'security', message: 'use 0.1.1' }
    const run = await release.run()
    expect(run.outputs['status']).toBe('unchanged')
    expect(run.summary).toContain('is retired on Hex: security, use 0.1.1')
  })
})

describe('documentation', () => {
  test('that an earlier run could not send is sent by the next one, and nothing else', async () => {
    const release = await start()
    release.sandbox.fault('POST hex.pm/api/packages/demo_schema/releases/0.1.0/docs #1 422 body="{}"')
    const first = await release.run()
    expect(first.exitCode).toBe(1)
    expect(problemsOf(first)[0]).toContain('demo_schema 0.1.0 is published; its docs are not')
    expect(problemsOf(first)[0]).toContain('The next run sends only the docs')
    expect(first.outputs).toMatchObject({ status: 'failed', checksum: sha256(ours) })
    expect(first.receipt).toMatchObject({ targets: [{ files: [{ status: 'uploaded' }, { status: 'missing' }] }] })
    const before = writes(release.sandbox).length
    const run = await release.run()
    expect(run.outputs['status']).toBe('published')
    expect(writes(release.sandbox).slice(before)).toEqual([docsPost])
    expect(release.published()).toEqual([`0.1.0 ${sha256(ours)} docs`])
    expect(run.receipt).toMatchObject({ targets: [{ files: [{ status: 'unchanged' }, { status: 'published' }] }] })
  })

  test('that nobody built is left out, which is said', async () => {
    const release = await start()
    const run = await release.run({ tarball: '*.tar', 'api-key': apiKey })
    expect(run.outputs['status']).toBe('published')
    expect(run.outputs['docs-url']).toBeUndefined()
    expect(run.summary).toContain('the tarball was built elsewhere, and docs-folder is not given')
    expect(writes(release.sandbox)).toEqual([releasePost])
  })

  test('that is wanted and not there stops the run before anything is written', async () => {
    const release = await start()
    const run = await release.run({ tarball: '*.tar', 'api-key': apiKey, docs: 'true' })
    expect(codesOf(run)).toEqual(['no-docs'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test.each([
    ['nowhere', 'docs-folder'],
    ['empty', 'docs-index-missing']
  ])('in the folder %s stops the run before anything is written', async (folder, code) => {
    const release = await start()
    writeDocs(join(release.workspace, 'empty'), { 'other.html': 'x' })
    const run = await release.run({ ...ready, 'docs-folder': folder })
    expect(codesOf(run)).toEqual([code])
    expect(writes(release.sandbox)).toEqual([])
  })

  test('that is on Hex is not looked for again: the folder need not be there', async () => {
    const release = await start()
    await release.run()
    const run = await release.run({ ...ready, 'docs-folder': 'nowhere' })
    expect(run.outputs['status']).toBe('unchanged')
  })

  test('is sent without the hidden files that ExDoc leaves', async () => {
    const release = await start()
    await release.run()
    const files = Object.keys(validDocs).filter((name) => !name.startsWith('.'))
    const run = await release.run({ ...ready, mode: 'docs' })
    expect(run.stdout).toContain(`${files.length} files of doc`)
  })
})

describe('the registry', () => {
  test('that shows the release late is waited for', async () => {
    const release = await start()
    release.sandbox.hex.setSettings({ registryDelay: 1_500 })
    const run = await release.run()
    expect(run.outputs['status']).toBe('published')
    expect(run.stdout).toContain('looking again in')
  })

  test('that does not show it in time fails the job, which says that it is published; the next run only waits', async () => {
    const release = await start()
    release.sandbox.hex.setSettings({ registryDelay: 4_000 })
    const late = await release.run({ ...ready, wait: '1' })
    expect(codesOf(late)).toEqual(['registry-late'])
    expect(problemsOf(late)[0]).toContain('demo_schema 0.1.0 is published, and resolvers do not see it after 1 s')
    const before = writes(release.sandbox).length
    const run = await release.run()
    expect(problemsOf(run)).toEqual([])
    expect(run.outputs['status']).toBe('unchanged')
    expect(run.stdout).toContain('looking again in')
    expect(writes(release.sandbox)).toHaveLength(before)
    expect(release.sandbox.requests.at(-1)?.url).toBe('https://repo.hex.pm/tarballs/demo_schema-0.1.0.tar')
  })

  test('that does not show it in time is a warning where that is wanted, on a rerun too', async () => {
    const release = await start()
    release.sandbox.hex.setSettings({ registryDelay: 60_000 })
    for (const status of ['published', 'unchanged']) {
      const run = await release.run({ ...ready, wait: '1', 'late-registry': 'warn' })
      expect(run).toMatchObject({ exitCode: 0, outputs: { status } })
      expect(run.annotations.filter(({ kind }) => kind === 'warning')).toHaveLength(1)
      expect(run.summary).toContain('whether resolvers see the release: not after 1 s')
    }
  })

  test('is not looked at where wait is 0, which is said', async () => {
    const release = await start()
    const run = await release.run({ ...ready, wait: '0' })
    expect(run.outputs['status']).toBe('published')
    expect(release.sandbox.requests.some(({ url }) => url.includes('repo.hex.pm'))).toBe(false)
    expect(run.summary).toContain('whether resolvers see the release already: wait is 0')
  })

  test('with another checksum than Hex’s API is not called visible', async () => {
    const release = await start()
    release.sandbox.hex.addRelease(other)
    release.sandbox.hex.setSettings({ registryDelay: 60_000 })
    const run = await release.run({ ...ready, replace: 'true', wait: '1' })
    expect(codesOf(run)).toEqual(['registry-late'])
    expect(problemsOf(run)[0]).toContain(sha256(other))
  })
})

describe('the input tarball', () => {
  test('that matches no file, or two, is told with what it matches', async () => {
    const release = await start()
    expect(codesOf(await release.run({ ...ready, tarball: 'dist/*.tar' }))).toEqual(['tarball-unmatched'])
    writeFileSync(join(release.workspace, 'second.tar'), other)
    const run = await release.run()
    expect(codesOf(run)).toEqual(['tarball-ambiguous'])
    expect(problemsOf(run)[0]).toContain('demo_schema-0.1.0.tar, second.tar')
    expect(release.sandbox.requests).toEqual([])
  })

  test('is sent as it was inspected, though the file changes before it is sent', async () => {
    const release = await start()
    const stop = release.sandbox.intercept(({ method }) => {
      if (method === 'POST') return
      writeFileSync(join(release.workspace, tarballName), other)
    })
    const run = await release.run()
    stop()
    expect(problemsOf(run)).toEqual([])
    expect(release.sandbox.hex.releases('demo_schema')[0]?.tarball.equals(ours)).toBe(true)
  })

  test('that is no tarball, or breaks several rules, has all of that told at once', async () => {
    const broken = hexTarball({
      metadata: { licenses: ['Beerware-9'], links: { x: 'nowhere' } },
      files: { ...validFiles, '.env': 'SECRET=1' }
    })
    const release = await start({ tarball: broken, tag: 'v0.2.0' })
    const run = await release.run({ ...ready, 'required-files': 'lib/missing/**' })
    expect(codesOf(run).length).toBeGreaterThanOrEqual(5)
    expect(codesOf(run)).toContain('version-mismatch')
    expect(writes(release.sandbox)).toEqual([])
    writeFileSync(join(release.workspace, tarballName), 'no tarball')
    expect(codesOf(await release.run())).toEqual(['tarball-refused'])
  })

  test('is published whole when it is over 1 MiB, of which Hex is asked in advance', async () => {
    const big = hexTarball({ files: { ...validFiles, 'priv/noise.bin': noise(1_500_000) } })
    const release = await start({ tarball: big })
    expect((await release.run()).outputs['status']).toBe('published')
    expect(release.sandbox.hex.releases('demo_schema')[0]?.tarball.equals(big)).toBe(true)
  })
})

/** Bytes that do not compress, the same each time. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 1
  for (let n = 0; n < length; n++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    bytes[n] = state >> 16
  }
  return bytes
}
