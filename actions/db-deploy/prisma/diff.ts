import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { DatabaseUrl } from '../database/database-url.ts'
import { toolUrl } from '../database/url-forms.ts'
import type { PrismaTool, ToolResult, ToolRun } from '../tool.ts'
import { runPrisma, type PrismaProgram, type ToolWorld } from './prisma-program.ts'

/** One side of a comparison; `database` is the one of the run. */
export type DiffSide = 'migrations' | 'database' | 'schema' | 'empty'

/** What leads from one side to the other. `failed`: it was not compared, and the result says why. */
export type PrismaDiff =
  | { readonly result: 'none' }
  | { readonly result: 'found'; readonly sql: string }
  | { readonly result: 'failed'; readonly run: ToolResult }

/**
 * Prisma's own `migrate diff`: the SQL that would lead from one side to the other. Reads the database, and replays
 * migrations in the shadow database alone, which Prisma empties. Both addresses are handed over by a configuration or a
 * schema of our own that reads them from variables: what the CLI takes them by are arguments, which all can read.
 *
 * @param request.shadow needed where a side is `migrations`; a database that may be emptied
 */
export async function prismaDiff(
  { program }: PrismaTool,
  request: { readonly from: DiffSide; readonly to: DiffSide; readonly shadow?: DatabaseUrl },
  run: ToolRun,
  world: ToolWorld
): Promise<PrismaDiff> {
  const folder = mkdtempSync(join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'prisma-diff-'))
  try {
    const url = toolUrl(run.url, { ...run, driver: 'prisma' })
    const shadow = request.shadow === undefined ? undefined : toolUrl(request.shadow, { ...run, driver: 'prisma' })
    for (const secret of [url, shadow ?? '']) world.secrets.add(secret)
    const file = join(folder, 'prisma.config.mjs')
    writeFileSync(file, configurationText(program))
    const result = await runPrisma(
      program,
      {
        command: 'diff',
        args: [
          ...['migrate', 'diff', '--config', file, '--script', '--exit-code'],
          ...side('from', request.from, program),
          ...side('to', request.to, program)
        ],
        env: { [urlName]: url, ...(shadow === undefined ? {} : { [shadowName]: shadow }) },
        script: true
      },
      run,
      world
    )
    // 0: nothing differs, 2: something does (--exit-code). An engine that dies makes it end with 0 and say nothing.
    if (result.end === 'exited' && result.exitCode === 0 && result.sentence === 'nothing') return { result: 'none' }
    if (result.end === 'exited' && result.exitCode === 2 && result.sentence === 'ok')
      return { result: 'found', sql: result.output.trim() }
    return { result: 'failed', run: result }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const urlName = 'RELEASE_ACTIONS_DATABASE_URL'
const shadowName = 'RELEASE_ACTIONS_SHADOW_URL'

/**
 * The project's configuration with other addresses. Its paths are made absolute, as Prisma takes them from the file's own
 * folder (@prisma/config, transformPathsInConfigToAbsolute). 6 reads addresses there only where it is told an engine.
 */
function configurationText({ configuration, folder, version }: PrismaProgram): string {
  const { file, schema, migrations } = configuration
  const base = file === undefined ? folder : dirname(file)
  const path = (value: string | undefined): string =>
    value === undefined ? 'undefined' : JSON.stringify(resolve(base, value))
  return `import { resolve } from 'node:path'
${file === undefined ? 'const given = {}' : `import given from ${JSON.stringify(file)}`}
const below = (part) => part?.path === undefined ? part : { ...part, path: resolve(${JSON.stringify(base)}, part.path) }
export default {
  ...given,${version.startsWith('6.') ? "\n  engine: given.engine ?? 'classic'," : ''}
  schema: ${path(schema)},
  migrations: { ...given.migrations, path: ${path(migrations)} },
  ...(given.views === undefined ? {} : { views: below(given.views) }),
  ...(given.typedSql === undefined ? {} : { typedSql: below(given.typedSql) }),
  datasource: { url: process.env.${urlName}, shadowDatabaseUrl: process.env.${shadowName} }
}
`
}

/** 7 has other names for the same sides. */
function side(end: 'from' | 'to', what: DiffSide, { version, configuration }: PrismaProgram): readonly string[] {
  const six = version.startsWith('6.')
  const { schema = '', migrations } = configuration
  if (what === 'empty') return [`--${end}-empty`]
  if (what === 'migrations') return [`--${end}-migrations`, migrations]
  if (what === 'schema') return [`--${end}-schema${six ? '-datamodel' : ''}`, schema]
  return six ? [`--${end}-schema-datasource`, schema] : [`--${end}-config-datasource`]
}
