import { readEctoMigration } from '../shared/migrations/ecto/read-ecto-migration.ts'
import { compareEcto } from '../shared/migrations/ecto/compare-ecto.ts'
import { readEctoOutline } from '../shared/migrations/ecto/ecto-outline.ts'
import type { EctoFacts, MigrationFile, ParsedMigration } from '../shared/migrations/migration.ts'
import type { Migration, MigrationFolder } from '../shared/migrations/migration-set.ts'
import { compareSql } from '../shared/migrations/sql/compare-sql.ts'
import { readSqlMigration } from '../shared/migrations/sql/read-sql-migration.ts'
import { loadElixirParser, loadSqlParser, type ElixirParser, type SqlParser } from '../shared/parsers.ts'
import type { Compare } from './policy/contents-facts.ts'
import type { MigrationChanges } from './policy/migration-changes.ts'
import type { Tree } from './tree.ts'

/** The migrations that a change adds or edits, parsed, by folder. */
export interface ParsedFolder {
  readonly changes: MigrationChanges
  /** In the order in which they will run. */
  readonly migrations: readonly ParsedMigration[]
}

/** The parsers that a change needs; none is loaded for one without migrations. */
export interface Parsers {
  readonly sql: SqlParser | undefined
  readonly elixir: ElixirParser | undefined
}

/** Loads what reading the changed migrations takes. Elixir's holds SQL. */
export async function loadParsers(changes: readonly MigrationChanges[], mixExs: boolean): Promise<Parsers> {
  const concerned = changes.filter(({ added, kept }) => added.length > 0 || kept.length > 0)
  const ecto = concerned.some(({ folder }) => folder.framework === 'ecto')
  return {
    sql: concerned.length > 0 ? await loadSqlParser() : undefined,
    elixir: ecto || mixExs ? await loadElixirParser() : undefined
  }
}

/**
 * Parses every migration that the change adds, and every merged one whose contents it edits.
 * @throws {ActionError} where their contents cannot be had
 */
export async function parseChanged(
  changes: readonly MigrationChanges[],
  head: Tree,
  parsers: Parsers
): Promise<readonly ParsedFolder[]> {
  return Promise.all(
    changes.map(async (change) => {
      const { folder, added, kept } = change
      const edited = kept.filter(({ before, after }) => before.blob !== after.blob).map(({ after }) => after)
      const wanted = new Set([...added, ...edited].map(({ path }) => path))
      const inOrder = change.facts.head.migrations.filter(({ path }) => wanted.has(path))
      return {
        changes: change,
        migrations: await Promise.all(inOrder.map((migration) => parse(migration, folder, head, parsers)))
      }
    })
  )
}

async function parse(
  { path, version, name }: Migration,
  { framework }: MigrationFolder,
  head: Tree,
  { sql, elixir }: Parsers
): Promise<ParsedMigration> {
  const file: MigrationFile = { path, framework, version, name, text: (await head.read(path)).toString('utf8') }
  if (sql === undefined) throw new TypeError('a changed migration needs a parser')
  if (framework !== 'ecto') return readSqlMigration(file, sql)
  if (elixir === undefined) throw new TypeError("a changed migration of Ecto's needs a parser")
  return readEctoMigration(file, elixir, sql)
}

/** How two texts of a migration differ. */
export function comparison({ sql, elixir }: Parsers): Compare {
  return (framework, before, after) => {
    if (before === after) return 'identical'
    if (framework === 'ecto') return elixir === undefined ? 'unreadable' : compareEcto(before, after, elixir)
    return sql === undefined ? 'unreadable' : compareSql(before, after, sql)
  }
}

/** What modules say of themselves, by path. */
export function ectoFactsOf(folders: readonly ParsedFolder[]): ReadonlyMap<string, EctoFacts> {
  return new Map(
    folders.flatMap(({ migrations }) =>
      migrations.flatMap(({ file, ecto }) => (ecto === undefined ? [] : [[file.path, ecto] as const]))
    )
  )
}

/** What is known of the modules of Ecto's migrations. */
export interface KnownModules {
  /** By path. */
  readonly modules: ReadonlyMap<string, string>
  /** In words: which were not read. */
  readonly notChecked: readonly string[]
}

/** From GitHub's API each file is a request, of the 1,000 that a job has in an hour. */
const mostRequests = 150

/** Requests at a time. */
const atOnce = 6

/**
 * The module of every migration of Ecto's at the head, in folders to which the change adds one: a second definition of
 * a module takes the first one's place.
 * @throws {ActionError} where contents cannot be had
 */
export async function modulesOf(
  folders: readonly ParsedFolder[],
  head: Tree,
  source: 'git' | 'api',
  { elixir }: Parsers
): Promise<KnownModules> {
  const modules = new Map<string, string>()
  const notChecked: string[] = []
  for (const { changes, migrations } of folders) {
    for (const { file, ecto } of migrations) if (ecto?.module !== undefined) modules.set(file.path, ecto.module)
    if (elixir === undefined || changes.folder.framework !== 'ecto' || migrations.length === 0) continue
    const changed = new Set(migrations.map(({ file }) => file.path))
    const waiting = changes.facts.head.migrations.filter(({ path }) => !changed.has(path))
    if (source === 'api' && waiting.length > mostRequests) {
      notChecked.push(
        `Whether one of the ${waiting.length} other migrations in ${changes.folder.path} defines the same module: without a checkout each would be a request.`
      )
      continue
    }
    const take = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { module } = readEctoOutline((await head.read(next.path)).toString('utf8'), elixir)
        if (module !== undefined) modules.set(next.path, module)
      }
    }
    await Promise.all(Array.from({ length: source === 'api' ? atOnce : 1 }, take))
  }
  return { modules, notChecked }
}
