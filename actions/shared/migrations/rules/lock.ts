import type { Lock } from '../finding.ts'
import type { TableName } from '../operation.ts'
import type { LockMode } from './rule.ts'
import { tableLabel } from './sql-text.ts'

/** Whom a table lock keeps waiting (PostgreSQL, Explicit Locking, table 13.2). */
const blocks: Readonly<Record<LockMode, string>> = {
  'ACCESS EXCLUSIVE': 'reads and writes',
  EXCLUSIVE: 'writes, and reads that lock rows',
  'SHARE ROW EXCLUSIVE': 'writes',
  SHARE: 'writes',
  'SHARE UPDATE EXCLUSIVE': 'other changes of the schema, and VACUUM',
  'ROW EXCLUSIVE': 'changes of the same rows'
}

/** How a statement of a rule locks. */
export function lock(mode: LockMode, tables: readonly TableName[], rewrite: Lock['rewrite'], lasts: Lasts): Lock {
  return { mode, tables: tables.map(tableLabel), blocks: blocks[mode], rewrite, lasts }
}

export type Lasts =
  | 'a moment, and as long as the transaction goes on'
  | 'for the whole build of the index'
  | 'while every row is checked'
  | 'while every row is written anew'
  | 'until every row is changed and committed'
  | 'while the query runs'
  | 'until the transaction ends'

export const briefly: Lasts = 'a moment, and as long as the transaction goes on'
