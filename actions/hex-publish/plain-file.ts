import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { errorCode } from '../shared/http-failure.ts'

/**
 * Reads what another program left under a name: only a file, and of no more bytes than it has when it is opened. What
 * a link leads to is not read, and no device or pipe is waited for.
 * @param longest bytes
 * @returns `fault` in words that go on from "it cannot be taken: "
 */
export async function readPlainFile(
  path: string,
  longest: number
): Promise<{ readonly bytes: Buffer } | { readonly fault: string }> {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const found = await file.stat()
    if (!found.isFile()) return { fault: 'it is no file' }
    if (found.size > longest) return { fault: `it has ${found.size} bytes, and Hex takes 16 MiB` }
    const bytes = Buffer.alloc(found.size)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return { bytes: bytes.subarray(0, length) }
  } catch (error) {
    const code = errorCode(error)
    if (!/^E[A-Z0-9]+$/.test(code)) throw error
    return { fault: code === 'ELOOP' ? 'it is a link' : code }
  } finally {
    await file?.close()
  }
}
