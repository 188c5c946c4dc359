import type { Session } from '../database/session.ts'

/** What a database's schemas are, in a form that is the same for the same schemas on any server. */
export interface SchemaFingerprint {
  /** SHA-256 of the lines, in lower-case hex. */
  readonly fingerprint: string
  /** One for each thing, sorted: `column public.users.email text not null`. */
  readonly lines: readonly string[]
}

/**
 * Reads what the schemas hold and how it is made. Owners, privileges, oids, comments, statistics and the frameworks' own
 * tables do not count.
 * @param schemas empty: all that are not PostgreSQL's own, nor our ledger's
 * @param ownTables names of tables that are the framework's besides `_prisma_migrations` and `schema_migrations`
 */
export declare function schemaFingerprint(
  session: Session,
  schemas: readonly string[],
  ownTables?: readonly string[]
): Promise<SchemaFingerprint>

/** Lines that only one has: `- …` those of the first, `+ …` those of the second. */
export declare function compareFingerprints(one: SchemaFingerprint, other: SchemaFingerprint): readonly string[]
