import { listFields, singleFields } from './metadata-fields.ts'
import { openDistribution, topLevel } from './archive-rules.ts'
import type { UploadForm } from './upload-form.ts'

/**
 * The metadata inside a distribution as the form that a client would make of it. Only for files that a test or a
 * rehearsal puts on the index itself; an upload is known by its form alone, as on PyPI.
 *
 * @throws Error when the file has no metadata
 */
export function formOf(filename: string, content: Buffer): UploadForm {
  const archive = openDistribution(filename, content)
  let file: Buffer | undefined
  if (archive.kind === 'tar') {
    const top = topLevel(archive.members.map(({ name }) => name))
    file = archive.members.find(({ name }) => name === `${top}/PKG-INFO`)?.content
  } else {
    const path = archive.members
      .map(({ name }) => name)
      .find((name) => /^[^/]+(?:\.dist-info\/METADATA|\/PKG-INFO)$/.test(name))
    file = path === undefined ? undefined : archive.read(path)
  }
  if (file === undefined) throw new Error(`${filename} has no metadata file`)
  return { values: parseMetadataFile(file.toString('utf8')) }
}

/** A wheel's METADATA file, byte for byte. */
export function wheelMetadata(filename: string, content: Buffer): Buffer | undefined {
  const archive = openDistribution(filename, content)
  const [name = '', version = ''] = filename.split('-')
  return archive.kind === 'zip' ? archive.read(`${name}-${version}.dist-info/METADATA`) : undefined
}

/** Headers, folded lines joined, and the body as description (PEP 566). */
function parseMetadataFile(text: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  const add = (field: string, value: string): void => {
    values.set(field, [...(values.get(field) ?? []), value])
  }
  const bodyStart = /\r?\n\r?\n/.exec(text)
  const head = bodyStart === null ? text : text.slice(0, bodyStart.index)
  const body = bodyStart === null ? '' : text.slice(bodyStart.index + bodyStart[0].length)
  for (const header of head.split(/\r?\n(?![ \t])/)) {
    const colon = header.indexOf(':')
    const field = formField(header.slice(0, colon).toLowerCase())
    if (field !== undefined) add(field, header.slice(colon + 1).trim())
  }
  if (body !== '') values.set('description', [body])
  return values
}

const formNames: Readonly<Record<string, string>> = { classifier: 'classifiers', 'project-url': 'project_urls' }
const known: ReadonlySet<string> = new Set([...singleFields, ...listFields, 'keywords', 'project_urls'])

function formField(header: string): string | undefined {
  const field = formNames[header] ?? header.replaceAll('-', '_')
  return known.has(field) ? field : undefined
}
