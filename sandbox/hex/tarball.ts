import { createHash } from 'node:crypto'
import { readTerms, TermsRefused, type ErlangTerm } from './erlang-terms.ts'
import { inflate } from './inflate.ts'
import { readTar, TarRefused, type TarMember } from './tar.ts'

/** Limits of hex_core's default configuration (`hex_core.erl`), bytes. */
export const largestTarball = 16 * 1024 ** 2
export const largestContents = 128 * 1024 ** 2

/** A value of metadata.config after `hex_tarball:normalize_metadata/1`; what Ecto could only refuse is `other`. */
export type Value =
  null | boolean | number | string | readonly Value[] | ReadonlyMap<string, Value> | { readonly other: string }

export interface Tarball {
  readonly metadata: ReadonlyMap<string, Value>
  /** Both lower-case hex. */
  readonly innerChecksum: string
  readonly outerChecksum: string
}

/** The tarball is refused; the message is `hex_tarball:format_error/1`'s, which the server puts into `errors.tar`. */
export class TarballRefused extends Error {}

/**
 * What hex.pm does with an upload: `hex_tarball:unpack/2` into a folder.
 *
 * @param options.contents whether the files are unpacked too; `POST /publish` reads the metadata alone first
 * @throws TarballRefused
 */
export function readTarball(bytes: Buffer, { contents }: { readonly contents: boolean }): Tarball {
  if (bytes.length > largestTarball)
    throw new TarballRefused('tarball error, Extraction size exceeds the configured max_size limit')
  const files = outerFiles(bytes)
  // They are read one after the other out of the folder, so the first that is missing is told.
  const missing = ['VERSION', 'CHECKSUM', 'metadata.config', 'contents.tar.gz'].find((name) => !files.has(name))
  if (missing !== undefined) throw new TarballRefused(`missing files: ["${missing}"]`)
  const file = (name: string): Buffer => files.get(name) ?? Buffer.alloc(0)
  const version = file('VERSION').toString('latin1')
  if (version !== '3') throw new TarballRefused(`unsupported version: <<${JSON.stringify(version)}>>`)
  const innerChecksum = checkInner(file)
  const metadata = readMetadata(file('metadata.config'))
  if (contents) checkContents(file('contents.tar.gz'))
  return { metadata, innerChecksum, outerChecksum: sha256([bytes]).toString('hex') }
}

const largestFiles: Readonly<Record<string, number>> = { VERSION: 32, CHECKSUM: 128, 'metadata.config': 1024 ** 2 }

function outerFiles(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map(
    members(bytes, 'tarball').map(({ name, content }) => [name.replace(/^(?:\.?\/)+/, ''), content] as const)
  )
  for (const [name, largest] of Object.entries(largestFiles))
    if ((files.get(name)?.length ?? 0) > largest) throw new TarballRefused(`file too big: ${name}`)
  return files
}

function members(tar: Buffer, which: 'tarball' | 'inner tarball'): readonly TarMember[] {
  try {
    return readTar(tar)
  } catch (error) {
    if (error instanceof TarRefused) throw new TarballRefused(`${which} error, ${error.message}`)
    throw error
  }
}

function checkInner(file: (name: string) => Buffer): string {
  const expected = Buffer.from(file('CHECKSUM').toString('latin1').trim(), 'hex')
  // An atom goes to `file:format_error/1`, which knows only the errors of files.
  if (expected.length !== 32) throw new TarballRefused('tarball error, unknown POSIX error (invalid_inner_checksum)')
  const actual = sha256([file('VERSION'), file('metadata.config'), file('contents.tar.gz')])
  if (actual.equals(expected)) return actual.toString('hex')
  const shown = (checksum: Buffer): string => `<<${[...checksum].join(',')}>>`
  throw new TarballRefused(`tarball error, {inner_checksum_mismatch,${shown(expected)},${shown(actual)}}`)
}

function sha256(pieces: readonly Buffer[]): Buffer {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}

/** Unpacks nothing, but refuses what unpacking refuses: too much of it, and paths or links that lead out. */
function checkContents(gzipped: Buffer): void {
  const links = new Map<string, string>()
  let size = 0
  for (const { name, kind, target, content } of members(unzipped(gzipped), 'inner tarball')) {
    size += content.length
    if (size > largestContents) throw new TarballRefused(tooLarge)
    const path = name.replace(/^\/+/, '')
    if (!isInside(path, links))
      throw new TarballRefused(`inner tarball error, ${name}: The path points above the current working directory`)
    if (kind !== 'link') continue
    const parent = path.split('/').slice(0, -1)
    if (target.startsWith('/') || !isInside([...parent, target].join('/'), links))
      throw new TarballRefused(`inner tarball error, ${target}: unknown POSIX error (unsafe_symlink)`)
    links.set(path, target)
  }
}

const tooLarge = `inner tarball error, too_big_uncompressed: ${String(largestContents)}`

function unzipped(gzipped: Buffer): Buffer {
  // Contents that are no gzip are taken as they are, as `file:open/2` with `compressed` does.
  if (gzipped[0] !== 0x1f || gzipped[1] !== 0x8b) return gzipped
  // Unpacked to a folder, the limit is on the members' sizes; headers are allowed as much again.
  const contents = inflate(gzipped, 2 * largestContents)
  if (contents === 'too big') throw new TarballRefused(tooLarge)
  if (contents === 'unreadable') throw new TarballRefused('inner tarball error, Unexpected end of file')
  return contents
}

/** `filelib:safe_relative_path/2`: no step leads above the root, through links that were unpacked before neither. */
function isInside(path: string, links: ReadonlyMap<string, string>): boolean {
  const steps = path.split('/')
  const at: string[] = []
  for (let hops = 0; steps.length > 0;) {
    const step = steps.shift() ?? ''
    if (step === '' || step === '.') continue
    if (step === '..') {
      if (at.pop() === undefined) return false
      continue
    }
    const target = links.get([...at, step].join('/'))
    if (target === undefined) at.push(step)
    else if (target.startsWith('/') || (hops += 1) > 40) return false
    else steps.unshift(...target.split('/'))
  }
  return true
}

function readMetadata(bytes: Buffer): ReadonlyMap<string, Value> {
  const fields = new Map<string, Value>()
  for (const term of terms(bytes)) {
    // `maps:from_list/1` takes keys of any type; only texts are looked at.
    if (term.kind !== 'tuple' || term.items.length !== 2)
      throw new TarballRefused('error reading package metadata: not in key-value format')
    const [key, value] = pair(term) ?? []
    if (key !== undefined && value !== undefined) fields.set(key, normalizers.get(key)?.(value) ?? plain(value))
  }
  if (!Array.isArray(fields.get('build_tools'))) {
    const files = fields.get('files')
    if (Array.isArray(files)) fields.set('build_tools', guessedBuildTools(files))
  }
  return fields
}

function terms(bytes: Buffer): readonly ErlangTerm[] {
  try {
    return readTerms(bytes)
  } catch (error) {
    if (error instanceof TermsRefused) throw new TarballRefused(`error reading package metadata${error.message}`)
    throw error
  }
}

const normalizers: ReadonlyMap<string, (term: ErlangTerm) => Value> = new Map([
  ['requirements', requirements],
  ['links', (term: ErlangTerm) => intoMap(term, plain)],
  ['extra', intoNestedMap]
])

/** Mix writes a list of key-value lists, rebar3 and Gleam one key-value list by name. */
function requirements(term: ErlangTerm): Value {
  if (term.kind !== 'list' || term.items[0]?.kind !== 'list') return intoMap(term, (each) => intoMap(each, plain))
  const named = new Map<string, Value>()
  for (const item of term.items) {
    const fields = intoMap(item, plain)
    const name = fields instanceof Map ? (fields.get('name') as Value | undefined) : undefined
    // `maps:from_list` and `maps:get` fail there, and with them the request.
    if (!(fields instanceof Map) || typeof name !== 'string') return { other: 'legacy requirements' }
    fields.delete('name')
    named.set(name, fields as ReadonlyMap<string, Value>)
  }
  return named
}

function intoMap(term: ErlangTerm, convert: (term: ErlangTerm) => Value): Value {
  const pairs = term.kind === 'list' ? term.items.map(pair) : undefined
  if (pairs === undefined || pairs.some((each) => each === undefined)) return plain(term)
  return new Map(pairs.flatMap((each) => (each === undefined ? [] : [[each[0], convert(each[1])] as const])))
}

function intoNestedMap(term: ErlangTerm): Value {
  return intoMap(term, (each) => (each.kind === 'list' && each.items.length > 0 ? intoNestedMap(each) : plain(each)))
}

function pair(term: ErlangTerm): readonly [string, ErlangTerm] | undefined {
  if (term.kind !== 'tuple') return undefined
  const [key, value, ...rest] = term.items
  if (key?.kind !== 'binary' || value === undefined || rest.length > 0) return undefined
  return [text(key.bytes), value]
}

function plain(term: ErlangTerm): Value {
  if (term.kind === 'integer') return term.value
  if (term.kind === 'binary') return text(term.bytes)
  if (term.kind === 'list') return term.items.map(plain)
  if (term.kind === 'atom' && term.name in atoms) return atoms[term.name] ?? null
  if (term.kind === 'map')
    return new Map(
      term.entries.flatMap(([key, value]) => (key.kind === 'binary' ? [[text(key.bytes), plain(value)]] : []))
    )
  return { other: term.kind }
}

const atoms: Readonly<Record<string, boolean | null>> = { true: true, false: false, nil: null }

/** Bytes that are not UTF-8 would be a binary that no answer can show; Latin-1 at least can be read. */
function text(bytes: Buffer): string {
  const utf8 = bytes.toString('utf8')
  return Buffer.from(utf8).equals(bytes) ? utf8 : bytes.toString('latin1')
}

const toolOfFile: ReadonlyMap<unknown, string> = new Map([
  ['mix.exs', 'mix'],
  ['rebar.config', 'rebar3'],
  ['rebar', 'rebar3'],
  ['Makefile', 'make'],
  ['Makefile.win', 'make']
])

function guessedBuildTools(files: readonly Value[]): readonly string[] {
  const tools = files.flatMap((file) => toolOfFile.get(file) ?? [])
  return [...new Set(tools)].toSorted()
}
