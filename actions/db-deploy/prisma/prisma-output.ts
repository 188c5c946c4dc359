import type { ToolResult } from '../tool.ts'

/** The commands of Prisma whose words are known. */
export type PrismaCommand = 'validate' | 'generate' | 'status' | 'deploy' | 'resolve' | 'seed' | 'diff'

/** What one run of the CLI said, in its own words: there is no JSON. */
export type PrismaOutput = Pick<
  ToolResult,
  'sentence' | 'failedMigration' | 'code' | 'sqlstate' | 'message' | 'migrations'
>

/**
 * Reads what the CLI printed on both streams. Tolerant of what stands between: the native engine, older releases and other
 * locales of a server say more or less of it. Texts: @prisma/migrate of 6.19 and 7.10, user-facing-errors of the engine.
 */
export function readPrismaOutput(command: PrismaCommand, output: string): PrismaOutput {
  const said = (sentence: RegExp): boolean => sentence.test(output)
  const code = /^Error: (P\d{4})\b/m.exec(output)?.[1] ?? /\bError code: (P\d{4})\b/.exec(output)?.[1]
  const missing = missingEngine(output)
  const failed = code !== undefined || missing !== undefined || /^Error:/m.test(output)
  const sentence = failed ? 'failed' : sentences[command].find(([pattern]) => said(pattern))?.[1]
  const migration = failedMigrationIn(output)
  const sqlstate = /^Database error code: ([0-9A-Z]{5})\b/m.exec(output)?.[1]
  const message = missing ?? lockHeld(output) ?? messageIn(output, code)
  return {
    sentence,
    migrations: command === 'deploy' ? appliedIn(output) : [],
    ...(migration === undefined ? {} : { failedMigration: migration }),
    ...(code === undefined ? {} : { code }),
    ...(sqlstate === undefined ? {} : { sqlstate }),
    ...(message === undefined ? {} : { message })
  }
}

type Sentence = NonNullable<ToolResult['sentence']>

/** By what each command tells that it came to its end. `status` ends with 1 also where it has only something to tell. */
const sentences: Readonly<Record<PrismaCommand, readonly (readonly [RegExp, Sentence])[]>> = {
  validate: [[/^The schemas? at .+ (?:is|are) valid\b/m, 'ok']],
  generate: [
    [/\bGenerated\b.+\bin \d/, 'ok'],
    // Nothing to generate is no failure.
    [/You don't have any generators defined in your/i, 'ok']
  ],
  status: [
    [/\bfailed:$/m, 'failed'],
    [
      /have not yet been applied:$|migrations? table from your database are different|is not managed by Prisma Migrate/m,
      'ok'
    ],
    [/^Database schema is up to date!/m, 'nothing']
  ],
  deploy: [
    [/^All migrations have been successfully applied\./m, 'applied'],
    [/^No pending migrations to apply\./m, 'nothing']
  ],
  resolve: [[/\bmarked as (?:applied|rolled back)\b/, 'ok']],
  seed: [
    [/The seed command has been executed\./, 'ok'],
    // Exit code 0, and nothing was done.
    [/No seed command configured/i, 'nothing']
  ],
  diff: [
    [/^No difference detected\.|^-- This is an empty migration\./m, 'nothing'],
    // Each part of a script has its heading: `-- CreateTable`.
    [/^-- [A-Z]\w+$/m, 'ok']
  ]
}

/** The tree behind "have been applied:" names each, without times. */
function appliedIn(output: string): ToolResult['migrations'] {
  const [, tree = ''] = output.split(/^The following migrations?(?:\(s\))? have been applied:$/m)
  return [...tree.matchAll(/^\s*└─ ([^\s/]+)\/$/gm)].map(([, name = '']) => ({ name }))
}

/** P3018 names it, P3009 the one that failed before, `status` all of them. */
function failedMigrationIn(output: string): string | undefined {
  return (
    /^Migration name: (\S+)/m.exec(output)?.[1] ??
    /^The `([^`]+)` migration started at .* failed/m.exec(output)?.[1] ??
    /\bfailed:\n+(\S+)/.exec(output)?.[1]
  )
}

/** What the database said, or the sentences behind `Error:`. */
function messageIn(output: string, code: string | undefined): string | undefined {
  // The native engine goes on with the position in the file and with its driver's own form of the error.
  const database = /^Database error:\n+([\s\S]*?)(?=\n\s*Position:|\n\s*DbError \{|\n\s*\n|$(?![\s\S]))/m.exec(
    output
  )?.[1]
  if (database !== undefined && database.trim() !== '') return oneLine(database)
  const told = /^Error:[ \t]*([\s\S]*)$/m.exec(output)?.[1]?.replace(/^P\d{4}:?\s*/, '')
  if (told === undefined) return undefined
  const [first = ''] = told.trim().split(/\n\s*\n|\n(?=\s*(?:-->|at |\d+: ))/)
  return first === '' ? code : oneLine(first)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim()
}

/** The CLI fetches its engine at the first use where its installation did not. */
function missingEngine(output: string): string | undefined {
  const fetched = /binaries\.prisma\.sh|Failed to fetch (?:the engine|sha256)|engine file at .* checksum/i.test(output)
  const notStarted = /Could not find schema-engine binary|schema-engine.*(?:ENOENT|EACCES)|Schema engine exited/i.test(
    output
  )
  if (!fetched && !notStarted) return undefined
  return fetched
    ? "Prisma could not fetch its schema engine from binaries.prisma.sh. Let the packages' scripts run where they are installed (npm ci without --ignore-scripts, @prisma/engines among pnpm's onlyBuiltDependencies), let the runner reach that host, or name a mirror in PRISMA_ENGINES_MIRROR or the engine's file in PRISMA_SCHEMA_ENGINE_BINARY"
    : "Prisma's schema engine did not start. Install the packages again on this runner: an engine of another system or libc does not start (binaryTargets), nor does a file without its run bit"
}

/** P1002 is both: a server that does not answer, and the advisory lock of another `prisma migrate`. */
function lockHeld(output: string): string | undefined {
  return /advisory lock/i.test(output) && /Timed? ?out|timeout/i.test(output)
    ? 'another prisma migrate holds the advisory lock 72707369, or a session that was left behind does; see who in pg_locks'
    : undefined
}
