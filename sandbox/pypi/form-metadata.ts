import { parsePep440, type Pep440Version } from '../../actions/shared/pep440.ts'
import { UploadRefused } from './answers.ts'
import {
  singleFields,
  type CoreMetadata,
  type ListField,
  type MetadataFault,
  type SingleField
} from './metadata-fields.ts'
import { faultsOfMetadata } from './metadata-rules.ts'
import { pythonRepr } from './python-repr.ts'
import type { UploadForm } from './upload-form.ts'

/**
 * Takes the metadata out of the form and checks it: the rules of the `packaging` library first, PyPI's own only when
 * those hold. Of all that is wrong PyPI tells one: metadata version, name and version first, then by field name.
 *
 * @throws UploadRefused
 */
export function readMetadata(form: UploadForm): { readonly metadata: CoreMetadata; readonly version: Pep440Version } {
  const unparsed: MetadataFault[] = []
  const single: Partial<Record<SingleField, string>> = {}
  for (const field of singleFields) {
    const values = given(form, field)
    if (values.length > 1) unparsed.push(invalidField(field))
    else if (values[0] !== undefined) single[field] = values[0]
  }
  const keywords = given(form, 'keywords')
  if (keywords.length > 1) unparsed.push(invalidField('keywords'))
  const projectUrls = given(form, 'project_urls').map(splitProjectUrl)
  if (new Set(projectUrls.map(([label]) => label)).size < projectUrls.length)
    unparsed.push(invalidField('project_urls'))
  if (unparsed.length > 0) throw refuse(unparsed)

  const metadata: CoreMetadata = {
    single,
    lists: listsOf(form),
    ...(keywords[0] !== undefined && { keywords: keywords[0].split(',').map((word) => word.trim()) }),
    projectUrls
  }
  const faults = faultsOfMetadata(metadata)
  const version = parsePep440(single.version ?? '')
  if (faults.length > 0 || version === undefined) throw refuse(faults)
  return { metadata, version }
}

/** Every value of a field; a lone empty one counts as not given. */
function given(form: UploadForm, field: string): readonly string[] {
  const values = form.values.get(field) ?? []
  return values.length === 1 && values[0] === '' ? [] : values
}

function listsOf(form: UploadForm): Record<ListField, readonly string[]> {
  return {
    classifiers: given(form, 'classifiers'),
    platform: given(form, 'platform'),
    supported_platform: given(form, 'supported_platform'),
    requires_dist: given(form, 'requires_dist'),
    provides_dist: given(form, 'provides_dist'),
    obsoletes_dist: given(form, 'obsoletes_dist'),
    requires_external: given(form, 'requires_external'),
    requires: given(form, 'requires'),
    provides: given(form, 'provides'),
    obsoletes: given(form, 'obsoletes'),
    provides_extra: given(form, 'provides_extra'),
    dynamic: given(form, 'dynamic'),
    license_file: given(form, 'license_file'),
    import_name: given(form, 'import_name'),
    import_namespace: given(form, 'import_namespace')
  }
}

function splitProjectUrl(pair: string): readonly [string, string] {
  const comma = pair.indexOf(',')
  return comma < 0 ? [pair.trim(), ''] : [pair.slice(0, comma).trim(), pair.slice(comma + 1).trim()]
}

function invalidField(field: string): MetadataFault {
  return { field, message: `${pythonRepr(field)} has invalid data` }
}

const toldFirst = ['metadata-version', 'name', 'version']

function refuse(faults: readonly MetadataFault[]): UploadRefused {
  const fields = faults.map(({ field }) => field)
  const told = toldFirst.find((field) => fields.includes(field)) ?? fields.toSorted()[0]
  const message = faults.find(({ field }) => field === told)?.message ?? ''
  const page = message.includes('use of local versions')
    ? 'https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers'
    : 'https://packaging.python.org/specifications/core-metadata'
  return new UploadRefused(400, `${message.replace(/\.$/, '')}. See ${page} for more information.`)
}
