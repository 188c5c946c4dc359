import type {
  CreateFunctionStmt,
  CreateStmt,
  CreateTableAsStmt,
  DropStmt,
  GrantStmt,
  IndexStmt,
  IntoClause,
  ObjectType,
  RangeVar,
  ReindexStmt,
  RenameStmt,
  TransactionStmt,
  VariableSetStmt
} from '@pgsql/types'
import type { Operation } from '../operation.ts'
import { readAlterTable } from './alter-table.ts'
import { readColumn, readConstraint } from './column.ts'
import { readDelete, readInsert, readMerge, readSelect, readUpdate } from './rows.ts'
import { harmless } from './command-tags.ts'
import type { StatementSource } from './statement-source.ts'
import { dottedName, items, relationName, strings, type NodeBodies, type NodeKind, type TreeNode } from './tree.ts'
import { lockModes } from '../lock-modes.ts'

/**
 * What a statement does, in the order in which it does it. A DO block gives nothing here: its body is a program of its
 * own (do-block.ts).
 */
export function operationsOf(statement: TreeNode, source: StatementSource): Operation[] {
  for (const kind of Object.keys(statement)) {
    if (isRead(kind)) return readKind(kind, statement, source)
    const what = harmless.get(kind)
    if (what !== undefined) return [{ kind: 'other', what }]
    return [{ kind: 'unknown', why: `a statement that the reader does not know (${kind})` }]
  }
  return []
}

type Readers = { readonly [K in NodeKind]?: (statement: NodeBodies[K], source: StatementSource) => Operation[] }

function isRead(kind: string): kind is keyof typeof readers {
  return Object.hasOwn(readers, kind)
}

function readKind<K extends NodeKind>(kind: K, statement: Pick<TreeNode, K>, source: StatementSource): Operation[] {
  const body: NodeBodies[K] | undefined = statement[kind]
  const read: Readers[K] = readers[kind]
  return body === undefined || read === undefined ? [] : read(body, source)
}

const readers: Readers = {
  CreateStmt: readCreateTable,
  CreateForeignTableStmt: ({ base }, source) => (base === undefined ? [] : readCreateTable(base, source)),
  CreateTableAsStmt: readCreateTableAs,
  AlterTableStmt: readAlterTable,
  DropStmt: readDrop,
  DropdbStmt: ({ dbname }) => [{ kind: 'drop-database', database: dbname ?? '' }],
  RenameStmt: readRename,
  AlterObjectSchemaStmt: ({ objectType, relation, newschema }) =>
    objectType === 'OBJECT_TABLE'
      ? [{ kind: 'move-table', table: relationName(relation), schema: newschema ?? '' }]
      : [{ kind: 'other', what: 'ALTER … SET SCHEMA' }],
  CreateSchemaStmt: ({ schemaname, authrole, schemaElts, if_not_exists }, source) => [
    {
      kind: 'create-schema',
      schema: schemaname ?? authrole?.rolename ?? '',
      ...(if_not_exists === true ? { ifNotExists: true } : {})
    },
    ...(schemaElts ?? []).flatMap((element: TreeNode) => operationsOf(element, source))
  ],
  IndexStmt: readCreateIndex,
  ReindexStmt: readReindex,
  RefreshMatViewStmt: ({ relation, concurrent }) => [
    { kind: 'refresh-materialized-view', view: relationName(relation), concurrently: concurrent === true }
  ],
  ClusterStmt: ({ relation }) => [{ kind: 'cluster', table: relationName(relation) }],
  VacuumStmt: ({ options, rels, is_vacuumcmd }) =>
    is_vacuumcmd === true && (options ?? []).some(isSwitchedOn('full'))
      ? (rels ?? [{}]).map((node: TreeNode) => ({
          kind: 'vacuum-full',
          table: relationName(node.VacuumRelation?.relation)
        }))
      : [{ kind: 'other', what: is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE' }],
  LockStmt: ({ relations, mode }) =>
    (relations ?? []).map((node: TreeNode) => ({
      kind: 'lock-table',
      table: relationName(node.RangeVar),
      mode: numberedModes[mode ?? 0] ?? ''
    })),
  CreateTrigStmt: ({ relation, trigname }) => [
    { kind: 'create-trigger', table: relationName(relation), trigger: trigname ?? '' }
  ],
  CreatePolicyStmt: ({ table }) => [{ kind: 'policy', table: relationName(table), change: 'create' }],
  AlterPolicyStmt: ({ table }) => [{ kind: 'policy', table: relationName(table), change: 'alter' }],
  CreateEnumStmt: ({ typeName, vals }) => [
    { kind: 'create-enum', type: dottedName(strings(typeName)), values: strings(vals) }
  ],
  AlterEnumStmt: ({ typeName, oldVal, newVal, newValNeighbor, skipIfNewValExists }) => [
    oldVal === undefined
      ? {
          kind: 'add-enum-value',
          type: dottedName(strings(typeName)),
          value: newVal ?? '',
          ordered: newValNeighbor !== undefined,
          ifNotExists: skipIfNewValExists === true
        }
      : { kind: 'rename-enum-value', type: dottedName(strings(typeName)), value: oldVal, to: newVal ?? '' }
  ],
  CreateDomainStmt: ({ domainname, constraints }) => {
    const written = (constraints ?? []).flatMap((node: TreeNode) => node.Constraint ?? [])
    const domain = dottedName(strings(domainname))
    return written.some(({ contype }) => contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL')
      ? [{ kind: 'domain-constraint', domain, notValid: false, created: true }]
      : [{ kind: 'other', what: 'CREATE DOMAIN' }]
  },
  AlterDomainStmt: ({ subtype, typeName, def }) => {
    const domain = dottedName(strings(typeName))
    const definition: TreeNode | undefined = def
    const notValid = definition?.Constraint?.skip_validation === true
    // C: ADD CONSTRAINT, O: SET NOT NULL (parsenodes.h, AlterDomainType); both look at every column of the type.
    return subtype === 'C' || subtype === 'O'
      ? [{ kind: 'domain-constraint', domain, notValid, created: false }]
      : [{ kind: 'other', what: 'ALTER DOMAIN' }]
  },
  TruncateStmt: ({ relations, behavior }) => [
    {
      kind: 'truncate',
      tables: (relations ?? []).map((node: TreeNode) => relationName(node.RangeVar)),
      cascade: behavior === 'DROP_CASCADE'
    }
  ],
  UpdateStmt: readUpdate,
  DeleteStmt: readDelete,
  InsertStmt: readInsert,
  MergeStmt: readMerge,
  SelectStmt: (statement) => [
    ...(statement.intoClause === undefined ? [] : [filledTable(statement.intoClause, false)]),
    ...readSelect(statement)
  ],
  TransactionStmt: readTransaction,
  VariableSetStmt: readSet,
  GrantStmt: readGrant,
  GrantRoleStmt: ({ is_grant }) => [{ kind: is_grant === true ? 'grant' : 'revoke', on: 'role' }],
  AlterDefaultPrivilegesStmt: ({ action }) => [
    { kind: action?.is_grant === true ? 'grant' : 'revoke', on: 'default privileges' }
  ],
  CreateExtensionStmt: ({ extname }) => [{ kind: 'create-extension', extension: extname ?? '' }],
  CreateFunctionStmt: readCreateFunction,
  CreateRoleStmt: ({ options }) => [{ kind: 'role', superuser: (options ?? []).some(isSwitchedOn('superuser')) }],
  AlterRoleStmt: ({ options }) => [{ kind: 'role', superuser: (options ?? []).some(isSwitchedOn('superuser')) }],
  DropRoleStmt: () => [{ kind: 'role', superuser: false }],
  CopyStmt: ({ is_program }) => [{ kind: 'copy', program: is_program === true }],
  ViewStmt: ({ view }) => [{ kind: 'create-view', view: relationName(view) }],
  DropOwnedStmt: () => [{ kind: 'unknown', why: 'what the role owns: DROP OWNED drops it' }],
  CallStmt: ({ funccall }) => [
    { kind: 'unknown', why: `the procedure ${strings(funccall?.funcname).join('.')}, whose body is not read` }
  ],
  ExecuteStmt: ({ name }) => [{ kind: 'unknown', why: `the prepared statement ${name ?? ''}, which is not looked up` }]
}

/** By LOCKMODE numbers (storage/lockdefs.h), which begin with no lock. */
const numberedModes = ['', ...lockModes]

/** `FULL`, `FULL true`, `SUPERUSER` and not `FULL false`, `NOSUPERUSER`. */
function isSwitchedOn(option: string): (node: TreeNode) => boolean {
  return ({ DefElem: element }) => {
    if (element?.defname !== option) return false
    const value: TreeNode | undefined = element.arg
    if (value?.Boolean !== undefined) return value.Boolean.boolval === true
    if (value?.Integer !== undefined) return value.Integer.ival === 1
    return !['false', 'off', 'no'].includes(value?.String?.sval?.toLowerCase() ?? 'true')
  }
}

function readCreateTable(statement: CreateStmt, source: StatementSource): Operation[] {
  const elements: readonly TreeNode[] = statement.tableElts ?? []
  const [parent] = statement.partbound === undefined ? [] : (statement.inhRelations ?? [])
  return [
    {
      kind: 'create-table',
      table: relationName(statement.relation),
      columns: elements.flatMap(({ ColumnDef: definition }) =>
        definition === undefined ? [] : [readColumn(definition, unquoted(source))]
      ),
      constraints: elements.flatMap(({ Constraint: constraint }) =>
        constraint === undefined ? [] : (readConstraint(constraint, undefined) ?? [])
      ),
      temporary: isTemporary(statement.relation),
      ifNotExists: statement.if_not_exists === true,
      filled: false,
      ...(parent === undefined ? {} : { partitionOf: relationName((parent as TreeNode).RangeVar) })
    }
  ]
}

/** Nobody writes parts of a table's first definition anew, and it has many. */
function unquoted(source: StatementSource): StatementSource {
  return { ...source, from: () => undefined }
}

function isTemporary(relation: RangeVar | undefined): boolean {
  return relation?.relpersistence === 't'
}

function readCreateTableAs(statement: CreateTableAsStmt): Operation[] {
  if (statement.objtype === 'OBJECT_MATVIEW') {
    return [{ kind: 'create-view', view: relationName(statement.into?.rel) }]
  }
  return statement.into === undefined ? [] : [filledTable(statement.into, statement.if_not_exists === true)]
}

function filledTable(into: IntoClause, ifNotExists: boolean): Operation {
  return {
    kind: 'create-table',
    table: relationName(into.rel),
    columns: [],
    constraints: [],
    temporary: isTemporary(into.rel),
    ifNotExists,
    filled: into.skipData !== true
  }
}

type Dropped = (names: readonly string[], statement: DropStmt) => Operation

const dropTable: Dropped = (names, { missing_ok, behavior }) => ({
  kind: 'drop-table',
  table: dottedName(names),
  ifExists: missing_ok === true,
  cascade: behavior === 'DROP_CASCADE'
})

const dropType: Dropped = (names, { behavior }) =>
  behavior === 'DROP_CASCADE'
    ? { kind: 'unknown', why: `which columns have the type ${names.join('.')}: CASCADE drops them` }
    : { kind: 'drop-type', type: dottedName(names) }

const dropped: Partial<Record<ObjectType, Dropped>> = {
  OBJECT_TABLE: dropTable,
  OBJECT_FOREIGN_TABLE: dropTable,
  OBJECT_INDEX: (names, { missing_ok, concurrent }) => {
    const { name, ...schema } = dottedName(names)
    return {
      kind: 'drop-index',
      index: name,
      ...schema,
      concurrently: concurrent === true,
      ifExists: missing_ok === true
    }
  },
  OBJECT_VIEW: (names) => ({ kind: 'drop-view', view: dottedName(names) }),
  OBJECT_MATVIEW: (names) => ({ kind: 'drop-materialized-view', view: dottedName(names) }),
  OBJECT_SCHEMA: (names) => ({ kind: 'drop-schema', schema: names.join('.') }),
  OBJECT_TYPE: dropType,
  OBJECT_DOMAIN: dropType,
  OBJECT_EXTENSION: (names) => ({ kind: 'drop-extension', extension: names.join('.') }),
  // The last name is the trigger's or the policy's, those before it the table's.
  OBJECT_TRIGGER: (names) => ({
    kind: 'drop-trigger',
    table: dottedName(names.slice(0, -1)),
    trigger: names.at(-1) ?? ''
  }),
  OBJECT_POLICY: (names) => ({ kind: 'policy', table: dottedName(names.slice(0, -1)), change: 'drop' })
}

function readDrop(statement: DropStmt): Operation[] {
  const type = statement.removeType ?? 'OBJECT_TABLE'
  const read = dropped[type] ?? (() => ({ kind: 'other', what: `DROP ${objectName(type)}` }))
  return (statement.objects ?? []).map((object: TreeNode) =>
    read(strings(object.TypeName === undefined ? items(object) : object.TypeName.names), statement)
  )
}

/** `FUNCTION`, `MATERIALIZED VIEW`. */
function objectName(type: ObjectType): string {
  return type.replace('OBJECT_', '').replace('MATVIEW', 'MATERIALIZED VIEW').replaceAll('_', ' ')
}

const renameTable = (statement: RenameStmt): Operation => ({
  kind: 'rename-table',
  table: relationName(statement.relation),
  to: statement.newname ?? ''
})

const renameType = ({ object }: RenameStmt): Operation => ({
  kind: 'rename-type',
  type: dottedName(strings(items(object)))
})

const renamed: Partial<Record<ObjectType, (statement: RenameStmt) => Operation>> = {
  OBJECT_TABLE: renameTable,
  OBJECT_FOREIGN_TABLE: renameTable,
  OBJECT_COLUMN: ({ relationType, relation, subname, newname }) =>
    relationType === 'OBJECT_TABLE' || relationType === 'OBJECT_FOREIGN_TABLE'
      ? { kind: 'rename-column', table: relationName(relation), column: subname ?? '', to: newname ?? '' }
      : { kind: 'other', what: `ALTER ${objectName(relationType ?? 'OBJECT_VIEW')}` },
  OBJECT_TABCONSTRAINT: ({ relation, subname, newname }) => ({
    kind: 'rename-constraint',
    table: relationName(relation),
    constraint: subname ?? '',
    to: newname ?? ''
  }),
  OBJECT_INDEX: ({ relation, newname }) => ({
    kind: 'rename-index',
    index: relation?.relname ?? '',
    to: newname ?? ''
  }),
  OBJECT_SCHEMA: ({ subname, newname }) => ({ kind: 'rename-schema', schema: subname ?? '', to: newname ?? '' }),
  OBJECT_TYPE: renameType,
  OBJECT_DOMAIN: renameType
}

function readRename(statement: RenameStmt): Operation[] {
  const type = statement.renameType ?? 'OBJECT_TABLE'
  return [renamed[type]?.(statement) ?? { kind: 'other', what: `ALTER ${objectName(type)}` }]
}

function readCreateIndex(statement: IndexStmt, source: StatementSource): Operation[] {
  const { relation } = statement
  const written = relation?.inh === true ? source.from(relation.location) : undefined
  return [
    {
      kind: 'create-index',
      table: relationName(statement.relation),
      ...(statement.idxname === undefined ? {} : { index: statement.idxname }),
      concurrently: statement.concurrent === true,
      unique: statement.unique === true,
      ifNotExists: statement.if_not_exists === true,
      columns: (statement.indexParams ?? []).map((node: TreeNode) => node.IndexElem?.name ?? ''),
      ...(written === undefined ? {} : { written })
    }
  ]
}

const reindexed: Readonly<Record<string, 'index' | 'table' | 'schema' | 'database'>> = {
  REINDEX_OBJECT_INDEX: 'index',
  REINDEX_OBJECT_TABLE: 'table',
  REINDEX_OBJECT_SCHEMA: 'schema'
}

function readReindex({ kind, relation, name, params }: ReindexStmt): Operation[] {
  return [
    {
      kind: 'reindex',
      what: reindexed[kind ?? ''] ?? 'database',
      name: relation?.relname ?? name ?? '',
      concurrently: (params ?? []).some(isSwitchedOn('concurrently'))
    }
  ]
}

const transactions: Readonly<Record<string, 'begin' | 'commit' | 'rollback'>> = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_COMMIT_PREPARED: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
  TRANS_STMT_ROLLBACK_PREPARED: 'rollback'
}

/** A savepoint leaves the transaction as it is. */
function readTransaction({ kind }: TransactionStmt): Operation[] {
  const boundary = transactions[kind ?? '']
  return [boundary === undefined ? { kind: 'other', what: 'SAVEPOINT' } : { kind: boundary }]
}

/** SET and RESET of one parameter; `SET TRANSACTION …` and `RESET ALL` have no parameter's name. */
export function readSet({ name, args, kind, is_local }: VariableSetStmt): Operation[] {
  if (name === undefined || kind === 'VAR_SET_MULTI') return [{ kind: 'other', what: 'SET' }]
  const value = kind === 'VAR_SET_VALUE' ? (args ?? []).map(constantText).join(', ') : 'DEFAULT'
  return [{ kind: 'set-parameter', name, value, local: is_local === true }]
}

/** A constant as text; '' for what is none. */
function constantText(node: TreeNode): string {
  const constant = node.A_Const ?? (node.TypeCast?.arg as TreeNode | undefined)?.A_Const
  if (constant?.sval !== undefined) return constant.sval.sval ?? ''
  if (constant?.fval !== undefined) return constant.fval.fval ?? ''
  if (constant?.ival !== undefined) return String(constant.ival.ival ?? 0)
  return ''
}

function readGrant({ is_grant, objtype, objects }: GrantStmt): Operation[] {
  const kind = (objtype ?? '').replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase()
  const names = (objects ?? []).map((node: TreeNode) => {
    if (node.RangeVar !== undefined) return node.RangeVar.relname ?? ''
    return strings(node.ObjectWithArgs === undefined ? items(node) : node.ObjectWithArgs.objname).join('.')
  })
  return [{ kind: is_grant === true ? 'grant' : 'revoke', on: [kind, names.join(', ')].join(' ').trim() }]
}

function readCreateFunction({ funcname, options }: CreateFunctionStmt): Operation[] {
  const elements = (options ?? []).flatMap((node: TreeNode) => node.DefElem ?? [])
  const setsSearchPath = elements.some(({ defname, arg }) => {
    const value: TreeNode | undefined = arg
    return defname === 'set' && value?.VariableSetStmt?.name === 'search_path'
  })
  return [
    {
      kind: 'create-function',
      name: strings(funcname).join('.'),
      securityDefiner: (options ?? []).some(isSwitchedOn('security')),
      searchPath: setsSearchPath
    }
  ]
}
