import { formatPep440, parsePep440 } from '../../actions/shared/pep440.ts'
import {
  listFields,
  singleFields,
  type CoreMetadata,
  type ListField,
  type MetadataFault,
  type SingleField
} from './metadata-fields.ts'
import { isLicenseExpression } from './license-expression.ts'
import { isEmailAddress, isWebAddress } from './metadata-addresses.ts'
import { contentTypeFault, dynamicFault, importNameFault, licenseFileFault } from './metadata-values.ts'
import { pythonRepr } from './python-repr.ts'
import { parseRequirement } from './requirement.ts'
import { isSpecifierSet } from './specifier.ts'
import { projectName } from './upload-form.ts'

/** Every fault, or none. PyPI's own rules are looked at only when those of the `packaging` library hold. */
export function faultsOfMetadata(metadata: CoreMetadata): readonly MetadataFault[] {
  const faults = packagingFaults(metadata)
  return faults.length > 0 ? faults : pypiFaults(metadata)
}

/** What the `packaging` library knows; 2.0 was never a version, and 2.6 it knows before PyPI does. */
const knownVersions = ['1.0', '1.1', '1.2', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6']
/** `SUPPORTED_METADATA_VERSIONS` in warehouse/forklift/metadata.py */
const supportedVersions = knownVersions.filter((version) => version !== '2.6')

type Field = SingleField | ListField | 'project_urls'

/** The version that brought each field, where it was not the first. */
const introduced: Readonly<Partial<Record<Field, string>>> = {
  supported_platform: '1.1',
  download_url: '1.1',
  classifiers: '1.1',
  requires: '1.1',
  provides: '1.1',
  obsoletes: '1.1',
  maintainer: '1.2',
  maintainer_email: '1.2',
  requires_dist: '1.2',
  provides_dist: '1.2',
  obsoletes_dist: '1.2',
  requires_python: '1.2',
  requires_external: '1.2',
  project_urls: '1.2',
  description_content_type: '2.1',
  provides_extra: '2.1',
  dynamic: '2.2',
  license_expression: '2.4',
  license_file: '2.4',
  import_name: '2.5',
  import_namespace: '2.5'
}

/** The core metadata name of a form field. */
function metadataName(field: string): string {
  const singular = { classifiers: 'classifier', project_urls: 'project-url' }[field]
  return singular ?? field.replaceAll('_', '-')
}

function packagingFaults(metadata: CoreMetadata): readonly MetadataFault[] {
  const { single } = metadata
  const version = single.metadata_version
  if (version === undefined || !knownVersions.includes(version)) {
    const shown = version === undefined ? 'None' : pythonRepr(version)
    return [{ field: 'metadata-version', message: `${shown} is not a valid metadata version` }]
  }
  const faults: MetadataFault[] = []
  const fault = (field: string, message: string | undefined): void => {
    if (message !== undefined) faults.push({ field: metadataName(field), message })
  }
  for (const field of fieldsGiven(metadata)) {
    const since = introduced[field]
    if (since !== undefined && knownVersions.indexOf(since) > knownVersions.indexOf(version))
      fault(field, `${metadataName(field)} introduced in metadata version ${since}, not ${version}`)
    else fault(field, valueFault(field, metadata))
  }
  for (const field of ['name', 'version'] as const)
    if (single[field] === undefined) fault(field, `${pythonRepr(field)} is a required field`)
  return faults
}

function fieldsGiven(metadata: CoreMetadata): readonly Field[] {
  const { single, lists, projectUrls } = metadata
  return [
    ...singleFields.filter((field) => single[field] !== undefined),
    ...listFields.filter((field) => lists[field].length > 0),
    ...(projectUrls.length > 0 ? (['project_urls'] as const) : [])
  ]
}

type ValueRule = (value: string, field: string) => string | undefined

/** A rule that has no words but that the value is invalid. */
function valid(test: (value: string) => boolean): ValueRule {
  return (value, field) => (test(value) ? undefined : `${pythonRepr(value)} is invalid for ${pythonRepr(field)}`)
}

/** `_Validator._process_…` of the `packaging` library, for fields that are not free text. */
const valueRules: Readonly<Partial<Record<Field, ValueRule>>> = {
  name: valid((value) => projectName.test(value)),
  version: valid((value) => parsePep440(value) !== undefined),
  summary: (value) =>
    lineBoundaries.some((end) => value.includes(end)) ? "'summary' must be a single line" : undefined,
  description_content_type: contentTypeFault,
  requires_python: valid(isSpecifierSet),
  license_expression: valid(isLicenseExpression),
  requires_dist: valid((value) => !('problem' in parseRequirement(value))),
  provides_extra: valid((value) => projectName.test(value)),
  dynamic: dynamicFault,
  license_file: licenseFileFault,
  import_name: importNameFault,
  import_namespace: importNameFault
}

/** What Python's `str.splitlines` takes for the end of a line. */
const lineBoundaries = ['\n', '\r', '\v', '\f', '\u001c', '\u001d', '\u001e', '\u0085', '\u2028', '\u2029']

function valueFault(field: Field, { single, lists }: CoreMetadata): string | undefined {
  const rule = valueRules[field]
  if (rule === undefined || field === 'project_urls') return undefined
  const values = isListField(field) ? lists[field] : [single[field] ?? '']
  for (const value of values) {
    const fault = rule(value, metadataName(field))
    if (fault !== undefined) return fault
  }
  return undefined
}

function isListField(field: Field): field is ListField {
  return listFields.some((each) => each === field)
}

/** The first word of every classifier there is; the whole list is left out (departures.ts). */
const classifierRoots = new Set([
  'Development Status',
  'Environment',
  'Framework',
  'Intended Audience',
  'License',
  'Natural Language',
  'Operating System',
  'Programming Language',
  'Topic',
  'Typing'
])

/** `_validate_metadata` in warehouse/forklift/metadata.py. */
function pypiFaults({ single, lists, projectUrls }: CoreMetadata): readonly MetadataFault[] {
  const faults: MetadataFault[] = []
  const fault = (field: string, message: string): void => {
    faults.push({ field: metadataName(field), message })
  }
  if (!supportedVersions.includes(single.metadata_version ?? ''))
    fault('metadata_version', `${pythonRepr(single.metadata_version ?? '')} is not a valid metadata version`)
  const version = parsePep440(single.version ?? '')
  if (version?.local !== undefined)
    fault('version', `The use of local versions in '${formatPep440(version)}' is not allowed.`)
  if (Array.from(single.summary ?? '').length > 512) fault('summary', "'summary' field must be 512 characters or less.")
  for (const field of ['author_email', 'maintainer_email'] as const) {
    const address = firstAddress(single[field] ?? '')
    if (address !== '' && !isEmailAddress(address))
      fault(field, `${pythonRepr(address)} is not a valid email address: ${emailFault(address)}`)
  }
  for (const classifier of [...new Set(lists.classifiers)].toSorted())
    if (!classifierRoots.has(classifier.split(' :: ')[0] ?? ''))
      fault('classifiers', `${pythonRepr(classifier)} is not a valid classifier.`)
  for (const field of ['home_page', 'download_url'] as const) {
    const url = single[field]
    if (url !== undefined && !isWebAddress(url)) fault(field, `${pythonRepr(url)} is not a valid url.`)
  }
  for (const [label, url] of projectUrls) {
    if (label === '') fault('project_urls', 'Must have a label')
    else if (Array.from(label).length > 32) fault('project_urls', `${pythonRepr(label)} must be 32 characters or less.`)
    else if (url === '') fault('project_urls', 'Must have a URL')
    else if (!isWebAddress(url)) fault('project_urls', `${pythonRepr(url)} is not a valid url`)
  }
  for (const field of ['provides_dist', 'obsoletes_dist'] as const)
    for (const each of lists[field]) {
      const requirement = parseRequirement(each)
      if ('problem' in requirement) fault(field, `${pythonRepr(each)} is invalid: ${requirement.problem}`)
      else if (requirement.url !== undefined) fault(field, `Can't have direct dependency: ${pythonRepr(each)}`)
    }
  for (const each of lists.requires_dist) {
    const requirement = parseRequirement(each)
    if ('url' in requirement) fault('requires_dist', `Can't have direct dependency: ${each}`)
  }
  if (single.license !== undefined && single.license_expression !== undefined)
    fault(
      'license',
      'License is deprecated when License-Expression is present. Only License-Expression should be present.'
    )
  return faults
}

/** The first address of a list, without its display name (`email.utils.parseaddr`). */
function firstAddress(list: string): string {
  const bracketed = /<([^>]*)>/.exec(list)?.[1]
  return (bracketed ?? list.split(',')[0] ?? '').trim()
}

function emailFault(address: string): string {
  return address.includes('@') ? 'The part after the @-sign is not valid.' : 'An email address must have an @-sign.'
}
