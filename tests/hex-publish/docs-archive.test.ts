import { mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync, chmodSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { packDocs, type DocsArchive } from '../../actions/hex-publish/docs-archive.ts'
import { readTar } from '../../actions/shared/tar.ts'
import { temporaryFolder } from '../support/run-action.ts'

function docsFolder(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder('docs')
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

async function packed(folder: string): Promise<DocsArchive> {
  const found = await packDocs(folder, 'doc')
  if ('problems' in found) throw new Error(found.problems.map(({ message }) => message).join('\n'))
  return found
}

async function refusals(folder: string): Promise<readonly string[]> {
  const found = await packDocs(folder, 'doc')
  return 'problems' in found ? found.problems.map(({ code, message }) => `${code}: ${message}`) : []
}

/** Names in their order, with the contents. */
async function unpacked({ bytes }: DocsArchive): Promise<readonly (readonly [string, string])[]> {
  const longest = 256 * 1024 * 1024
  const { members, kept } = await readTar(Readable.from([gunzipSync(bytes)]), {
    keep: () => true,
    longestKept: longest,
    longest
  })
  return members.map(({ name }) => [name, kept.get(name)?.toString() ?? ''])
}

describe('documentation is packed', () => {
  test('as files in the order of their names, without hidden ones', async () => {
    const folder = docsFolder({
      'index.html': 'start',
      'dist/app.js': 'js',
      'Demo.html': 'module',
      '.build': 'what ExDoc wrote',
      'dist/.hidden/secret': 'x'
    })
    const archive = await packed(folder)
    expect(await unpacked(archive)).toEqual([
      ['Demo.html', 'module'],
      ['dist/app.js', 'js'],
      ['index.html', 'start']
    ])
    expect(archive).toMatchObject({ files: 3, unpacked: gunzipSync(archive.bytes).length })
  })

  test('to the same bytes whenever, by whomever and in whichever order it was written', async () => {
    const first = docsFolder({ 'index.html': 'a', 'b/c.html': 'c', 'ä.html': 'ä' })
    const second = docsFolder({ 'ä.html': 'ä', 'b/c.html': 'c', 'index.html': 'a' })
    chmodSync(join(second, 'index.html'), 0o600)
    utimesSync(join(second, 'index.html'), 1, 1)
    expect((await packed(second)).bytes.equals((await packed(first)).bytes)).toBe(true)
    expect((await packed(docsFolder({ 'index.html': 'b' }))).bytes.equals((await packed(first)).bytes)).toBe(false)
  })

  test.each([
    ['of 100 bytes', 'a'.repeat(100)],
    ['of 101 bytes without a folder', 'a'.repeat(101)],
    ['that a ustar header holds in two parts', `${'f'.repeat(120)}/${'a'.repeat(90)}`],
    ['with a slash that is too late to divide it', `${'f'.repeat(160)}/${'a'.repeat(90)}`],
    ['of 255 bytes in a long folder', `${'f'.repeat(200)}/${'a'.repeat(255)}`],
    ['outside of ASCII', 'Größe/日本語.html'],
    ['with a space', 'a b.html'],
    // The PAX record's length counts its own digits: here it goes from two to three.
    ...[84, 85, 86, 87, 88, 89, 90].map((length) => [`of ${length} bytes and an umlaut`, `ü${'x'.repeat(length - 2)}`])
  ])('with a name %s', async (_, name) => {
    const archive = await packed(docsFolder({ 'index.html': '', [name]: 'here' }))
    expect(Object.fromEntries(await unpacked(archive))).toEqual({ 'index.html': '', [name]: 'here' })
  })

  test('with the file that a link inside of the folder leads to', async () => {
    const folder = docsFolder({ 'demo-0.1.0.html': 'start' })
    symlinkSync('demo-0.1.0.html', join(folder, 'index.html'))
    expect(Object.fromEntries(await unpacked(await packed(folder)))).toEqual({
      'demo-0.1.0.html': 'start',
      'index.html': 'start'
    })
  })
})

describe('documentation is refused', () => {
  const apiKey = '0123456789abcdef0123456789abcdef'
  const token = ['ghp', '_aB3dE5gH7jK9mN1pQ4sT6vW8xY0zA2cDaB3d'].join('')

  test('with a secret in it, each with its line', async () => {
    const folder = docsFolder({ 'index.html': `<p>\n${apiKey}`, 'a.html': token })
    const found = await packDocs(folder, 'doc', { apiKey })
    expect('problems' in found && found.problems).toMatchObject([
      {
        code: 'secret-in-package',
        message: 'Line 1 of "doc/a.html" has a GitHub token in it.',
        file: 'doc/a.html',
        line: 1
      },
      { message: 'Line 2 of "doc/index.html" has the key that this run publishes with in it.', line: 2 }
    ])
    expect(JSON.stringify(found)).not.toContain(apiKey)
  })

  test('with the key of the run also where the package exempts what is like a secret', async () => {
    const rules = { apiKey, ignore: ['doc/a.html'] }
    expect('bytes' in (await packDocs(docsFolder({ 'index.html': 'x', 'a.html': token }), 'out', rules))).toBe(true)
    const found = await packDocs(docsFolder({ 'index.html': 'x', 'a.html': apiKey }), 'out', rules)
    expect('problems' in found && found.problems.map(({ message }) => message)).toEqual([
      'Line 1 of "out/a.html" has the key that this run publishes with in it.'
    ])
  })

  test('where a file or a folder cannot be read', async () => {
    const folder = docsFolder({ 'index.html': 'x', 'dist/a.js': 'x' })
    chmodSync(join(folder, 'dist'), 0)
    chmodSync(join(folder, 'index.html'), 0)
    const found = await refusals(folder)
    chmodSync(join(folder, 'dist'), 0o700)
    // The superuser reads everything.
    expect(found).toEqual(
      process.getuid?.() === 0 ? [] : ['docs-refused: doc/dist cannot be published: it cannot be read (EACCES).']
    )
  })

  test('without a page to begin with', async () => {
    expect(await refusals(docsFolder({ 'api/index.html': '' }))).toEqual(['docs-index-missing: doc has no index.html.'])
  })

  test('where something at its top is called like a version', async () => {
    const folder = docsFolder({
      'index.html': '',
      '1.0.0/a.html': '',
      '2.0.0-rc.1': '',
      '1.0/b.html': '',
      'v1.0.0': ''
    })
    expect(await refusals(folder)).toEqual([
      'docs-refused: doc/1.0.0 cannot be published: it is called like a version.',
      'docs-refused: doc/2.0.0-rc.1 cannot be published: it is called like a version.'
    ])
  })

  test('for a link to a folder beside it whose name only begins alike', async () => {
    const folder = docsFolder({ 'index.html': 'x' })
    mkdirSync(`${folder}-old`)
    writeFileSync(join(`${folder}-old`, 'a.html'), 'x')
    symlinkSync(join(`${folder}-old`, 'a.html'), join(folder, 'a.html'))
    expect(await refusals(folder)).toEqual([
      'docs-refused: doc/a.html cannot be published: it is a link that leaves the folder.'
    ])
  })

  test('for every link that leaves it, leads nowhere or to a folder', async () => {
    const folder = docsFolder({ 'index.html': '', 'a/b.html': '' })
    const outside = docsFolder({ id_rsa: 'private' })
    symlinkSync(join(outside, 'id_rsa'), join(folder, 'outside.html'))
    symlinkSync('../../../../../../../../etc/hostname', join(folder, 'a', 'climbs.html'))
    symlinkSync('nothing', join(folder, 'dangling.html'))
    symlinkSync('a', join(folder, 'folder'))
    symlinkSync('..', join(folder, 'a', 'loop'))
    expect([...(await refusals(folder))].sort()).toEqual([
      'docs-refused: doc/a/climbs.html cannot be published: it is a link that leaves the folder.',
      'docs-refused: doc/a/loop cannot be published: it is a link to a folder.',
      'docs-refused: doc/dangling.html cannot be published: it is a link to nothing.',
      'docs-refused: doc/folder cannot be published: it is a link to a folder.',
      'docs-refused: doc/outside.html cannot be published: it is a link that leaves the folder.'
    ])
  })

  test('beyond 16 MiB packed', async () => {
    const folder = docsFolder({ 'index.html': '', 'video.mp4': randomBytes(16 * 1024 * 1024) })
    expect(await refusals(folder)).toEqual([
      expect.stringMatching(
        /^docs-too-large: The documentation in doc has 167\d{5} bytes packed, and Hex takes 16777216 \(16\.0 MiB\)\.$/
      )
    ])
  })

  test('beyond 128 MiB unpacked, without being read', async () => {
    const folder = docsFolder({ 'index.html': '', 'sparse.bin': '' })
    truncateSync(join(folder, 'sparse.bin'), 3 * 1024 ** 3)
    expect(await refusals(folder)).toEqual([
      'docs-too-large: The documentation in doc has 3221225472 bytes unpacked, and Hex takes 134217728 (128.0 MiB).'
    ])
  })
})
