/** A file for an archive. */
export interface ArchivedFile {
  /** With `/`, relative, at most 100 kB. */
  readonly name: string
  readonly bytes: Buffer
}

const blockSize = 512

/** 2000-01-01, as hex_core writes (hex_erl_tar); seconds. */
const modified = 946_684_800

/**
 * Writes files, in the order given, as a POSIX ustar archive that depends on nothing but their names and bytes. Names
 * that a header cannot hold go into a PAX header (POSIX.1-2001), as hex_core and OTP write and read them.
 */
export function writeUstar(files: readonly ArchivedFile[]): Buffer {
  const pieces = files.flatMap(({ name, bytes }) => {
    const place = headerName(name)
    const member = [header(place ?? { name: 'pax', prefix: '' }, '0', bytes.length), bytes, padding(bytes.length)]
    if (place !== undefined) return member
    const pax = paxRecord('path', name)
    return [header({ name: 'PaxHeaders/file', prefix: '' }, 'x', pax.length), pax, padding(pax.length), ...member]
  })
  return Buffer.concat([...pieces, Buffer.alloc(2 * blockSize)])
}

/** ASCII of up to 100 bytes, or of up to 256 that can be divided at a slash. */
function headerName(name: string): { readonly name: string; readonly prefix: string } | undefined {
  if (!/^[\x20-\x7e]+$/.test(name)) return undefined
  if (name.length <= 100) return { name, prefix: '' }
  for (let slash = name.indexOf('/'); slash >= 0 && slash <= 155; slash = name.indexOf('/', slash + 1)) {
    const rest = name.slice(slash + 1)
    if (rest !== '' && rest.length <= 100) return { name: rest, prefix: name.slice(0, slash) }
  }
  return undefined
}

function header(place: { readonly name: string; readonly prefix: string }, type: '0' | 'x', size: number): Buffer {
  const block = Buffer.alloc(blockSize)
  const octal = (value: number, at: number, width: number): void => {
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
  }
  block.write(place.name, 0, 'latin1')
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(modified, 136, 12)
  block.write(type, 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write(place.prefix, 345, 'latin1')
  // The checksum counts its own field as spaces.
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function padding(length: number): Buffer {
  return Buffer.alloc((blockSize - (length % blockSize)) % blockSize)
}

/** `LENGTH KEY=VALUE\n`, the length counting its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + String(bytes).length
  if (String(length).length > String(bytes).length) length = bytes + String(length).length
  return Buffer.from(`${length}${rest}`)
}
