import { readFileSync } from 'node:fs'

/** What the Prisma CLI starts its engine with. */
export interface EngineArguments {
  readonly version: boolean
  /** `cli can-connect-to-database` and so on: a command that is answered by an exit code. */
  readonly databaseCommand: string | undefined
  /** Schema files: path and text. */
  readonly schemas: readonly (readonly [string, string])[]
  /** The shadow database's, where the configuration has one. */
  readonly shadowUrl: string | undefined
  /** @throws Error where there is none */
  url(): string
}

/**
 * Reads the native engine's command line. 7 hands the URLs over as JSON (`--datasource`), a command gets one in base64,
 * and 6 leaves them in the schema.
 */
export function readArguments(words: readonly string[]): EngineArguments {
  const schemaFiles: string[] = []
  const positional: string[] = []
  let datasource: Datasource = {}
  let databaseCommand: string | undefined
  let version = false
  const left = [...words]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--datasource') datasource = readDatasource(left.shift() ?? '')
    else if (word === '--datamodels' || word === '-d') schemaFiles.push(left.shift() ?? '')
    else if (word === '--enabled-preview-features' || word === '--extension-types') left.shift()
    else if (word === 'cli') databaseCommand = 'cli'
    else if (word === '--version') version = true
    else if (databaseCommand === 'cli' && !word.startsWith('-')) databaseCommand = word
    else positional.push(word)
  }
  const schemas = schemaFiles.map((file) => [file, readFileSync(file, 'utf8')] as const)
  const text = schemas.map(([, schema]) => schema).join('\n')
  return {
    version,
    databaseCommand,
    schemas,
    shadowUrl: datasource.shadowDatabaseUrl ?? field(text, 'shadowDatabaseUrl'),
    url() {
      const given = positional.find((word) => /^postgres/.test(word)) ?? datasource.url
      const url = given ?? field(text, 'directUrl') ?? field(text, 'url') ?? process.env['DATABASE_URL']
      if (url === undefined) throw new Error('no URL of a database was given')
      return url
    }
  }
}

interface Datasource {
  readonly url?: string
  readonly shadowDatabaseUrl?: string
}

function readDatasource(text: string): Datasource {
  if (!text.startsWith('{')) return { url: /^postgres/.test(text) ? text : Buffer.from(text, 'base64').toString() }
  const parsed: unknown = JSON.parse(text)
  const of = (name: string): string | undefined => {
    const value: unknown = Object.entries(parsed as object).find(([key]) => key === name)?.[1]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [url, shadowDatabaseUrl] = [of('url'), of('shadowDatabaseUrl')]
  return { ...(url === undefined ? {} : { url }), ...(shadowDatabaseUrl === undefined ? {} : { shadowDatabaseUrl }) }
}

/** `url = env("DATABASE_URL")` or `url = "postgresql://…"` of a schema of 6. */
function field(schema: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:env\\("([^"]+)"\\)|"([^"]+)")`).exec(schema)
  return found?.[1] === undefined ? found?.[2] : process.env[found[1]]
}
