import type { ParsedMigration } from '../../shared/migrations/migration.ts'
import { prismaSplits } from '../../shared/migrations/rules/transactions.ts'
import { mayCommit } from './may-commit.ts'

/**
 * How a migration is run: as one transaction that leaves everything or nothing, or statement by statement, so that those
 * before the one that fails stay. `unknown`: nobody can say.
 */
export type Transaction = 'all or nothing' | 'by statement' | 'unknown'

/**
 * @param migration undefined where its file is not to be had
 * @param version Prisma's; undefined where it is not known
 */
export function prismaTransaction(migration: ParsedMigration | undefined, version: string | undefined): Transaction {
  if (migration === undefined || migration.syntaxError !== undefined) return 'unknown'
  if (isConcurrent(migration)) return 'by statement'
  const kinds = migration.statements.map(({ operations }) => operations[0]?.kind)
  const boundaries = kinds.filter((kind) => kind === 'begin' || kind === 'commit' || kind === 'rollback')
  if (boundaries.length > 0) {
    const wrapped = boundaries.join() === 'begin,commit' && kinds[0] === 'begin' && kinds.at(-1) === 'commit'
    return wrapped ? 'all or nothing' : 'by statement'
  }
  const [only] = migration.statements
  if (kinds.length === 1 && only !== undefined) return mayCommit(only.text) ? 'unknown' : 'all or nothing'
  if (version === undefined) return 'unknown'
  // From 7.4 on each statement commits by itself (prisma-engines#5767); before, the file was one query, and so one
  // implicit transaction.
  return prismaSplits(version) ? 'by statement' : 'all or nothing'
}

/**
 * Ecto runs a migration in a transaction, together with its row of the table, unless it is told not to: by an attribute, or
 * by a module of the project's own that stands in the place of Ecto.Migration and brings the attribute with it.
 *
 * @param text of its file
 */
export function ectoTransaction(migration: ParsedMigration | undefined, text: string): Transaction {
  if (migration?.ecto === undefined || migration.syntaxError !== undefined) return 'unknown'
  const used = [...text.matchAll(/^[ \t]*use[ \t(]+([\w.]+)/gm)].map(([, name]) => name)
  if (used.some((name) => name !== 'Ecto.Migration')) return 'unknown'
  const told = [...text.matchAll(/^[ \t]*@disable_ddl_transaction\b[ \t]*(.*)/gm)].map(([, value = '']) => value.trim())
  if (told.some((value) => !/^(?:true|false)\b/.test(value))) return 'unknown'
  const commits = upStatements(migration).some(({ operations }) => operations.some(({ kind }) => kind === 'commit'))
  return migration.ecto.disableDdlTransaction || commits ? 'by statement' : 'all or nothing'
}

function isConcurrent(migration: ParsedMigration): boolean {
  return upStatements(migration).some(({ operations }) =>
    operations.some((operation) => 'concurrently' in operation && operation.concurrently)
  )
}

function upStatements({ statements }: ParsedMigration): ParsedMigration['statements'] {
  return statements.filter(({ direction }) => direction === 'up')
}
