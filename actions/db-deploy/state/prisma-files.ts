import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { readConfigText, type ConfigText } from './config-text.ts'
import { isFile, isFolder } from './folder-patterns.ts'

/** Where Prisma's own rules find a project's files. Paths are absolute. */
export interface PrismaFiles {
  /** `prisma7.config.*`, `prisma.config.*`, `.config/prisma.*`, read as text and never run. */
  readonly configuration: { readonly file: string; readonly text: string } | undefined
  /** The package.json with a `prisma` of its own, which Prisma 6 reads; `prisma` is its value. */
  readonly packageJson: { readonly file: string; readonly prisma: Readonly<Record<string, unknown>> } | undefined
  /** A file, or the folder of a schema of several files; undefined where it stands in none of Prisma's places. */
  readonly schema: string | undefined
  /** The input `schema` named it: Prisma has to be told. */
  readonly schemaGiven: boolean
  /** The folder of migrations, whether or not it is there. */
  readonly migrations: string
}

/**
 * Finds Prisma's files as its CLI does from a working directory (@prisma/config and @prisma/internals of 6.19 and 7.10):
 * a configuration in that folder itself, else package.json#prisma of the nearest package.json (6 only), else
 * `schema.prisma` or `prisma/schema.prisma`; migrations where the configuration says, else beside the schema.
 *
 * @param folder absolute
 * @param schemaInput the input `schema`, relative to the folder
 * @param migrationsInput the folder that `migrations-paths` names
 * @returns problems where only running the configuration would tell
 */
export function findPrismaFiles(
  folder: string,
  schemaInput: string | undefined,
  migrationsInput?: string
): { readonly files: PrismaFiles } | { readonly problems: readonly Problem[] } {
  const configuration = findConfiguration(folder)
  const config =
    configuration === undefined ? undefined : readConfigText(configuration.text, configuration.file, folder)
  const packageJson = findPackageJson(folder)
  const problems: Problem[] = []
  const from = (property: readonly string[], input: string): string | undefined => {
    if (config === undefined || configuration === undefined) return undefined
    const value = config.property(property)
    if (value.kind === 'text') return resolve(dirname(configuration.file), value.text)
    if (value.kind === 'computed') {
      problems.push({
        code: 'prisma-config-computed',
        message: `${relative(folder, configuration.file)} computes \`${property.join('.')}\`: \`${briefly(value.source)}\`. The file is read and not run, so where that leads is not known.`,
        hint: `Write a plain path there, or say where it is by the input ${input}.`,
        file: relative(folder, configuration.file),
        line: value.line
      })
    }
    return undefined
  }
  const schema =
    schemaInput === undefined
      ? (from(['schema'], 'schema') ??
        schemaOfPackage(packageJson) ??
        standardSchema(dirname(configuration?.file ?? join(folder, 'package.json'))))
      : resolve(folder, schemaInput)
  const migrations =
    migrationsInput === undefined
      ? (from(['migrations', 'path'], 'migrations-paths') ?? besideSchema(schema, folder))
      : resolve(folder, migrationsInput)
  if (schemaInput !== undefined && schema !== undefined && !isFile(schema) && !isFolder(schema)) {
    problems.push({
      code: 'project-not-found',
      message: `Input schema is ${JSON.stringify(schemaInput)}, and there is no such file or folder below working-directory.`,
      hint: 'Write the path of the schema relative to working-directory, or take the input away: Prisma’s own places are looked at then.'
    })
  }
  if (problems.length > 0) return { problems }
  return {
    files: { configuration, packageJson, schema, schemaGiven: schemaInput !== undefined, migrations }
  }
}

/** The properties of the configuration; undefined where there is none. */
export function prismaConfig({ configuration }: PrismaFiles, folder: string): ConfigText | undefined {
  return configuration === undefined ? undefined : readConfigText(configuration.text, configuration.file, folder)
}

/** In the order in which Prisma tries them: c12 3.1 sorts by extension so, and 7.10 looks for its own name first. */
const extensions = ['.js', '.ts', '.mjs', '.cjs', '.mts', '.cts']
const places = [
  ...extensions.map((extension) => `prisma7.config${extension}`),
  ...extensions.map((extension) => `.config/prisma7${extension}`),
  ...['prisma.config', '.config/prisma', '.config/prisma.config'].flatMap((base) => [
    ...extensions.map((extension) => `${base}${extension}`),
    ...extensions.map((extension) => `${base}/index${extension}`)
  ])
]

function findConfiguration(folder: string): PrismaFiles['configuration'] {
  for (const place of places) {
    const file = join(folder, place)
    if (isFile(file)) return { file, text: readFileSync(file, 'utf8') }
  }
  return undefined
}

function findPackageJson(folder: string): PrismaFiles['packageJson'] {
  for (let place = folder; ; place = dirname(place)) {
    const file = join(place, 'package.json')
    if (isFile(file)) {
      const prisma = prismaOf(readFileSync(file, 'utf8'))
      return prisma === undefined ? undefined : { file, prisma }
    }
    if (dirname(place) === place) return undefined
  }
}

function prismaOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const manifest = JSON.parse(text.replace(/^\ufeff/, '')) as unknown
    if (typeof manifest !== 'object' || manifest === null || !('prisma' in manifest)) return undefined
    const { prisma } = manifest
    return typeof prisma === 'object' && prisma !== null ? Object.fromEntries(Object.entries(prisma)) : undefined
  } catch {
    // No JSON: whatever installs packages tells it.
    return undefined
  }
}

function schemaOfPackage(packageJson: PrismaFiles['packageJson']): string | undefined {
  const schema = packageJson?.prisma['schema']
  return packageJson === undefined || typeof schema !== 'string'
    ? undefined
    : resolve(dirname(packageJson.file), schema)
}

function standardSchema(folder: string): string | undefined {
  return ['schema.prisma', 'prisma/schema.prisma'].map((place) => join(folder, place)).find(isFile)
}

/**
 * `migrations` beside the schema. Of a folder of schema files, Prisma 7 takes the folder itself; 6 takes the one with the
 * file that has the `datasource` block.
 */
function besideSchema(schema: string | undefined, folder: string): string {
  if (schema === undefined) return join(folder, 'prisma', 'migrations')
  if (!isFolder(schema)) return join(dirname(schema), 'migrations')
  const direct = join(schema, 'migrations')
  if (isFolder(direct)) return direct
  const source = schemaFiles(schema).find((file) => /^[ \t]*datasource\s+\w+\s*\{/m.test(readFileSync(file, 'utf8')))
  return source === undefined ? direct : join(dirname(source), 'migrations')
}

function schemaFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.prisma'))
    .map((entry) => join(entry.parentPath, entry.name))
}

function briefly(source: string): string {
  const flat = source.replaceAll(/\s+/g, ' ')
  return flat.length <= 80 ? flat : `${flat.slice(0, 80)}…`
}
