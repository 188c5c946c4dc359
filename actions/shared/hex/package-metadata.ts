import { ErlangTermFault, parseErlangTerms, termText, type ErlangTerm } from './erlang-terms.ts'

/** A package that another needs; both spellings of metadata.config come to this. */
export interface PackageRequirement {
  readonly name: string
  /** The OTP application, where it is said. */
  readonly app?: string
  /** `~> 3.11`, where it is said; as it stands, valid or not. */
  readonly requirement?: string
  readonly optional: boolean
  /** `hexpm`, or an organisation. */
  readonly repository?: string
}

/** metadata.config of a package. What is missing in it is empty or absent here; name and version are always there. */
export interface PackageMetadata {
  readonly name: string
  readonly app?: string
  readonly version: string
  readonly description?: string
  readonly licenses: readonly string[]
  readonly links: readonly (readonly [name: string, url: string])[]
  readonly files: readonly string[]
  readonly buildTools: readonly string[]
  /** The requirement on Elixir. */
  readonly elixir?: string
  readonly requirements: readonly PackageRequirement[]
  readonly maintainers: readonly string[]
  /** Globs of files that Hex's own scan for secrets passes over (`secret_scan: [ignore: …]`). */
  readonly secretScanIgnore: readonly string[]
  /** Every key with its term, for what is compared whole. */
  readonly raw: ReadonlyMap<string, ErlangTerm>
}

/**
 * Reads metadata.config, in every spelling that a builder writes or wrote. A key of another type than it must be is a
 * fault; whether its values are good is not looked at.
 * @returns `fault` in words that go on from "metadata.config is refused: …"
 */
export function readPackageMetadata(bytes: Buffer): { metadata: PackageMetadata } | { fault: string } {
  try {
    return { metadata: metadataOf(keysOf(parseErlangTerms(bytes))) }
  } catch (error) {
    if (error instanceof ErlangTermFault) return { fault: error.message }
    throw error
  }
}

function keysOf(forms: readonly ErlangTerm[]): ReadonlyMap<string, ErlangTerm> {
  if (forms.length === 0) throw new ErlangTermFault('it is empty')
  const raw = new Map<string, ErlangTerm>()
  for (const form of forms) {
    const pair = asPair(form)
    if (pair === undefined) throw new ErlangTermFault('it is not all {key, value} pairs')
    const [key, value] = pair
    // hex_core takes the last one, other readers the first.
    if (raw.has(key)) throw new ErlangTermFault(`the key ${JSON.stringify(key)} is in it twice`)
    refuseAtoms(value)
    raw.set(key, value)
  }
  return raw
}

/** The atoms that metadata may have; any other must exist in the reader already, or it refuses (safe_erl_term). */
const knownAtoms: ReadonlySet<string> = new Set(['true', 'false', 'nil', 'undefined'])

function refuseAtoms(term: ErlangTerm): void {
  if (term.kind === 'atom' && !knownAtoms.has(term.name)) {
    throw new ErlangTermFault(`the atom ${JSON.stringify(term.name.slice(0, 40))} is none that Hex's readers know`)
  }
  if (term.kind === 'tuple' || term.kind === 'list') term.items.forEach(refuseAtoms)
  if (term.kind === 'map') term.entries.flat().forEach(refuseAtoms)
}

function metadataOf(raw: ReadonlyMap<string, ErlangTerm>): PackageMetadata {
  const files = textsOf(raw, 'files') ?? []
  const [app, description, elixir] = [textOf(raw, 'app'), textOf(raw, 'description'), textOf(raw, 'elixir')]
  return {
    name: neededText(raw, 'name'),
    version: neededText(raw, 'version'),
    ...(app !== undefined && { app }),
    ...(description !== undefined && { description }),
    ...(elixir !== undefined && { elixir }),
    licenses: textsOf(raw, 'licenses') ?? [],
    links: linksOf(raw),
    files,
    buildTools: textsOf(raw, 'build_tools') ?? guessedBuildTools(files),
    requirements: requirementsOf(raw),
    maintainers: textsOf(raw, 'maintainers') ?? [],
    secretScanIgnore: ignoreGlobs(raw.get('secret_scan')),
    raw
  }
}

function neededText(raw: ReadonlyMap<string, ErlangTerm>, key: string): string {
  const text = textOf(raw, key)
  if (text === undefined || text === '') throw new ErlangTermFault(`it has no "${key}"`)
  return text
}

function textOf(raw: ReadonlyMap<string, ErlangTerm>, key: string): string | undefined {
  const term = raw.get(key)
  return isNothing(term) ? undefined : (termText(term) ?? wrongType(key, 'a text'))
}

function textsOf(raw: ReadonlyMap<string, ErlangTerm>, key: string): readonly string[] | undefined {
  const term = raw.get(key)
  if (isNothing(term)) return undefined
  const texts = term.kind === 'list' ? term.items.map(termText) : []
  return term.kind === 'list' && texts.every(isDefined) ? texts : wrongType(key, 'a list of texts')
}

function linksOf(raw: ReadonlyMap<string, ErlangTerm>): PackageMetadata['links'] {
  const term = raw.get('links')
  if (isNothing(term)) return []
  const links = asPairs(term)?.map(([name, url]) => [name, termText(url)] as const)
  const whole = links?.flatMap(([name, url]) => (url === undefined ? [] : [[name, url] as const]))
  return whole !== undefined && whole.length === links?.length ? whole : wrongType('links', 'a list of names and URLs')
}

/** The tools whose files are at the root, as hex_core guesses for packages from before they were named. */
function guessedBuildTools(files: readonly string[]): readonly string[] {
  const tools = buildToolFiles.flatMap(([file, tool]) => (files.includes(file) ? [tool] : []))
  return [...new Set(tools)].sort()
}

const buildToolFiles = [
  ['mix.exs', 'mix'],
  ['rebar.config', 'rebar3'],
  ['rebar', 'rebar3'],
  ['Makefile', 'make'],
  ['Makefile.win', 'make']
] as const

/**
 * Mix writes a list of packages, each a list of pairs with its name in it; rebar3 and Gleam write pairs of a name and
 * a list of pairs.
 */
function requirementsOf(raw: ReadonlyMap<string, ErlangTerm>): readonly PackageRequirement[] {
  const term = raw.get('requirements')
  if (isNothing(term)) return []
  const named = asPairs(term)
  const found =
    named === undefined
      ? term.kind === 'list' && term.items.map((item) => requirementOf(keyed(item)))
      : named.map(([name, value]) => requirementOf(keyed(value), name))
  if (found === false) return wrongType('requirements', 'a list of packages')
  const names = new Set<string>()
  for (const { name } of found) {
    if (names.has(name)) throw new ErlangTermFault(`the requirement ${JSON.stringify(name)} is in it twice`)
    names.add(name)
  }
  return found
}

function keyed(term: ErlangTerm): ReadonlyMap<string, ErlangTerm> {
  const keys = new Map<string, ErlangTerm>()
  for (const [key, value] of asPairs(term) ?? wrongType('requirements', 'a list of packages')) {
    if (keys.has(key)) throw new ErlangTermFault(`a requirement has the key ${JSON.stringify(key)} twice`)
    keys.set(key, value)
  }
  return keys
}

function requirementOf(keys: ReadonlyMap<string, ErlangTerm>, named?: string): PackageRequirement {
  const name = named ?? textOf(keys, 'name') ?? wrongType('requirements', 'a list of packages with names')
  const [app, requirement, repository] = [textOf(keys, 'app'), textOf(keys, 'requirement'), textOf(keys, 'repository')]
  const optional = keys.get('optional')
  if (!isNothing(optional) && optional.kind !== 'atom')
    wrongType(`requirements of ${name}`, '"optional" as true or false')
  return {
    name,
    ...(app !== undefined && { app }),
    ...(requirement !== undefined && { requirement }),
    ...(repository !== undefined && { repository }),
    optional: optional?.kind === 'atom' && optional.name === 'true'
  }
}

function ignoreGlobs(term: ErlangTerm | undefined): readonly string[] {
  const ignore = term && asPairs(term)?.find(([key]) => key === 'ignore')?.[1]
  return ignore?.kind === 'list' ? ignore.items.map(termText).filter(isDefined) : []
}

/** A list of pairs whose keys are texts, or a map of such keys; `undefined` for anything else. */
function asPairs(term: ErlangTerm): readonly (readonly [string, ErlangTerm])[] | undefined {
  if (term.kind === 'list') {
    const pairs = term.items.map(asPair)
    return pairs.every(isDefined) ? pairs : undefined
  }
  if (term.kind !== 'map') return undefined
  const pairs = term.entries.map(([key, value]) => asPair({ kind: 'tuple', items: [key, value] }))
  return pairs.every(isDefined) ? pairs : undefined
}

function asPair(term: ErlangTerm): readonly [string, ErlangTerm] | undefined {
  if (term.kind !== 'tuple' || term.items.length !== 2) return undefined
  const [first, second] = term.items
  const key = first && termText(first)
  return key === undefined || second === undefined ? undefined : [key, second]
}

/** Older writers put `nil` or `undefined` where nothing is known. */
function isNothing(term: ErlangTerm | undefined): term is undefined {
  return term === undefined || (term.kind === 'atom' && (term.name === 'nil' || term.name === 'undefined'))
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined
}

function wrongType(key: string, wanted: string): never {
  throw new ErlangTermFault(`"${key}" is not ${wanted}`)
}
