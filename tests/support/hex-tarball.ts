import { createHash } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'
import { erlangForms, type Term } from './erlang-text.ts'
import { tarBytes, type TarEntry } from './tar-bytes.ts'

export { byteList, erlang, pairs, type Term } from './erlang-text.ts'
export { tarBytes, withChecksum, type TarEntry } from './tar-bytes.ts'

/** What a tarball is made of; the rest is derived, so that a test says only what it is about. */
export interface HexTarballOptions {
  /** Keys that replace or join those of a valid package; `undefined` takes one away. */
  readonly metadata?: Readonly<Record<string, Term | undefined>>
  /** metadata.config itself, instead. */
  readonly metadataConfig?: string | Buffer
  /** Contents by path, or as members; `metadata.files` follows unless it is given. */
  readonly files?: Readonly<Record<string, string | Buffer>> | readonly TarEntry[]
  /** The unpacked contents, or contents.tar.gz itself, instead. */
  readonly contentsTar?: Buffer
  readonly contents?: Buffer
  /** VERSION; `3` */
  readonly version?: string
  /** Takes the right CHECKSUM and gives what is written. */
  readonly checksum?: (right: string) => string
  /** Takes the four members in hex_core's order and gives those to write. */
  readonly members?: (members: readonly TarEntry[]) => readonly TarEntry[]
  /** 512 as hex_core, 10240 as GNU tar. */
  readonly padTo?: number
}

/** The metadata of a package that hex.pm would take: a schema package with a migration. */
export const validMetadata = {
  app: 'demo_schema',
  build_tools: ['mix'],
  description: 'Migrations of the demo database',
  elixir: '~> 1.14',
  files: undefined,
  licenses: ['MIT'],
  links: { GitHub: 'https://github.com/acme/demo_schema' },
  name: 'demo_schema',
  requirements: [
    { app: 'ecto_sql', name: 'ecto_sql', optional: false, repository: 'hexpm', requirement: '~> 3.11' }
  ] as const,
  version: '0.1.0'
} as const

/** The contents of that package. */
export const validFiles: Readonly<Record<string, string>> = {
  'lib/demo_schema.ex': 'defmodule DemoSchema do\nend\n',
  'priv/repo/migrations/20240101000000_create_notes.exs':
    'defmodule DemoSchema.Repo.Migrations.CreateNotes do\n  use Ecto.Migration\nend\n',
  'mix.exs': 'defmodule DemoSchema.MixProject do\n  use Mix.Project\nend\n',
  'README.md': '# demo_schema\n',
  LICENSE: 'MIT License\n'
}

/**
 * A Hex package tarball, byte for byte as hex_core's hex_tarball writes it (VERSION, CHECKSUM, metadata.config,
 * contents.tar.gz; its own gzip header), that hex.pm would take unless the options say otherwise. Only the deflated
 * bytes are those of this machine's zlib.
 */
export function hexTarball(options: HexTarballOptions = {}): Buffer {
  const entries = contentEntries(options.files ?? validFiles)
  const contents = options.contents ?? hexGzip(options.contentsTar ?? tarBytes(entries))
  const metadata = Buffer.from(options.metadataConfig ?? metadataConfig(options.metadata ?? {}, entries))
  const version = Buffer.from(options.version ?? '3')
  const right = createHash('sha256').update(version).update(metadata).update(contents).digest('hex').toUpperCase()
  const members: TarEntry[] = [
    { name: 'VERSION', content: version },
    { name: 'CHECKSUM', content: options.checksum?.(right) ?? right },
    { name: 'metadata.config', content: metadata },
    { name: 'contents.tar.gz', content: contents }
  ]
  return tarBytes(options.members?.(members) ?? members, options.padTo)
}

/** metadata.config of the valid package with these changes; `files` lists the entries unless it is given. */
export function metadataConfig(
  changes: Readonly<Record<string, Term | undefined>>,
  entries: readonly TarEntry[] = contentEntries(validFiles)
): string {
  const files = entries.filter(({ type = '0' }) => '025'.includes(type)).map(({ name }) => name.replace(/\/$/, ''))
  return erlangForms({ ...validMetadata, files, ...changes })
}

function contentEntries(files: NonNullable<HexTarballOptions['files']>): readonly TarEntry[] {
  return isEntries(files) ? files : Object.entries(files).map(([name, content]) => ({ name, content }))
}

function isEntries(files: NonNullable<HexTarballOptions['files']>): files is readonly TarEntry[] {
  return Array.isArray(files)
}

/** gzip with hex_core's header: no time, no system. */
export function hexGzip(bytes: Buffer): Buffer {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(bytes), 0)
  trailer.writeUInt32LE(bytes.length % 2 ** 32, 4)
  return Buffer.concat([Buffer.from('1f8b0800000000000000', 'hex'), deflateRawSync(bytes), trailer])
}
