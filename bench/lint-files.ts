// `node bench/lint-files.ts FOLDER [profile] [sql|all]`: lints every migration.sql, and every .exs below a folder
// `migrations`, each as a change of its own, and prints what it found as JSON.
import { globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { lint, type LintContext, type LintResult } from '../actions/shared/migrations/lint.ts'
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
  /** Files by rule. */
  readonly filesOf: Readonly<Record<string, number>>
  /** Seconds: the parsers' start; reading from disk, parsing and judging. */
  readonly loading: number
  readonly linting: number
}

/** A migration with what was found in it alone. */
export interface LintedFile {
  readonly migration: ParsedMigration
  readonly result: LintResult
}

if (import.meta.main) {
  const [folder = '.', profile = 'default', which = 'all'] = process.argv.slice(2)
  if (!isProfile(profile)) throw new TypeError(`no profile: ${profile}`)
  console.log(JSON.stringify(await tally(folder, profile, which !== 'sql')))
}

async function tally(folder: string, profile: LintContext['profile'], elixir: boolean): Promise<Linted> {
  const started = performance.now()
  const lintEach = await linter(folder, profile, elixir)
  const loaded = performance.now()
  const sum = { files: 0, unparsed: 0, statements: 0, notAnalysed: 0, withError: 0 }
  const findings: Record<string, number> = {}
  const filesOf: Record<string, number> = {}
  for (const { migration, result } of lintEach()) {
    sum.files += 1
    sum.unparsed += migration.syntaxError === undefined ? 0 : 1
    sum.statements += migration.statements.length
    sum.notAnalysed += result.notAnalysed.length
    sum.withError += result.findings.some(({ level }) => level === 'error') ? 1 : 0
    for (const { rule } of result.findings) findings[rule] = (findings[rule] ?? 0) + 1
    for (const rule of new Set(result.findings.map((one) => one.rule))) filesOf[rule] = (filesOf[rule] ?? 0) + 1
  }
  const seconds = (from: number, to: number): number => (to - from) / 1000
  return { ...sum, findings, filesOf, loading: seconds(started, loaded), linting: seconds(loaded, performance.now()) }
}

/** Loads the parsers that the files of a folder need; what it gives reads and lints one file after the other. */
export async function linter(
  folder: string,
  profile: LintContext['profile'],
  withElixir = true
): Promise<() => Generator<LintedFile>> {
  const sqlPaths = filesBelow(folder, '**/migration.sql')
  const ectoPaths = withElixir ? filesBelow(folder, '**/migrations/**/*.exs') : []
  const sql = await loadSqlParser()
  const elixir = ectoPaths.length > 0 ? await loadElixirParser() : undefined
  const context: LintContext = {
    postgres: 18,
    ectoLock: 'unknown',
    profile,
    rules: {},
    suppressions: true,
    timeoutsSet: false
  }
  const judged = (migration: ParsedMigration): LintedFile => ({ migration, result: lint([migration], context) })
  return function* () {
    for (const path of sqlPaths) yield judged(readSqlMigration(prismaFile(folder, path), sql))
    if (elixir === undefined) return
    for (const path of ectoPaths) yield judged(readEctoMigration(ectoFile(folder, path), elixir, sql))
  }
}

/** Paths of files, relative to the folder and sorted, that a pattern names. */
export function filesBelow(folder: string, pattern: string): string[] {
  return globSync(pattern, { cwd: folder })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort()
}

function isProfile(name: string): name is LintContext['profile'] {
  return name === 'default' || name === 'calm' || name === 'strict'
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
