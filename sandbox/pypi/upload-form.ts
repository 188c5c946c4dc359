import { UploadRefused } from './answers.ts'
import type { FormPart } from './multipart.ts'
import { pythonRepr } from './python-repr.ts'

/** A form with its values by name; a name may come more than once. */
export interface UploadForm {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly content?: FormPart
}

/** The fields of the form itself, checked; the metadata is not looked at here. */
export interface UploadFields {
  readonly name: string
  readonly filetype: 'sdist' | 'bdist_wheel'
  readonly pyversion: string
  readonly comment: string
  readonly digests: { readonly md5: string; readonly sha256: string; readonly blake2_256: string }
}

/**
 * Cleans what clients send the way PyPI does before it looks at anything (warehouse/forklift/decorators.py, `sanitize`).
 * @throws UploadRefused when a field other than the file carries a file name
 */
export function readForm(parts: readonly FormPart[]): UploadForm {
  const values = new Map<string, string[]>()
  let content: FormPart | undefined
  for (const part of parts) {
    if (part.name === 'content' && part.filename !== undefined) {
      content = part
      continue
    }
    if (part.name === 'gpg_signature') continue
    if (part.filename !== undefined) throw new UploadRefused(400, `${part.name}: Should not be a tuple.`)
    // Clients without a Content-Disposition filename on `content` send no file at all.
    if (part.name === 'content') continue
    values.set(part.name, [...(values.get(part.name) ?? []), part.content.toString('utf8').replaceAll('\0', '\\x00')])
  }
  for (const [name, given] of values) if (given.at(-1)?.trim() === 'UNKNOWN') values.delete(name)
  return { values, ...(content !== undefined && { content }) }
}

/**
 * The rules of warehouse/forklift/forms.py: `name` first, then the first field by its name.
 * @throws UploadRefused
 */
export function checkFields(form: UploadForm): UploadFields {
  const value = (name: string): string => form.values.get(name)?.[0] ?? ''
  // Optional fields that hold only blanks count as not given.
  const optional = (name: string): string => (value(name).trim() === '' ? '' : value(name))

  const name = value('name')
  if (name === '') throw new UploadRefused(400, invalidName(name, 'This field is required.'))
  if (!projectName.test(name))
    throw new UploadRefused(
      400,
      invalidName(name, "Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'.")
    )

  const digests = {
    md5: optional('md5_digest'),
    sha256: optional('sha256_digest'),
    blake2_256: optional('blake2_256_digest')
  }
  if (digests.blake2_256 !== '' && !hexDigest.test(digests.blake2_256))
    throw invalid('blake2_256_digest', 'Use a valid, hex-encoded, BLAKE2 message digest.')
  const filetype = value('filetype')
  if (filetype === '') throw invalid('filetype', 'This field is required.')
  if (filetype !== 'sdist' && filetype !== 'bdist_wheel') throw invalid('filetype', 'Use a known file type.')
  if (digests.sha256 !== '' && !hexDigest.test(digests.sha256))
    throw invalid('sha256_digest', 'Use a valid, hex-encoded, SHA256 message digest.')

  const pyversion = optional('pyversion')
  if (filetype === 'bdist_wheel' && pyversion === '')
    throw invalid('pyversion', 'Python version is required for binary distribution uploads.')
  if (filetype === 'sdist' && pyversion !== '' && pyversion !== 'source')
    throw invalid('pyversion', "Use 'source' as Python version for an sdist.")
  if (Object.values(digests).every((digest) => digest === ''))
    throw new UploadRefused(400, 'Error: Include at least one message digest.')
  return {
    name,
    filetype,
    pyversion: filetype === 'sdist' ? 'source' : pyversion,
    comment: optional('comment'),
    digests
  }
}

/** `PROJECT_NAME_RE` in warehouse/utils/project.py; the core metadata specification's Name. */
export const projectName = /^(?:[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$/i
const hexDigest = /^[A-F0-9]{64}$/i

function invalid(field: string, error: string): UploadRefused {
  return new UploadRefused(400, `Invalid value for ${field}. Error: ${error}`)
}

function invalidName(name: string, error: string): string {
  const shown = name.length > 60 ? `${name.slice(0, 30)}...${name.slice(-30)}` : name
  return `${pythonRepr(shown)} is an invalid value for Name. Error: ${error} See https://packaging.python.org/specifications/core-metadata for more information.`
}
