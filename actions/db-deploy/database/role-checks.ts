import type { Check } from '../check.ts'
import { relationsSql, relationsValues, type TouchedName } from './relation.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'
import { booleanOf, optionalTextOf, quoteIdentifier, textOf } from './sql.ts'

interface Wanted {
  readonly schema: string
  readonly tables: readonly TouchedName[]
  readonly migrates: boolean
  readonly migrationsTable?: string
  readonly migrationsSchema?: string | undefined
  readonly framework?: 'prisma' | 'ecto'
}

/** Whether the role may do what it will have to. */
export async function roleChecks(session: Session, server: Server, wanted: Wanted): Promise<readonly Check[]> {
  return [
    await schemaCheck(session, server, wanted),
    ...(wanted.migrates ? await tableChecks(session, server, wanted) : []),
    ...(wanted.migrates ? await ownerChecks(session, server, wanted) : [])
  ]
}

async function schemaCheck(session: Session, { role, facts }: Server, { schema, migrates }: Wanted): Promise<Check> {
  const check = { id: 'privileges', title: 'Privileges' }
  const [row] = await session.query(
    `SELECT has_database_privilege(current_database(), 'CREATE') AS makes_schemas,
       n.oid IS NOT NULL AS there, has_schema_privilege(n.oid, 'USAGE') AS uses, has_schema_privilege(n.oid, 'CREATE') AS makes
     FROM (SELECT 1) AS one LEFT JOIN pg_namespace n ON n.nspname = $1`,
    [schema]
  )
  const problem = (message: string, grant: string): Check => ({
    ...check,
    told: `${role.name} lacks a privilege`,
    result: 'failed',
    problem: { code: 'database-privilege', message, hint: `Run as its owner or a superuser: \`${grant}\`.` }
  })
  const quoted = quoteIdentifier(role.name)
  if (!booleanOf(row, 'there')) {
    // Prisma makes the schema of its URL.
    if (!migrates || booleanOf(row, 'makes_schemas'))
      return { ...check, told: `${role.name}; the schema ${schema} is not there yet`, result: 'ok' }
    return problem(
      `There is no schema ${schema}, and ${role.name} may make none in ${facts.name}.`,
      `CREATE SCHEMA ${quoteIdentifier(schema)} AUTHORIZATION ${quoted}`
    )
  }
  if (row?.['uses'] !== true)
    return problem(
      `${role.name} may use nothing in the schema ${schema}.`,
      `GRANT USAGE${migrates ? ', CREATE' : ''} ON SCHEMA ${quoteIdentifier(schema)} TO ${quoted}`
    )
  if (migrates && row['makes'] !== true)
    return problem(
      `${role.name} may make nothing in the schema ${schema}.`,
      `GRANT CREATE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoted}`
    )
  const told = role.superuser ? `${role.name}, a superuser` : role.name
  return {
    ...check,
    told: migrates ? `${told}, may make objects in ${schema}` : `${told}, may use ${schema}`,
    result: 'ok'
  }
}

/** What the frameworks do to their own table: Ecto adds a row, Prisma also says of it when it ended. */
const written = { prisma: ['SELECT', 'INSERT', 'UPDATE'], ecto: ['SELECT', 'INSERT'] } as const

async function tableChecks(
  session: Session,
  { role }: Server,
  { migrationsSchema, migrationsTable, framework }: Wanted
): Promise<readonly Check[]> {
  if (migrationsTable === undefined || framework === undefined) return []
  const wanted = written[framework]
  const rows = await session.query(
    `SELECT wanted.privilege, n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       CROSS JOIN unnest($3::text[]) AS wanted (privilege)
      WHERE c.relname = $2 AND CASE WHEN $1::text IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname = $1 END
        AND NOT has_table_privilege(c.oid, wanted.privilege)`,
    [migrationsSchema ?? null, migrationsTable, wanted]
  )
  const [first] = rows
  if (first === undefined) return []
  const lacking = rows.map((row) => textOf(row, 'privilege')).join(', ')
  const table = `${quoteIdentifier(textOf(first, 'schema'))}.${quoteIdentifier(migrationsTable)}`
  return [
    {
      id: 'migrations-table-privileges',
      title: 'Privileges on the table of migrations',
      told: `${role.name} lacks ${lacking}`,
      result: 'failed',
      problem: {
        code: 'database-privilege',
        message: `${role.name} lacks ${lacking} on ${migrationsTable}, where each migration is noted that is applied.`,
        hint: `Run as its owner or a superuser: \`GRANT ${wanted.join(', ')} ON ${table} TO ${quoteIdentifier(role.name)}\`.`
      }
    }
  ]
}

/**
 * ALTER TABLE, CREATE INDEX and most of what changes a table want its owner, or a member of the owner
 * (https://www.postgresql.org/docs/current/ddl-priv.html). A table that only gets rows does not: it is known by its lock.
 */
async function ownerChecks(session: Session, { role }: Server, { schema, tables }: Wanted): Promise<readonly Check[]> {
  const changed = tables.filter(({ lock }) => lock === undefined || !rowLocks.has(lock))
  if (changed.length === 0) return []
  const rows = await session.query(
    `SELECT touched.name, owner.rolname AS owner, pg_has_role(c.relowner, 'USAGE') AS owned
     FROM ${relationsSql(1)} touched JOIN pg_class c USING (oid) JOIN pg_roles owner ON owner.oid = c.relowner`,
    relationsValues(changed, schema)
  )
  const foreign = rows.filter((row) => !booleanOf(row, 'owned'))
  const check = { id: 'ownership', title: 'Ownership of touched tables' }
  if (foreign.length === 0)
    return rows.length === 0
      ? []
      : [{ ...check, told: `${role.name} owns ${rows.length === 1 ? 'it' : `all ${rows.length}`}`, result: 'ok' }]
  const owners = [...new Set(foreign.map((row) => optionalTextOf(row, 'owner') ?? ''))]
  const names = foreign.map((row) => textOf(row, 'name'))
  const known = changed.some(({ name, lock }) => lock !== undefined && names.includes(name))
  return [
    {
      ...check,
      told: `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''} of ${owners.join(', ')}`,
      result: known ? 'failed' : 'warning',
      problem: {
        code: 'database-not-owner',
        message: `${role.name} does not own ${names.slice(0, 5).join(', ')}, which pending migrations touch: a change of a table wants its owner.`,
        hint: `Deploy as ${owners.join(' or ')}, or make the role a member: ${owners.map((owner) => `\`GRANT ${quoteIdentifier(owner)} TO ${quoteIdentifier(role.name)}\``).join(', ')}.`
      }
    }
  ]
}

/** Of SELECT, INSERT, UPDATE and DELETE. */
const rowLocks: ReadonlySet<string> = new Set(['ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE'])
