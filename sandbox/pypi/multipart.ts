/** One part of a form (RFC 7578). A part with a `filename` parameter is a file, even an empty one. */
export interface FormPart {
  readonly name: string
  readonly filename?: string
  readonly type?: string
  readonly content: Buffer
}

/**
 * Takes a `multipart/form-data` body apart, byte for byte: line ends inside a value stay what they are.
 *
 * @returns undefined when the content type is another one or the body is not what RFC 2046, section 5.1.1 describes
 */
export function parseMultipart(contentType: string | undefined, body: Buffer): readonly FormPart[] | undefined {
  const boundary = boundaryOf(contentType)
  if (boundary === undefined) return undefined
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  // The first delimiter stands at the start of the body, where no line end precedes it.
  const bytes = Buffer.concat([Buffer.from('\r\n'), body])
  const parts: FormPart[] = []
  let position = bytes.indexOf(delimiter)
  if (position < 0) return undefined
  for (;;) {
    position += delimiter.length
    if (bytes.subarray(position, position + 2).equals(Buffer.from('--'))) return parts
    const lineEnd = bytes.indexOf('\r\n', position)
    if (lineEnd < 0 || bytes.subarray(position, lineEnd).toString('latin1').trim() !== '') return undefined
    const next = bytes.indexOf(delimiter, lineEnd)
    if (next < 0) return undefined
    const part = parsePart(bytes.subarray(lineEnd + 2, next))
    if (part === undefined) return undefined
    parts.push(part)
    position = next
  }
}

function boundaryOf(contentType: string | undefined): string | undefined {
  const [type = '', ...parameters] = splitParameters(contentType ?? '')
  if (type.trim().toLowerCase() !== 'multipart/form-data') return undefined
  const boundary = parameter(parameters, 'boundary')
  // RFC 2046: 1 to 70 characters, not ending in a space.
  return boundary !== undefined && /^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary) ? boundary : undefined
}

function parsePart(part: Buffer): FormPart | undefined {
  // A part without headers would begin with the empty line; a form's part always has one.
  const headerEnd = part.indexOf('\r\n\r\n')
  if (headerEnd < 0) return undefined
  const headers = new Map<string, string>()
  for (const line of part.subarray(0, headerEnd).toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon < 1) return undefined
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  const [disposition = '', ...parameters] = splitParameters(headers.get('content-disposition') ?? '')
  const name = parameter(parameters, 'name')
  if (disposition.trim().toLowerCase() !== 'form-data' || name === undefined) return undefined
  const filename = parameter(parameters, 'filename')
  const type = headers.get('content-type')
  return {
    name,
    ...(filename !== undefined && { filename }),
    ...(type !== undefined && { type }),
    content: part.subarray(headerEnd + 4)
  }
}

/** Splits at semicolons that stand outside quotes. */
function splitParameters(header: string): string[] {
  return header.match(/(?:[^;"]|"(?:\\.|[^"\\])*")+/g) ?? []
}

function parameter(parameters: readonly string[], name: string): string | undefined {
  for (const each of parameters) {
    const equals = each.indexOf('=')
    if (each.slice(0, equals).trim().toLowerCase() !== name) continue
    const value = each.slice(equals + 1).trim()
    if (!value.startsWith('"')) return value
    // WHATWG form encoding writes a quote as %22 (also browsers and uv); RFC 2045 as a backslash pair.
    return value
      .slice(1, -1)
      .replaceAll(/\\(["\\])/g, '$1')
      .replaceAll(/%0A/gi, '\n')
      .replaceAll(/%0D/gi, '\r')
      .replaceAll('%22', '"')
  }
  return undefined
}
