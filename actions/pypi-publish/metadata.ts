import { formatPep440, parsePep440, type Pep440Version } from '../shared/pep440.ts'
import type { Problem } from '../shared/problem.ts'
import {
  isFieldName,
  isOlder,
  metadataFields,
  metadataVersions,
  shownField,
  type FieldName,
  type MetadataVersion
} from './metadata-field.ts'
import { readMetadataMessage, type MetadataMessage } from './metadata-message.ts'
import { metadataProblem } from './metadata-problem.ts'
import { checkFields } from './metadata-rules.ts'

/** The core metadata of one distribution. */
export interface Metadata {
  readonly metadataVersion: MetadataVersion
  /** As written. */
  readonly name: string
  readonly version: Pep440Version
  /** Every field given, with its values as written; `description` holds the body. */
  readonly fields: ReadonlyMap<FieldName, readonly string[]>
}

export interface MetadataReading {
  /** Absent when version, name or version of the metadata could not be read. */
  readonly metadata: Metadata | undefined
  readonly problems: readonly Problem[]
  /** What only the index can tell, in words. */
  readonly notChecked: readonly string[]
}

/**
 * Reads METADATA or PKG-INFO and checks it by the rules PyPI applies to an upload: those of `packaging.metadata` and
 * those PyPI adds (pypi/warehouse `forklift/metadata.py`).
 * @param bytes the file
 * @param file how problems name it, `dist/demo-1.0.tar.gz`
 */
export function readMetadata(bytes: Uint8Array, file: string): MetadataReading {
  const message = readMetadataMessage(bytes)
  const problems: Problem[] = []
  if (message.headers.length === 0) {
    return { metadata: undefined, problems: [noHeaders(bytes, file)], notChecked: [] }
  }
  const fields = collect(message, file, problems)
  const metadataVersion = readMetadataVersion(fields, file, problems)
  if (metadataVersion === undefined) return { metadata: undefined, problems, notChecked: [] }
  // setuptools wrote License-File for years before 2.4 defined it; upload clients leave it out (pypa/twine#1216).
  if (isOlder(metadataVersion, '2.4')) fields.delete('license-file')
  for (const name of fields.keys()) {
    const { since } = metadataFields[name]
    if (!isOlder(metadataVersion, since)) continue
    problems.push(
      metadataProblem(
        file,
        name,
        `came with Metadata-Version ${since}, and this file declares ${metadataVersion}`,
        'Build with a newer version of the build backend, which declares the version it writes.'
      )
    )
  }
  const checked = checkFields(fields, file)
  problems.push(...checked.problems)
  const name = fields.get('name')?.[0]
  const version = parsePep440(fields.get('version')?.[0] ?? '')
  if (version?.local !== undefined) problems.push(localVersion(version, file))
  return {
    metadata: name === undefined || version === undefined ? undefined : { metadataVersion, name, version, fields },
    problems,
    notChecked: checked.notChecked
  }
}

/** Local versions are for builds that never reach a public index (PEP 440). */
function localVersion(version: Pep440Version, file: string): Problem {
  return {
    code: 'local-version',
    message: `The version is ${formatPep440(version)}, a local version, and PyPI takes none.`,
    hint: 'Build from a clean checkout of the tag (fetch-depth: 0 where a tool counts commits). With setuptools-scm, set local_scheme = "no-local-version".',
    file
  }
}

function noHeaders(bytes: Uint8Array, file: string): Problem {
  const bom = Buffer.from(bytes.subarray(0, 3)).equals(Buffer.from([0xef, 0xbb, 0xbf]))
  return {
    code: 'metadata-unreadable',
    message: bom
      ? 'The metadata begins with a byte order mark, so that no field is found.'
      : 'The metadata has no field.',
    hint: 'Build the distribution again with `python -m build`; the metadata is not to be edited by hand.',
    file
  }
}

/** Puts the headers under their fields. What stands twice, is unknown or is not UTF-8 is a problem and left out. */
function collect(message: MetadataMessage, file: string, problems: Problem[]): Map<FieldName, readonly string[]> {
  const values = new Map<string, string[]>()
  const broken = new Set<string>()
  for (const header of message.headers) {
    values.set(header.name, [...(values.get(header.name) ?? []), header.value])
    if (header.notUtf8) broken.add(header.name)
  }
  const fields = new Map<FieldName, readonly string[]>()
  for (const [name, given] of values) {
    if (!isFieldName(name)) {
      problems.push(
        metadataProblem(
          file,
          name,
          'is no field of core metadata',
          'Build with a released version of the build backend.'
        )
      )
    } else if (broken.has(name)) {
      problems.push(
        metadataProblem(file, name, 'is not UTF-8', 'Save the file it comes from as UTF-8 and build again.')
      )
    } else if (metadataFields[name].use === 'once' && given.length > 1) {
      problems.push(
        metadataProblem(
          file,
          name,
          `stands ${given.length} times and may stand once`,
          'Keep one of them and build again.'
        )
      )
    } else fields.set(name, given)
  }
  if (message.bodyNotUtf8) {
    problems.push(
      metadataProblem(file, 'description', 'is not UTF-8', 'Save the readme as UTF-8 and build the distribution again.')
    )
  } else if (message.body !== '') {
    if (values.has('description')) {
      fields.delete('description')
      problems.push(
        metadataProblem(
          file,
          'description',
          'stands both as a header and as the body of the metadata',
          'Build with a released version of the build backend, which writes one of them.'
        )
      )
    } else fields.set('description', [message.body])
  }
  return fields
}

function readMetadataVersion(
  fields: ReadonlyMap<FieldName, readonly string[]>,
  file: string,
  problems: Problem[]
): MetadataVersion | undefined {
  const given = fields.get('metadata-version')?.[0]
  const known = metadataVersions.find((version) => version === given)
  if (known !== undefined || problems.some((problem) => problem.message.startsWith(shownField('metadata-version')))) {
    return known
  }
  problems.push(
    metadataProblem(
      file,
      'metadata-version',
      given === undefined ? 'is missing' : `is "${given}", and PyPI takes ${metadataVersions.join(', ')}`,
      given === undefined
        ? 'Build the distribution with `python -m build`.'
        : 'Use a version of the build backend that writes one of these.'
    )
  )
  return undefined
}
