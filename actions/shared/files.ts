import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** What identifies a file's bytes. */
export interface FileDigest {
  /** Lower-case hex. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** Reads the file once, as a stream. Throws what the file system throws. */
export async function digestFile(path: string): Promise<FileDigest> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    size += chunk.length
  }
  return { sha256: hash.digest('hex'), size }
}

const units = ['B', 'KiB', 'MiB', 'GiB'] as const

/** `1536` → `1.5 KiB`. */
export function readableSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`
}
