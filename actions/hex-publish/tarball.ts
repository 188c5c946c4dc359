import { createHash } from 'node:crypto'
import { longestTerms } from '../shared/hex/erlang-terms.ts'
import { readPackageMetadata, type PackageMetadata } from '../shared/hex/package-metadata.ts'
import type { Problem } from '../shared/problem.ts'
import { readTar, TarFault, type TarContents } from '../shared/tar.ts'
import {
  canonicalPath,
  ContentsTooBig,
  longestContents,
  readContents,
  type ContentEntry,
  type Contents
} from './contents.ts'
import { checkContents } from './contents-rules.ts'
import { exemptPaths } from './exempt-paths.ts'
import { pathTree } from './path-tree.ts'
import { metadataRefused, oddity, refused, tooBig, unsafe } from './tarball-problems.ts'

export type { ContentEntry } from './contents.ts'

/** A Hex package tarball whose every part has been read; the bytes are the ones that are sent. */
export interface Tarball {
  /** How problems name it. */
  readonly shown: string
  readonly bytes: Buffer
  /** Bytes of the tarball. */
  readonly size: number
  /** SHA-256 of the tarball, lower-case hex: what the registry and mix.lock vouch for. */
  readonly outerChecksum: string
  /** CHECKSUM, upper-case hex; it agrees with the members. */
  readonly innerChecksum: string
  readonly metadata: PackageMetadata
  readonly entries: readonly ContentEntry[]
  /** contents.tar.gz, to be read once more where the files' bytes are needed. */
  readonly contents: Buffer
  /** Bytes of the contents, unpacked. */
  readonly contentsSize: number
}

export interface TarballReading {
  /** Absent when it could not be read to its end; `problems` says why. */
  readonly tarball?: Tarball
  readonly problems: readonly Problem[]
  /** What Hex takes and a maintainer should know. */
  readonly warnings: readonly Problem[]
}

/** Limit of hex.pm (release_controller.ex) and of Hex since 2.2. Bytes. */
export const longestTarball = 16 * 1024 * 1024

/**
 * Reads a Hex package tarball: an uncompressed tar archive of VERSION, CHECKSUM, metadata.config and contents.tar.gz
 * in any order, in any form that a builder writes. What hex.pm would refuse is a problem, and so is what two programs
 * could read differently, because then what was inspected is not what somebody installs.
 * @param shown how problems name it
 * @see https://github.com/hexpm/specifications/blob/main/package_tarball.md
 */
export async function readTarball(bytes: Buffer, shown: string): Promise<TarballReading> {
  if (bytes.length > longestTarball) {
    return unread(tooBig(shown, `The tarball has ${bytes.length} bytes`, longestTarball))
  }
  const outer = await readOuter(bytes)
  if ('fault' in outer) return unread(refused(shown, outer.fault))
  const { members } = outer
  const fault = memberFault(members)
  if (fault !== undefined) return unread(refused(shown, fault))

  const problems = outer.extra.map((extra) => refused(shown, extra))
  const reading = readPackageMetadata(members['metadata.config'])
  if ('fault' in reading) problems.push(metadataRefused(shown, reading.fault))
  const contents = await contentsOrFault(members['contents.tar.gz'])
  if ('fault' in contents) {
    const problem =
      contents.fault instanceof ContentsTooBig
        ? tooBig(shown, 'The contents have more bytes when unpacked', longestContents)
        : refused(shown, contents.fault.message)
    return { problems: [...problems, problem], warnings: [] }
  }
  const { refused: faults, odd } = checkContents(contents.members)
  problems.push(...few(faults).map((fault) => unsafe(shown, fault)))
  const warnings = few(odd).map((fault) => oddity(shown, fault))
  if ('fault' in reading) return { problems, warnings }

  const { metadata } = reading
  const oddities = [...few(unlisted(metadata, contents.entries)), ...unscanned(metadata, contents.entries)]
  warnings.push(...oddities.map((fault) => oddity(shown, fault)))
  const tarball: Tarball = {
    shown,
    bytes,
    size: bytes.length,
    outerChecksum: createHash('sha256').update(bytes).digest('hex'),
    innerChecksum: innerChecksum(members),
    metadata,
    entries: contents.entries,
    contents: members['contents.tar.gz'],
    contentsSize: contents.size
  }
  return { tarball, problems, warnings }
}

async function contentsOrFault(bytes: Buffer): Promise<Contents | { fault: TarFault }> {
  try {
    return await readContents(bytes)
  } catch (error) {
    if (error instanceof TarFault) return { fault: error }
    throw error
  }
}

/** The members that make a tarball, each there once. */
interface Members {
  readonly VERSION: Buffer
  readonly CHECKSUM: Buffer
  readonly 'metadata.config': Buffer
  readonly 'contents.tar.gz': Buffer
}

const memberNames = ['VERSION', 'CHECKSUM', 'metadata.config', 'contents.tar.gz'] as const

async function readOuter(bytes: Buffer): Promise<{ members: Members; extra: readonly string[] } | { fault: string }> {
  let outer: TarContents
  try {
    outer = await readTar(wholeOf(bytes), {
      keep: ({ name }) => isMemberName(name),
      longestKept: longestTarball,
      longest: longestTarball,
      unambiguous: true
    })
  } catch (error) {
    if (!(error instanceof TarFault)) throw error
    return { fault: error.message }
  }
  if (outer.end === 'missing') return { fault: 'it ends too early' }
  if (outer.end === 'followed') return { fault: 'there are bytes behind its end' }
  const names = new Set<string>()
  for (const { name } of outer.members) {
    if (names.has(name)) return { fault: `${JSON.stringify(name)} is in it twice` }
    names.add(name)
  }
  const [VERSION, CHECKSUM, metadata, contents] = memberNames.map((name) => outer.kept.get(name))
  if (VERSION === undefined || CHECKSUM === undefined || metadata === undefined || contents === undefined) {
    return { fault: `it has no ${memberNames.filter((name) => !outer.kept.has(name)).join(' and no ')}` }
  }
  // hex.pm does not look at them; hex_core refuses the tarball when it unpacks into memory.
  const extra = [...names].filter((name) => !isMemberName(name))
  return {
    members: { VERSION, CHECKSUM, 'metadata.config': metadata, 'contents.tar.gz': contents },
    extra: few(
      extra.map(
        (name) =>
          `${JSON.stringify(name)} is in it, and there are clients that cannot unpack a tarball with such a member`
      )
    )
  }
}

function isMemberName(name: string): boolean {
  return memberNames.some((wanted) => wanted === name)
}

async function* wholeOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes)
}

/** What is wrong with VERSION, CHECKSUM and the size of metadata.config. */
function memberFault(members: Members): string | undefined {
  const { VERSION, CHECKSUM } = members
  const metadata = members['metadata.config']
  if (VERSION.length > 32 || VERSION.toString('latin1') !== '3') {
    return `VERSION is ${JSON.stringify(VERSION.toString('latin1', 0, 32))}, and the only version of the format is "3"`
  }
  if (metadata.length > longestTerms) {
    return `metadata.config has ${metadata.length} bytes, and Hex takes at most ${longestTerms}`
  }
  // Some tarballs of old have a newline behind it, which every reader passes over.
  if (CHECKSUM.length > 128 || !/^[\da-f]{64}\n?$/i.test(CHECKSUM.toString('latin1'))) {
    return 'CHECKSUM is not 64 hex digits'
  }
  const declared = CHECKSUM.toString('latin1').trim().toUpperCase()
  const actual = innerChecksum(members)
  return declared === actual
    ? undefined
    : `CHECKSUM is ${declared}, and the checksum of its members is ${actual}: they were changed after it was built`
}

function innerChecksum(members: Members): string {
  const hash = createHash('sha256').update(members.VERSION).update(members['metadata.config'])
  return hash.update(members['contents.tar.gz']).digest('hex').toUpperCase()
}

/**
 * Where `files` of the metadata and the contents disagree. hex.pm does not compare them (only that `files` is not
 * empty); its pages and `mix hex.package diff` then show what nobody installs.
 */
function unlisted({ files }: PackageMetadata, entries: readonly ContentEntry[]): string[] {
  const listed = new Set(files.map(canonicalPath))
  const [there, wanted] = [pathTree(entries.map(({ path }) => path)), pathTree(listed)]
  const absent = [...listed].filter((path) => path !== '' && !there.isThere(path))
  const missing = entries.filter(({ path }) => wanted.outermost(path) === undefined)
  return [
    ...absent.map((path) => `"files" of its metadata lists ${JSON.stringify(path)}, which is not there`),
    ...missing.map(
      ({ path }) => `${JSON.stringify(path)} is in the contents, and "files" of its metadata does not list it`
    )
  ]
}

/** Files by which one tells that all of them are exempt. */
const mostAsked = 200

/** The exemptions come from the project's own code: one for everything switches the scan for secrets off. */
function unscanned({ secretScanIgnore }: PackageMetadata, entries: readonly ContentEntry[]): string[] {
  const exempt = exemptPaths(secretScanIgnore)
  const files = entries.filter(({ kind }) => kind === 'file').slice(0, mostAsked)
  return files.length > 0 && files.every(({ path }) => exempt(path))
    ? ['"secret_scan" of its metadata exempts all of its files from the scan for secrets']
    : []
}

/** At most ten of a kind; a hostile tarball can have a hundred thousand. */
function few(faults: readonly string[]): readonly string[] {
  return faults.length <= 10
    ? faults
    : [...faults.slice(0, 9), `${faults.length - 9} more things of this kind are wrong`]
}

function unread(problem: Problem): TarballReading {
  return { problems: [problem], warnings: [] }
}
