// `node bench/lint-files.ts FOLDER [profile]`: lints every migration.sql, and every .exs below a folder `migrations`,
// each as a change of its own, and prints what it found as JSON.
import { globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { lint, type LintContext } from '../actions/shared/migrations/lint.ts'
import type { MigrationFile, ParsedMigration } from '../actions/shared/migrations/migration.ts'
import { readEctoMigration } from '../actions/shared/migrations/ecto/read-ecto-migration.ts'
import { readSqlMigration } from '../actions/shared/migrations/sql/read-sql-migration.ts'
import { loadElixirParser, loadSqlParser } from '../actions/shared/parsers.ts'

/** What a run found. */
export interface Linted {
  readonly files: number
  readonly unparsed: number
  readonly statements: number
  readonly notAnalysed: number
  readonly withError: number
  readonly findings: Readonly<Record<string, number>>
  /** Seconds: the parsers' start; reading from disk, parsing and judging. */
  readonly loading: number
  readonly linting: number
}

if (import.meta.main) {
  const [folder = '.', profile = 'default'] = process.argv.slice(2)
  if (profile !== 'default' && profile !== 'calm' && profile !== 'strict') throw new TypeError(`no profile: ${profile}`)
  console.log(JSON.stringify(await lintFolder(folder, profile)))
}

async function lintFolder(folder: string, profile: LintContext['profile']): Promise<Linted> {
  const sqlPaths = filesBelow(folder, '**/migration.sql')
  const ectoPaths = filesBelow(folder, '**/migrations/**/*.exs')
  const before = performance.now()
  const sql = await loadSqlParser()
  const elixir = ectoPaths.length > 0 ? await loadElixirParser() : undefined
  const loaded = performance.now()
  const context: LintContext = {
    postgres: 18,
    ectoLock: 'unknown',
    profile,
    rules: {},
    suppressions: true,
    timeoutsSet: true
  }
  const tally = { files: 0, unparsed: 0, statements: 0, notAnalysed: 0, withError: 0 }
  const findings: Record<string, number> = {}
  const judge = (migration: ParsedMigration): void => {
    const result = lint([migration], context)
    tally.files += 1
    tally.unparsed += migration.syntaxError === undefined ? 0 : 1
    tally.statements += migration.statements.length
    tally.notAnalysed += result.notAnalysed.length
    tally.withError += result.findings.some(({ level }) => level === 'error') ? 1 : 0
    for (const { rule } of result.findings) findings[rule] = (findings[rule] ?? 0) + 1
  }
  for (const path of sqlPaths) judge(readSqlMigration(prismaFile(folder, path), sql))
  for (const path of elixir === undefined ? [] : ectoPaths) {
    if (elixir !== undefined) judge(readEctoMigration(ectoFile(folder, path), elixir, sql))
  }
  const seconds = (from: number, to: number): number => (to - from) / 1000
  return { ...tally, findings, loading: seconds(before, loaded), linting: seconds(loaded, performance.now()) }
}

/** Paths of files, relative to the folder, that a pattern names. */
export function filesBelow(folder: string, pattern: string): string[] {
  return globSync(pattern, { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile())
}

function prismaFile(folder: string, path: string): MigrationFile {
  const named = versionAndName(basename(dirname(path)))
  return { path, framework: 'prisma', ...named, text: readFileSync(join(folder, path), 'utf8') }
}

function ectoFile(folder: string, path: string): MigrationFile {
  const named = versionAndName(basename(path, '.exs'))
  return { path, framework: 'ecto', ...named, text: readFileSync(join(folder, path), 'utf8') }
}

function versionAndName(named: string): Pick<MigrationFile, 'version' | 'name'> {
  const [, version = '', name = named] = /^(\d+)_(.*)$/.exec(named) ?? []
  return { version, name }
}
