import { expectedLocks } from '../../shared/migrations/expected-locks.ts'
import { readEctoMigration } from '../../shared/migrations/ecto/read-ecto-migration.ts'
import { ectoName, prismaName } from '../../shared/migrations/migration-name.ts'
import { baseOf } from '../../shared/migrations/file-tree.ts'
import { lint, type LintContext } from '../../shared/migrations/lint.ts'
import type { MigrationFile, ParsedMigration } from '../../shared/migrations/migration.ts'
import { readSqlMigration } from '../../shared/migrations/sql/read-sql-migration.ts'
import { loadElixirParser, loadSqlParser } from '../../shared/parsers.ts'
import type { Session } from '../database/session.ts'
import { numberOf } from '../database/sql.ts'
import { findPrismaPackage } from '../prisma/prisma-package.ts'
import type { PendingMigration } from '../record.ts'
import { ectoLockOf, prismaVersionOf } from './lint-facts.ts'
import { readMigrationFile } from './migration-files.ts'
import type { MigrationState, MigrationStatus } from './migration-state.ts'
import type { Project } from './project.ts'
import { readTouchedTables } from './touched-tables.ts'

/**
 * What is pending: texts, what the linter says, and the tables that are there and are touched, with sizes and locks.
 * Nothing is loaded, read or asked where nothing is pending.
 * @param run.timeoutsSet lock_timeout is set for what migrates
 * @throws {QueryError} where the server does not say how large tables are
 * @throws {ActionError} where the parsers are missing
 */
export async function pendingMigrations(
  states: readonly MigrationState[],
  session: Session,
  project: Project,
  run: { readonly timeoutsSet: boolean }
): Promise<readonly PendingMigration[]> {
  const pending = states.flatMap(({ migrations }) => migrations.filter(({ status }) => status === 'pending'))
  if (pending.length === 0) return []
  const files = pending.map((migration) => fileOf(migration, project))
  const parsed = await parseAll(files)
  const context = await contextOf(session, project, run)
  const { findings, notAnalysed } = lint(parsed, context)
  const locks = expectedLocks(parsed, context)
  const tables = await readTouchedTables(session, locks, project)
  return files.map(({ path, text }, at) => ({
    name: pending[at]?.name ?? '',
    path,
    text,
    findings: findings.filter(({ file }) => file === path),
    notAnalysed: notAnalysed
      .filter(({ file }) => file === path)
      .map(({ span, why }) => ({ line: span.start.line, why })),
    tables: tables[at] ?? []
  }))
}

/** Names of the tables that pending migrations touch, each once: `users`, `billing.invoices`. */
export function touchedTables(pending: readonly PendingMigration[]): readonly string[] {
  return [...new Set(pending.flatMap(({ tables }) => tables.map(({ name }) => name)))]
}

function fileOf({ path, name }: MigrationStatus, { folder, framework }: Project): MigrationFile {
  if (path === undefined) throw new TypeError('what is pending has a file')
  const named = framework === 'prisma' ? prismaName(name) : ectoName(baseOf(path))
  return {
    path,
    framework,
    version: named?.version ?? '',
    name: named?.name ?? name,
    text: readMigrationFile(path, folder).toString('utf8')
  }
}

/** Elixir's parser holds SQL, too. */
export async function parseAll(files: readonly MigrationFile[]): Promise<readonly ParsedMigration[]> {
  const sql = await loadSqlParser()
  if (files.every(({ framework }) => framework !== 'ecto')) return files.map((file) => readSqlMigration(file, sql))
  const elixir = await loadElixirParser()
  return files.map((file) =>
    file.framework === 'ecto' ? readEctoMigration(file, elixir, sql) : readSqlMigration(file, sql)
  )
}

/** How migrations are judged for this server and this tool. */
export async function contextOf(
  session: Session,
  { folder, framework, folders }: Project,
  { timeoutsSet }: { readonly timeoutsSet: boolean }
): Promise<LintContext> {
  const [version] = await session.query(`SELECT current_setting('server_version_num')::int AS number`)
  const prisma = framework === 'prisma' ? (installedPrisma(folder) ?? (await prismaVersionOf(folder))) : undefined
  return {
    postgres: Math.floor(numberOf(version, 'number') / 10_000),
    ...(prisma === undefined ? {} : { prisma }),
    ectoLock: framework === 'ecto' ? await ectoLockOf(folder, folders) : 'unknown',
    profile: 'default',
    rules: {},
    suppressions: true,
    timeoutsSet
  }
}

function installedPrisma(folder: string): string | undefined {
  const installed = findPrismaPackage(folder, folder)
  return 'found' in installed ? installed.found.version : undefined
}
