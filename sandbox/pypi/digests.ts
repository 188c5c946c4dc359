import { createHash } from 'node:crypto'
import { blake2b } from '@noble/hashes/blake2.js'

export interface Digests {
  readonly md5: string
  readonly sha256: string
  readonly blake2_256: string
}

/** The three digests PyPI computes, hex. Node's own BLAKE2b cannot give 32 bytes, hence the library. */
export function digestsOf(content: Buffer): Digests {
  return {
    md5: createHash('md5').update(content).digest('hex'),
    sha256: sha256(content),
    blake2_256: Buffer.from(blake2b(content, { dkLen: 32 })).toString('hex')
  }
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
