import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { ConfigText, ConfigValue } from '../state/config-text.ts'
import { prismaConfig, type PrismaFiles } from '../state/prisma-files.ts'

/** What Prisma's configuration says of the database and the seed, read as text and never run. */
export interface PrismaConfiguration {
  /** Absolute path of `prisma.config.ts` or one of its other names; undefined where there is none. */
  readonly file: string | undefined
  /** The schema, a file or a folder: absolute; undefined where it stands in none of Prisma's places. */
  readonly schema: string | undefined
  /** The user named the schema by an input: the tool has to be told. */
  readonly schemaGiven: boolean
  /** Absolute: the folder of migrations. */
  readonly migrations: string
  /** `postgresql`, `mysql` …, of the datasource block. */
  readonly provider: string | undefined
  /** Schemas of the database that the datasource names; empty: that of the URL alone. */
  readonly schemas: readonly string[]
  /** Variables that hold the URL of the database, that of `directUrl` included. */
  readonly urlVariables: readonly string[]
  /** Variables that hold the URL of the shadow database. */
  readonly shadowVariables: readonly string[]
  /** A URL that is written out: the tool goes there whatever it is told. */
  readonly literalUrl: LiteralUrl | undefined
  /** A URL that the configuration puts together from parts: no variable of it can hold the run's address. */
  readonly assembledUrl: { readonly file: string; readonly line: number } | undefined
  /**
   * Why the tool may go elsewhere than the variables say: the URL is something else than that of one of them (`address`), or
   * the configuration does what may change them, or what Prisma connects by (`code`).
   */
  readonly uncertain: 'address' | 'code' | undefined
  /** Every variable that is asked for by `env('X')`, which throws where X is not set (@prisma/config). */
  readonly demanded: readonly string[]
  /** `migrations.seed` of the configuration, `prisma.seed` of package.json; its command where that is written out. */
  readonly seed: { readonly command: string | undefined } | undefined
}

export interface LiteralUrl {
  readonly url: string
  /** Relative to the working directory. */
  readonly file: string
  readonly line: number
}

/**
 * @param folder absolute: the working directory
 * @throws what reading a schema file throws
 */
export function readPrismaConfiguration(files: PrismaFiles, folder: string): PrismaConfiguration {
  const schema = schemaTexts(files.schema).map(({ file, text }) => ({
    file: relative(folder, file),
    text: withoutComments(text)
  }))
  const source = datasourceOf(schema)
  const config = prismaConfig(files, folder)
  const text = files.configuration?.text ?? ''
  const property = (name: string): ConfigValue => config?.property(['datasource', name]) ?? { kind: 'absent' }
  const url = property('url')
  const shadowVariables = [
    ...variablesOf(property('shadowDatabaseUrl'), text),
    ...source.variables('shadowDatabaseUrl')
  ]
  // 6.18 and 6.19 migrate by directUrl where there is one.
  const direct = property('directUrl')
  const urlVariables = [
    ...[url, direct].flatMap((value) => variablesOf(value, text)).filter((name) => !shadowVariables.includes(name)),
    ...source.variables('url'),
    ...source.variables('directUrl')
  ]
  return {
    file: files.configuration?.file,
    schema: files.schema,
    schemaGiven: files.schemaGiven,
    migrations: files.migrations,
    provider: source.provider,
    schemas: source.schemas,
    // Prisma's own name where nothing can be read, as in a configuration that imports it.
    urlVariables: unique(urlVariables.length === 0 ? ['DATABASE_URL'] : urlVariables),
    shadowVariables: unique(shadowVariables),
    literalUrl:
      url.kind === 'text' && files.configuration !== undefined
        ? { url: url.text, file: relative(folder, files.configuration.file), line: url.line }
        : // 7 takes it from the configuration alone, and refuses one in the schema.
          url.kind === 'computed'
          ? undefined
          : source.literal,
    assembledUrl:
      url.kind === 'computed' && files.configuration !== undefined && isAssembled(url.source, text)
        ? { file: relative(folder, files.configuration.file), line: url.line }
        : undefined,
    uncertain:
      config === undefined
        ? undefined
        : uncertaintyOf(config, text, urlVariables.length > 0 || source.literal !== undefined),
    demanded: unique([...text.matchAll(demandedVariable)].map((found) => found[1] ?? '')),
    seed: seedOf(files, folder)
  }
}

/**
 * Whether the scheme is written and something follows that is not: `postgresql://${process.env.DB_USER}…`, also of a name
 * that stands for it. What stands behind `??` or `||` is taken only where there is no variable.
 */
function isAssembled(source: string, text: string): boolean {
  const parts = /(?<!(?:\?\?|\|\|)\s*)(?:`[a-z+]+:\/\/[^`]*\$\{|(['"])[a-z+]+:\/\/[^'"\n]*\1\s*\+)/
  return parts.test(variablesIn(source).length > 0 ? source : text)
}

/** `env('X')` and `env<Env>('X')`. */
const demandedVariable = /\benv\s*(?:<[^<>()]*>)?\s*\(\s*['"`](\w+)['"`]/g
/** `process.env.X` and `process.env['X']`. */
const processVariable = /\bprocess\.env(?:\.(\w+)|\[\s*['"`](\w+)['"`]\s*\])/g

/** The variables that a computed value is made of; of one that is made elsewhere in the file, all of the file's. */
function variablesOf(value: ConfigValue, text: string): readonly string[] {
  if (value.kind !== 'computed') return []
  const own = variablesIn(value.source)
  return own.length > 0 ? own : variablesIn(text).filter((name) => /URL|DATABASE|POSTGRES|DSN/i.test(name))
}

/** @param inSchema whether the schema has an address, which counts where the configuration has none */
function uncertaintyOf(config: ConfigText, text: string, inSchema: boolean): PrismaConfiguration['uncertain'] {
  if (!isPlain(text)) return 'code'
  const url = config.property(['datasource', 'url'])
  const isFound = config.property([]).kind !== 'absent'
  const isCertain = url.kind === 'text' || isKnown(url, inSchema)
  return isFound && isCertain && isKnown(config.property(['datasource', 'directUrl']), true) ? undefined : 'address'
}

/**
 * Whether a value is that of one variable, which the run sets: what stands behind `??` or `||` is then not taken.
 * @param absent whether it is known where it is not there
 */
function isKnown(value: ConfigValue, absent: boolean): boolean {
  return value.kind === 'absent' ? absent : value.kind === 'computed' && oneVariable.test(value.source)
}

const oneVariable =
  /^(?:env\s*(?:<[^<>()]*>)?\s*\(\s*(['"`])\w+\1\s*\)|process\.env(?:\.\w+|\[\s*(['"`])\w+\2\s*\]))\s*!?\s*(?:as\s+string\s*)?(?:$|\?\?|\|\|)/

/**
 * Whether nothing in a configuration can give a variable or a property another value, or Prisma another connection (`adapter`
 * of 6): it runs no modules but those of Node and Prisma, and dotenv, which leaves variables that are set as they are.
 */
function isPlain(text: string): boolean {
  const modules = [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"`])([^'"`]*)\1/g)].map(
    (found) => found[2] ?? ''
  )
  return modules.every((name) => harmless.test(name)) && !meddling.test(text)
}

const harmless = /^(?:@?prisma\/config|dotenv(?:\/config)?|(?:node:)?(?:path|url|fs))$/
const meddling = new RegExp(
  [
    String.raw`\b(?:adapter|override|assign|define(?:Property|Properties)|Reflect|delete|eval)\b`,
    String.raw`\b(?:import|require)\s*\(\s*[^\s'"\`]`,
    String.raw`\b(?:const|let|var|function)\s+env\b`,
    // `process.env.X =`, `config.datasource.url ??=`
    String.raw`(?:\.(?!exports\b)\w+|\])\s*(?:\|\||&&|\?\?)?=(?![=>])`
  ].join('|')
)

function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(demandedVariable), ...text.matchAll(processVariable)].map(
    (found) => found[1] ?? found[2] ?? ''
  )
}

interface Datasource {
  readonly provider: string | undefined
  readonly schemas: readonly string[]
  readonly literal: LiteralUrl | undefined
  variables(field: string): readonly string[]
}

/** The datasource block of the schema: there may be one only (Prisma's P1012). */
function datasourceOf(files: readonly { readonly file: string; readonly text: string }[]): Datasource {
  for (const { file, text } of files) {
    const block = /^[ \t]*datasource\s+\w+\s*\{([^}]*)\}/m.exec(text)
    if (block === null) continue
    const body = block[1] ?? ''
    const field = (name: string): RegExpExecArray | null =>
      new RegExp(`^[ \\t]*${name}\\s*=\\s*(?:env\\(\\s*"([^"]+)"\\s*\\)|"([^"]*)")`, 'm').exec(body)
    const direct = field('directUrl')
    const written = direct?.[2] !== undefined ? direct : direct === null ? field('url') : null
    const at = written?.[2] === undefined ? undefined : block.index + block[0].indexOf(body) + written.index
    return {
      provider: field('provider')?.[2],
      schemas: Array.from(
        (/^[ \t]*schemas\s*=\s*\[([^\]]*)\]/m.exec(body)?.[1] ?? '').matchAll(/"([^"]*)"/g),
        ([, name = '']) => name
      ),
      literal:
        at === undefined ? undefined : { url: written?.[2] ?? '', file, line: text.slice(0, at).split('\n').length },
      variables: (name) => {
        const variable = field(name)?.[1]
        return variable === undefined ? [] : [variable]
      }
    }
  }
  return { provider: undefined, schemas: [], literal: undefined, variables: () => [] }
}

function schemaTexts(schema: string | undefined): readonly { readonly file: string; readonly text: string }[] {
  if (schema === undefined) return []
  const paths = statSync(schema, { throwIfNoEntry: false })?.isDirectory() === true ? filesIn(schema) : [schema]
  return paths.flatMap((file) =>
    statSync(file, { throwIfNoEntry: false })?.isFile() === true ? [{ file, text: readFileSync(file, 'utf8') }] : []
  )
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.prisma'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Each comment becomes nothing; a line stays a line. `//` in a string is none. */
function withoutComments(schema: string): string {
  return schema.replaceAll(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*/g, (_, text: string | undefined) => text ?? '')
}

function seedOf(files: PrismaFiles, folder: string): PrismaConfiguration['seed'] {
  const configured = prismaConfig(files, folder)?.property(['migrations', 'seed'])
  if (configured?.kind === 'text') return { command: configured.text }
  if (configured?.kind === 'computed') return { command: undefined }
  const seed = files.packageJson?.prisma['seed']
  // With a configuration, package.json#prisma is not read (6.19 warns of it, 7 knows it no more).
  return typeof seed === 'string' && files.configuration === undefined ? { command: seed } : undefined
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== ''))]
}
