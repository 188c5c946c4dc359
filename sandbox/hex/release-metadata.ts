import { isRequirement } from './elixir-version.ts'
import { isLicense } from './licenses.ts'
import { packageNameForm, reservedNames } from './package-names.ts'
import { findPackage, hexpm, type HexState } from './state.ts'
import type { Value } from './tarball.ts'

/** What the server keeps of a release's metadata.config. */
export interface Metadata {
  readonly app: string
  readonly buildTools: readonly string[]
  readonly elixir: string | null
  readonly requirements: readonly Requirement[]
}

export interface Requirement {
  readonly name: string
  readonly repository: string
  readonly requirement: string
  readonly app: string
  readonly optional: boolean
}

/** What it keeps for the package: that of the last publish. */
export interface PackageMetadata {
  readonly description: string | null
  readonly licenses: readonly string[]
  readonly links: Readonly<Record<string, string>>
  readonly maintainers: readonly string[]
}

/** Error JSON as `translate_errors` leaves it: one message for a field. */
export interface Errors {
  readonly [field: string]: string | Errors
}

/** An Ecto changeset in short: fields that were cast, and the newest error of each. */
interface Changeset {
  readonly params: ReadonlyMap<string, Value>
  readonly errors: Record<string, string | Errors>
}

type Fields = ReadonlyMap<string, Value>

/** `PackageMetadata.changeset/3` and, for a new package, the rules on its name. */
export function castPackage(
  params: Fields,
  { repository, isNew }: { readonly repository: string; readonly isNew: boolean }
): { readonly metadata: PackageMetadata; readonly errors: Errors } {
  const errors: Record<string, string | Errors> = isNew ? nameErrors(params.get('name')) : {}
  const meta: Changeset = { params, errors: {} }
  const description = castString(meta, 'description')
  const licenses = castStrings(meta, 'licenses')
  const links = castStringMap(meta, 'links')
  const maintainers = castStrings(meta, 'maintainers')
  const extra = params.get('extra')
  if (extra !== undefined && extra !== null && !(extra instanceof Map)) meta.errors.extra = 'expected type map'
  if (repository === hexpm) {
    if (description === null) requireField(meta, 'description')
    if (licenses === null) requireField(meta, 'licenses')
  }
  const invalidLink = Object.values(links ?? {}).find((link) => !/^https?:\/\//i.test(link))
  if (invalidLink !== undefined) meta.errors.links = `invalid link ${inspect(invalidLink)}`
  const invalidLicense = repository === hexpm ? licenses?.find((license) => !isLicense(license)) : undefined
  if (invalidLicense !== undefined) meta.errors.licenses = `invalid license ${inspect(invalidLicense)}`
  if (Object.keys(meta.errors).length > 0) errors.meta = meta.errors
  return {
    metadata: { description, licenses: licenses ?? [], links: links ?? {}, maintainers: maintainers ?? [] },
    errors
  }
}

function nameErrors(name: Value | undefined): Record<string, string> {
  if (name === undefined || name === null || name === '') return { name: "can't be blank" }
  if (typeof name !== 'string') return { name: 'expected type string' }
  // The newest error of a field is the one that is shown: exclusion, then format, then length.
  if (reservedNames.has(name)) return { name: 'is reserved' }
  if (!packageNameForm.test(name)) return { name: 'has invalid format' }
  return name.length < 2 ? { name: 'should be at least 2 character(s)' } : {}
}

/** `ReleaseMetadata.changeset/2` and `Requirement.build_all/2`. */
export function castRelease(
  state: HexState,
  params: Fields,
  repository: string
): { readonly metadata: Metadata; readonly errors: Errors } {
  const meta: Changeset = { params, errors: {} }
  const app = castString(meta, 'app')
  const buildTools = castStrings(meta, 'build_tools')
  const elixir = castString(meta, 'elixir')
  const files = castStrings(meta, 'files')
  if (app === null) requireField(meta, 'app')
  if (buildTools === null || buildTools.length === 0) requireField(meta, 'build_tools')
  if (files === null) requireField(meta, 'files')
  else if (files.length === 0) meta.errors.files = "package can't be empty"
  const invalidElixir = elixir === null ? undefined : requirementError(elixir)
  if (invalidElixir !== undefined) meta.errors.elixir = invalidElixir
  const { requirements, errors: invalid } = castRequirements(state, params.get('requirements'), repository)
  const errors = {
    ...(Object.keys(meta.errors).length > 0 && { meta: meta.errors }),
    ...(invalid !== undefined && { requirements: invalid })
  }
  return {
    metadata: { app: app ?? '', buildTools: [...new Set(buildTools ?? [])], elixir, requirements },
    errors
  }
}

function castRequirements(
  state: HexState,
  value: Value | undefined,
  repository: string
): { readonly requirements: readonly Requirement[]; readonly errors?: string | Errors } {
  const list = value instanceof Map ? namedList(value as Fields) : value
  if (!isList(list) || !list.every((each) => each instanceof Map))
    return { requirements: [], errors: 'expected type list(map)' }
  const cast = list.map((each) => castRequirement(state, each as Fields, repository))
  const errors = Object.fromEntries(cast.flatMap(({ name, error }) => (error === undefined ? [] : [[name, error]])))
  return {
    requirements: cast.map(({ requirement }) => requirement),
    ...(Object.keys(errors).length > 0 && { errors })
  }
}

/** `normalize_requirements/1` in `releases.ex`: what is no map under its name stays as it is, and is refused. */
function namedList(byName: Fields): readonly Value[] {
  return [...byName].map(([name, fields]) =>
    fields instanceof Map ? new Map<string, Value>([...(fields as Fields), ['name', name]]) : fields
  )
}

/** The oldest error of a requirement is the one that is shown (`normalize_errors` in the release controller). */
function castRequirement(
  state: HexState,
  params: Fields,
  repository: string
): { readonly name: string; readonly error?: string; readonly requirement: Requirement } {
  const changeset: Changeset = { params, errors: {} }
  const name = castString(changeset, 'name') ?? ''
  const own = castString(changeset, 'repository')
  const app = castString(changeset, 'app')
  const requirement = castString(changeset, 'requirement')
  const optional = params.get('optional') ?? false
  const source = own ?? hexpm
  const blank = name === '' || app === null || requirement === null
  const error =
    firstError(changeset) ??
    (typeof optional === 'boolean' ? undefined : 'expected type boolean') ??
    (blank ? "can't be blank" : undefined) ??
    (exists(state, source, name) ? undefined : `package does not exist in repository "${source}"`) ??
    requirementError(requirement ?? '') ??
    repositoryError(source, repository)
  return {
    name,
    ...(error !== undefined && { error }),
    requirement: {
      name,
      repository: source,
      requirement: requirement ?? '',
      app: app ?? '',
      optional: optional === true
    }
  }
}

function exists(state: HexState, repository: string, name: string): boolean {
  return findPackage(state, repository, name) !== undefined || (state.settings.othersExist && repository === hexpm)
}

function firstError({ errors }: Changeset): string | undefined {
  return Object.values(errors).find((each) => typeof each === 'string')
}

function requirementError(requirement: string): string | undefined {
  if (!isRequirement(requirement)) return `invalid requirement: ${inspect(requirement)}`
  return requirement.includes('!=')
    ? `invalid requirement: ${inspect(requirement)}, != is not allowed in requirements`
    : undefined
}

function repositoryError(source: string, repository: string): string | undefined {
  if (source === hexpm || source === repository) return undefined
  const rule =
    repository === hexpm
      ? 'dependencies can only belong to public repository "hexpm"'
      : `dependencies can only belong to public repository "hexpm" or current repository ${inspect(repository)}`
  return `${rule}, got: ${inspect(source)}`
}

function requireField(changeset: Changeset, field: string): void {
  // A value of the wrong type has its error already.
  changeset.errors[field] ??= "can't be blank"
}

/** Ecto takes text of blanks alone for none. */
const isBlank = (text: string): boolean => text.trimStart() === ''

function castString({ params, errors }: Changeset, field: string): string | null {
  const value = params.get(field) ?? null
  if (typeof value === 'string') return isBlank(value) ? null : value
  if (value !== null) errors[field] = 'expected type string'
  return null
}

function castStrings({ params, errors }: Changeset, field: string): readonly string[] | null {
  const value = params.get(field) ?? null
  if (value === null) return null
  const strings = isList(value) ? value.filter((each) => typeof each === 'string') : []
  if (isList(value) && strings.length === value.length) return strings.filter((each) => !isBlank(each))
  errors[field] = 'expected type list(string)'
  return null
}

function castStringMap({ params, errors }: Changeset, field: string): Readonly<Record<string, string>> | null {
  const value = params.get(field) ?? null
  if (value === null) return null
  const entries = value instanceof Map ? [...(value as Fields)] : undefined
  const texts = entries?.flatMap(([key, each]) => (typeof each === 'string' ? [[key, each] as const] : []))
  if (texts !== undefined && texts.length === entries?.length) return Object.fromEntries(texts)
  errors[field] = 'expected type map(string)'
  return null
}

const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)

/** Text as Elixir's `inspect/1` shows it. */
export function inspect(text: string): string {
  return JSON.stringify(text).replaceAll('#{', String.raw`\#{`)
}
