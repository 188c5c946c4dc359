/**
 * What one statement of a migration does to a PostgreSQL database, in the same words for SQL and for Ecto's DSL. The
 * rules know operations only; the readers of SQL and Elixir make them.
 */
export type Operation =
  | {
      readonly kind: 'create-table'
      readonly table: TableName
      readonly columns: readonly Column[]
      readonly constraints: readonly Constraint[]
      readonly temporary: boolean
      readonly ifNotExists: boolean
      /** Filled by a query at once. */ readonly filled: boolean
      /** The table whose partition it becomes. */ readonly partitionOf?: TableName
    }
  | { readonly kind: 'drop-table'; readonly table: TableName; readonly ifExists: boolean; readonly cascade: boolean }
  | { readonly kind: 'rename-table'; readonly table: TableName; readonly to: string }
  | { readonly kind: 'move-table'; readonly table: TableName; readonly schema: string }
  | { readonly kind: 'create-schema'; readonly schema: string; readonly ifNotExists?: true }
  | { readonly kind: 'drop-schema'; readonly schema: string }
  | { readonly kind: 'rename-schema'; readonly schema: string; readonly to: string }
  | { readonly kind: 'drop-database'; readonly database: string }
  | { readonly kind: 'add-column'; readonly table: TableName; readonly column: Column; readonly ifNotExists: boolean }
  | { readonly kind: 'drop-column'; readonly table: TableName; readonly column: string; readonly cascade: boolean }
  | { readonly kind: 'rename-column'; readonly table: TableName; readonly column: string; readonly to: string }
  | {
      readonly kind: 'alter-column-type'
      readonly table: TableName
      readonly column: string
      readonly type: TypeName
      /** The type it had, where the migration itself says it (Ecto's `from:`). */ readonly from?: TypeName
      readonly using?: string
    }
  | { readonly kind: 'set-not-null' | 'drop-not-null'; readonly table: TableName; readonly column: string }
  /** `SET EXPRESSION` of a generated column: written anew where it is stored (PostgreSQL 17). */
  | { readonly kind: 'set-expression'; readonly table: TableName; readonly column: string }
  | { readonly kind: 'set-default'; readonly table: TableName; readonly column: string; readonly value: DefaultValue }
  | { readonly kind: 'add-constraint'; readonly table: TableName; readonly constraint: Constraint }
  | { readonly kind: 'validate-constraint' | 'drop-constraint'; readonly table: TableName; readonly constraint: string }
  | { readonly kind: 'rename-constraint'; readonly table: TableName; readonly constraint: string; readonly to: string }
  | {
      readonly kind: 'create-index'
      readonly table: TableName
      readonly index?: string
      readonly concurrently: boolean
      readonly unique: boolean
      readonly ifNotExists: boolean
      /** Of plain column keys; an expression is ''. */ readonly columns: readonly string[]
      /** What stands behind ON: `users USING btree (lower(email)) WHERE …`; absent where it is ONLY, or not known. */
      readonly written?: string
    }
  | {
      readonly kind: 'drop-index'
      readonly index: string
      readonly schema?: string
      /** Known in Ecto's DSL only. */ readonly table?: TableName
      readonly concurrently: boolean
      readonly ifExists: boolean
    }
  | { readonly kind: 'rename-index'; readonly index: string; readonly to: string }
  | {
      readonly kind: 'reindex'
      readonly what: 'index' | 'table' | 'schema' | 'database'
      readonly name: string
      readonly concurrently: boolean
    }
  | { readonly kind: 'refresh-materialized-view'; readonly view: TableName; readonly concurrently: boolean }
  | { readonly kind: 'attach-partition'; readonly table: TableName; readonly partition: TableName }
  | {
      readonly kind: 'detach-partition'
      readonly table: TableName
      readonly partition: TableName
      readonly concurrently: boolean
    }
  | {
      readonly kind: 'set-tablespace' | 'set-logged' | 'set-access-method' | 'cluster' | 'vacuum-full'
      readonly table: TableName
    }
  | {
      readonly kind: 'lock-table'
      readonly table: TableName
      /** As in SQL: `ACCESS EXCLUSIVE`. */ readonly mode: string
    }
  | {
      readonly kind: 'create-trigger' | 'drop-trigger' | 'switch-trigger'
      readonly table: TableName
      readonly trigger: string
    }
  | {
      readonly kind: 'row-level-security'
      readonly table: TableName
      readonly change: 'enable' | 'disable' | 'force' | 'no-force'
    }
  | { readonly kind: 'policy'; readonly table: TableName; readonly change: 'create' | 'alter' | 'drop' }
  | { readonly kind: 'create-enum'; readonly type: TableName; readonly values: readonly string[] }
  | {
      readonly kind: 'add-enum-value'
      readonly type: TableName
      readonly value: string
      readonly ordered: boolean
      readonly ifNotExists: boolean
    }
  | { readonly kind: 'rename-enum-value'; readonly type: TableName; readonly value: string; readonly to: string }
  | { readonly kind: 'rename-type' | 'drop-type'; readonly type: TableName }
  | {
      readonly kind: 'domain-constraint'
      readonly domain: TableName
      readonly notValid: boolean
      readonly created: boolean
    }
  | { readonly kind: 'truncate'; readonly tables: readonly TableName[]; readonly cascade: boolean }
  | {
      readonly kind: 'update' | 'delete'
      readonly table: TableName
      readonly where: boolean
      /** Columns assigned, in order, with repeats. */ readonly columns: readonly string[]
    }
  | {
      readonly kind: 'insert'
      readonly table: TableName
      /** Rows given in the statement; undefined for a query. */ readonly rows: number | undefined
    }
  | { readonly kind: 'begin' | 'commit' | 'rollback' }
  | { readonly kind: 'set-parameter'; readonly name: string; readonly value: string; readonly local: boolean }
  | { readonly kind: 'grant' | 'revoke'; readonly on: string }
  | { readonly kind: 'create-extension' | 'drop-extension'; readonly extension: string }
  | {
      readonly kind: 'create-function'
      readonly name: string
      readonly securityDefiner: boolean
      /** `SET search_path` stands with it. */ readonly searchPath: boolean
    }
  | { readonly kind: 'role'; readonly superuser: boolean }
  | { readonly kind: 'copy'; readonly program: boolean }
  | { readonly kind: 'create-view' | 'drop-view' | 'drop-materialized-view'; readonly view: TableName }
  /** Known not to lock or lose anything that a rule is about; `what` is PostgreSQL's command tag. */
  | { readonly kind: 'other'; readonly what: string }
  /** What it does cannot be read: `why` says it to a user. */
  | { readonly kind: 'unknown'; readonly why: string }

/** Folded as PostgreSQL folds names; `schema` only where it is written. */
export interface TableName {
  readonly schema?: string
  readonly name: string
}

/** A type as PostgreSQL names it internally: `int4`, `varchar`, `timestamptz`; `modifiers` of `varchar(20)` are [20]. */
export interface TypeName {
  readonly name: string
  readonly schema?: string
  readonly modifiers: readonly number[]
  readonly array: boolean
  /** As a column of this type is written, with COLLATE and the like: `interval day to second(3)`. Of what ALTER TABLE names. */
  readonly written?: string
}

/**
 * A column's default. `constant` and `stable` (now(), CURRENT_USER) are computed once, so adding such a column rewrites
 * nothing since PostgreSQL 11; `volatile` (random(), gen_random_uuid(), nextval()) rewrites; `unknown`: a function that
 * is not PostgreSQL's own, or text that could not be read.
 */
export interface DefaultValue {
  readonly kind: 'none' | 'null' | 'constant' | 'stable' | 'volatile' | 'unknown'
  /** As written; '' for `none`. */
  readonly text: string
}

export interface Column {
  readonly name: string
  /** Undefined where it could not be read. */
  readonly type: TypeName | undefined
  readonly notNull: boolean
  readonly default: DefaultValue
  /** smallserial, serial, bigserial. */
  readonly serial: boolean
  readonly identity: boolean
  /** `GENERATED ALWAYS AS (…)`: stored or virtual (PostgreSQL 18). */
  readonly generated: 'no' | 'stored' | 'virtual'
  /** Written with the column: PRIMARY KEY, UNIQUE, REFERENCES, CHECK. */
  readonly constraints: readonly Constraint[]
}

export interface Constraint {
  readonly kind: 'primary-key' | 'unique' | 'exclude' | 'foreign-key' | 'check' | 'not-null'
  readonly name?: string
  /** Of a CHECK: the one that it is about. */
  readonly columns: readonly string[]
  readonly notValid: boolean
  /** `USING INDEX name`. */
  readonly usingIndex?: string
  /** Of a foreign key. */
  readonly references?: TableName
  /** Columns that a CHECK proves to be not null: `c IS NOT NULL`, joined by AND only. */
  readonly provesNotNull: readonly string[]
  /** A CHECK or foreign key of ALTER TABLE as it is written behind `ADD CONSTRAINT name`, without NOT VALID. */
  readonly written?: string
  /** How the index of a unique or primary key differs; absent where it cannot be built before the constraint. */
  readonly index?: {
    readonly including: readonly string[]
    readonly nullsNotDistinct: boolean
    readonly checked: 'at once' | 'deferrable' | 'deferred'
  }
}
