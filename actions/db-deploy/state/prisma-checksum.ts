import { createHash } from 'node:crypto'

/**
 * Whether a checksum of `_prisma_migrations` is that of a file, by the rules of Prisma's engine: SHA-256 of its bytes, or
 * of the same with the line ends of another system; in rows of before 2021 each byte is in hexadecimal without its leading
 * zero, which shows by the length (prisma-engines, schema-connector/src/checksum.rs; issue 1887).
 */
export function matchesChecksum(script: Buffer, checksum: string): boolean {
  const form = checksum !== '' && checksum.length !== 64 ? unpadded : padded
  // Only line ends are replaced, and what is no UTF-8 stays as it is.
  const text = script.toString('latin1')
  return [() => text, () => text.replaceAll('\r\n', '\n'), () => text.replaceAll('\n', '\r\n')].some(
    (variant) => form(createHash('sha256').update(variant(), 'latin1').digest()) === checksum
  )
}

function padded(hash: Buffer): string {
  return hash.toString('hex')
}

function unpadded(hash: Buffer): string {
  return Array.from(hash, (byte) => byte.toString(16)).join('')
}
