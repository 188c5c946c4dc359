import { termText, type ErlangTerm } from './erlang-terms.ts'
import { decodeExternalTerm, ExternalTermFault } from './external-term-format.ts'

/** What Hex wrote beside a package when it unpacked it: `deps/NAME/.hex`. */
export interface HexManifest {
  readonly name: string
  readonly version: string
  /** Lower-case hex, as in mix.lock. */
  readonly innerChecksum: string | undefined
  /** Undefined in manifests of Hex before 0.20. */
  readonly outerChecksum: string | undefined
  /** As in mix.lock: `hexpm`, `hexpm:ORGANIZATION`, or a repository of the project's own. */
  readonly repository: string | undefined
  readonly managers: readonly string[]
}

/**
 * Reads a manifest: a term that Erlang wrote, of version 1 or 2, or the text that Hex before 0.18 wrote.
 *
 * @returns the manifest, or why it is none; the fault goes on from "the manifest is refused: "
 * @see lib/hex/scm.ex of Hex, `parse_manifest`
 */
export function readHexManifest(bytes: Buffer): { readonly manifest: HexManifest } | { readonly fault: string } {
  if (bytes[0] !== 131) return readText(bytes)
  try {
    return readTerm(decodeExternalTerm(bytes))
  } catch (error) {
    if (error instanceof ExternalTermFault) return { fault: error.message }
    throw error
  }
}

function readTerm(term: ErlangTerm): { readonly manifest: HexManifest } | { readonly fault: string } {
  const [header, body] = term.kind === 'tuple' ? term.items : []
  const [hex, major] = header?.kind === 'tuple' ? header.items : []
  if (hex?.kind !== 'atom' || hex.name !== 'hex' || major?.kind !== 'integer' || body?.kind !== 'map') {
    return { fault: 'it holds another term than Hex writes' }
  }
  if (major.value !== 1n && major.value !== 2n)
    return { fault: `it is of version ${major.value}, which only a later Hex knows` }
  const field = (name: string): ErlangTerm | undefined =>
    body.entries.find(([key]) => key.kind === 'atom' && key.name === name)?.[1]
  const textOf = (name: string): string | undefined => {
    const value = field(name)
    return value === undefined ? undefined : termText(value)
  }
  const name = textOf('name')
  const version = textOf('version')
  if (name === undefined || version === undefined) return { fault: 'it has no name or no version' }
  const managers = field('managers')
  return {
    manifest: {
      name,
      version,
      innerChecksum: textOf('inner_checksum'),
      outerChecksum: textOf('outer_checksum'),
      repository: textOf('repo'),
      managers:
        managers?.kind === 'list' ? managers.items.flatMap((item) => (item.kind === 'atom' ? [item.name] : [])) : []
    }
  }
}

/** `name,version,checksum,repository`, and in a second line the managers. */
function readText(bytes: Buffer): { readonly manifest: HexManifest } | { readonly fault: string } {
  if (bytes.length > 4096) return { fault: `it has ${bytes.length} bytes and is no term` }
  const [first = '', managers, more] = bytes.toString('utf8').trim().split('\n')
  const [name, version, checksum, repository] = first.split(',')
  if (
    !/^[a-z][a-z0-9_]*$/.test(name ?? '') ||
    name === undefined ||
    version === undefined ||
    version === '' ||
    more !== undefined
  ) {
    return { fault: 'it is neither a term nor the text that old Hex wrote' }
  }
  return {
    manifest: {
      name,
      version,
      innerChecksum: checksum === '' ? undefined : checksum?.toLowerCase(),
      outerChecksum: undefined,
      repository: repository === '' ? undefined : repository,
      managers: managers?.split(',') ?? []
    }
  }
}
