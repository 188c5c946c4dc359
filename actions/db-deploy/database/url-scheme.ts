import { isIPv6 } from 'node:net'
import type { Problem } from '../../shared/problem.ts'

/**
 * The database that a URL is for, where it is one that is not PostgreSQL.
 *
 * @returns Prisma's provider name, or undefined where the URL is PostgreSQL's or nobody's
 */
export function otherDatabase(text: string): string | undefined {
  const scheme = schemeOf(text)
  return scheme === undefined ? undefined : others[scheme]
}

/** What is wrong before the first `//`; undefined where it is a PostgreSQL URL. */
export function schemeProblem(text: string, input: string): Problem | undefined {
  const problem = (message: string, hint: string): Problem => ({
    code: 'database-url-invalid',
    message: `The URL in ${input} ${message}.`,
    hint
  })
  if (/^["'`]/.test(text))
    return problem('stands in quotes', 'Put the URL into the secret without quotes: a runner does not remove them.')
  if (/^(?:export\s+)?\w+\s*=\s*["']?\w+:/.test(text))
    return problem('begins with the name of a variable', 'Put only what stands behind the `=` into the secret.')
  if (/^psql\s/.test(text))
    return problem('begins with `psql`', 'Put only the URL into the secret, without `psql` and quotes.')
  const scheme = schemeOf(text)
  if (scheme === undefined) return problem('is no URL', example)
  const known = refused[scheme]
  if (known !== undefined)
    return { code: 'database-url-refused', message: `The URL in ${input} ${known.message}.`, hint: known.hint }
  if (!postgres.test(scheme)) return problem(`begins with \`${scheme}:\`, which is no database that is known`, example)
  if (!text.slice(scheme.length).startsWith('://')) return problem(`has no \`//\` behind \`${scheme}:\``, example)
  return undefined
}

/** Hosts as a URL writes them. */
export function listed(hosts: readonly { readonly host: string; readonly port: number }[]): string {
  return hosts
    .map(
      ({ host, port }) =>
        `${isIPv6(host) ? `[${host}]` : host.startsWith('/') ? encodeURIComponent(host) : host}:${port}`
    )
    .join(',')
}

function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.toLowerCase()
}

const example = 'Write `postgresql://user:password@host:5432/database`.'

/**
 * libpq knows the first two; `postgis` is of Rails and Django, `ecto` of Elixir's documentation, a driver behind a `+` of
 * SQLAlchemy.
 */
const postgres = /^(?:postgresql|postgres|postgis|ecto)(?:\+\w+)?$/

/** By Prisma's names of providers. */
const others: Readonly<Record<string, string>> = {
  mysql: 'mysql',
  mysql2: 'mysql',
  mariadb: 'mysql',
  sqlserver: 'sqlserver',
  mssql: 'sqlserver',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  file: 'sqlite',
  libsql: 'sqlite',
  mongodb: 'mongodb',
  'mongodb+srv': 'mongodb',
  cockroachdb: 'cockroachdb'
}

/** PostgreSQL lies behind these, and nothing but their own clients can talk to them. */
const refused: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  prisma: {
    message: 'leads to Prisma Accelerate, which runs no migrations and answers no other client',
    hint: 'Give the URL of the database behind it (`postgresql://…`): the one that Accelerate was set up with.'
  },
  'prisma+postgres': {
    message: 'leads to Prisma’s proxy, which answers no other client',
    hint: 'Give the direct connection string of the same database (`postgres://…@db.prisma.io:5432/…`), made in its console under "Connect".'
  },
  jdbc: {
    message: 'is written for Java (`jdbc:`)',
    hint: 'Remove `jdbc:` and put user and password before the host: `postgresql://user:password@host:5432/database`.'
  }
}
