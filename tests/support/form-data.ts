/** One part of a multipart/form-data body, its bytes untouched. */
export interface FormPart {
  readonly name: string
  readonly filename: string | undefined
  readonly type: string | undefined
  readonly content: Buffer
}

/**
 * Takes a body apart (RFC 7578), independent of the code that makes one.
 * @param type the Content-Type header, with the boundary
 */
export function readFormData(type: string, body: Buffer): FormPart[] {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1]
  if (boundary === undefined) throw new Error(`no boundary in ${type}`)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const whole = Buffer.concat([Buffer.from('\r\n'), body])
  const parts: FormPart[] = []
  let at = whole.indexOf(delimiter)
  for (;;) {
    const start = at + delimiter.length
    if (whole.toString('latin1', start, start + 2) === '--') return parts
    const head = whole.indexOf('\r\n\r\n', start)
    at = whole.indexOf(delimiter, head)
    if (head < 0 || at < 0) throw new Error('the body ends without its last boundary')
    const headers = whole.toString('utf8', start, head)
    parts.push({
      name: /; name="([^"]*)"/.exec(headers)?.[1] ?? '',
      filename: /; filename="([^"]*)"/.exec(headers)?.[1],
      type: /^content-type: *(.*)$/im.exec(headers)?.[1]?.trim(),
      content: whole.subarray(head + 4, at)
    })
  }
}
