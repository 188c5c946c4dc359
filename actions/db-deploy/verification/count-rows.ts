import type { Session } from '../database/session.ts'

/** Rows of a table: counted, or as the planner estimates them. */
export interface RowCount {
  readonly count: number
  readonly exact: boolean
}

/** What a table had at one moment; its oid stays when it is renamed. */
export interface CountedTable {
  /** `"public"."users"` */
  readonly table: string
  readonly oid: number
  readonly rows: RowCount
}

/** Every table that the session's role can read, before the migrations. Never throws for one table: it is left out. */
export declare function countRows(
  session: Session,
  request: { readonly exactCountLimit: number; readonly without: readonly string[]; readonly timeout: number }
): Promise<readonly CountedTable[]>
