import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { MigrationStatus } from '../../../actions/db-deploy/state/migration-state.ts'
import type { MigrationReading } from '../../../actions/db-deploy/state/read-migration-state.ts'

/** Folders that the tests of one file have made; `removeFolders` belongs into its afterAll. */
const made: string[] = []

/** A new folder with these files in it. */
export function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'state-'))
  made.push(folder)
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

export function removeFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
}

export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The table as Prisma's engine makes it (prisma-engines, create_migrations_table). */
export function prismaTable(schema = 'public'): string {
  return `CREATE TABLE "${schema}"."_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0);`
}

export interface PrismaRowText {
  readonly name: string
  readonly checksum?: string
  /** `2026-01-01 10:00:00+00` */
  readonly started?: string
  readonly finished?: string | null
  readonly rolledBack?: string
  readonly steps?: number
  readonly logs?: string
}

let rows = 0

/** A row of it: applied, unless told. */
export function prismaRow(row: PrismaRowText, schema = 'public'): string {
  const { name, checksum = '', started = '2026-01-01 10:00:00+00', steps = 1 } = row
  const finished = row.finished === undefined ? '2026-01-01 10:00:02.5+00' : row.finished
  const text = (value: string | null | undefined): string =>
    value === undefined || value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`
  rows += 1
  return `INSERT INTO "${schema}"."_prisma_migrations" VALUES ('${rows}', '${checksum}', ${text(finished)}, '${name}',
    ${text(row.logs)}, ${text(row.rolledBack)}, '${started}', ${steps});`
}

/** The table as Ecto makes it (ecto_sql, SchemaMigration). */
export function ectoTable(name = 'schema_migrations'): string {
  return `CREATE TABLE ${name} (version bigint PRIMARY KEY, inserted_at timestamp(0));`
}

export function ectoRows(versions: readonly number[], table = 'schema_migrations'): string {
  return versions.map((version) => `INSERT INTO ${table} VALUES (${version}, '2026-01-01 10:00:00');`).join('\n')
}

/** `name: status mark mark` of each migration. */
export function toldStatuses({ states }: MigrationReading): readonly string[] {
  return states.flatMap(({ migrations }) => migrations.map(toldStatus))
}

function toldStatus({ name, status, marks }: MigrationStatus): string {
  return [`${name}:`, status, ...marks].join(' ')
}

/** `id: result` of each check that is not ok. */
export function toldChecks({ checks }: Pick<MigrationReading, 'checks'>): readonly string[] {
  return checks.filter(({ result }) => result !== 'ok').map(({ id, result }) => `${id}: ${result}`)
}
