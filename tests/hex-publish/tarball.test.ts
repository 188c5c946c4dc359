import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { visitFiles } from '../../actions/hex-publish/contents.ts'
import { readTarball, type Tarball } from '../../actions/hex-publish/tarball.ts'
import {
  hexGzip,
  hexTarball,
  tarBytes,
  withChecksum,
  type HexTarballOptions,
  type TarEntry
} from '../support/hex-tarball.ts'

const shown = 'demo_schema-0.1.0.tar'

async function read(options: HexTarballOptions | Buffer): Promise<Tarball> {
  const { tarball, problems } = await readTarball(Buffer.isBuffer(options) ? options : hexTarball(options), shown)
  if (tarball === undefined || problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'))
  return tarball
}

async function faults(options: HexTarballOptions | Buffer): Promise<string[]> {
  const { problems } = await readTarball(Buffer.isBuffer(options) ? options : hexTarball(options), shown)
  expect(problems.every(({ file, hint }) => file === shown && hint !== '')).toBe(true)
  return problems.map(({ code, message }) => `${code}: ${message}`)
}

async function oddities(options: HexTarballOptions): Promise<string[]> {
  const { problems, warnings } = await readTarball(hexTarball(options), shown)
  expect(problems).toEqual([])
  expect(warnings.every(({ code }) => code === 'tarball-odd')).toBe(true)
  return warnings.map(({ message }) => message.replace('Hex takes the tarball, and something in it is unusual: ', ''))
}

const file = (name: string, more: Partial<TarEntry> = {}): TarEntry => ({ name, content: 'content', ...more })
const link = (name: string, target: string): TarEntry => ({ name, type: '2', target, mode: 0o120777 })
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe('a tarball', () => {
  test('is read whole, with both checksums, metadata and every member of its contents', async () => {
    const files = [
      file('mix.exs'),
      file('bin/run', { mode: 0o100755 }),
      { name: 'priv/empty/', type: '5', mode: 0o40755 },
      link('lib/readme', '../mix.exs')
    ]
    const bytes = hexTarball({ files })
    const tarball = await read(bytes)
    expect(tarball).toMatchObject({ shown, size: bytes.length, outerChecksum: sha256(bytes), contentsSize: 4096 })
    expect(tarball.bytes).toBe(bytes)
    expect(bytes.toString('latin1')).toContain(tarball.innerChecksum)
    expect(tarball.metadata.name).toBe('demo_schema')
    expect(tarball.entries).toEqual([
      { path: 'mix.exs', kind: 'file', size: 7, sha256: sha256('content'), executable: false },
      { path: 'bin/run', kind: 'file', size: 7, sha256: sha256('content'), executable: true },
      { path: 'priv/empty', kind: 'folder', size: 0, executable: false },
      { path: 'lib/readme', kind: 'symlink', size: 0, target: '../mix.exs', executable: false }
    ])
  })

  const long = `lib/${'n'.repeat(120)}.ex`
  test.each<[string, HexTarballOptions]>([
    ['in the order of Gleam', { members: ([a, b, c, d]) => [a!, c!, d!, b!] }],
    ['in reverse order', { members: (members) => [...members].reverse() }],
    [
      'of GNU tar, filled up to 10240 bytes',
      { members: (all) => all.map((one) => ({ ...one, magic: 'gnu' })), padTo: 10240 }
    ],
    ['from before ustar', { members: (all) => all.map((one) => ({ ...one, magic: 'v7' })) }],
    ['with a newline behind CHECKSUM', { checksum: (right) => `${right}\n` }],
    ['with CHECKSUM in lower case', { checksum: (right) => right.toLowerCase() }],
    [
      'with its names in PAX headers',
      { members: (all) => all.map((one) => ({ ...one, name: '', pax: { path: one.name } })) }
    ],
    ['without files', { files: [] }]
  ])('is read that is %s', async (_, options) => {
    await expect(read(options)).resolves.toMatchObject({ metadata: { name: 'demo_schema' } })
  })

  test.each<[string, TarEntry, string]>([
    ['in the prefix of ustar', file(`lib/${'deep/'.repeat(25)}name.ex`), `lib/${'deep/'.repeat(25)}name.ex`],
    ['in a PAX header with an empty ustar name', file(long), long],
    ['in a GNU long name', file(long, { longName: 'gnu' }), long],
    ['beyond ASCII', file('lib/größe/大.ex'), 'lib/größe/大.ex'],
    ['with ./ and //', file('./lib//a.ex'), 'lib/a.ex'],
    // erl_tar counts the length of its PAX record one too short.
    ['that erl_tar miscounts', file(`${'x'.repeat(78)}öäüßéèêëñç`), `${'x'.repeat(78)}öäüßéèêëñç`]
  ])('keeps a name %s', async (_, entry, path) => {
    expect((await read({ files: [entry] })).entries.map((found) => found.path)).toEqual([path])
  })

  test('gives the bytes of the files that are asked for, one by one', async () => {
    const big = Buffer.alloc(300_000, 'line\n')
    const { contents } = await read({ files: { a: 'first', big, empty: '', c: 'last' } })
    const seen: [string, number, string][] = []
    await visitFiles(
      contents,
      (path) => path !== 'c',
      (path, content) => seen.push([path, content.length, sha256(content)])
    )
    expect(seen).toEqual([
      ['a', 5, sha256('first')],
      ['big', 300_000, sha256(big)]
    ])
  })
})

describe('a tarball is refused', () => {
  const whole = hexTarball()
  const first = (change: Partial<TarEntry>): HexTarballOptions => ({
    members: (members) => members.map((member, index) => (index === 0 ? { ...member, ...change } : member))
  })
  const inHeader = (at: number, text: string): HexTarballOptions =>
    first({
      header: (block) => {
        block.write(text, at, 'latin1')
        return withChecksum(block)
      }
    })

  test.each<[string, HexTarballOptions | Buffer, string]>([
    ['that is empty', Buffer.alloc(0), 'it ends too early'],
    ['that is a web page', Buffer.from('<html></html>'), 'a header in it is damaged'],
    ['that ends in the middle', whole.subarray(0, 1560), 'it ends too early'],
    ['without its end', whole.subarray(0, -1024), 'it ends too early'],
    ['with something behind its end', Buffer.concat([whole, Buffer.from('x')]), 'there are bytes behind its end'],
    ['without VERSION', { members: (all) => all.slice(1) }, 'it has no VERSION'],
    [
      'without metadata and contents',
      { members: (all) => all.slice(0, 2) },
      'it has no metadata.config and no contents.tar.gz'
    ],
    ['with CHECKSUM twice', { members: (all) => [...all, all[1]!] }, '"CHECKSUM" is in it twice'],
    [
      'with a fifth member',
      { members: (all) => [...all, file('x')] },
      '"x" is in it, and there are clients that cannot unpack a tarball with such a member'
    ],
    ['of version 2', { version: '2' }, 'VERSION is "2", and the only version of the format is "3"'],
    ['of version 3 and a newline', { version: '3\n' }, 'VERSION is "3\\n", and the only version of the format is "3"'],
    ['with a CHECKSUM that is none', { checksum: () => 'none' }, 'CHECKSUM is not 64 hex digits'],
    [
      'with a global PAX header',
      { members: (all) => [{ name: 'g', type: 'g', content: '13 comment=x\n' }, ...all] },
      'it has a global PAX header'
    ],
    ['with a size in a PAX header', first({ pax: { size: '1' } }), 'a PAX header in it gives a size'],
    [
      'with two names for a member',
      first({ name: 'x'.repeat(101), longName: 'gnu', pax: { path: 'VERSION' } }),
      'a member of it has two names'
    ],
    [
      'with two targets for a member',
      {
        members: (all) => [
          { name: '././@LongLink', type: 'K', content: 'a\0', magic: 'gnu' },
          { name: 'x', type: '2', target: 'b', pax: { linkpath: 'c' } },
          ...all
        ]
      },
      'a member of it has two names'
    ],
    [
      'with a NUL behind a PAX header',
      { members: (all) => [{ name: 'pax', type: 'x', content: '13 comment=x\n\0' }, ...all] },
      'a PAX header in it is damaged'
    ],
    [
      'with a PAX record that is longer than its header',
      { members: (all) => [{ name: 'pax', type: 'x', content: '99 comment=x\n' }, ...all] },
      'a PAX header in it is damaged'
    ],
    ['with a time that is no number', inHeader(136, 'today'), 'a header in it has a field that is no number'],
    ['with a user that is no number', inHeader(108, 'root'), 'a header in it has a field that is no number'],
    ['with a group that is not UTF-8', inHeader(297, 'gr\xfcn'), 'a header in it has a text that is not UTF-8'],
    ['of star', inHeader(508, 'tar\0'), 'a header in it is of the old star program'],
    ['with a file named as a folder', first({ name: 'VERSION/' }), 'the file "VERSION/" is named as a folder'],
    [
      'with a file in what a folder is said to contain',
      { files: [{ name: 'lib/', type: '5', content: tarBytes([file('lib/evil.ex')]) }] },
      '"lib/" is a folder, and its header gives it 2048 bytes'
    ],
    [
      'with a file in what a link is said to contain',
      { files: [{ name: 'lib', type: '2', target: 'src', content: tarBytes([file('lib/evil.ex')]) }] },
      '"lib" is a symlink, and its header gives it 2048 bytes'
    ],
    [
      'with a path of sixty thousand folders',
      { files: [file(`${'a/'.repeat(60_000)}a`)], metadata: { files: ['a'] } },
      'a path in it has 120001 bytes, and systems take 4096'
    ],
    [
      'with a link to such a path',
      { files: [link('a', 'a/'.repeat(60_000))] },
      'a path in it has 120000 bytes, and systems take 4096'
    ],
    ['whose contents are not compressed', { contents: tarBytes([file('a')]) }, 'contents.tar.gz is no gzip file'],
    [
      'whose contents end too early',
      { contents: hexGzip(tarBytes([file('a')])).subarray(0, -12) },
      'contents.tar.gz is damaged (Z_BUF_ERROR)'
    ],
    [
      'whose contents have another checksum',
      { contents: damaged(hexGzip(tarBytes([file('a')]))) },
      'contents.tar.gz is damaged: its own checksum is of other bytes'
    ],
    [
      'whose contents have another length',
      { contents: damaged(hexGzip(tarBytes([file('a')])), 4) },
      'contents.tar.gz is damaged: its own checksum is of other bytes'
    ],
    [
      'whose contents are two',
      { contents: Buffer.concat([hexGzip(tarBytes([file('a')])), hexGzip(tarBytes([file('b')]))]) },
      'contents.tar.gz has'
    ],
    [
      'whose contents go on behind their end',
      { contentsTar: Buffer.concat([tarBytes([file('a')]), tarBytes([file('b')])]) },
      'contents.tar.gz has bytes behind the end of its archive'
    ],
    [
      'whose contents have no end',
      { contentsTar: tarBytes([file('a')]).subarray(0, -1024) },
      'contents.tar.gz ends too early'
    ]
  ])('%s', async (_, options, fault) => {
    const [only, ...others] = await faults(options)
    expect(only).toContain(`tarball-refused: The tarball is refused: ${fault}`)
    expect(others).toEqual([])
  })

  test('whose CHECKSUM is of other bytes, with both', async () => {
    const [fault] = await faults({ checksum: () => 'AB'.repeat(32) })
    expect(fault).toMatch(/CHECKSUM is (AB){32}, and the checksum of its members is [0-9A-F]{64}/)
  })

  test('whose metadata cannot be read, and what is wrong with the contents is told as well', async () => {
    expect(await faults({ metadataConfig: '{<<"name">>,1.5}.', files: [file('/a')] })).toEqual([
      'tarball-metadata: metadata.config is refused: line 1: a number has a decimal point, and Hex reads whole numbers only.',
      'tarball-unsafe: The contents are refused: the path "/a" is absolute.'
    ])
  })

  test('of more than 16 MiB', async () => {
    expect(await faults(Buffer.alloc(16 * 1024 * 1024 + 1))).toEqual([
      'tarball-too-big: The tarball has 16777217 bytes, and hex.pm takes at most 16777216 (16.0 MiB).'
    ])
  })

  test('whose contents unpack to more than 128 MiB, before they are unpacked whole', async () => {
    const options = { contentsTar: tarBytes([{ name: 'zeros', content: Buffer.alloc(129 * 1024 * 1024) }]) }
    expect(await faults(options)).toEqual([
      'tarball-too-big: The contents have more bytes when unpacked, and hex.pm takes at most 134217728 (128.0 MiB).'
    ])
  })

  test('whose metadata has more than 1 MiB', async () => {
    const [fault] = await faults({ metadata: { description: 'a'.repeat(1024 * 1024) } })
    expect(fault).toMatch(/metadata\.config has 1049\d{3} bytes, and Hex takes at most 1048576/)
  })
})

describe('contents are refused', () => {
  test.each<[string, readonly TarEntry[], string]>([
    ['with an absolute path', [file('/etc/passwd')], 'the path "/etc/passwd" is absolute'],
    ['with ..', [file('../a')], 'the path "../a" has ".." in it'],
    ['with .. that stays in', [file('lib/../a')], 'the path "lib/../a" has ".." in it'],
    ['with a drive', [file('C:/a')], 'the path "C:/a" begins with a drive'],
    [
      'with a backslash',
      [file('lib\\..\\a')],
      'the path "lib\\\\..\\\\a" has a backslash, which is a folder on Windows'
    ],
    ['with a line break in a name', [file('a\nb')], 'the path "a\\nb" has a control character'],
    ['with an empty name', [file('')], 'the path "" is empty'],
    ['with a hard link', [file('a'), { name: 'b', type: '1', target: 'a' }], '"b" is a hard link'],
    ['with a device', [{ name: 'tty', type: '3' }], '"tty" is neither a file, a folder nor a link'],
    ['with a fifo', [{ name: 'pipe', type: '6' }], '"pipe" is neither a file, a folder nor a link'],
    ['with a sparse file', [{ name: 'holes', type: 'S' }], '"holes" is a sparse file'],
    ['with a file twice', [file('a'), file('./a')], '"./a" is in it twice'],
    ['with a file and a folder of one name', [file('a'), { name: 'a/', type: '5' }], '"a" is in it twice'],
    ['with a file in a file', [file('a/b'), file('a')], '"a/b" lies in "a", which is no folder but a file'],
    [
      'with a file under a link',
      [link('lib', 'src'), file('lib/a')],
      '"lib/a" lies in "lib", which is no folder but a symlink'
    ],
    ['with a link out of it', [link('lib/a', '../../x')], 'the link "lib/a" to "../../x" leads out of the package'],
    [
      'with a link out of it and back',
      [link('a', '../demo/b')],
      'the link "a" to "../demo/b" leads out of the package'
    ],
    [
      'with a link that only its text takes out of it',
      [file('a/b/x'), file('y'), link('x', 'a/b'), link('l', 'x/../../y')],
      'the link "l" to "x/../../y" leads out of the package'
    ],
    ['with a name that is not UTF-8', [file('a', { pax: { path: 'caf\ufffd' } })], 'the path "caf\ufffd" is not UTF-8'],
    ['with an absolute link', [link('a', '/etc')], 'the link "a" to "/etc" leads out of the package'],
    ['with a link to a drive', [link('a', 'C:x')], 'the link "a" to "C:x" leads out of the package'],
    [
      'with a link with backslashes',
      [link('lib/a', '..\\..\\x')],
      'the link "lib/a" to "..\\\\..\\\\x" leads out of the package'
    ],
    [
      'with a link out of it through another',
      [file('sub/x'), link('deep/up', '..'), link('l', 'deep/up/..')],
      'the link "l" to "deep/up/.." leads out of the package'
    ],
    [
      'with links in a circle',
      [link('a', 'b'), link('b', 'a')],
      'the link "a" to "b" leads through too many links, or in a circle'
    ],
    [
      'with a link to the folder it lies in',
      [link('lib/here', '.')],
      'the link "lib/here" leads to a folder from which one comes back to it, which tools follow without end'
    ],
    [
      'with a link to the root',
      [link('lib/all', '..')],
      'the link "lib/all" leads to a folder from which one comes back to it, which tools follow without end'
    ],
    [
      'with two links to the folders of each other',
      [file('a/x'), file('b/y'), link('a/b', '../b'), link('b/a', '../a')],
      'the link "a/b" leads to a folder from which one comes back to it, which tools follow without end'
    ],
    [
      'with links to folders without number',
      [file('a/x'), ...Array.from({ length: 101 }, (_, index) => link(`l${index}`, 'a'))],
      'it has more than 100 links to folders'
    ],
    [
      'with links without number, through one another',
      Array.from({ length: 20_000 }, (_, index) => link(`l${index}`, `l${Math.max(index - 1, 19_000)}`)),
      'it has 20000 links, more than 1000'
    ],
    ['with a link to nothing at all', [link('a', '')], 'the link "a" to "" has no target that a system takes']
  ])('%s', async (_, files, fault) => {
    expect((await faults({ files }))[0]).toBe(`tarball-unsafe: The contents are refused: ${fault}.`)
  })

  test('with a link out of it, and with the one that leads there', async () => {
    expect(await faults({ files: [link('a', 'b/c'), link('b', '/etc')] })).toEqual([
      'tarball-unsafe: The contents are refused: the link "a" to "b/c" leads out of the package.',
      'tarball-unsafe: The contents are refused: the link "b" to "/etc" leads out of the package.'
    ])
  })

  test('with ten of thousands of faults told', async () => {
    const files = Array.from({ length: 5000 }, (_, index) => file(`../${index}`))
    const told = await faults({ files, metadata: { files: ['a'] } })
    expect(told).toHaveLength(10)
    expect(told.at(-1)).toContain('4991 more things of this kind are wrong')
  })
})

test('hundreds of thousands of folders in one another are looked through in time', async () => {
  const files = Array.from({ length: 300 }, (_, index) => file(`${index}/${'a/'.repeat(1000)}a`))
  const started = performance.now()
  expect((await read({ files, metadata: { files: ['0'] } })).entries).toHaveLength(300)
  expect(performance.now() - started).toBeLessThan(5000)
})

describe('a warning is given for', () => {
  test.each<[string, HexTarballOptions, string]>([
    [
      'names that differ in case',
      { files: [file('README'), file('readme')] },
      '"readme" and "README" are one file where case makes no difference (macOS, Windows).'
    ],
    [
      'a link that is a folder where case makes no difference',
      { files: [file('lib/a.ex'), file('priv/b'), link('Lib', 'priv')] },
      '"Lib" is a symlink, and where case makes no difference (macOS, Windows) a folder too.'
    ],
    [
      'metadata that switch the scan for secrets off',
      { metadata: { secret_scan: { ignore: ['**'] } } },
      '"secret_scan" of its metadata exempts all of its files from the scan for secrets.'
    ],
    [
      'a link to nothing',
      { files: [file('a'), link('b', 'c')] },
      'the link "b" to "c" leads to nothing in the package.'
    ],
    [
      'a name that old clients cannot unpack',
      { files: [file('größe 2')] },
      '"größe 2" has letters beyond ASCII and a space or "=", which older clients (rebar3 3.19 is one) cannot unpack.'
    ],
    [
      'a file that is listed and not there',
      { metadata: { files: ['lib', 'LICENSE', 'README.md', 'mix.exs', 'priv', 'docs/a.md'] } },
      '"files" of its metadata lists "docs/a.md", which is not there.'
    ],
    [
      'a file that is there and not listed',
      { metadata: { files: ['lib', 'LICENSE', 'README.md', 'priv'] } },
      '"mix.exs" is in the contents, and "files" of its metadata does not list it.'
    ]
  ])('%s', async (_, options, warning) => {
    expect(await oddities(options)).toEqual([warning])
  })

  test('nothing where links stay in the tree and folders are listed or not', async () => {
    const files = [
      file('lib/a.ex'),
      file('README.md'),
      link('lib/readme', '../README.md'),
      link('doc', 'lib'),
      link('l', './lib/')
    ]
    expect(await oddities({ files })).toEqual([])
    expect(
      await oddities({ files, metadata: { files: ['lib', 'README.md', 'doc', 'l', 'lib/a.ex', 'lib/readme'] } })
    ).toEqual([])
  })
})

/** With another checksum in its trailer, or another length. */
function damaged(gzip: Buffer, fromEnd = 8): Buffer {
  const copy = Buffer.from(gzip)
  copy.writeUInt32LE(1, copy.length - fromEnd)
  return copy
}
