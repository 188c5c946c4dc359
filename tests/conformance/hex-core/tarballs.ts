import { gzipSync } from 'node:zlib'
import {
  byteList,
  erlang,
  hexGzip,
  hexTarball,
  metadataConfig,
  pairs,
  tarBytes,
  withChecksum,
  type HexTarballOptions,
  type TarEntry
} from '../../support/hex-tarball.ts'
import { fractionsFrom } from '../../support/random.ts'

/** A tarball and what is special about it. */
export interface Specimen {
  readonly what: string
  readonly bytes: Buffer
}

/** Tarballs that builders write or wrote, and one for every rule. */
export function specimens(): Specimen[] {
  const made = Object.entries(forms).map(([what, options]) => ({ what, bytes: hexTarball(options) }))
  const whole = hexTarball()
  return [
    ...made,
    { what: 'nothing', bytes: Buffer.alloc(0) },
    { what: 'two blocks of zeros', bytes: Buffer.alloc(1024) },
    { what: 'text', bytes: Buffer.from('<html></html>') },
    { what: 'gzip', bytes: gzipSync(whole) },
    { what: 'cut in the middle', bytes: whole.subarray(0, 2048) },
    { what: 'without the blocks of zeros', bytes: whole.subarray(0, -1024) },
    { what: 'with one block of zeros', bytes: whole.subarray(0, -512) },
    { what: 'with bytes behind the end', bytes: Buffer.concat([whole, Buffer.from('behind')]) }
  ]
}

const long = `lib/${'deep/'.repeat(20)}name.ex`
const longer = `lib/${'n'.repeat(120)}.ex`
const file = (name: string, more: Partial<TarEntry> = {}): TarEntry => ({ name, content: `# ${name}\n`, ...more })
const link = (name: string, target: string): TarEntry => ({ name, type: '2', target, mode: 0o120777 })
const requirement = { app: 'ecto', optional: false, repository: 'hexpm', requirement: '~> 3.0' }
const reversed = (members: readonly TarEntry[]): TarEntry[] => [...members].reverse()
const first = (change: Partial<TarEntry>) => (members: readonly TarEntry[]) =>
  members.map((member, index) => (index === 0 ? { ...member, ...change } : member))

const forms: Readonly<Record<string, HexTarballOptions>> = {
  'as hex_core writes it': {},
  'as Gleam orders it': {
    members: ([version, checksum, metadata, contents]) => [version!, metadata!, contents!, checksum!]
  },
  'in reverse order': { members: reversed },
  'as GNU tar writes it': {
    members: (members) => members.map((member) => ({ ...member, magic: 'gnu', mode: 0o600 })),
    padTo: 10240
  },
  'from before ustar': { members: (members) => members.map((member) => ({ ...member, magic: 'v7' })) },
  'CHECKSUM with a newline': { checksum: (right) => `${right}\n` },
  'CHECKSUM in lower case': { checksum: (right) => right.toLowerCase() },
  'CHECKSUM of something else': { checksum: () => '0'.repeat(64) },
  'CHECKSUM that is short': { checksum: (right) => right.slice(2) },
  'CHECKSUM that is empty': { checksum: () => '' },
  'CHECKSUM with white space': { checksum: (right) => `${right}\r\n` },
  'CHECKSUM that is no hex': { checksum: () => 'z'.repeat(64) },
  'VERSION 2': { version: '2' },
  'VERSION with a newline': { version: '3\n' },
  'VERSION that is long': { version: '3'.repeat(33) },
  'no VERSION': { members: (members) => members.slice(1) },
  'no CHECKSUM': { members: ([version, , ...rest]) => [version!, ...rest] },
  'no contents': { members: (members) => members.slice(0, 3) },
  'no metadata': { members: ([version, checksum, , contents]) => [version!, checksum!, contents!] },
  'a member more': { members: (members) => [...members, file('extra')] },
  'VERSION twice': { members: (members) => [...members, members[0]!] },
  'VERSION under ./': { members: first({ name: './VERSION' }) },
  'VERSION with a name in PAX': { members: first({ name: 'nothing', pax: { path: 'VERSION' } }) },
  'VERSION with a size in PAX': { members: first({ pax: { size: '0' } }) },
  'VERSION with an empty value in PAX': { members: first({ pax: { uname: '' } }) },
  'VERSION with two lines in PAX': { members: first({ pax: { comment: 'a\n9 path=x' } }) },
  'VERSION as a link': { members: first({ type: '2', target: 'CHECKSUM', content: '' }) },
  'VERSION as a contiguous file': { members: first({ type: '7' }) },
  'VERSION as an old file': { members: first({ type: '\0' }) },
  'a global header': { members: (members) => [{ name: 'g', type: 'g', content: '13 comment=x\n' }, ...members] },
  'a size that is no number': {
    members: first({ header: (block) => withChecksum(written(block, 124, '0000000009x')) })
  },
  'a time that is no number': { members: first({ header: (block) => withChecksum(written(block, 136, 'yesterday')) }) },
  'a user that is no number': { members: first({ header: (block) => withChecksum(written(block, 108, 'root')) }) },
  'a wrong header checksum': { members: first({ header: (block) => written(block, 0, 'v') }) },
  'a size beyond the end': { members: first({ size: 999_999 }) },

  'no files': { files: [] },
  'a long name in the prefix': { files: [file(long)] },
  'a long name in PAX': { files: [file(longer)] },
  'a long name of GNU': { files: [file(longer, { longName: 'gnu' })] },
  'a folder': { files: [file('a'), { name: 'empty/', type: '5', mode: 0o40755 }] },
  'a script': { files: [file('bin/run', { mode: 0o100755 })] },
  'names with ./': { files: [file('./a'), file('b//c')] },
  'a link in the tree': { files: [file('README.md'), link('lib/ok', '../README.md')] },
  'a link to nothing': { files: [file('a'), link('b', 'nothing')] },
  'a link out of the tree': { files: [file('a'), link('b', '../a')] },
  'an absolute link': { files: [file('a'), link('b', '/etc/passwd')] },
  'an absolute path': { files: [file('/a')] },
  'a path with ..': { files: [file('../a')] },
  'a path with .. that stays': { files: [file('lib/../a')] },
  'a drive': { files: [file('C:a')] },
  'a backslash': { files: [file('lib\\a')] },
  'a name with a newline': { files: [file('a\nb')] },
  'a hard link': { files: [file('a'), { name: 'b', type: '1', target: 'a' }] },
  'a device': { files: [file('a'), { name: 'tty', type: '3' }] },
  'a fifo': { files: [file('a'), { name: 'pipe', type: '6' }] },
  'a sparse file': { files: [file('a'), { name: 'holes', type: 'S' }] },
  'a type that nobody knows': { files: [file('a'), { name: 'what', type: 'Q' }] },
  'a file twice': { files: [file('a'), file('a', { content: 'other' })] },
  'a file in a file': { files: [file('a'), file('a/b')] },
  'names that differ in case': { files: [file('readme'), file('README')] },
  'an empty file': { files: [file('empty', { content: '' })] },
  'the contents without end': { contentsTar: tarBytes([file('a')]).subarray(0, -1024) },
  'bytes behind the contents': { contentsTar: Buffer.concat([tarBytes([file('a')]), Buffer.alloc(512, 1)]) },
  'the contents zeros only': { contentsTar: Buffer.alloc(1024) },
  'the contents empty': { contentsTar: Buffer.alloc(0) },
  'the contents not compressed': { contents: tarBytes([file('a')]) },
  'the contents of two gzip members': {
    contents: Buffer.concat([hexGzip(tarBytes([file('a')])), hexGzip(Buffer.alloc(512))])
  },
  'bytes behind the gzip': { contents: Buffer.concat([hexGzip(tarBytes([file('a')])), Buffer.from('behind')]) },
  'gzip cut short': { contents: hexGzip(tarBytes([file('a')])).subarray(0, -9) },
  'gzip without its trailer': { contents: hexGzip(tarBytes([file('a')])).subarray(0, -8) },
  'gzip with a wrong checksum': {
    contents: Buffer.concat([hexGzip(tarBytes([file('a')])).subarray(0, -8), Buffer.alloc(8)])
  },
  'gzip of another writer': { contents: gzipSync(tarBytes([file('a')])) },
  'a bomb': { contentsTar: Buffer.alloc(129 * 1024 * 1024) },
  '10 MiB that do not compress': { files: { noise: noise(10 * 1024 * 1024) } },
  '100 MiB of contents': { files: { zeros: Buffer.alloc(100 * 1024 * 1024) } },
  'more than 16 MiB': { files: { noise: noise(17 * 1024 * 1024) } },

  'requirements as rebar3 writes them': {
    metadata: { requirements: { ecto: requirement, plug: { ...requirement, app: 'plug' } } }
  },
  'requirements as Mix writes them': { metadata: { requirements: [{ name: 'ecto', ...requirement }] } },
  'no requirements': { metadata: { requirements: [] } },
  'requirements without the key': { metadata: { requirements: undefined } },
  'a requirement twice': { metadata: { requirements: pairs(['ecto', requirement], ['ecto', { app: 'other' }]) } },
  'a requirement without a version': {
    metadata: { requirements: { ecto: { app: 'ecto', optional: true, requirement: erlang('nil') } } }
  },
  'requirements that are text': { metadata: { requirements: 'ecto' } },
  'requirements that are texts': { metadata: { requirements: ['ecto'] } },
  'text as bytes': { metadata: { description: byteList('a\ttab and a\nnewline') } },
  'text beyond ASCII': { metadata: { description: 'Größe → 大きさ' } },
  'text beyond ASCII without /utf8': { metadata: { description: erlang('<<"Größe → x">>') } },
  'Latin-1': { metadataConfig: Buffer.from(metadataConfig({ description: erlang('<<"Gr\xf6\xdfe">>') }), 'latin1') },
  'names in UTF-8': { files: [file('lib/größe.ex'), file('priv/大.txt')] },
  'a name in PAX with a space': { files: [file('lib/größe 2.ex')] },
  'escapes of every kind': {
    metadata: { description: erlang(String.raw`<<"\n\r\t\v\b\f\e\s\d\101\777\^A\^[\"\\\'x\q\  y">>`) }
  },
  'a text in pieces': { metadata: { description: erlang('<<"one "\n  "two", 32, "three"/utf8>>') } },
  'empty binaries': { metadata: { description: erlang('<<>>'), elixir: erlang('<<"">>') } },
  'a list of characters': { metadata: { description: erlang('"charlist"') } },
  'numbers with signs': { metadata: { extra: { a: erlang('-1'), b: erlang('+2'), c: 3, d: erlang('- 4') } } },
  'a map': { metadata: { extra: erlang('#{<<"a">> => [1,#{}], <<"b">> => {1,2,3}}') } },
  'an update of a map': { metadata: { extra: erlang('#{}#{<<"a">> => 1}') } },
  'a record': { metadata: { extra: erlang('#a{}') } },
  'nested extra': { metadata: { extra: { a: { b: { c: [true, false, 1, 'x'] } }, d: [] } } },
  'a float': { metadata: { extra: { ratio: erlang('1.5') } } },
  'a comment': { metadata: { extra: erlang('[] % nothing\n') } },
  'a variable': { metadata: { extra: erlang('X') } },
  'a character': { metadata: { extra: erlang('$a') } },
  'a number of another base': { metadata: { extra: erlang('16#ff') } },
  'a fun': { metadata: { extra: erlang('fun() -> ok end') } },
  'a list with a tail': { metadata: { extra: erlang('[1|2]') } },
  'a quoted atom': { metadata: { extra: { a: erlang("'true'") } } },
  'an atom that nobody has': { metadata: { extra: erlang('zxcvbnm_no_such_atom') } },
  'an atom that Erlang has': { metadata: { extra: erlang('ok') } },
  'a byte above 255': { metadata: { description: erlang('<<"a",300>>') } },
  'a byte below 0': { metadata: { description: erlang('<<-1>>') } },
  'a binary of UTF-16': { metadata: { description: erlang('<<"a"/utf16>>') } },
  'a binary of an integer type': { metadata: { description: erlang('<<97/integer>>') } },
  'a binary in a binary': { metadata: { description: erlang('<<(<<"a">>)/binary>>') } },
  'a binary in a binary, plain': { metadata: { description: erlang('<< <<"a">>/binary >>') } },
  'a sum': { metadata: { extra: erlang('1+2') } },
  'two terms in a form': { metadata: { extra: erlang('1},{2') } },
  'a key twice': { metadataConfig: `${metadataConfig({})}{<<"version">>,<<"0.2.0">>}.\n` },
  'a key that is an atom': { metadataConfig: `${metadataConfig({})}{true,1}.\n` },
  'a key that is a list': { metadataConfig: `${metadataConfig({})}{"text",1}.\n` },
  'a form that is no pair': { metadataConfig: `${metadataConfig({})}{1,2,3}.\n` },
  'an empty form': { metadataConfig: `${metadataConfig({})}.\n` },
  'a last form without its dot': { metadataConfig: metadataConfig({}).replace(/\.\n$/, '\n') },
  'dots without lines': { metadataConfig: metadataConfig({}).replaceAll('.\n', '.') },
  'white space of all kinds': { metadataConfig: metadataConfig({}).replaceAll(',', ',\0\x01\t\r\n \f') },
  'empty metadata': { metadataConfig: '' },
  'metadata of white space': { metadataConfig: ' \n' },
  'a byte order mark': { metadataConfig: `\ufeff${metadataConfig({})}` },
  'no name': { metadata: { name: undefined } },
  'no version': { metadata: { version: undefined } },
  'a name that is a number': { metadata: { name: 7 } },
  'no build tools': { metadata: { build_tools: undefined } },
  'build tools of a Makefile and rebar': {
    metadata: { build_tools: undefined, files: ['Makefile', 'rebar', 'src', 'rebar.config'] }
  },
  'no files listed': { metadata: { files: undefined } },
  'links that are a list': { metadata: { links: ['https://example.com'] } },
  'licences that are text': { metadata: { licenses: 'MIT' } },
  'five thousand terms': { metadata: { extra: Array.from({ length: 5000 }, (_, index) => ({ index })) } },
  'UTF-8 across chunks': { metadata: { description: `${'a'.repeat(4000)}${'ö→'.repeat(200)}` } },
  'metadata of more than 1 MiB': { metadata: { description: 'a'.repeat(1024 * 1024) } },
  'a hundred lists': { metadata: { extra: erlang(`${'['.repeat(60)}${']'.repeat(60)}`) } },
  'a thousand lists': { metadata: { extra: erlang(`${'['.repeat(1000)}${']'.repeat(1000)}`) } },
  secret_scan: { metadata: { secret_scan: { ignore: ['test/**'] } } },
  ...Object.fromEntries(
    // Of these lengths, erl_tar miscounts some.
    Array.from({ length: 12 }, (_, index) => [
      `${80 + index} letters in PAX`,
      { files: [file(`${'x'.repeat(70 + index)}öäüßéèêëñç`)] }
    ])
  )
}

function written(block: Buffer, at: number, text: string): Buffer {
  block.write(text, at, 'latin1')
  return block
}

/** Bytes that do not compress, the same in every run. */
function noise(length: number): Buffer {
  const random = createRandom(7)
  const bytes = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(random(2 ** 32), at)
  return bytes
}

/** Tarballs with metadata and archives that were changed in places chosen by chance; the same in every run. */
export function mutated(seed: number, count: number): Specimen[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, index) => {
    const kind = index % 4
    const what = `mutation ${index} of seed ${seed}`
    if (kind < 2) return { what, bytes: hexTarball({ metadataConfig: mutateText(random) }) }
    if (kind === 2) return { what, bytes: hexTarball({ contentsTar: mutateArchive(contents, random) }) }
    return { what, bytes: mutateArchive(hexTarball(), random) }
  })
}

const texts = [
  metadataConfig({}),
  metadataConfig({ requirements: { ecto: requirement, plug: requirement } }),
  metadataConfig({
    description: byteList('a\nb'),
    extra: { a: [1, true, { b: 'ö' }] },
    elixir: erlang('<<"~> "\n "1.14">>')
  })
]
const contents = tarBytes([
  file('mix.exs'),
  file(long),
  file(longer, { longName: 'gnu' }),
  file('lib/größe.ex'),
  link('lib/ok', '../mix.exs'),
  { name: 'empty/', type: '5' }
])
const pieces = [
  '{',
  '}',
  '[',
  ']',
  '<<',
  '>>',
  '"',
  ',',
  '.',
  '#{',
  '=>',
  '/utf8',
  '/',
  '+',
  '-',
  '\\',
  '\\^',
  '\\"',
  "'",
  ' ',
  '\n',
  '1',
  '255',
  'true',
  'nil',
  '""',
  '<<>>',
  '[]',
  '%',
  'ö',
  '\0'
] as const

function mutateText(random: Random): Buffer {
  let text = Buffer.from(texts[random(texts.length)] ?? '')
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const at = random(text.length)
    const piece = Buffer.from(pieces[random(pieces.length)] ?? '')
    const taken = random(3)
    const byte = random(12) === 0 ? Buffer.of(random(256)) : piece
    text = Buffer.concat([text.subarray(0, at), byte, text.subarray(at + taken)])
  }
  return text
}

/** Changes a byte or two, mostly in a header whose checksum is then made right. */
function mutateArchive(archive: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(archive)
  const headers = headersOf(bytes)
  for (let changes = 1 + random(2); changes > 0; changes--) {
    const header = headers[random(headers.length)] ?? 0
    const at = random(4) === 0 ? random(bytes.length) : header + random(512)
    bytes[at] = fieldBytes[random(fieldBytes.length)] ?? 0
    if (random(4) > 0) withChecksum(bytes.subarray(header, header + 512))
  }
  return random(16) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes
}

const fieldBytes = [0, 0x20, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x35, 0x37, 0x38, 0x41, 0x5c, 0x78, 0x80, 0xc3, 0xff]

function headersOf(bytes: Buffer): number[] {
  const found: number[] = []
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString('latin1', at + 257, at + 262) === 'ustar') found.push(at)
  }
  return found
}

type Random = (below: number) => number

function createRandom(seed: number): Random {
  const next = fractionsFrom(seed)
  return (below) => Math.floor(next() * below)
}
