import type { PackageMetadata } from '../shared/hex/package-metadata.ts'
import { canonicalPath, type ContentEntry } from './contents.ts'
import { pathTree } from './path-tree.ts'
import type { Tarball } from './tarball.ts'
import { termMeaning } from './term-meaning.ts'

/** What is not the same in two tarballs of one version. */
export interface TarballDifference {
  readonly same: boolean
  readonly metadata: readonly MetadataDifference[]
  /** By path. */
  readonly files: readonly FileDifference[]
}

export interface MetadataDifference {
  readonly key: string
  /** Each as text, JSON for the most part; absent where the key is. */
  readonly published?: string
  readonly local?: string
}

export interface FileDifference {
  readonly path: string
  readonly change: 'only published' | 'only local' | 'differs'
  /** `the bytes differ: a file of 12 bytes (sha256 9f86d081…) is published, a file of 14 bytes (sha256 60303ae2…) is local` */
  readonly why: string
}

/**
 * Whether two tarballs are the same release. Their bytes need not be: Mix writes files in the order of the file
 * system, maps in the order of the OTP release, and zlib differs between machines. So metadata is compared by its
 * meaning, and of each file its bytes, its kind, where it points and whether it can be executed.
 */
export function compareTarballs(
  published: Pick<Tarball, 'metadata' | 'entries'>,
  local: Pick<Tarball, 'metadata' | 'entries'>
): TarballDifference {
  const metadata = compareMetadata(published.metadata, local.metadata)
  const files = compareFiles(published.entries, local.entries)
  return { same: metadata.length === 0 && files.length === 0, metadata, files }
}

function compareMetadata(published: PackageMetadata, local: PackageMetadata): MetadataDifference[] {
  const [there, here] = [meaning(published), meaning(local)]
  return [...new Set([...there.keys(), ...here.keys()])].sort().flatMap((key) => {
    const [before, after] = [there.get(key), here.get(key)]
    if (before === after) return []
    return [{ key, ...(before !== undefined && { published: before }), ...(after !== undefined && { local: after }) }]
  })
}

/** Each key with its value, the same text for the same meaning. Keys without a value are left out. */
function meaning(metadata: PackageMetadata): ReadonlyMap<string, string> {
  const whole = [...metadata.raw].map(([key, term]) => [key, termMeaning(term)] as const)
  const found = new Map([...whole, ...Object.entries(understood(metadata))])
  return new Map([...found].flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

/** The keys of which more is known than that they are the same term. */
function understood(metadata: PackageMetadata): Readonly<Record<string, string | undefined>> {
  const requirements = metadata.requirements.map((needed) => ({
    name: needed.name,
    // The package's own name is what an absent app means, and hexpm an absent repository.
    app: needed.app ?? needed.name,
    optional: needed.optional,
    repository: needed.repository ?? 'hexpm',
    requirement: needed.requirement ?? null
  }))
  return {
    licenses: asSet(metadata.licenses),
    maintainers: asSet(metadata.maintainers),
    build_tools: asSet(metadata.buildTools),
    files: asSet(withoutFolders(metadata.files)),
    requirements: listed(requirements.sort((a, b) => (a.name < b.name ? -1 : 1)))
  }
}

function asSet(values: readonly string[]): string | undefined {
  return listed([...new Set(values)].sort())
}

function listed(values: readonly unknown[]): string | undefined {
  return values.length === 0 ? undefined : JSON.stringify(values)
}

/** Mix and rebar3 list folders beside the files in them, Gleam does not. */
function withoutFolders(files: readonly string[]): string[] {
  const paths = files.map(canonicalPath)
  const tree = pathTree(paths)
  return paths.filter((path) => !tree.isFolder(path))
}

function compareFiles(published: readonly ContentEntry[], local: readonly ContentEntry[]): FileDifference[] {
  const [there, here] = [byPath(published), byPath(local)]
  return [...new Set([...there.keys(), ...here.keys()])].sort().flatMap((path): FileDifference[] => {
    const [before, after] = [there.get(path), here.get(path)]
    if (after === undefined)
      return before ? [{ path, change: 'only published', why: `${shown(before)} is published` }] : []
    if (before === undefined) return [{ path, change: 'only local', why: `${shown(after)} is local` }]
    const why = difference(before, after)
    return why === undefined ? [] : [{ path, change: 'differs', why }]
  })
}

/** Folders count only where they are empty: every other one is made with the files in it. */
function byPath(entries: readonly ContentEntry[]): ReadonlyMap<string, ContentEntry> {
  const tree = pathTree(entries.map(({ path }) => path))
  const wanted = entries.filter(({ kind, path }) => kind !== 'folder' || !tree.isFolder(path))
  return new Map(wanted.map((entry) => [entry.path, entry]))
}

function difference(before: ContentEntry, after: ContentEntry): string | undefined {
  const both = `${shown(before)} is published, ${shown(after)} is local`
  if (before.kind !== after.kind) return `the kinds differ: ${both}`
  if (before.target !== after.target) return `the links differ: ${both}`
  if (before.sha256 !== after.sha256) return `the bytes differ: ${both}`
  if (before.executable === after.executable) return undefined
  return `the published file is ${before.executable ? '' : 'not '}executable, the local one is ${after.executable ? '' : 'not'}`.trim()
}

function shown(entry: ContentEntry): string {
  if (entry.kind === 'folder') return 'an empty folder'
  if (entry.kind === 'symlink') return `a link to ${JSON.stringify(entry.target)}`
  return `a file of ${entry.size} bytes (sha256 ${(entry.sha256 ?? '').slice(0, 8)}…)`
}
