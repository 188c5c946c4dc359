import { metadataFields, type FieldName } from './metadata-field.ts'
import { readProjectUrl } from './metadata-rules.ts'
import type { Metadata } from './metadata.ts'
import { uploadName } from './project-name.ts'

/** What of a distribution goes into the upload form beside its bytes. */
export interface UploadedDistribution {
  readonly kind: 'wheel' | 'sdist'
  /** The Python tag of a wheel's file name; `source` for an sdist. */
  readonly pyversion: string
  readonly metadata: Metadata
  readonly sha256: string
  readonly blake2: string | undefined
}

export type FormField = readonly [name: string, value: string]

/**
 * The fields of the upload form, all but the file: what `twine` 7 sends, field by field.
 * @see https://docs.pypi.org/api/upload/
 */
export function uploadForm(distribution: UploadedDistribution): readonly FormField[] {
  const { metadata } = distribution
  const described = [...metadata.fields].flatMap(([field, values]) =>
    formValues(field, values).map((value): FormField => [metadataFields[field].form, value])
  )
  return [
    [':action', 'file_upload'],
    ['protocol_version', '1'],
    ...described,
    ['filetype', distribution.kind === 'wheel' ? 'bdist_wheel' : 'sdist'],
    ['pyversion', distribution.pyversion],
    ['sha256_digest', distribution.sha256],
    ...(distribution.blake2 === undefined ? [] : [['blake2_256_digest', distribution.blake2] as const])
  ]
}

function formValues(field: FieldName, values: readonly string[]): readonly string[] {
  const rewrite = rewritten[field]
  return rewrite === undefined ? values : values.map(rewrite)
}

/** Values that clients do not send as they are written (pypa/twine `_convert_metadata_to_list_of_tuples`). */
const rewritten: Readonly<Partial<Record<FieldName, (value: string) => string>>> = {
  name: uploadName,
  keywords: (value) =>
    value
      .split(',')
      .map((keyword) => keyword.trim())
      .join(', '),
  'project-url': (pair) => {
    const { label, url } = readProjectUrl(pair)
    return `${label}, ${url}`
  }
}
