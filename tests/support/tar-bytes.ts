/** One member of a tar archive. Everything beyond name and content is there to write odd and hostile archives. */
export interface TarEntry {
  readonly name: string
  readonly content?: string | Buffer
  /** Typeflag: `0` file, `1` hard link, `2` symlink, `3` and `4` devices, `5` folder, `6` fifo, `S` sparse. */
  readonly type?: string
  readonly target?: string
  /** With the bits of the file's type, as hex_core writes them. */
  readonly mode?: number
  /** Written instead of the true size. */
  readonly size?: number
  readonly magic?: 'ustar' | 'gnu' | 'v7'
  /** How a name is written that does not fit: as hex_core does (prefix or PAX), or in a GNU `L` member. */
  readonly longName?: 'pax' | 'gnu'
  /** Records of a PAX header before the member. */
  readonly pax?: Readonly<Record<string, string>>
  /** Takes the finished header, to break it. */
  readonly header?: (block: Buffer) => Buffer
}

/** 2000-01-01, the time that hex_core gives every member. */
const fixedTime = 946_684_800

/**
 * Writes a tar archive byte for byte as hex_core's hex_erl_tar does: ustar headers without names of users, two blocks
 * of zeros at the end; names over 100 characters in the prefix, and those that are not ASCII in a PAX header with an
 * empty ustar name.
 * @param padTo the archive's length is filled up to a multiple of it; GNU tar's is 10240
 */
export function tarBytes(entries: readonly TarEntry[], padTo = 512): Buffer {
  const blocks = Buffer.concat([...entries.flatMap(member), Buffer.alloc(1024)])
  return padded(blocks, padTo)
}

function member(entry: TarEntry): Buffer[] {
  const content = Buffer.from(entry.content ?? '')
  const { name, prefix, pax, gnu } = nameFields(entry)
  const target = entry.target ?? ''
  if (!isAscii(target) || target.length > 100) pax.set('linkpath', target)
  const parts: Buffer[] = []
  if (pax.size > 0) {
    const records = Buffer.concat(
      [...pax].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => record(key, value))
    )
    parts.push(header({ name: paxName(entry.name), type: 'x' }, records.length), padded(records, 512))
  }
  if (gnu) {
    const long = Buffer.from(`${entry.name}\0`)
    parts.push(header({ name: '././@LongLink', type: 'L', magic: 'gnu' }, long.length), padded(long, 512))
  }
  const written = { ...entry, name, target: pax.has('linkpath') ? '' : target }
  const block = header(written, entry.size ?? content.length, prefix)
  parts.push(entry.header?.(block) ?? block, padded(content, 512))
  return parts
}

interface NameFields {
  readonly name: string
  readonly prefix: string
  readonly pax: Map<string, string>
  readonly gnu: boolean
}

function nameFields(entry: TarEntry): NameFields {
  const pax = new Map(Object.entries(entry.pax ?? {}))
  const { name } = entry
  if (isAscii(name) && name.length <= 100) return { name, prefix: '', pax, gnu: false }
  if (entry.longName === 'gnu') return { name: name.slice(0, 100), prefix: '', pax, gnu: true }
  const slash = name.lastIndexOf('/')
  if (isAscii(name) && slash >= 0 && slash <= 155 && name.length - slash - 1 < 100 && !name.endsWith('/')) {
    return { name: name.slice(slash + 1), prefix: name.slice(0, slash), pax, gnu: false }
  }
  // A record that the test gives stands.
  if (!pax.has('path')) pax.set('path', name)
  return { name: '', prefix: '', pax, gnu: false }
}

/**
 * One PAX record as hex_erl_tar counts it: from characters, then once more from bytes, without looking whether the
 * length itself has become longer. So for some names that are not ASCII the record says one byte too few.
 */
function record(key: string, value: string): Buffer {
  const counted = key.length + Array.from(value).length + 3
  const first = counted + String(counted).length
  const bytes = Buffer.from(`${first} ${key}=${value}\n`)
  return bytes.length === first ? bytes : Buffer.from(`${bytes.length} ${key}=${value}\n`)
}

function paxName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '')
  const file = parts.pop() ?? ''
  const folder = parts.length === 0 ? '.' : parts.join('/')
  return ascii(`${folder}/PaxHeaders.0/${file}`).slice(0, 99)
}

function header(entry: TarEntry, size: number, prefix = ''): Buffer {
  const block = Buffer.alloc(512)
  block.write(ascii(entry.name), 0, 100, 'latin1')
  octal(block, 100, 8, entry.mode ?? 0o100644)
  octal(block, 108, 8, 0)
  octal(block, 116, 8, 0)
  octal(block, 124, 12, size)
  octal(block, 136, 12, fixedTime)
  block.write(entry.type ?? '0', 156, 1, 'latin1')
  block.write(ascii(entry.target ?? ''), 157, 100, 'latin1')
  block.write(magics[entry.magic ?? 'ustar'], 257, 8, 'latin1')
  octal(block, 329, 8, 0)
  octal(block, 337, 8, 0)
  block.write(prefix, 345, 155, 'latin1')
  return withChecksum(block)
}

const magics = { ustar: 'ustar\x0000', gnu: 'ustar  \0', v7: '' } as const

/** The header with the checksum of what is in it now. */
export function withChecksum(block: Buffer): Buffer {
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  octal(block, 148, 8, sum)
  return block
}

function octal(block: Buffer, at: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, length, 'latin1')
}

function padded(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)])
}

function isAscii(text: string): boolean {
  return ascii(text) === text
}

function ascii(text: string): string {
  return text.replaceAll(/[^\0-\x7f]/g, '')
}
