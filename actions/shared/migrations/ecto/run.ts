import type { SqlParser } from '../../parsers.ts'
import { longestText, type EctoFacts, type NotAnalysed, type Statement, type Suppression } from '../migration.ts'
import type { Column, Operation, TableName } from '../operation.ts'
import type { Span } from '../position.ts'
import type { ModuleText } from './functions.ts'
import type { ElixirSource, Syntax } from './syntax.ts'

/** One reading of a migration: what was found so far, and where the reader stands. */
export interface Run {
  readonly source: ElixirSource
  readonly sql: SqlParser
  readonly modules: readonly ModuleText[]
  readonly statements: Statement[]
  readonly notAnalysed: NotAnalysed[]
  readonly irreversible: EctoFacts['irreversible'][number][]
  readonly suppressions: Suppression[]
  /** Calls whose statements may stand in later lines than the call begins in; a block has a statement in each line. */
  readonly calls: { readonly span: Span; readonly block: boolean }[]
  readonly withoutEffect: EctoFacts['withoutEffect'][number][]
  /**
   * What runs the code at hand: `both` in `change`, which Ecto also runs backwards; `up` where a rollback never comes
   * by; `down`.
   */
  mode: 'both' | 'up' | 'down'
  /** `@disable_ddl_transaction true` */
  readonly outsideTransaction: boolean
  conditional: boolean
  /** The table whose `create` or `alter` block is open. */
  table: OpenTable | undefined
  /** Expressions looked at: a loop over a loop over … must end. */
  steps: number
  /** Numbers of the expressions that placeholders stand for. */
  readonly interpolations: Map<string, number>
  /** Operations of SQL that was read before. */
  readonly read: Map<string, readonly Operation[]>
  depth: number
}

export interface OpenTable {
  readonly command: 'create' | 'alter'
  readonly table: TableName
  /** Of a table that is created. */
  readonly columns: Column[]
  readonly primaryKey: string[]
}

export const mostSteps = 100_000
export const deepestCall = 600

/** The text of a node. */
export function writtenIn(run: Run, node: Syntax): string {
  return run.source.text.slice(node.start, node.end)
}

/** Adds a statement that is written as `node`. */
export function emit(run: Run, node: Syntax, operations: readonly Operation[], written: 'dsl' | 'sql' = 'dsl'): void {
  run.statements.push({
    span: run.source.positions.span(node.start, node.end),
    text: run.source.text.slice(node.start, Math.min(node.end, node.start + longestText)),
    direction: run.mode === 'down' ? 'down' : 'up',
    operations,
    literals: [],
    written,
    conditional: run.conditional
  })
}

/** Tells once what cannot be read at this place. No rule is about the way back, so nothing is missed there. */
export function tellNotAnalysed(run: Run, node: Syntax, why: string, partly: boolean): void {
  if (run.mode === 'down') return
  addNotAnalysed(run, { span: run.source.positions.span(node.start, node.end), why, partly })
}

/** A loop comes by the same place more than once. */
export function addNotAnalysed(run: Run, added: NotAnalysed): void {
  const { span, why } = added
  const told = run.notAnalysed.some(
    (other) =>
      other.why === why && other.span.start.line === span.start.line && other.span.start.column === span.start.column
  )
  if (!told) run.notAnalysed.push(added)
}

/** Ecto runs `change` backwards and stops at a command that it cannot turn round (Ecto.Migration.Runner, reverse/1). */
export function tellIrreversible(run: Run, node: Syntax, what: string, hint: string): void {
  if (run.mode !== 'both') return
  const span = run.source.positions.span(node.start, node.end)
  if (run.irreversible.some((other) => other.what === what && other.span.start.line === span.start.line)) return
  run.irreversible.push({ span, what, hint })
}

/** Runs `body` as code that only some runs reach. */
export function conditionally<T>(run: Run, body: () => T): T {
  const before = run.conditional
  run.conditional = true
  try {
    return body()
  } finally {
    run.conditional = before
  }
}

/** Runs `body` as code of one direction; code that can never be reached is passed over. */
export function inDirection(run: Run, direction: 'up' | 'down', body: () => void): void {
  const before = run.mode
  if (before !== 'both' && before !== direction) return
  run.mode = direction
  try {
    body()
  } finally {
    run.mode = before
  }
}
