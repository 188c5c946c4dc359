import type { Span } from './position.ts'

export type Level = 'error' | 'warning' | 'notice'

/** One thing that a rule found, told as an instruction. */
export interface Finding {
  /** Stable kebab-case name; the anchor in docs/migration-rules.md, or in docs/migration-policy.md for the policy’s own. */
  readonly rule: string
  readonly level: Level
  /** Relative to the repository. Absent where it is about the change as a whole. */
  readonly file?: string
  readonly span?: Span
  readonly message: string
  readonly hint: string
  /** Of a statement that locks. */
  readonly lock?: Lock
  /** The safe way in the user's own framework, ready to paste. */
  readonly recipe?: Recipe
}

export interface Lock {
  /** PostgreSQL's name of it: `ACCESS EXCLUSIVE`, `SHARE ROW EXCLUSIVE`, `SHARE`. */
  readonly mode: string
  readonly tables: readonly string[]
  /** Whom it blocks, in words: `reads and writes`, `writes`. */
  readonly blocks: string
  /** Whether the table is written anew: the time grows with its size. */
  readonly rewrite: 'yes' | 'no' | 'unknown'
  /** Why it lasts, in words: `for the whole build of the index`, `while every row is checked`. */
  readonly lasts: string
}

export interface Recipe {
  readonly language: 'sql' | 'elixir' | 'sh' | 'yaml'
  readonly text: string
}

/** A finding that a comment or a bypass silenced. It is still told. */
export interface Silenced {
  readonly finding: Finding
  /** Where the silence comes from: `squawk-ignore in line 3`. */
  readonly by: string
  readonly reason?: string
  /** It was a review that let the change pass, and no comment in a migration. */
  readonly bypass?: true
}
