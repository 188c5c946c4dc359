import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { HttpBody } from '../shared/http.ts'
import type { FormField } from './form.ts'

/** The file part of a form. */
export interface FormFile {
  readonly field: string
  readonly filename: string
  readonly path: string
  /** Bytes. */
  readonly size: number
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

async function* parts(head: Buffer, file: FormFile, tail: Buffer): AsyncGenerator<Buffer> {
  yield head
  let sent = 0
  for await (const chunk of createReadStream(file.path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    sent += chunk.length
    yield chunk
  }
  if (sent !== file.size) throw new Error(`${file.filename} had ${file.size} bytes when it was checked and now ${sent}`)
  yield tail
}

/** As browsers write names in form-data (WHATWG HTML, "multipart form data"). */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
