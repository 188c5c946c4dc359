import type { Row } from '../database/session.ts'

/** A process of the server that serves one connection. */
export interface Backend {
  readonly pid: number
  /** Its application_name; '' where it gave none. */
  readonly application: string
  readonly role: string
  /** ISO 8601; undefined where the role may not see it. */
  readonly since: string | undefined
  /** `active`, `idle`, `idle in transaction` …; undefined where the role may not see it. */
  readonly state: string | undefined
  /** Its statement, or the last one; undefined where the role may not see it. */
  readonly statement: string | undefined
}

/**
 * What is read of `pg_stat_activity a`. Of another role's session a role sees pid, role and application_name; the rest is
 * null, and the statement says `<insufficient privilege>`, unless it has pg_read_all_stats (PostgreSQL, pgstatfuncs.c).
 */
export const backendColumns = `a.pid, coalesce(a.application_name, '') AS application, coalesce(a.usename::text, '') AS role,
  to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since, a.state,
  CASE WHEN a.state IS NOT NULL THEN left(a.query, 2000) END AS statement`

export function backendOf(row: Row): Backend {
  const text = (column: string): string | undefined => {
    const value = row[column]
    return typeof value === 'string' ? value : undefined
  }
  return {
    pid: Number(row['pid']),
    application: text('application') ?? '',
    role: text('role') ?? '',
    since: text('since'),
    state: text('state'),
    statement: text('statement')
  }
}
