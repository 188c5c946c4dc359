import { normalizeName } from './project-name.ts'

/** Where distributions go, and where installers find them. */
export interface PackageIndex {
  /** `index` is any other than the two of the Python community. */
  readonly kind: 'pypi' | 'testpypi' | 'index'
  /** As people call it. */
  readonly label: string
  readonly uploadUrl: string
  /** The simple index, ending in a slash. */
  readonly simpleUrl: string
}

const pypi: PackageIndex = {
  kind: 'pypi',
  label: 'PyPI',
  uploadUrl: 'https://upload.pypi.org/legacy/',
  simpleUrl: 'https://pypi.org/simple/'
}

const testpypi: PackageIndex = {
  kind: 'testpypi',
  label: 'TestPyPI',
  uploadUrl: 'https://test.pypi.org/legacy/',
  simpleUrl: 'https://test.pypi.org/simple/'
}

export const knownIndexes = { pypi, testpypi } as const
export type KnownIndex = keyof typeof knownIndexes

/** PyPI or TestPyPI by the upload URL that other tools take: its tokens, publishers and rules hold there too. */
export function knownByUrl(text: string): KnownIndex | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, host, pathname, search, hash } = new URL(text)
  if (protocol !== 'https:' || search !== '' || hash !== '') return undefined
  const written = `${host}${pathname.replace(/\/+$/, '')}`
  return uploadUrls[written]
}

const uploadUrls: Readonly<Record<string, KnownIndex>> = {
  'upload.pypi.org/legacy': 'pypi',
  'test.pypi.org/legacy': 'testpypi'
}

/** An index of one's own: a company's server, a mirror under test. */
export function otherIndex(uploadUrl: string, simpleUrl: string): PackageIndex {
  return {
    kind: 'index',
    label: new URL(uploadUrl).host,
    uploadUrl,
    simpleUrl: simpleUrl.endsWith('/') ? simpleUrl : `${simpleUrl}/`
  }
}

/**
 * Whether the index follows PyPI's rules, those of pypi/warehouse: an identical file sent again is no error (so an
 * upload can be repeated blindly), old releases are closed, tokens are scoped.
 */
export function isWarehouse(index: PackageIndex): boolean {
  return index.kind !== 'index'
}

/** The index's page of a project, as installers read it (PEP 503). */
export function projectUrl(index: PackageIndex, name: string): string {
  return `${index.simpleUrl}${normalizeName(name)}/`
}

/** The page of a release for people, the version as its files spell it; on other indexes the project's page of links is all that is known. */
export function releaseUrl(index: PackageIndex, name: string, version: string): string {
  if (!isWarehouse(index)) return projectUrl(index, name)
  return `${new URL(index.simpleUrl).origin}/project/${normalizeName(name)}/${version}/`
}
