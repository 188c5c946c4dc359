import { globSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { configBlocks, literalIn, valuesOf, variablesIn, type ConfigBlock } from './config-blocks.ts'

/** What a project's configuration says of its database, read as text and never run. */
export interface EctoConfiguration {
  /** Variables that the addresses of repositories are made of, besides `DATABASE_URL`. */
  readonly variables: readonly AddressVariable[]
  /** An address that is written out: Ecto goes there whatever it is told. */
  readonly written: WrittenAddress | undefined
  /**
   * Whether the session's name is `PGAPPNAME`, which a Repo's `parameters` hand to Postgrex: it reads neither that
   * variable nor `PGOPTIONS` or `?options=` by itself.
   */
  readonly parameters: 'named in configuration' | 'none'
  /** Whether `parameters` hand on `DB_LOCK_TIMEOUT` and `DB_STATEMENT_TIMEOUT`, each by itself. */
  readonly limits: { readonly lockTimeout: boolean; readonly statementTimeout: boolean }
}

export interface AddressVariable {
  readonly name: string
  readonly part: (typeof addressParts)[number]
  /**
   * Whose it is: of the repository that is migrated; of another, which may have another database; or of one of several,
   * where nothing says which of them are meant.
   */
  readonly of: 'ours' | 'another' | 'one of several'
}

export interface WrittenAddress {
  /** Undefined where it is not written out. */
  readonly host: string | undefined
  readonly database: string | undefined
  readonly file: string
  readonly line: number
}

export interface EctoPlaces {
  /** Absolute: folders with `config/*.exs`, or with the `runtime.exs` of a release. */
  readonly folders: readonly string[]
  /** Absolute, for what is shown. */
  readonly folder: string
  /** Of Mix: `prod`. */
  readonly environment: string
  /** By the input; those of `ecto_repos` where it is empty. */
  readonly repositories: readonly string[]
}

/** Of a repository's options (Ecto.Adapters.Postgres, "Connection options"), those that lead to a database. */
const addressParts = ['url', 'hostname', 'port', 'database', 'username', 'password'] as const

export function readEctoConfiguration(places: EctoPlaces): EctoConfiguration {
  const files = filesOf(places)
  const text = files.map((file) => file.text).join('\n')
  const blocks = files.flatMap(({ file, text }) => configBlocks(text, file, places.environment))
  const listed = repositoriesIn(text)
  const migrated =
    places.repositories.length > 0
      ? places.repositories
      : listed.length > 0
        ? listed
        : [...new Set(blocks.map(({ module }) => module).filter((module) => module.endsWith('Repo')))]
  const meant = places.repositories.length > 0 || migrated.length <= 1
  const ours = blocks.filter(({ module }) => migrated.includes(module))
  const found: readonly AddressVariable[] = [
    ...variablesOf(ours, meant ? 'ours' : 'one of several'),
    ...variablesOf(
      blocks.filter(({ module }) => !migrated.includes(module) && /Rep(?:o|lica)\b/.test(module)),
      'another'
    ),
    // `options = [url: System.get_env("X")]`
    ...valuesOf(
      blocks.reduce((rest, block) => rest.replace(block.text, ''), text),
      'url'
    )
      .flatMap((value) => variablesIn(value, text))
      .map((name) => ({ name, part: 'url', of: migrated.length > 1 ? 'another' : 'ours' }) as const)
  ]
  return {
    variables: found.filter(
      ({ name }, at) => name !== 'DATABASE_URL' && found.findIndex((other) => other.name === name) === at
    ),
    written: computesAddresses(places.folders)
      ? undefined
      : migrated.map((module) => writtenIn(ours.filter((block) => block.module === module))).find((one) => one),
    parameters: handsOn('PGAPPNAME', text) ? 'named in configuration' : 'none',
    limits: { lockTimeout: handsOn('DB_LOCK_TIMEOUT', text), statementTimeout: handsOn('DB_STATEMENT_TIMEOUT', text) }
  }
}

function handsOn(variable: string, text: string): boolean {
  return /\bparameters:/.test(text) && text.includes(`"${variable}"`)
}

interface ConfigFile {
  /** Relative to the project. */
  readonly file: string
  readonly text: string
}

/** In the order in which Mix reads them; those of other environments are not read. */
function filesOf({ folders, folder, environment }: EctoPlaces): readonly ConfigFile[] {
  const others = ['dev', 'test', 'prod'].filter((name) => name !== environment)
  const order = (path: string): number => {
    const name = basename(path)
    if (name === 'config.exs') return 0
    if (name === 'runtime.exs' || name === 'releases.exs') return 3
    return name.startsWith(`${environment}.`) ? 2 : 1
  }
  return folders
    .flatMap((place) =>
      globSync(['config/*.exs', 'apps/*/config/*.exs', '*.exs', 'releases/*/runtime.exs'], { cwd: place })
        .filter((path) => !others.some((name) => basename(path).startsWith(`${name}.`)) && basename(path) !== 'mix.exs')
        .map((path) => join(place, path))
    )
    .sort((one, other) => order(one) - order(other))
    .map((path) => ({
      file: relative(folder, path),
      text: readFileSync(path, 'utf8').replaceAll(/^[ \t]*#.*$/gm, '')
    }))
}

function repositoriesIn(text: string): readonly string[] {
  const lists = Array.from(text.matchAll(/\becto_repos:\s*\[([^\]]*)\]/g), ([, list = '']) => list)
  return [...new Set(lists.flatMap((list) => list.match(/[A-Z][\w.]*/g) ?? []))]
}

function variablesOf(blocks: readonly ConfigBlock[], of: AddressVariable['of']): readonly AddressVariable[] {
  return blocks.flatMap(({ text, whole }) =>
    addressParts.flatMap((part) =>
      valuesOf(text, part).flatMap((value) => variablesIn(value, whole).map((name) => ({ name, part, of })))
    )
  )
}

/** A repository's `init/2` has the last word on its options (Ecto.Repo), and takes running it. */
function computesAddresses(folders: readonly string[]): boolean {
  return folders.some((folder) =>
    globSync(['lib/**/*repo*.ex', 'apps/*/lib/**/*repo*.ex'], { cwd: folder }).some((file) =>
      /\bdef init\(/.test(readFileSync(join(folder, file), 'utf8'))
    )
  )
}

/** Where a repository's blocks lead, the later ones having the last word; a URL wins over the single options. */
function writtenIn(blocks: readonly ConfigBlock[]): WrittenAddress | undefined {
  const settings = new Map<string, { readonly text: string | undefined; readonly block: ConfigBlock }>()
  for (const block of blocks.filter(({ applies }) => applies !== 'no')) {
    for (const part of ['url', 'hostname', 'database']) {
      const value = valuesOf(block.text, part).at(-1)
      const known = block.plain && block.applies === 'yes'
      if (value !== undefined || !block.plain)
        settings.set(part, { text: known ? literalIn(value ?? '') : undefined, block })
    }
  }
  const url = settings.get('url')
  if (url !== undefined) {
    if (url.text === undefined || !URL.canParse(url.text)) return undefined
    const { hostname, pathname } = new URL(url.text)
    return { host: hostname, database: pathname.slice(1), file: url.block.file, line: url.block.line }
  }
  const host = settings.get('hostname')
  const database = settings.get('database')
  const block = database?.text === undefined ? host?.block : database.block
  if (block === undefined || (host?.text === undefined && database?.text === undefined)) return undefined
  return { host: host?.text, database: database?.text, file: block.file, line: block.line }
}
