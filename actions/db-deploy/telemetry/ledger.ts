import type { Session } from '../database/session.ts'
import { textOf } from '../database/sql.ts'

/**
 * The ledger keeps what a framework's table cannot: who deployed what, from which commit, and the checksum of each
 * migration's file, of which Ecto keeps none. It stands in a schema of its own: in the application's, Prisma would take
 * its tables for drift, and `migrate dev` would offer to reset the database for them.
 */
export const ledgerSchema = 'release_actions'

/** One run, as the ledger keeps it. */
export interface LedgerDeploy {
  /** The same for the same step of the same run, however often it is told: repository, run, attempt, job and step. */
  readonly id: string
  readonly command: string
  readonly outcome: string
  readonly environment: string
  readonly repository: string | undefined
  readonly commit: string | undefined
  readonly ref: string | undefined
  readonly actor: string | undefined
  readonly runUrl: string | undefined
  readonly tool: string | undefined
  /** The framework's table, as `MigrationState` names it. */
  readonly migrationsTable: string
  /** Names in the order in which they ran. */
  readonly applied: readonly string[]
  readonly failed: readonly string[]
  readonly current: string | undefined
  readonly backupSha256: string | undefined
  readonly fingerprint: string | undefined
  /** Codes of the problems. */
  readonly problems: readonly string[]
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly finishedAt: number
}

/** One applied migration, as the ledger keeps it. */
export interface LedgerMigration {
  readonly name: string
  readonly path: string
  /** Of the file's bytes, in lower-case hex. */
  readonly sha256: string
  /** It was this run that ran it; else it was applied before, and is seen now. */
  readonly ran: boolean
  /** Milliseconds. */
  readonly took: number | undefined
  readonly statements: number | undefined
}

export interface LedgerEntry {
  readonly deploy: LedgerDeploy
  readonly migrations: readonly LedgerMigration[]
  /** Names that are not applied any more: their checksums are forgotten. */
  readonly undone: readonly string[]
}

/**
 * The checksums that the ledger has of one table's migrations, by name.
 * @param migrationsTable as `MigrationState` names it: `"public"."schema_migrations"`
 * @returns undefined where the database has no ledger, or the role may not read it
 * @throws QueryError
 */
export async function readLedger(
  session: Session,
  migrationsTable: string
): Promise<ReadonlyMap<string, string> | undefined> {
  const [there] = await session.query(
    `SELECT coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false) AS readable
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = 'migrations'`,
    [ledgerSchema]
  )
  if (there?.['readable'] !== true) return undefined
  const rows = await session.query(`SELECT name, sha256 FROM ${ledgerSchema}.migrations WHERE migrations_table = $1`, [
    migrationsTable
  ])
  return new Map(rows.map((row) => [textOf(row, 'name'), textOf(row, 'sha256')]))
}

/**
 * Writes a run, and the checksums of what is applied, in one transaction. Written again, the same run takes its own place.
 * A checksum that is there already stays, so that an edited file is seen, unless this run has run the migration anew.
 * @throws QueryError
 */
export async function writeLedger(session: Session, { deploy, migrations, undone }: LedgerEntry): Promise<void> {
  await session.query('BEGIN')
  try {
    await makeLedger(session)
    await session.query(upsertDeploy, [JSON.stringify(deployRow(deploy))])
    await session.query(
      `DELETE FROM ${ledgerSchema}.migrations WHERE migrations_table = $1 AND name = ANY ($2::text[])`,
      [deploy.migrationsTable, undone]
    )
    await session.query(upsertMigrations, [
      deploy.migrationsTable,
      deploy.id,
      JSON.stringify(
        migrations.map(({ took, ...migration }) => ({
          ...migration,
          took_ms: took === undefined ? null : Math.round(took)
        }))
      )
    ])
    await session.query('COMMIT')
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Two applications that share a database may both be the first: one after the other makes it. */
async function makeLedger(session: Session): Promise<void> {
  const [table] = await session.query(
    `SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = 'migrations'`,
    [ledgerSchema]
  )
  if (table !== undefined) return
  await session.query(`SELECT pg_advisory_xact_lock(hashtextextended('${ledgerSchema}', 0))`)
  // IF NOT EXISTS asks for the right to make a schema even where there is one, which somebody else may have made.
  const [schema] = await session.query(`SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1`, [ledgerSchema])
  if (schema === undefined) await session.query(`CREATE SCHEMA ${ledgerSchema}`)
  for (const statement of tables) await session.query(statement)
}

const tables = [
  `CREATE TABLE IF NOT EXISTS ${ledgerSchema}.deploys (
    id text PRIMARY KEY,
    command text NOT NULL,
    outcome text NOT NULL,
    environment text NOT NULL,
    repository text,
    commit text,
    ref text,
    actor text,
    run_url text,
    tool text,
    migrations_table text NOT NULL,
    applied text[] NOT NULL,
    failed text[] NOT NULL,
    current text,
    backup_sha256 text,
    fingerprint text,
    problems text[] NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS ${ledgerSchema}.migrations (
    migrations_table text NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    sha256 text NOT NULL,
    deploy text REFERENCES ${ledgerSchema}.deploys (id),
    took_ms bigint,
    statements integer,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (migrations_table, name)
  )`
]

const upsertDeploy = `
  INSERT INTO ${ledgerSchema}.deploys
  SELECT * FROM jsonb_populate_record(NULL::${ledgerSchema}.deploys, $1::jsonb)
  ON CONFLICT (id) DO UPDATE SET
    outcome = excluded.outcome, applied = excluded.applied, failed = excluded.failed, current = excluded.current,
    backup_sha256 = excluded.backup_sha256, fingerprint = excluded.fingerprint, problems = excluded.problems,
    finished_at = excluded.finished_at`

const upsertMigrations = `
  INSERT INTO ${ledgerSchema}.migrations AS known (migrations_table, name, path, sha256, deploy, took_ms, statements)
  SELECT $1, m.name, m.path, m.sha256, CASE WHEN m.ran THEN $2 END, m.took_ms, m.statements
    FROM jsonb_to_recordset($3::jsonb)
      AS m (name text, path text, sha256 text, ran boolean, took_ms bigint, statements integer)
  ON CONFLICT (migrations_table, name) DO UPDATE SET
    path = excluded.path, sha256 = excluded.sha256, deploy = excluded.deploy, took_ms = excluded.took_ms,
    statements = excluded.statements, seen_at = now()
  WHERE excluded.deploy IS NOT NULL`

/** Columns by their names; a column that a later version has added takes its default by standing last. */
function deployRow(deploy: LedgerDeploy): Readonly<Record<string, unknown>> {
  const time = (at: number): string => new Date(at).toISOString()
  return {
    id: deploy.id,
    command: deploy.command,
    outcome: deploy.outcome,
    environment: deploy.environment,
    repository: deploy.repository,
    commit: deploy.commit,
    ref: deploy.ref,
    actor: deploy.actor,
    run_url: deploy.runUrl,
    tool: deploy.tool,
    migrations_table: deploy.migrationsTable,
    applied: deploy.applied,
    failed: deploy.failed,
    current: deploy.current,
    backup_sha256: deploy.backupSha256,
    fingerprint: deploy.fingerprint,
    problems: deploy.problems,
    started_at: time(deploy.startedAt),
    finished_at: time(deploy.finishedAt)
  }
}
