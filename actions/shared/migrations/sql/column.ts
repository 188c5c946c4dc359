import type { ColumnDef, Constraint as ParsedConstraint } from '@pgsql/types'
import type { Column, Constraint, DefaultValue, TypeName } from '../operation.ts'
import { defaultValue } from './default-value.ts'
import { items, relationName, strings, type TreeNode } from './tree.ts'
import { typeName } from './type-name.ts'

/** The text of a default, where it begins at a place that the tree names. */
export type TextAt = (expression: TreeNode) => string

/** A column of CREATE TABLE or ADD COLUMN. */
export function readColumn(definition: ColumnDef, textOf: TextAt): Column {
  const name = definition.colname ?? ''
  const read = definition.typeName === undefined ? undefined : typeName(definition.typeName)
  const written = (definition.constraints ?? []).flatMap((node: TreeNode) => node.Constraint ?? [])
  const identity = written.some((constraint) => constraint.contype === 'CONSTR_IDENTITY')
  const serial = read?.serial ?? false
  return {
    name,
    type: read?.type,
    // A primary key, a serial and an identity are NOT NULL without the words.
    notNull:
      serial || identity || written.some(({ contype }) => contype === 'CONSTR_NOTNULL' || contype === 'CONSTR_PRIMARY'),
    default: columnDefault(written, textOf),
    serial,
    identity,
    generated: generated(written),
    constraints: written.flatMap((constraint) => readConstraint(constraint, [name]) ?? [])
  }
}

const noDefault: DefaultValue = { kind: 'none', text: '' }

function columnDefault(written: readonly ParsedConstraint[], textOf: TextAt): DefaultValue {
  const expression = written.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr
  return expression === undefined ? noDefault : defaultValue(expression, textOf(expression))
}

/** PostgreSQL 18 makes a generated column virtual where nothing is said; before, STORED had to be written. */
function generated(written: readonly ParsedConstraint[]): Column['generated'] {
  const constraint = written.find(({ contype }) => contype === 'CONSTR_GENERATED')
  if (constraint === undefined) return 'no'
  return constraint.generated_kind === 's' ? 'stored' : 'virtual'
}

const kinds: Partial<Record<NonNullable<ParsedConstraint['contype']>, Constraint['kind']>> = {
  CONSTR_PRIMARY: 'primary-key',
  CONSTR_UNIQUE: 'unique',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_FOREIGN: 'foreign-key',
  CONSTR_CHECK: 'check'
}

/**
 * A constraint, of a table or written with the column that is given. Undefined for what the grammar calls a constraint
 * and is none (DEFAULT, NULL, DEFERRABLE), and for a column's own NOT NULL, which is a property of the column.
 */
export function readConstraint(constraint: ParsedConstraint, ofColumn: readonly string[] = []): Constraint | undefined {
  const columnsOwn = ofColumn.length > 0
  const notNull = constraint.contype === 'CONSTR_NOTNULL' && !columnsOwn
  const kind = notNull ? 'not-null' : kinds[constraint.contype ?? 'CONSTR_NULL']
  if (kind === undefined) return undefined
  const columns = columnsOwn ? ofColumn : columnsOf(constraint)
  return {
    kind,
    ...(constraint.conname === undefined ? {} : { name: constraint.conname }),
    columns,
    // NOT ENFORCED (PostgreSQL 18) is never checked either.
    notValid:
      constraint.skip_validation === true ||
      ((kind === 'check' || kind === 'foreign-key') && constraint.is_enforced !== true),
    ...(constraint.indexname === undefined ? {} : { usingIndex: constraint.indexname }),
    ...(constraint.pktable === undefined ? {} : { references: relationName(constraint.pktable) }),
    provesNotNull: notNull
      ? columns
      : kind === 'check' && constraint.is_enforced === true
        ? provenNotNull(constraint.raw_expr)
        : []
  }
}

function columnsOf(constraint: ParsedConstraint): readonly string[] {
  if (constraint.contype === 'CONSTR_FOREIGN') return strings(constraint.fk_attrs)
  if (constraint.contype === 'CONSTR_EXCLUSION') {
    return (constraint.exclusions ?? []).flatMap((pair) => items(pair)[0]?.IndexElem?.name ?? [])
  }
  return strings(constraint.keys)
}

/** PostgreSQL takes such a CHECK as proof that no row holds NULL (tablecmds.c, NotNullImpliedByRelConstraints). */
function provenNotNull(expression: TreeNode | undefined): readonly string[] {
  if (expression?.BoolExpr?.boolop === 'AND_EXPR') return (expression.BoolExpr.args ?? []).flatMap(provenNotNull)
  const test = expression?.NullTest
  if (test?.nulltesttype !== 'IS_NOT_NULL') return []
  const arg: TreeNode | undefined = test.arg
  return strings(arg?.ColumnRef?.fields).slice(-1)
}

/** Types that can be read; undefined for ALTER COLUMN without one. */
export function typeOf(definition: ColumnDef | undefined): TypeName | undefined {
  return definition?.typeName === undefined ? undefined : typeName(definition.typeName).type
}
