import type { Suppression } from './migration.ts'

/**
 * The rules that a name in a suppressing comment means.
 *
 * @param by whose comment it is: each tool has names of its own
 * @param name as it stands in the comment
 * @returns ids of our rules; empty for a rule of that tool that has no counterpart here; undefined for a name that the
 *   tool does not have
 */
export function peerRules(by: Suppression['by'], name: string): readonly string[] | undefined {
  switch (by) {
    case 'migration-guard':
      return ownRules.includes(name) ? [name] : undefined
    case 'squawk':
      return squawk[name]
    case 'excellent_migrations':
      return excellentMigrations[name]
    case 'atlas':
      return atlasClasses[name.toLowerCase()] ?? atlasChecks[name.toUpperCase()]
  }
}

/** Whether a name means what is written as SQL only: excellent_migrations finds nothing of Ecto's own words by it. */
export function isOfSqlOnly(by: Suppression['by'], name: string): boolean {
  return by === 'excellent_migrations' && name === 'raw_sql_executed'
}

/** Names of our rules; a contract test holds them against the table of rules. */
const ownRules: readonly string[] = [
  'drop-column',
  'drop-table',
  'drop-schema',
  'drop-database',
  'truncate',
  'create-index-not-concurrently',
  'drop-index-not-concurrently',
  'reindex-not-concurrently',
  'refresh-not-concurrently',
  'add-foreign-key',
  'drop-foreign-key',
  'foreign-key-without-index',
  'add-check-constraint',
  'add-unique-constraint',
  'add-primary-key',
  'add-exclusion-constraint',
  'validate-in-transaction',
  'alter-domain-constraint',
  'add-column-not-null',
  'add-column-volatile-default',
  'add-column-generated',
  'alter-column-type',
  'set-not-null',
  'drop-not-null',
  'rename-column',
  'rename-table',
  'rename-schema',
  'rename-enum-value',
  'detach-partition-not-concurrently',
  'attach-partition',
  'rewrite-table',
  'lock-table',
  'create-trigger',
  'row-level-security',
  'concurrently-in-transaction',
  'concurrently-with-migration-lock',
  'enum-value-used',
  'transaction-nesting',
  'uncommitted-transaction',
  'long-statement-under-lock',
  'not-atomic',
  'not-rerunnable',
  'update-without-where',
  'delete-without-where',
  'rows-and-schema-in-transaction',
  'duplicate-assignment',
  'no-lock-timeout',
  'no-statement-timeout',
  'privileges',
  'superuser-role',
  'security-definer',
  'create-extension',
  'copy-program',
  'identifier-too-long',
  'json-column',
  'char-column',
  'varchar-column',
  'timestamp-column',
  'int-column',
  'serial-column',
  'enum-value-order',
  'table-without-schema',
  'index-of-many-columns',
  'syntax-error',
  'dynamic-sql',
  'without-effect',
  'unknown-suppression'
]

const constraints = ['add-check-constraint', 'add-foreign-key', 'validate-in-transaction'] as const
const indexConstraints = ['add-unique-constraint', 'add-primary-key'] as const
const drops = ['drop-column', 'drop-table', 'drop-schema', 'drop-database', 'truncate'] as const

/** squawk 2.70, https://squawkhq.com/docs/rules. */
const squawk: Readonly<Record<string, readonly string[]>> = {
  'adding-field-with-default': ['add-column-volatile-default', 'add-column-generated'],
  'adding-foreign-key-constraint': ['add-foreign-key'],
  'adding-not-nullable-field': ['set-not-null'],
  'adding-required-field': ['add-column-not-null'],
  'adding-serial-primary-key-field': ['add-primary-key', 'add-column-generated'],
  'ban-alter-domain-with-add-constraint': ['alter-domain-constraint'],
  'ban-char-field': ['char-column'],
  'ban-concurrent-index-creation-in-transaction': ['concurrently-in-transaction'],
  'ban-create-domain-with-constraint': ['alter-domain-constraint'],
  'ban-drop-column': ['drop-column'],
  'ban-drop-database': ['drop-database'],
  'ban-drop-not-null': ['drop-not-null'],
  'ban-drop-table': ['drop-table'],
  'ban-duplicate-column-assignments': ['duplicate-assignment'],
  'ban-truncate-cascade': ['truncate'],
  'ban-uncommitted-transaction': ['uncommitted-transaction'],
  'changing-column-type': ['alter-column-type'],
  'constraint-missing-not-valid': constraints,
  'disallowed-unique-constraint': ['add-unique-constraint'],
  'identifier-too-long': ['identifier-too-long'],
  'prefer-big-int': ['int-column'],
  'prefer-bigint-over-int': ['int-column'],
  'prefer-bigint-over-smallint': ['int-column'],
  'prefer-identity': ['serial-column', 'add-column-generated'],
  'prefer-repack': ['rewrite-table'],
  'prefer-robust-stmts': ['not-rerunnable', 'not-atomic'],
  'prefer-text-field': ['varchar-column'],
  'prefer-timestamp-tz': ['timestamp-column'],
  'prefer-timestamptz': ['timestamp-column'],
  'renaming-column': ['rename-column'],
  'renaming-table': ['rename-table'],
  'require-concurrent-index-creation': ['create-index-not-concurrently'],
  'require-concurrent-index-deletion': ['drop-index-not-concurrently'],
  'require-concurrent-partition-detach': ['detach-partition-not-concurrently'],
  'require-concurrent-reindex': ['reindex-not-concurrently'],
  'require-enum-value-ordering': ['enum-value-order'],
  'require-lock-timeout': ['no-lock-timeout'],
  'require-statement-timeout': ['no-statement-timeout'],
  'require-table-schema': ['table-without-schema'],
  'require-timeout-settings': ['no-lock-timeout', 'no-statement-timeout'],
  'transaction-nesting': ['transaction-nesting'],
  'unused-ignore': []
}

/** excellent_migrations 0.1.10, its README's list of checks. */
const excellentMigrations: Readonly<Record<string, readonly string[]>> = {
  check_constraint_added: ['add-check-constraint'],
  column_added_with_default: ['add-column-volatile-default'],
  column_reference_added: ['add-foreign-key'],
  column_removed: ['drop-column'],
  column_renamed: ['rename-column'],
  column_type_changed: ['alter-column-type'],
  column_volatile_default: ['add-column-volatile-default'],
  index_concurrently_without_disable_ddl_transaction: ['concurrently-in-transaction'],
  index_concurrently_without_disable_migration_lock: ['concurrently-with-migration-lock'],
  index_not_concurrently: ['create-index-not-concurrently', 'drop-index-not-concurrently'],
  json_column_added: ['json-column'],
  many_columns_index: ['index-of-many-columns'],
  not_null_added: ['set-not-null', 'add-column-not-null'],
  operation_delete: ['delete-without-where', 'rows-and-schema-in-transaction'],
  operation_insert: ['rows-and-schema-in-transaction'],
  operation_update: ['update-without-where', 'rows-and-schema-in-transaction'],
  raw_sql_executed: ownRules.filter((rule) => rule !== 'syntax-error'),
  table_dropped: ['drop-table'],
  table_renamed: ['rename-table']
}

/** Names of atlas' analyzers, https://atlasgo.io/lint/analyzers. */
const atlasClasses: Readonly<Record<string, readonly string[]>> = {
  destructive: drops,
  data_depend: [...indexConstraints, 'add-column-not-null', 'set-not-null', 'add-check-constraint'],
  concurrent_index: ['create-index-not-concurrently', 'drop-index-not-concurrently', 'concurrently-in-transaction'],
  incompatible: ['rename-column', 'rename-table', 'rename-schema', 'rename-enum-value'],
  nestedtx: ['transaction-nesting', 'uncommitted-transaction'],
  naming: ['identifier-too-long'],
  statement: []
}

const atlasChecks: Readonly<Record<string, readonly string[]>> = {
  DS101: ['drop-schema'],
  DS102: ['drop-table'],
  DS103: ['drop-column'],
  MF101: ['add-unique-constraint'],
  MF102: ['add-unique-constraint'],
  MF103: ['add-column-not-null'],
  MF104: ['set-not-null'],
  BC101: ['rename-table'],
  BC102: ['rename-column'],
  CD101: ['drop-foreign-key'],
  PG101: ['create-index-not-concurrently'],
  PG102: ['drop-index-not-concurrently'],
  PG103: ['concurrently-in-transaction'],
  PG104: ['add-primary-key'],
  PG105: ['add-unique-constraint'],
  PG110: [],
  PG301: ['alter-column-type'],
  PG302: ['add-column-volatile-default'],
  PG303: ['set-not-null'],
  PG304: ['add-primary-key'],
  PG305: ['add-check-constraint'],
  PG306: ['add-foreign-key'],
  NM101: [],
  NM102: [],
  NM103: [],
  NM104: [],
  NM105: [],
  NM106: []
}
