import { fail } from '../../shared/problem.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { QueryError } from '../database/query-error.ts'
import type { Session } from '../database/session.ts'
import { numberOf, optionalTextOf, quoteIdentifier, quoteLiteral, textOf, textsOf } from '../database/sql.ts'

/**
 * Makes an empty database with all that belongs to another one and that pg_restore does not bring into a database of another
 * name: owner, encoding, locale, tablespace, limit of connections, comment, privileges, and settings (ALTER DATABASE … SET,
 * ALTER ROLE … IN DATABASE … SET).
 *
 * @param admin a session in another database
 * @param names `like`: undefined where there is none; then it is as the server makes databases
 * @throws ActionError `deploy-restore-rights` where something cannot be carried over; nothing is left then
 */
export async function createLike(
  admin: Session,
  url: DatabaseUrl,
  names: { readonly name: string; readonly like: string | undefined },
  applicationName: string
): Promise<void> {
  const statements =
    names.like === undefined
      ? [`CREATE DATABASE ${quoteIdentifier(names.name)} TEMPLATE template0`]
      : await statementsLike(admin, names.like, names.name)
  for (const statement of statements) {
    try {
      await admin.query(statement)
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      fail(
        {
          code: 'deploy-restore-rights',
          message: `A database that takes the place of ${url.database} could not be made: ${error.report.message} (SQLSTATE ${error.sqlstate}) at: ${statement}`,
          hint: `Let a role connect that may do this (seen in pg_stat_activity as ${applicationName}), or use \`restore-mode: in-place\`. What was there is untouched.`
        },
        error
      )
    }
  }
}

async function statementsLike(admin: Session, like: string, name: string): Promise<readonly string[]> {
  const [row] = await admin.query(databaseQuery, [like])
  const version = numberOf(row, 'version')
  const made = quoteIdentifier(name)
  // Columns came and went: daticulocale in 15 and 16, datlocale and the builtin provider from 17 on.
  const column = version >= 170_000 ? 'datlocale' : version >= 150_000 ? 'daticulocale' : undefined
  const [locale] =
    column === undefined
      ? []
      : await admin.query(
          `SELECT datlocprovider::text AS provider, ${column} AS locale FROM pg_catalog.pg_database WHERE datname = $1`,
          [like]
        )
  const provider = locale === undefined ? 'c' : textOf(locale, 'provider')
  const given = locale === undefined ? undefined : optionalTextOf(locale, 'locale')
  const options = [
    'TEMPLATE template0',
    `OWNER ${quoteIdentifier(textOf(row, 'owner'))}`,
    `ENCODING ${quoteLiteral(textOf(row, 'encoding'))}`,
    `LC_COLLATE ${quoteLiteral(textOf(row, 'collate'))}`,
    `LC_CTYPE ${quoteLiteral(textOf(row, 'ctype'))}`,
    ...(provider === 'i' && given !== undefined ? [`LOCALE_PROVIDER icu ICU_LOCALE ${quoteLiteral(given)}`] : []),
    ...(provider === 'b' && given !== undefined
      ? [`LOCALE_PROVIDER builtin BUILTIN_LOCALE ${quoteLiteral(given)}`]
      : []),
    // Named only where it is another than what is taken anyway: naming it needs a right of its own.
    ...(row?.['moved'] === true ? [`TABLESPACE ${quoteIdentifier(textOf(row, 'tablespace'))}`] : []),
    `CONNECTION LIMIT ${numberOf(row, 'connection_limit')}`
  ]
  const comment = optionalTextOf(row, 'comment')
  const settings = await admin.query(settingsQuery, [like])
  const grants = await admin.query(grantsQuery, [like])
  return [
    `CREATE DATABASE ${made} ${options.join(' ')}`,
    ...(comment === undefined ? [] : [`COMMENT ON DATABASE ${made} IS ${quoteLiteral(comment)}`]),
    ...settings.flatMap((setting) => {
      const role = optionalTextOf(setting, 'role')
      const whose = role === undefined ? `DATABASE ${made}` : `ROLE ${quoteIdentifier(role)} IN DATABASE ${made}`
      return textsOf(setting, 'settings').map((each) => `ALTER ${whose} SET ${settingOf(each)}`)
    }),
    ...(row?.['granted'] === true ? [`REVOKE ALL ON DATABASE ${made} FROM PUBLIC`] : []),
    ...grants.map((grant) => {
      const grantee = optionalTextOf(grant, 'grantee')
      const to = grantee === undefined ? 'PUBLIC' : quoteIdentifier(grantee)
      return `GRANT ${textOf(grant, 'privilege')} ON DATABASE ${made} TO ${to}${grant['grantable'] === true ? ' WITH GRANT OPTION' : ''}`
    })
  ]
}

/** Settings that are lists of names, each quoted by itself (guc.h, GUC_LIST_QUOTE). */
const lists = new Set([
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'shared_preload_libraries',
  'local_preload_libraries',
  'unix_socket_directories'
])

/** `search_path="$user", public` as it is stored; such a list is taken as it stands, anything else is one text. */
function settingOf(stored: string): string {
  const at = stored.indexOf('=')
  const name = stored.slice(0, at)
  const value = stored.slice(at + 1)
  const quoted = name.split('.').map(quoteIdentifier).join('.')
  return `${quoted} TO ${lists.has(name) && value !== '' ? value : quoteLiteral(value)}`
}

const databaseQuery = `SELECT pg_catalog.pg_get_userbyid(d.datdba) AS owner, pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
    d.datcollate AS collate, d.datctype AS ctype, t.spcname AS tablespace,
    d.dattablespace <> (SELECT dattablespace FROM pg_catalog.pg_database WHERE datname = 'template0') AS moved,
    d.datconnlimit AS connection_limit,
    pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
    d.datacl IS NOT NULL AS granted, pg_catalog.current_setting('server_version_num') AS version
  FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`

const settingsQuery = `SELECT r.rolname::text AS role, s.setconfig AS settings
  FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole WHERE d.datname = $1 ORDER BY 1`

/** None where nobody has changed what everybody has; the owner's own come with being it. */
const grantsQuery = `SELECT CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END AS grantee,
    a.privilege_type AS privilege, a.is_grantable AS grantable
  FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a
  WHERE d.datname = $1 AND a.grantee <> d.datdba ORDER BY 1, 2`
