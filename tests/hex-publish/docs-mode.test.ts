import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gunzipSync, gzip } from 'node:zlib'
import { readTar } from '../../actions/shared/tar.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { publishInProcess, type InProcessRun } from './in-process.ts'
import { apiKey, sha256, startRelease, tarballName, validDocs, writeDocs, writes, type Release } from './release.ts'

let release: Release
beforeEach(async () => {
  release = await startRelease()
  release.sandbox.hex.addRelease(hexTarball(), { insertedAt: Date.now() - 90 * 24 * 3_600_000 })
})
afterEach(async () => {
  await release.sandbox.close()
})

const docsPost = 'POST /api/packages/demo_schema/releases/0.1.0/docs'
const named = { mode: 'docs', package: 'demo_schema', version: '0.1.0', 'docs-folder': 'doc', 'api-key': apiKey }

function send(inputs: Readonly<Record<string, string>> = named, tag?: string): Promise<InProcessRun> {
  return publishInProcess(release.sandbox, release.workspace, inputs, tag)
}

describe('the docs of a release that is out', () => {
  test('are sent by package and version, with no tarball, whatever the tag', async () => {
    rmSync(join(release.workspace, tarballName))
    const run = await send(named, 'v9.9.9')
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(release.published()).toEqual([`0.1.0 ${sha256(hexTarball())} docs`])
    expect(writes(release.sandbox)).toEqual([docsPost])
    expect(run.report.outputs).toMatchObject({
      name: 'demo_schema',
      version: '0.1.0',
      checksum: sha256(hexTarball()),
      'docs-url': 'https://demo-schema.hexdocs.pm/0.1.0/'
    })
    expect(run.told).toContain('The documentation of demo\\_schema 0.1.0')
    expect(run.receipt.targets[0]).toMatchObject({
      kind: 'hex',
      files: [{ name: 'demo_schema-0.1.0-docs.tar.gz', status: 'published' }]
    })
  })

  test('are sent by tag and tarball, which tells the package', async () => {
    const run = await send({ mode: 'docs', tarball: '*.tar', 'docs-folder': 'doc', 'api-key': apiKey })
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(writes(release.sandbox)).toEqual([docsPost])
    expect(run.receipt.targets[0]?.files).toHaveLength(1)
  })

  test('are sent by a tarball that was built anew, whose bytes do not matter', async () => {
    writeFileSync(join(release.workspace, tarballName), hexTarball({ padTo: 10_240 }))
    const run = await send({ mode: 'docs', tarball: '*.tar', 'docs-folder': 'doc', 'api-key': apiKey })
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(run.report.outputs).toMatchObject({ checksum: sha256(hexTarball()) })
  })

  test('that are there with the same files are left alone', async () => {
    await send()
    const run = await send()
    expect([run.status, run.codes]).toEqual(['unchanged', []])
    expect(writes(release.sandbox)).toEqual([docsPost])
    expect(run.told).toContain('the same files are on Hex')
    expect(run.receipt.targets[0]?.files[0]?.status).toBe('unchanged')
  })

  test('that are there with the same files, packed by somebody else, are left alone', async () => {
    await send()
    const [there] = release.sandbox.hex.state.packages.find(({ name }) => name === 'demo_schema')?.releases ?? []
    const repacked = await repack(there?.docs ?? Buffer.of())
    expect(repacked.equals(there?.docs ?? Buffer.of())).toBe(false)
    if (there !== undefined) there.docs = repacked
    expect((await send()).status).toBe('unchanged')
  })

  test('that are there with other files are replaced, however old the release is', async () => {
    await send()
    writeDocs(join(release.workspace, 'doc'), { 'index.html': '<title>new</title>' })
    const run = await send()
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(writes(release.sandbox)).toEqual([docsPost, docsPost])
    expect(run.log.join('\n')).toContain('other files are on Hex')
  })

  test.each(['404', '503', 'reset-before', '200 body="no archive"'])(
    'that are there and cannot be compared (%s) are sent again',
    async (fault) => {
      await send()
      release.sandbox.fault(`GET repo.hex.pm/docs/* #1+ ${fault}`)
      const run = await send()
      expect([run.status, run.codes]).toEqual(['published', []])
      expect(writes(release.sandbox)).toEqual([docsPost, docsPost])
    }
  )

  test('are shown by a dry run, without a key', async () => {
    const run = await send({ ...named, 'api-key': '', 'dry-run': 'true' })
    expect([run.status, run.codes]).toEqual(['planned', []])
    expect(writes(release.sandbox)).toEqual([])
  })

  test('do not wait for the registry', async () => {
    await send({ ...named, wait: '300' })
    expect(release.sandbox.requests.some(({ url }) => url.includes('repo.hex.pm/packages'))).toBe(false)
  })
})

describe('nothing is sent', () => {
  test.each([
    [{ ...named, version: '0.2.0' }, 'release-not-there'],
    [{ ...named, package: 'nowhere' }, 'release-not-there'],
    [{ ...named, 'docs-folder': 'nowhere' }, 'docs-folder'],
    [{ ...named, 'api-key': '' }, 'api-key-missing'],
    [{ ...named, tarball: '*.tar', package: 'ecto_sql' }, 'other-package'],
    [{ ...named, tarball: '*.tar', version: '0.2.0' }, 'version-mismatch'],
    [{ ...named, docs: 'false' }, 'docs-switched-off'],
    [{ mode: 'docs', tarball: '*.tar', 'api-key': apiKey }, 'no-docs']
  ])('for %j: %s', async (inputs, code) => {
    const run = await send(inputs)
    expect(run.codes).toContain(code)
    expect(writes(release.sandbox)).toEqual([])
  })
})

test('the docs of an organization’s package are compared and sent with the key', async () => {
  release.sandbox.hex.addRelease(hexTarball(), { organization: 'acme' })
  const secret = 'ca11ab1e0ca11ab1e0ca11ab1e0ca11a'
  const permissions = [{ domain: 'api' }, { domain: 'repository', resource: 'acme' }]
  release.sandbox.hex.addKey({ secret, organization: 'acme', permissions })
  const inputs = { ...named, organization: 'acme', 'api-key': secret }
  expect((await send(inputs)).status).toBe('published')
  expect((await send(inputs)).status).toBe('unchanged')
  expect(writes(release.sandbox)).toEqual(['POST /api/repos/acme/packages/demo_schema/releases/0.1.0/docs'])
})

test('every file of the docs arrives', async () => {
  await send()
  const names = await namesIn(release.sandbox.hex.docs('demo_schema', '0.1.0') ?? Buffer.of())
  expect(names).toEqual(
    Object.keys(validDocs)
      .filter((name) => !name.startsWith('.'))
      .sort()
  )
})

/** The same tar, compressed in another way. */
async function repack(bytes: Buffer): Promise<Buffer> {
  return promisify(gzip)(gunzipSync(bytes), { level: 1 })
}

/** Names in a gzipped tar, sorted. */
async function namesIn(bytes: Buffer): Promise<string[]> {
  const { members } = await readTar(Readable.from([gunzipSync(bytes)]), {
    keep: () => false,
    longestKept: 0,
    longest: 1024 * 1024
  })
  return members.map(({ name }) => name).sort()
}
