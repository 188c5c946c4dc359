import type { ParsedMigration, Statement } from '../migration.ts'
import type { LintContext } from '../lint.ts'

/** How a statement reaches the server. */
export interface Run {
  /** The transaction that it runs in, counted within the migration; undefined: it commits by itself. */
  readonly transaction: number | undefined
  /** Who opened that transaction: the tool that runs the migration, or a BEGIN in it. */
  readonly opened: 'by the tool' | 'by BEGIN' | 'by nobody'
}

/** Whether a tool keeps a failed migration from leaving half of itself behind. */
export type Engine = 'one transaction' | 'each statement by itself' | 'unknown'

/**
 * How the tool runs a migration that says nothing itself.
 *
 * Prisma up to 7.3 sends the file as one simple query, which PostgreSQL runs in one implicit transaction; from 7.4 on
 * (prisma-engines #5767) every statement commits by itself. Ecto opens a transaction unless `@disable_ddl_transaction`
 * says otherwise. What runs a plain SQL file is not known.
 */
export function engineOf(migration: ParsedMigration, context: LintContext): Engine {
  switch (migration.file.framework) {
    case 'prisma':
      return prismaSplits(context.prisma) ? 'each statement by itself' : 'one transaction'
    case 'ecto':
      return migration.ecto?.disableDdlTransaction === true ? 'each statement by itself' : 'one transaction'
    case 'sql':
      return 'unknown'
  }
}

/** Whether this version of Prisma runs each statement of a file by itself (7.4 and later). A version not known: no. */
export function prismaSplits(version: string | undefined): boolean {
  const [, major, minor] = /^\D*(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? []
  if (major === undefined) return false
  return Number(major) > 7 || (Number(major) === 7 && Number(minor ?? 0) >= 4)
}

/** How each of the statements runs, in their order. */
export function runsOf(migration: ParsedMigration, statements: readonly Statement[], context: LintContext): Run[] {
  const engine = engineOf(migration, context)
  const runs: Run[] = []
  let current = 0
  let explicit = false
  // A simple query of one statement is no transaction block: CONCURRENTLY works there.
  const wraps = engine === 'one transaction' && (migration.file.framework === 'ecto' || statements.length > 1)
  for (const statement of statements) {
    const kinds = statement.operations.map((operation) => operation.kind)
    if (kinds.includes('begin')) {
      if (!explicit) current += 1
      explicit = true
    }
    if (explicit) runs.push({ transaction: current, opened: 'by BEGIN' })
    else if (wraps) runs.push({ transaction: current, opened: 'by the tool' })
    else runs.push({ transaction: undefined, opened: 'by nobody' })
    if (kinds.includes('commit') || kinds.includes('rollback')) {
      explicit = false
      current += 1
    }
  }
  return runs
}
