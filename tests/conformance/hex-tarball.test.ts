// needs: escript, rebar3
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, test } from '@jest/globals'
import { compareTarballs } from '../../actions/hex-publish/comparison.ts'
import { canonicalPath } from '../../actions/hex-publish/contents.ts'
import { readTarball, type TarballReading } from '../../actions/hex-publish/tarball.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { mutated, specimens, type Specimen } from './hex-core/tarballs.ts'

/**
 * The tarball reader against hex_core 0.7.1, the library of Hex's own clients, as Debian's rebar3 brings it along:
 * every form that builders write or wrote, one specimen for every rule, and a thousand with metadata or archive
 * changed by chance. Both say the same of each, and read the same out of it, or the difference is in a table here.
 */

/** What we refuse and hex_core unpacks: nothing that a builder writes. */
const stricter: readonly (readonly [message: RegExp, why: string])[] = [
  [/is in it twice\.$/, 'of two with one name readers take the first, or the last'],
  [/global PAX header/, 'hex_core passes over it, other readers apply it'],
  [/a field that is no number/, 'hex_core passes over spaces and NULs within a number'],
  [
    /leads out of the package|is absolute|has "\.\." in it/,
    'refused by hex_core only when it unpacks to disk, or changed there'
  ],
  [/begins with a drive|has a backslash|has a control character/, 'another file on another system'],
  [
    /is a hard link|is a sparse file|is neither a file, a folder nor a link/,
    'hex_core unpacks nothing, or an empty file'
  ],
  [/lies in ".*", which is no folder/, 'fails when it is unpacked to disk'],
  [/behind (?:its|the) end/, 'hex_core does not look there'],
  [/contents\.tar\.gz is no gzip file/, 'hex_core takes contents that are not compressed'],
  [/128\.0 MiB|at most 1048576/, 'limits that hex_core 0.7.1 has not'],
  [/has no "(?:name|version)"|is not a (?:text|list of )/, 'hex.pm refuses it later'],
  [/the atom ".*" is none that/, 'which atoms a reader knows is up to the reader'],
  [
    /a binary has the byte|the atom "utf16"|"\/" stands where ">>"|"<<" stands where a number/,
    'spellings of Erlang that no builder writes'
  ],
  [/not all \{key, value\} pairs/, 'hex_core takes keys of any type'],
  [/more than 100 terms are in one another/, 'deeper than any package']
]

/** What hex_core 0.7.1 refuses and we take. */
const outgrown: readonly (readonly [refusal: RegExp, why: string])[] = [
  [/\{tarball,too_big\}/, '8 MiB in hex_core up to 0.10, 16 MiB since'],
  [/malformed_pax_record/, 'a PAX name with a space or "=" in it, split at every one of them; a warning of ours']
]

interface Reading extends Specimen {
  readonly ours: TarballReading
  readonly theirs: Answer
}

/** A line of unpack.escript. */
type Answer = { readonly refused: string } | { readonly package: Record<string, unknown> }

const script = join(import.meta.dirname, 'hex-core', 'unpack.escript')
const folder = temporaryFolder('hex-tarballs')
let readings: readonly Reading[] = []

beforeAll(async () => {
  const all = [...specimens(), ...mutated(20_261_121, 1200)]
  mkdirSync(folder, { recursive: true })
  for (const [index, { bytes }] of all.entries()) writeFileSync(join(folder, `${index}.tar`), bytes)
  const lines = execFileSync('escript', [script, 'rebar3', folder], { encoding: 'utf8', maxBuffer: 2 ** 30 })
    .trim()
    .split('\n')
  expect(lines).toHaveLength(all.length)
  readings = await Promise.all(
    all.map(async (specimen, index) => ({
      ...specimen,
      ours: await readTarball(specimen.bytes, 'x.tar'),
      theirs: JSON.parse(lines[index] ?? '') as Answer
    }))
  )
})

test('both take and refuse the same tarballs, but for the differences in the tables', () => {
  const unexplained = readings.flatMap(({ what, ours, theirs }) => {
    const faults = ours.problems.map(({ message }) => message)
    if (faults.length > 0 && 'package' in theirs) {
      return faults
        .filter((fault) => !stricter.some(([pattern]) => pattern.test(fault)))
        .map((fault) => `${what}: we say ${fault}`)
    }
    if (faults.length > 0 || 'package' in theirs || outgrown.some(([pattern]) => pattern.test(theirs.refused)))
      return []
    return [`${what}: hex_core says ${theirs.refused}`]
  })
  expect(unexplained).toEqual([])
})

test('every difference in the tables is there', () => {
  const ours = readings.filter(({ theirs }) => 'package' in theirs).flatMap((reading) => reading.ours.problems)
  expect(stricter.filter(([pattern]) => !ours.some(({ message }) => pattern.test(message)))).toEqual([])
  const refusals = readings.flatMap(({ ours, theirs }) =>
    ours.problems.length === 0 && 'refused' in theirs ? [theirs.refused] : []
  )
  expect(outgrown.filter(([pattern]) => !refusals.some((refusal) => pattern.test(refusal)))).toEqual([])
})

test('there are hundreds of each kind', () => {
  const both = readings.filter(({ ours, theirs }) => ours.problems.length === 0 && 'package' in theirs)
  const neither = readings.filter(({ ours, theirs }) => ours.problems.length > 0 && 'refused' in theirs)
  expect(both.length).toBeGreaterThan(300)
  expect(neither.length).toBeGreaterThan(300)
})

test('both read the same checksums, name, version, requirements, build tools and files', () => {
  const differences = readings.flatMap(({ what, ours: { tarball, problems }, theirs }) => {
    if (tarball === undefined || problems.length > 0 || !('package' in theirs)) return []
    const { metadata } = tarball
    const files = tarball.entries.filter(({ kind }) => kind === 'file')
    const read = {
      inner: tarball.innerChecksum.toLowerCase(),
      outer: tarball.outerChecksum,
      name: metadata.name,
      version: metadata.version,
      buildTools: metadata.buildTools,
      listed: metadata.files,
      requirements: sorted(
        metadata.requirements.map(({ name, app, optional, repository, requirement }) => [
          name,
          sorted(
            Object.entries({ app, optional, repository, requirement }).filter(
              ([, value]) => value !== undefined && value !== false
            )
          )
        ])
      ),
      files: sorted(files.map(({ path, sha256 }) => [path, sha256]))
    }
    const { inner, outer, name, version, buildTools, listed, requirements, files: contents } = theirs.package
    const expected = {
      inner,
      outer,
      name: text(name),
      version: text(version),
      buildTools: list(buildTools).map(text),
      listed: list(listed).map(text),
      requirements: sorted(
        list(requirements).map((pair) => [
          text(list(pair)[0]),
          sorted(
            list(list(pair)[1])
              .map(list)
              .filter(([key, value]) => known.has(String(text(key))) && value !== 'nil' && value !== 'false')
              .map(([key, value]) => [text(key), value === 'true' ? true : text(value)])
          )
        ])
      ),
      files: sorted(
        list(contents).map((pair) => [canonicalPath(String(text(`:${String(list(pair)[0])}`))), list(pair)[1]])
      )
    }
    return isEqual(read, expected) ? [] : [{ what, read, expected }]
  })
  expect(differences).toEqual([])
})

test('what hex_core packs again is the same release, and our own tarballs are written as it writes them', async () => {
  const again = join(folder, 'again')
  mkdirSync(again)
  const originals = specimens().filter(({ what }) => repacked.has(what))
  for (const [index, { bytes }] of originals.entries()) writeFileSync(join(again, `${index}.tar`), bytes)
  execFileSync('escript', [script, 'rebar3', again, 'again'])
  for (const [index, { what, bytes }] of originals.entries()) {
    const repackedBytes = readFileSync(join(again, `${index}.again`))
    const [before, after] = [await readTarball(bytes, what), await readTarball(repackedBytes, what)]
    if (before.tarball === undefined || after.tarball === undefined) throw new Error(`${what} was not read`)
    expect({ what, ...compareTarballs(before.tarball, after.tarball) }).toEqual({
      what,
      same: true,
      metadata: [],
      files: []
    })
    expect(gunzipSync(after.tarball.contents).equals(gunzipSync(before.tarball.contents))).toBe(true)
    // VERSION, and the header of CHECKSUM.
    expect(repackedBytes.subarray(0, 1536).equals(bytes.subarray(0, 1536))).toBe(true)
  }
})

/** Those of which hex_core keeps everything when it unpacks into memory: plain files of mode 644. */
const repacked: ReadonlySet<string> = new Set([
  'as hex_core writes it',
  'a long name in the prefix',
  'a long name in PAX',
  'names in UTF-8',
  'requirements as rebar3 writes them',
  'requirements as Mix writes them',
  'text as bytes',
  'text beyond ASCII',
  'Latin-1',
  'nested extra',
  'five thousand terms'
])

const known: ReadonlySet<string> = new Set(['app', 'optional', 'repository', 'requirement'])

/** Text that unpack.escript wrote as bytes: UTF-8, or Latin-1 where it is not. A list of characters is its text. */
function text(written: unknown): unknown {
  if (Array.isArray(written)) return String.fromCodePoint(...written.map(Number))
  if (typeof written !== 'string' || !written.startsWith(':')) return written
  const bytes = Buffer.from(written.slice(1), 'hex')
  const utf8 = bytes.toString('utf8')
  return utf8.includes('\ufffd') ? bytes.toString('latin1') : utf8
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** By the first of each pair; of two with one name the later, as a map of Erlang has it. */
function sorted(pairs: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  const byKey = new Map(pairs.map((pair) => [String(pair[0]), pair]))
  return [...byKey.values()].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
