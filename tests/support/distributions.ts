import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

/** A file made in memory. */
export interface BuiltFile {
  readonly filename: string
  readonly bytes: Buffer
}

/** Puts the files into a folder, which is made, and gives their paths. */
export function writeFiles(folder: string, ...files: readonly BuiltFile[]): string[] {
  mkdirSync(folder, { recursive: true })
  return files.map(({ filename, bytes }) => {
    const path = join(folder, filename)
    writeFileSync(path, bytes)
    return path
  })
}

/** What every builder takes; the rest is derived from it, so that a test changes only what it is about. */
export interface DistributionOptions {
  readonly name?: string
  readonly version?: string
  /** Headers after Metadata-Version, Name and Version, one a line. */
  readonly headers?: readonly string[]
  readonly description?: string
  /** Instead of all of the above. */
  readonly metadata?: string | Buffer
  readonly metadataVersion?: string
  /** More files, by path: in the root of a wheel, or in the top folder of an sdist. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  readonly filename?: string
}

/** METADATA or PKG-INFO, valid unless the options say otherwise. */
export function coreMetadata(options: DistributionOptions): Buffer {
  if (options.metadata !== undefined) return Buffer.from(options.metadata)
  const { name = 'demo-pkg', version = '1.0.0', metadataVersion = '2.4', headers = [], description } = options
  const lines = [`Metadata-Version: ${metadataVersion}`, `Name: ${name}`, `Version: ${version}`, ...headers]
  if (description !== undefined) lines.push('Description-Content-Type: text/markdown')
  return Buffer.from(`${lines.join('\n')}\n${description === undefined ? '' : `\n${description}`}`)
}

export interface WheelOptions extends DistributionOptions {
  /** `py3-none-any` */
  readonly tag?: string
  /** Takes the entries as they would be written and gives those to write. */
  readonly entries?: ((entries: readonly ZipEntry[]) => readonly ZipEntry[]) | undefined
  readonly zip?: ZipOptions | undefined
}

/** A wheel that installs, unless the options break it. */
export function wheel(options: WheelOptions = {}): BuiltFile {
  const { name = 'demo-pkg', version = '1.0.0', tag = 'py3-none-any' } = options
  const stem = `${name.toLowerCase().replaceAll(/[-_.]+/g, '_')}-${version}`
  const files = new Map<string, Buffer>([
    [`${stem.split('-')[0] ?? ''}/__init__.py`, Buffer.from(`__version__ = "${version}"\n`)],
    ...Object.entries(options.files ?? {}).map(([path, content]) => [path, Buffer.from(content)] as const),
    [`${stem}.dist-info/METADATA`, coreMetadata(options)],
    [
      `${stem}.dist-info/WHEEL`,
      Buffer.from(`Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: ${tag}\n`)
    ]
  ])
  const record = [...files].map(([path, content]) => {
    const hash = createHash('sha256').update(content).digest('base64url')
    return `${/[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path},sha256=${hash},${content.length}`
  })
  files.set(`${stem}.dist-info/RECORD`, Buffer.from([...record, `${stem}.dist-info/RECORD,,`, ''].join('\n')))
  const entries = [...files].map(([path, content]): ZipEntry => ({ name: path, content }))
  return {
    filename: options.filename ?? `${stem}-${tag}.whl`,
    bytes: zip(options.entries?.(entries) ?? entries, options.zip)
  }
}

export interface SdistOptions extends DistributionOptions {
  /** The folder at the top. */
  readonly top?: string
  readonly entries?: ((entries: readonly TarEntry[]) => readonly TarEntry[]) | undefined
}

/** A source distribution that builds nothing but is valid, unless the options break it. */
export function sdist(options: SdistOptions = {}): BuiltFile {
  const { name = 'demo-pkg', version = '1.0.0' } = options
  const stem = `${name.toLowerCase().replaceAll(/[-_.]+/g, '_')}-${version}`
  const top = options.top ?? stem
  const entries: TarEntry[] = [
    { name: `${top}/`, kind: '5' },
    { name: `${top}/PKG-INFO`, content: coreMetadata(options) },
    { name: `${top}/pyproject.toml`, content: Buffer.from('[build-system]\nrequires = []\n') },
    ...Object.entries(options.files ?? {}).map(([path, content]) => ({
      name: `${top}/${path}`,
      content: Buffer.from(content)
    }))
  ]
  return { filename: options.filename ?? `${stem}.tar.gz`, bytes: gzipSync(tar(options.entries?.(entries) ?? entries)) }
}

/** One file of a zip archive. Everything beyond name and content is there to write archives that lie. */
export interface ZipEntry {
  readonly name: string | Buffer
  readonly content: Buffer
  readonly method?: number
  readonly flags?: number
  /** Written into both headers instead of the true ones. */
  readonly size?: number
  readonly crc?: number
  readonly comment?: string
  readonly extra?: Buffer
  readonly local?: {
    readonly name?: string
    readonly size?: number
    readonly crc?: number
    readonly extra?: Buffer
    readonly flags?: number
  }
  /** Bytes after the content that belong to nothing. */
  readonly after?: Buffer
  /** Leaves the file out of the central directory, or its bytes out of the archive. */
  readonly hidden?: boolean
}

export interface ZipOptions {
  readonly before?: Buffer
  readonly after?: Buffer
  readonly comment?: string
  /** Declared in the end record instead of the true number. */
  readonly count?: number
  /** 64-bit records even though nothing is that big. */
  readonly zip64?: boolean
}

/** Writes a zip archive (APPNOTE 6.3.10). Non-ASCII names get the UTF-8 flag unless `flags` is given. */
export function zip(entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [options.before ?? Buffer.alloc(0)]
  const directory: Buffer[] = []
  let offset = parts[0]?.length ?? 0
  let listed = 0
  for (const entry of entries) {
    const method = entry.method ?? (entry.content.length > 64 ? 8 : 0)
    const packed = method === 8 ? deflateRawSync(entry.content) : entry.content
    const name = Buffer.from(entry.name)
    const flags = entry.flags ?? (name.some((byte) => byte > 126) ? 0x800 : 0)
    const fixed = (size: number, crc: number, nameLength: number, extraLength: number, ownFlags: number): Buffer => {
      const bytes = Buffer.alloc(26)
      bytes.writeUInt16LE(20, 0)
      bytes.writeUInt16LE(ownFlags, 2)
      bytes.writeUInt16LE(method, 4)
      bytes.writeUInt32LE(0x00210000, 6)
      bytes.writeUInt32LE(crc, 10)
      bytes.writeUInt32LE(options.zip64 === true ? 0xffffffff : packed.length, 14)
      bytes.writeUInt32LE(options.zip64 === true ? 0xffffffff : size, 18)
      bytes.writeUInt16LE(nameLength, 22)
      bytes.writeUInt16LE(extraLength, 24)
      return bytes
    }
    const crc = entry.crc ?? crc32(entry.content)
    const size = entry.size ?? entry.content.length
    const wide = options.zip64 === true ? zip64Extra([size, packed.length]) : Buffer.alloc(0)
    const localName = Buffer.from(entry.local?.name ?? name)
    const localExtra = Buffer.concat([wide, entry.local?.extra ?? entry.extra ?? Buffer.alloc(0)])
    const local = Buffer.concat([
      Buffer.from('504b0304', 'hex'),
      fixed(
        entry.local?.size ?? size,
        entry.local?.crc ?? crc,
        localName.length,
        localExtra.length,
        entry.local?.flags ?? flags
      ),
      localName,
      localExtra,
      packed,
      entry.after ?? Buffer.alloc(0)
    ])
    if (entry.hidden !== true) {
      listed++
      const extra = Buffer.concat([
        options.zip64 === true ? zip64Extra([size, packed.length, offset]) : wide,
        entry.extra ?? Buffer.alloc(0)
      ])
      const tail = Buffer.alloc(14)
      tail.writeUInt16LE(Buffer.byteLength(entry.comment ?? ''), 0)
      tail.writeUInt32LE(options.zip64 === true ? 0xffffffff : offset, 10)
      directory.push(
        Buffer.from('504b01021400', 'hex'),
        fixed(size, crc, name.length, extra.length, flags),
        tail,
        name,
        extra,
        Buffer.from(entry.comment ?? '')
      )
    }
    parts.push(local)
    offset += local.length
  }
  const records = Buffer.concat(directory)
  const count = options.count ?? listed
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(records.length, 12)
  end.writeUInt32LE(options.zip64 === true ? 0xffffffff : offset, 16)
  end.writeUInt16LE(Buffer.byteLength(options.comment ?? ''), 20)
  return Buffer.concat([
    ...parts,
    records,
    ...(options.zip64 === true ? [zip64End(count, records.length, offset)] : []),
    end,
    Buffer.from(options.comment ?? ''),
    options.after ?? Buffer.alloc(0)
  ])
}

function zip64Extra(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + values.length * 8)
  bytes.writeUInt16LE(1, 0)
  bytes.writeUInt16LE(values.length * 8, 2)
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 4 + index * 8)
  return bytes
}

function zip64End(count: number, length: number, offset: number): Buffer {
  const bytes = Buffer.alloc(76)
  bytes.writeUInt32LE(0x06064b50, 0)
  bytes.writeBigUInt64LE(44n, 4)
  bytes.writeBigUInt64LE(BigInt(count), 24)
  bytes.writeBigUInt64LE(BigInt(count), 32)
  bytes.writeBigUInt64LE(BigInt(length), 40)
  bytes.writeBigUInt64LE(BigInt(offset), 48)
  bytes.writeUInt32LE(0x07064b50, 56)
  bytes.writeBigUInt64LE(BigInt(offset + length), 64)
  bytes.writeUInt32LE(1, 72)
  return bytes
}

/** One member of a tar archive. */
export interface TarEntry {
  readonly name: string
  /** The type flag; `0`, a file, when absent. */
  readonly kind?: string
  readonly content?: Buffer
  readonly target?: string
  /** Written instead of the true checksum. */
  readonly checksum?: number
  /** Written instead of the true size. */
  readonly size?: number
}

/** Writes a tar archive (POSIX.1-1988 ustar); names that do not fit get a PAX header. */
export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(tarMember), Buffer.alloc(1024)])
}

/** A PAX header that applies to the next member (or to all that follow, with the kind `g`). */
export function pax(records: Readonly<Record<string, string>>, kind: 'x' | 'g' = 'x'): TarEntry {
  const content = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`)
    let length = rest + String(rest).length
    if (rest + String(length).length !== length) length++
    return `${length} ${key}=${value}\n`
  })
  return { name: 'PaxHeader', kind, content: Buffer.from(content.join('')) }
}

function tarMember(entry: TarEntry): Buffer[] {
  const { name, kind = '0', content = Buffer.alloc(0) } = entry
  const long = Buffer.byteLength(name) > 100
  const header = Buffer.alloc(512)
  header.write(long ? 'long' : name, 0, 100)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${(entry.size ?? content.length).toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write(kind, 156)
  header.write(entry.target ?? '', 157, 100)
  header.write('ustar\x0000', 257)
  const sum = entry.checksum ?? header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return [
    ...(long ? tarMember(pax({ path: name })) : []),
    header,
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512)
  ]
}
