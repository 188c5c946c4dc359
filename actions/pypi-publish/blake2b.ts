/** A running BLAKE2b hash with a digest of 32 bytes: the `blake2_256` of PyPI's forms, file paths and messages. */
export interface Blake2b256 {
  update(bytes: Uint8Array): void
  /** Lower-case hex. Call once, at the end. */
  hexDigest(): string
}

/**
 * BLAKE2b-256, which Node's crypto lacks (its `blake2b512` cannot be shortened: the digest's length is mixed into the
 * start). 64-bit words are pairs of 32-bit halves, low half first.
 * @see https://www.rfc-editor.org/rfc/rfc7693
 */
export function createBlake2b256(): Blake2b256 {
  const state = new Int32Array(initial)
  // Parameter block: digest of 32 bytes, no key, fanout 1, depth 1 (RFC 7693 §2.5).
  state[0] = word(state, 0) ^ 0x01010020
  const block = new Uint8Array(blockSize)
  let filled = 0
  let total = 0

  return {
    update(bytes) {
      let offset = 0
      while (offset < bytes.length) {
        // The last block is compressed with a flag, so a full one waits until more is known to follow.
        if (filled === blockSize) {
          total += blockSize
          compress(state, block, total, false)
          filled = 0
        }
        const taken = Math.min(blockSize - filled, bytes.length - offset)
        block.set(bytes.subarray(offset, offset + taken), filled)
        filled += taken
        offset += taken
      }
    },
    hexDigest() {
      total += filled
      block.fill(0, filled)
      compress(state, block, total, true)
      const digest = Buffer.alloc(32)
      for (let i = 0; i < 8; i++) digest.writeInt32LE(word(state, i), i * 4)
      return digest.toString('hex')
    }
  }
}

const blockSize = 128

const initial = [
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a, 0xade682d1,
  0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19
] as const

const permutation = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0]
] as const

/** Message words in the order in which the twelve rounds use them, as indices of 32-bit halves. */
const schedule = new Uint8Array(
  Array.from({ length: 12 }, (_, round) => permutation[round % 10] ?? []).flatMap((row) =>
    row.map((index) => index * 2)
  )
)

const v = new Int32Array(32)
const m = new Int32Array(32)

function compress(state: Int32Array, block: Uint8Array, total: number, last: boolean): void {
  v.set(state)
  v.set(initial, 16)
  v[24] = word(v, 24) ^ total
  v[25] = word(v, 25) ^ Math.floor(total / 0x1_0000_0000)
  if (last) {
    v[28] = ~word(v, 28)
    v[29] = ~word(v, 29)
  }
  for (let i = 0; i < 32; i++) {
    const at = i * 4
    m[i] = byte(block, at) | (byte(block, at + 1) << 8) | (byte(block, at + 2) << 16) | (byte(block, at + 3) << 24)
  }
  for (let at = 0; at < 192; at += 16) {
    mix(0, 8, 16, 24, at)
    mix(2, 10, 18, 26, at + 2)
    mix(4, 12, 20, 28, at + 4)
    mix(6, 14, 22, 30, at + 6)
    mix(0, 10, 20, 30, at + 8)
    mix(2, 12, 22, 24, at + 10)
    mix(4, 14, 16, 26, at + 12)
    mix(6, 8, 18, 28, at + 14)
  }
  for (let i = 0; i < 16; i++) state[i] = word(state, i) ^ word(v, i) ^ word(v, i + 16)
}

/** The function G of RFC 7693 §3.1, on positions in `v`. */
function mix(a: number, b: number, c: number, d: number, at: number): void {
  const x = byte(schedule, at)
  const y = byte(schedule, at + 1)
  let al = word(v, a)
  let ah = word(v, a + 1)
  let bl = word(v, b)
  let bh = word(v, b + 1)
  let cl = word(v, c)
  let ch = word(v, c + 1)
  let dl = word(v, d)
  let dh = word(v, d + 1)

  // Halves are kept signed, which is what V8 computes fastest; a sum has carried when it is below a summand.
  let sum = (al + bl) | 0
  let high = (ah + bh + below(sum, bl)) | 0
  let xl = word(m, x)
  al = (sum + xl) | 0
  ah = (high + word(m, x + 1) + below(al, xl)) | 0
  xl = dl ^ al
  dl = dh ^ ah
  dh = xl
  cl = (cl + dl) | 0
  ch = (ch + dh + below(cl, dl)) | 0
  xl = bl ^ cl
  let xh = bh ^ ch
  bl = (xl >>> 24) | (xh << 8)
  bh = (xh >>> 24) | (xl << 8)
  sum = (al + bl) | 0
  high = (ah + bh + below(sum, bl)) | 0
  xl = word(m, y)
  al = (sum + xl) | 0
  ah = (high + word(m, y + 1) + below(al, xl)) | 0
  xl = dl ^ al
  xh = dh ^ ah
  dl = (xl >>> 16) | (xh << 16)
  dh = (xh >>> 16) | (xl << 16)
  cl = (cl + dl) | 0
  ch = (ch + dh + below(cl, dl)) | 0
  xl = bl ^ cl
  xh = bh ^ ch
  bl = (xl << 1) | (xh >>> 31)
  bh = (xh << 1) | (xl >>> 31)

  v[a] = al
  v[a + 1] = ah
  v[b] = bl
  v[b + 1] = bh
  v[c] = cl
  v[c + 1] = ch
  v[d] = dl
  v[d + 1] = dh
}

/** 1 when `sum` is below `summand`, both taken as unsigned. */
function below(sum: number, summand: number): number {
  return sum >>> 0 < summand >>> 0 ? 1 : 0
}

function word(words: Int32Array, index: number): number {
  return words[index] ?? 0
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}
