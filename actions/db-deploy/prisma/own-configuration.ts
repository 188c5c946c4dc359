import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { parseSemver } from '../../shared/semver.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { toolUrl } from '../database/url-forms.ts'
import type { ToolRun } from '../tool.ts'
import type { PrismaProgram, ToolWorld } from './prisma-program.ts'

/** How a command is pointed elsewhere. */
export interface OwnConfiguration {
  /** Absolute: for `--config`. */
  readonly file: string
  /** The addresses that it reads. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * The project's configuration with other addresses, and with the migrations that the program names, for as long as it is
 * used. It reads the addresses from variables: what the CLI takes them by are arguments, which all can read.
 */
export async function withOwnConfiguration<T>(
  program: PrismaProgram,
  { run, shadow }: { readonly run: ToolRun; readonly shadow?: DatabaseUrl | undefined },
  world: ToolWorld,
  use: (configuration: OwnConfiguration) => Promise<T>
): Promise<T> {
  const folder = mkdtempSync(join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'prisma-own-'))
  try {
    const url = toolUrl(run.url, { ...run, driver: 'prisma' })
    const shadowUrl = shadow === undefined ? undefined : toolUrl(shadow, { ...run, driver: 'prisma' })
    for (const secret of [url, shadowUrl ?? '']) world.secrets.add(secret)
    const file = join(folder, 'prisma.config.mjs')
    writeFileSync(file, configurationText(program))
    return await use({ file, env: { [urlName]: url, ...(shadowUrl === undefined ? {} : { [shadowName]: shadowUrl }) } })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Whether a version takes a configuration of ours. `--config` came with 6.4; before 6.18 a configuration may name no address, and
 * is refused for a property that is not known (@prisma/config, PrismaConfigShape, `onExcessProperty: "error"`). What is left
 * there is `--shadow-database-url`, an argument.
 */
export function takesOwnConfiguration(version: string): boolean {
  const { major, minor } = parseSemver(version) ?? { major: 7n, minor: 0n }
  return major > 6n || (major === 6n && minor >= 18n)
}

/** Why a version cannot be asked for differences. */
export function ownConfigurationProblem(version: string): Problem | undefined {
  if (takesOwnConfiguration(version)) return undefined
  return {
    code: 'schema-not-compared',
    message: `\`drift\` and \`diff\` need Prisma 6.18 or newer, and the project has ${version}, whose configuration takes no address of a database.`,
    hint: 'Upgrade prisma and @prisma/client (6.19 is the newest of 6), or leave this command out until then: everything else works with all of Prisma 6.'
  }
}

const urlName = 'RELEASE_ACTIONS_DATABASE_URL'
const shadowName = 'RELEASE_ACTIONS_SHADOW_URL'

/**
 * Its paths are made absolute, as Prisma takes them from the file's own folder (@prisma/config,
 * transformPathsInConfigToAbsolute). 6 reads addresses there only where it is told an engine, and goes by an adapter of the
 * project's where that is another one.
 */
function configurationText({ configuration, folder, version }: PrismaProgram): string {
  const { file, schema, migrations } = configuration
  const base = file === undefined ? folder : dirname(file)
  const path = (value: string | undefined): string =>
    value === undefined ? 'undefined' : JSON.stringify(resolve(base, value))
  return `import { resolve } from 'node:path'
${file === undefined ? 'const given = {}' : `import given from ${JSON.stringify(file)}`}
const { adapter, ...kept } = given
const below = (part) => part?.path === undefined ? part : { ...part, path: resolve(${JSON.stringify(base)}, part.path) }
export default {
  ...kept,${version.startsWith('6.') ? "\n  engine: 'classic'," : ''}
  schema: ${path(schema)},
  migrations: { ...given.migrations, path: ${path(migrations)} },
  ...(given.views === undefined ? {} : { views: below(given.views) }),
  ...(given.typedSql === undefined ? {} : { typedSql: below(given.typedSql) }),
  datasource: { url: process.env.${urlName}, shadowDatabaseUrl: process.env.${shadowName} }
}
`
}
