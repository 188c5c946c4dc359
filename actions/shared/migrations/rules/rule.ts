import type { Level, Lock } from '../finding.ts'
import type { ParsedMigration, Statement } from '../migration.ts'
import type { Operation } from '../operation.ts'
import type { Span } from '../position.ts'
import type { LintContext } from '../lint.ts'
import type { Kind } from './by-kind.ts'
import type { KnownSchema } from './known-schema.ts'
import type { SafeWay } from './safe-way.ts'
import type { Run } from './transactions.ts'

export type RuleLevel = Level | 'off'
export type Profile = 'default' | 'calm' | 'strict'

export type Family =
  | 'destructive'
  | 'index'
  | 'foreign-key'
  | 'constraint'
  | 'column'
  | 'rename'
  | 'partition'
  | 'table'
  | 'transaction'
  | 'data'
  | 'timeout'
  | 'privilege'
  | 'name'
  | 'style'
  | 'reading'

/** What a rule is, for documentation, configuration and SARIF. */
export interface RuleDescription {
  /** Stable kebab-case name, the anchor in docs/migration-rules.md. */
  readonly id: string
  readonly family: Family
  readonly title: string
  readonly levels: Readonly<Record<Profile, RuleLevel>>
}

export interface Rule extends RuleDescription {
  /** The kinds of operations that `each` looks at; absent: every kind. */
  readonly of?: readonly Kind[]
  /** Looks at one operation. */
  readonly each?: (operation: Operation, situation: Situation) => Fault | undefined
  /** Looks at a migration as a whole, after every statement of it was seen. */
  readonly whole?: (script: Script) => readonly PlacedFault[]
  /** What a comment in the migration may not silence. */
  readonly loud?: true
  /** What holds for a change as a whole: the first place is told, and in how many migrations it is so. */
  readonly oncePerChange?: true
}

/** Where an operation stands and what is known there. */
export interface Situation {
  readonly migration: ParsedMigration
  readonly statement: Statement
  readonly context: LintContext
  /** What is known of the database before the statement. */
  readonly schema: KnownSchema
  readonly run: Run
  /** Every statement of the migration that runs forward, in order. */
  readonly script: readonly Statement[]
}

/** A migration with what was found out about each of its statements that run forward. */
export interface Script {
  readonly migration: ParsedMigration
  readonly context: LintContext
  readonly steps: readonly ScriptStep[]
}

export interface ScriptStep {
  readonly statement: Statement
  readonly run: Run
  /** Locks on tables that were there before the change. */
  readonly takes: readonly Taken[]
  /** Whether a rule that is on finds a lock in it that lasts. */
  readonly isFaulty: boolean
}

/** A lock that a statement takes on a table that others use. */
export interface Taken {
  readonly operation: Operation['kind']
  readonly table: string
  readonly mode: LockMode
  /** Whether the statement's time grows with the table. */
  readonly long: boolean
}

export type LockMode =
  'ACCESS EXCLUSIVE' | 'EXCLUSIVE' | 'SHARE ROW EXCLUSIVE' | 'SHARE' | 'SHARE UPDATE EXCLUSIVE' | 'ROW EXCLUSIVE'

/** What a rule found. Its message is told as `subject: message`. */
export interface Fault {
  /** What it is about: `orders`, `orders.total`. Faults of one rule in one statement about one table are told together. */
  readonly subject: string
  /** The table, where there is one; groups the subjects. */
  readonly table?: string
  readonly message: string
  readonly hint: string
  readonly lock?: Lock
  readonly safeWay?: SafeWay
}

export interface PlacedFault extends Fault {
  readonly span: Span
}
