import type { Check } from '../check.ts'
import type { TouchedTable } from '../record.ts'
import { activityChecks } from './activity-checks.ts'
import { addressCheck } from './address-check.ts'
import { connectionChecks } from './connection-checks.ts'
import type { DatabaseUrl } from './database-url.ts'
import { diskChecks } from './disk-checks.ts'
import { extensionChecks } from './extensions.ts'
import { indexChecks } from './index-checks.ts'
import { poolerCheck } from './pooling.ts'
import { replicaCheck } from './replica-check.ts'
import { roleChecks } from './role-checks.ts'
import type { Server } from './server.ts'
import type { Session, SessionWorld } from './session.ts'

export interface PreflightExpectations {
  /** `vector>=0.8.0`, `uuid-ossp` */
  readonly extensions: readonly string[]
  /** What pending migrations touch: names, or with the lock that is expected, which makes the checks sharper. */
  readonly touchedTables: readonly (string | TouchedTable)[]
  /** Texts of the migrations that are still to run: they may create extensions. */
  readonly pending?: readonly string[]
  /** The framework's own table, which it writes to: its name, and its schema where that is not left to the search path. */
  readonly migrationsTable?: string
  readonly migrationsSchema?: string | undefined
  /** What the role will have to be able to do. */
  readonly needs: 'read' | 'migrate'
  /** Absolute; where a dump would be put. */
  readonly backupFolder?: string
  /** Where unqualified names are looked for; the URL's unless told. */
  readonly schema?: string | undefined
  /** What the application connects with, where that is another URL: both must lead to one database. */
  readonly applicationUrl?: DatabaseUrl | undefined
  readonly framework?: 'prisma' | 'ecto'
}

/** Everything about the server that is known to make a deploy fail, or to make others wait for it. Reads only. */
export async function preflight(
  session: Session,
  url: DatabaseUrl,
  server: Server,
  expectations: PreflightExpectations,
  world: SessionWorld
): Promise<readonly Check[]> {
  const schema = expectations.schema ?? url.schema
  const migrates = expectations.needs === 'migrate'
  const pending = migrates ? (expectations.pending ?? []) : []
  const tables = expectations.touchedTables.map((table) =>
    typeof table === 'string' ? { name: table, lock: undefined } : table
  )
  return [
    ...connectionChecks(url, server, { migrates }),
    ...(await addressCheck(session, url, expectations, world)),
    await poolerCheck(session, url, server, { migrates }, world),
    ...(await roleChecks(session, server, { ...expectations, schema, tables, migrates })),
    ...(await replicaCheck(session, server)),
    ...(await activityChecks(session, server, { schema, tables })),
    ...(await indexChecks(session)),
    ...(await diskChecks(server, { tables, backupFolder: expectations.backupFolder })),
    ...(await extensionChecks(session, expectations.extensions, pending.length > 0 ? { pending } : 'now'))
  ]
}
