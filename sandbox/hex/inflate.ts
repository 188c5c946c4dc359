import { gunzipSync } from 'node:zlib'

/** Unzips at most `largest` bytes. */
export function inflate(gzipped: Buffer, largest: number): Buffer | 'too big' | 'unreadable' {
  try {
    return gunzipSync(gzipped, { maxOutputLength: largest })
  } catch (error) {
    // By its code: in a test the error's class is of another realm.
    const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'too big' : 'unreadable'
  }
}
