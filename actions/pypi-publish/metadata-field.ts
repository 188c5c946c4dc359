/** Versions of core metadata that PyPI takes (2.0 never existed; 2.6 is known to `packaging` but not to PyPI yet). */
export const metadataVersions = ['1.0', '1.1', '1.2', '2.1', '2.2', '2.3', '2.4', '2.5'] as const
export type MetadataVersion = (typeof metadataVersions)[number]

/**
 * One field of core metadata: how many times it may stand, which version brought it, and its name in the upload form,
 * which is singular or plural without a rule (pypi/warehouse `_FORM_TO_RAW_MAPPING`).
 */
export interface MetadataField {
  readonly form: string
  readonly since: MetadataVersion
  readonly use: 'once' | 'many'
}

/**
 * Every field, by its header in lower case.
 * @see https://packaging.python.org/en/latest/specifications/core-metadata/
 */
export const metadataFields = {
  'metadata-version': { form: 'metadata_version', since: '1.0', use: 'once' },
  name: { form: 'name', since: '1.0', use: 'once' },
  version: { form: 'version', since: '1.0', use: 'once' },
  platform: { form: 'platform', since: '1.0', use: 'many' },
  summary: { form: 'summary', since: '1.0', use: 'once' },
  description: { form: 'description', since: '1.0', use: 'once' },
  keywords: { form: 'keywords', since: '1.0', use: 'once' },
  'home-page': { form: 'home_page', since: '1.0', use: 'once' },
  author: { form: 'author', since: '1.0', use: 'once' },
  'author-email': { form: 'author_email', since: '1.0', use: 'once' },
  license: { form: 'license', since: '1.0', use: 'once' },
  'supported-platform': { form: 'supported_platform', since: '1.1', use: 'many' },
  'download-url': { form: 'download_url', since: '1.1', use: 'once' },
  classifier: { form: 'classifiers', since: '1.1', use: 'many' },
  requires: { form: 'requires', since: '1.1', use: 'many' },
  provides: { form: 'provides', since: '1.1', use: 'many' },
  obsoletes: { form: 'obsoletes', since: '1.1', use: 'many' },
  maintainer: { form: 'maintainer', since: '1.2', use: 'once' },
  'maintainer-email': { form: 'maintainer_email', since: '1.2', use: 'once' },
  'requires-dist': { form: 'requires_dist', since: '1.2', use: 'many' },
  'provides-dist': { form: 'provides_dist', since: '1.2', use: 'many' },
  'obsoletes-dist': { form: 'obsoletes_dist', since: '1.2', use: 'many' },
  'requires-python': { form: 'requires_python', since: '1.2', use: 'once' },
  'requires-external': { form: 'requires_external', since: '1.2', use: 'many' },
  'project-url': { form: 'project_urls', since: '1.2', use: 'many' },
  'description-content-type': { form: 'description_content_type', since: '2.1', use: 'once' },
  'provides-extra': { form: 'provides_extra', since: '2.1', use: 'many' },
  dynamic: { form: 'dynamic', since: '2.2', use: 'many' },
  'license-expression': { form: 'license_expression', since: '2.4', use: 'once' },
  'license-file': { form: 'license_file', since: '2.4', use: 'many' },
  'import-name': { form: 'import_name', since: '2.5', use: 'many' },
  'import-namespace': { form: 'import_namespace', since: '2.5', use: 'many' }
} as const satisfies Readonly<Record<string, MetadataField>>

export type FieldName = keyof typeof metadataFields

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(metadataFields, name)
}

/** The header as people write it: `description-content-type` → `Description-Content-Type`. */
export function shownField(name: string): string {
  return name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase()).replace(/Url$/, 'URL')
}

/** Whether `version` is older than `since`. */
export function isOlder(version: MetadataVersion, since: MetadataVersion): boolean {
  return metadataVersions.indexOf(version) < metadataVersions.indexOf(since)
}
