/** Core metadata as the form carries it. Single fields are absent when not given, lists empty. */
export interface CoreMetadata {
  readonly single: Readonly<Partial<Record<SingleField, string>>>
  readonly lists: Readonly<Record<ListField, readonly string[]>>
  readonly keywords?: readonly string[]
  /** By label, in the order given. */
  readonly projectUrls: readonly (readonly [label: string, url: string])[]
}

export type SingleField = (typeof singleFields)[number]
export type ListField = (typeof listFields)[number]

/** Form names of the fields that may come once. */
export const singleFields = [
  'metadata_version',
  'name',
  'version',
  'summary',
  'description',
  'description_content_type',
  'home_page',
  'download_url',
  'author',
  'author_email',
  'maintainer',
  'maintainer_email',
  'license',
  'license_expression',
  'requires_python'
] as const

/** Form names of the fields that may come many times. `classifiers` alone is a plural on the wire. */
export const listFields = [
  'classifiers',
  'platform',
  'supported_platform',
  'requires_dist',
  'provides_dist',
  'obsoletes_dist',
  'requires_external',
  'requires',
  'provides',
  'obsoletes',
  'provides_extra',
  'dynamic',
  'license_file',
  'import_name',
  'import_namespace'
] as const

/** One field that is wrong. `field` is the core metadata name, lower case, by which the first to tell is chosen. */
export interface MetadataFault {
  readonly field: string
  readonly message: string
}
