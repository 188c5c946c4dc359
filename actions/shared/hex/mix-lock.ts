import type { Problem } from '../problem.ts'
import { readElixirCode } from './elixir-code.ts'
import { keywords, parseExpression, type ElixirExpression } from './elixir-expression.ts'
import { ElixirFault } from './elixir-tokens.ts'

/** What mix.lock holds for one application. */
export type LockEntry = { readonly app: string; readonly line: number } & (
  | ({ readonly kind: 'hex' } & HexLock)
  | { readonly kind: 'git'; readonly url: string; readonly revision: string; readonly options: readonly string[] }
  /** An entry of another source, or one that cannot be understood; `why` goes on from "is ". */
  | { readonly kind: 'other'; readonly why: string }
)

export interface HexLock {
  /** Name of the package, which may differ from the application's. */
  readonly package: string
  readonly version: string
  /** Lower-case hex as Hex writes it; undefined in files of Hex before 0.17. */
  readonly innerChecksum: string | undefined
  readonly managers: readonly string[] | undefined
  readonly dependencies: readonly LockedDependency[] | undefined
  /** `hexpm`, `hexpm:ORGANIZATION`, or a repository of the project's own. */
  readonly repository: string
  /** Checksum of the tarball, which the registry vouches for; undefined in files of Hex before 0.20. */
  readonly outerChecksum: string | undefined
  /** Whether it has fields that only a later Hex knows; they are not read. */
  readonly newer: boolean
}

export interface LockedDependency {
  readonly app: string
  readonly requirement: string | undefined
  readonly package: string
  readonly repository: string
  readonly optional: boolean
}

export type MixLock = ReadonlyMap<string, LockEntry>

/** More than any project's, by a factor of a hundred. */
const largest = 4 * 1024 * 1024

/**
 * Reads a mix.lock. It is an Elixir map and is parsed, never evaluated.
 *
 * @param shown the file's path for problems
 * @returns the entries by application; or what keeps the file from being read, all conflict markers at once
 * @see lib/mix/lib/mix/dep/lock.ex of Elixir and lib/hex/utils.ex of Hex
 */
export function readMixLock(
  text: string,
  shown: string
): { readonly lock: MixLock } | { readonly problems: readonly Problem[] } {
  const unreadable = (message: string, line?: number): { readonly problems: readonly Problem[] } => ({
    problems: [
      {
        code: 'mix-lock-unreadable',
        message,
        hint: 'Let Mix write the file again: restore it from the last good commit, run `mix deps.get`, and commit what comes out.',
        file: shown,
        ...(line === undefined ? {} : { line })
      }
    ]
  })
  if (text.length > largest)
    return unreadable(`The lock file has ${text.length} characters, more than the ${largest} that are read.`)
  // Mix reads such a file as an empty one, and says nothing.
  if (text.startsWith('\ufeff'))
    return unreadable('The lock file begins with a byte order mark, for which Mix takes it as empty.', 1)
  const conflicts = conflictMarkers(text, shown)
  if (conflicts.length > 0) return { problems: conflicts }
  try {
    const code = readElixirCode(text)
    if (code.tokens.length === 0) return { lock: new Map() }
    const expression = parseExpression(code, 0, code.tokens.length)
    if (expression.kind === 'list')
      return unreadable('The lock file is a list, as Mix wrote it before 1.0; Mix of today takes it as empty.', 1)
    if (expression.kind !== 'map')
      return unreadable('The lock file is no map of applications (`%{"app": {…}, …}`).', expression.line)
    return readEntries(expression.entries, unreadable)
  } catch (error) {
    if (error instanceof ElixirFault) return unreadable(`The lock file cannot be read: ${error.message}.`, error.line)
    throw error
  }
}

function conflictMarkers(text: string, shown: string): readonly Problem[] {
  return text.split('\n').flatMap((line, index) => {
    const marker = /^(?:<{7}|={7}|>{7})/.exec(line)?.[0]
    return marker === undefined
      ? []
      : [
          {
            code: 'mix-lock-conflict',
            message: `The lock file has a merge conflict: a line begins with ${marker}.`,
            hint: 'Resolve the conflict: take one side, run `mix deps.get`, and commit the result.',
            file: shown,
            line: index + 1
          }
        ]
  })
}

function readEntries(
  pairs: readonly (readonly [ElixirExpression, ElixirExpression])[],
  unreadable: (message: string, line?: number) => { readonly problems: readonly Problem[] }
): { readonly lock: MixLock } | { readonly problems: readonly Problem[] } {
  const lock = new Map<string, LockEntry>()
  const problems: Problem[] = []
  for (const [key, value] of pairs) {
    if (key.kind !== 'atom') {
      problems.push(...unreadable('An entry of the lock file has no application as its key.', key.line).problems)
      continue
    }
    const first = lock.get(key.text)
    if (first !== undefined) {
      // Elixir would keep the last one; no Mix writes two.
      problems.push(
        ...unreadable(`The lock file has two entries for ${key.text}, the first in line ${first.line}.`, key.line)
          .problems
      )
      continue
    }
    lock.set(key.text, { app: key.text, line: key.line, ...readEntry(value) })
  }
  return problems.length > 0 ? { problems } : { lock }
}

type Distribute<T> = T extends unknown ? Omit<T, 'app' | 'line'> : never

function readEntry(value: ElixirExpression): Distribute<LockEntry> {
  const [source, ...fields] = value.kind === 'tuple' ? value.items : []
  if (source?.kind !== 'atom' || !isLiteral(value)) return { kind: 'other', why: 'no entry of a source that is known' }
  if (source.text === 'git') return readGit(fields) ?? { kind: 'other', why: 'a git entry that cannot be understood' }
  if (source.text === 'hex') return readHex(fields) ?? { kind: 'other', why: 'a Hex entry that cannot be understood' }
  return { kind: 'other', why: `an entry of the source ${source.text}` }
}

function readGit([url, revision, options]: readonly ElixirExpression[]): Distribute<LockEntry> | undefined {
  const address = url && textOf(url)
  const commit = revision && textOf(revision)
  if (address === undefined || commit === undefined || !isKeywordList(options)) return undefined
  return { kind: 'git', url: address, revision: commit, options: [...keywords(options).keys()] }
}

/** Older files end earlier: what is missing is nil (Hex takes the tuple apart with `destructure`). */
function readHex(fields: readonly ElixirExpression[]): Distribute<LockEntry> | undefined {
  const [name, version, inner, managers, dependencies, repository, outer, ...more] = fields
  const packageName = name && (atomOf(name) ?? textOf(name))
  const locked = version && textOf(version)
  if (packageName === undefined || locked === undefined) return undefined
  const innerChecksum = orNil(inner, textOf)
  const managerNames = orNil(managers, (list) => each(list, atomOf))
  const lockedDependencies = orNil(dependencies, (list) => each(list, readDependency))
  const repositoryName = orNil(repository, textOf)
  const outerChecksum = orNil(outer, textOf)
  if (!innerChecksum || !managerNames || !lockedDependencies || !repositoryName || !outerChecksum) return undefined
  return {
    kind: 'hex',
    package: packageName,
    version: locked,
    innerChecksum: innerChecksum.value,
    managers: managerNames.value,
    dependencies: lockedDependencies.value,
    repository: repositoryName.value ?? 'hexpm',
    outerChecksum: outerChecksum.value,
    newer: more.length > 0
  }
}

/** `{:app, "~> 1.0", [hex: :package, repo: "hexpm", optional: false]}` */
function readDependency(value: ElixirExpression): LockedDependency | undefined {
  const [app, requirement, options] = value.kind === 'tuple' ? value.items : []
  const required = orNil(requirement, textOf)
  if (app?.kind !== 'atom' || required === undefined || !isKeywordList(options)) return undefined
  const given = keywords(options)
  const hex = given.get('hex')
  const repository = given.get('repo')
  const optional = given.get('optional')
  return {
    app: app.text,
    requirement: required.value,
    package: hex?.kind === 'atom' || hex?.kind === 'text' ? hex.text : app.text,
    repository: repository?.kind === 'text' ? repository.text : 'hexpm',
    optional: optional?.kind === 'atom' && optional.text === 'true'
  }
}

/** Its value is undefined for a field that is nil or not there; there is none for one of another type. */
type Field<T> = { readonly value: T | undefined } | undefined

function orNil<T>(field: ElixirExpression | undefined, read: (value: ElixirExpression) => T | undefined): Field<T> {
  if (field === undefined || (field.kind === 'atom' && field.text === 'nil')) return { value: undefined }
  const value = read(field)
  return value === undefined ? undefined : { value }
}

/** A text with a character that cannot be printed is written as its bytes. */
function textOf(value: ElixirExpression): string | undefined {
  if (value.kind === 'bytes') return Buffer.from(value.bytes).toString()
  return value.kind === 'text' ? value.text : undefined
}

/** Whether nothing in it would have to be run; Mix writes nothing else. */
function isLiteral(value: ElixirExpression): boolean {
  switch (value.kind) {
    case 'atom':
    case 'text':
    case 'charlist':
    case 'integer':
    case 'bytes':
      return true
    case 'list':
    case 'tuple':
      return value.items.every(isLiteral)
    case 'map':
      return value.entries.every((pair) => pair.every(isLiteral))
    case 'attribute':
    case 'call':
    case 'joined':
    case 'choice':
    case 'computed':
      return false
  }
}

function isKeywordList(value: ElixirExpression | undefined): value is ElixirExpression & { readonly kind: 'list' } {
  return (
    value?.kind === 'list' &&
    value.items.every((item) => item.kind === 'tuple' && item.items.length === 2 && item.items[0]?.kind === 'atom')
  )
}

function atomOf(value: ElixirExpression): string | undefined {
  return value.kind === 'atom' ? value.text : undefined
}

function each<T>(list: ElixirExpression, read: (item: ElixirExpression) => T | undefined): readonly T[] | undefined {
  if (list.kind !== 'list') return undefined
  const items = list.items.map(read)
  return items.every((item) => item !== undefined) ? items : undefined
}
