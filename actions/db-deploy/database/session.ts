/** A row as the server sends it; who reads it says what a column is. */
export type Row = Readonly<Record<string, unknown>>

/** One connection to a PostgreSQL server. */
export interface Session {
  /** Of its backend. */
  readonly pid: number
  /** Aborted when the connection is lost. */
  readonly lost: AbortSignal
  /**
   * @param values of `$1`, `$2` …; identifiers are quoted by `quoteIdentifier`, never put in as they are
   * @throws QueryError with the SQLSTATE
   */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  close(): Promise<void>
}
