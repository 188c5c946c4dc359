import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { HttpBody } from '../shared/http.ts'
import { fail } from '../shared/problem.ts'
import type { FormField } from './form.ts'

/** The file part of a form. */
export interface FormFile {
  readonly field: string
  readonly filename: string
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Lower-case hex: what was checked, and must be what is sent. */
  readonly sha256: string
}

/**
 * A `multipart/form-data` body (RFC 7578) with the file as its last part, streamed from disk; its length is known
 * beforehand. Built by hand because Node's FormData turns every LF of a value into CRLF, which alters descriptions.
 */
export function multipartBody(fields: readonly FormField[], file: FormFile): HttpBody {
  // Random, so that no description or file can hold it.
  const boundary = `release-actions-${randomUUID()}`
  const head = Buffer.from(
    [
      ...fields.map(
        ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`
      ),
      `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(file.field)}"; filename="${quoted(file.filename)}"\r\n` +
        'Content-Type: application/octet-stream\r\n\r\n'
    ].join('')
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    length: head.length + file.size + tail.length,
    open: () => Readable.from(parts(head, file, tail), { objectMode: false })
  }
}

/**
 * The last piece of the file is held back until the whole of it has been hashed: a file that has changed since it was
 * checked is broken off, and no server stores a body that is shorter than it was announced.
 */
async function* parts(head: Buffer, file: FormFile, tail: Buffer): AsyncGenerator<Buffer> {
  yield head
  const hash = createHash('sha256')
  let read = 0
  let held: Buffer | undefined
  for await (const chunk of createReadStream(file.path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    read += chunk.length
    // What is longer than announced is read on for its hash alone.
    if (read > file.size) continue
    if (held !== undefined) yield held
    held = chunk
  }
  const sha256 = hash.digest('hex')
  if (sha256 !== file.sha256) {
    fail({
      code: 'file-changed',
      message: `${file.filename} changed while the job ran: it was checked with sha256 ${file.sha256} (${file.size} bytes), and has ${sha256} (${read} bytes) now.`,
      hint: 'It was not uploaded. Let nothing write into the folder once the distributions are built, and run the job again.'
    })
  }
  if (held !== undefined) yield held
  yield tail
}

/** As browsers write names in form-data (WHATWG HTML, "multipart form data"). */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
