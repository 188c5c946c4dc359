import type { ColumnDef, Constraint as ParsedConstraint } from '@pgsql/types'
import type { Column, Constraint, DefaultValue, TypeName } from '../operation.ts'
import { defaultValue } from './default-value.ts'
import { outerWords, type StatementSource } from './statement-source.ts'
import { items, relationName, strings, visitNodes, type TreeNode } from './tree.ts'
import { typeName } from './type-name.ts'

/** A column of CREATE TABLE or ADD COLUMN. */
export function readColumn(definition: ColumnDef, source: StatementSource): Column {
  const name = definition.colname ?? ''
  const read = definition.typeName === undefined ? undefined : typeName(definition.typeName)
  // A serial is written with its sequence, and is an integer.
  const text = read?.serial === true ? undefined : columnTypeText(definition, source)
  const type = read === undefined ? undefined : withText(read.type, text)
  const written = (definition.constraints ?? []).flatMap((node: TreeNode) => node.Constraint ?? [])
  const identity = written.some((constraint) => constraint.contype === 'CONSTR_IDENTITY')
  const serial = read?.serial ?? false
  return {
    name,
    type,
    // A primary key, a serial and an identity are NOT NULL without the words.
    notNull:
      serial || identity || written.some(({ contype }) => contype === 'CONSTR_NOTNULL' || contype === 'CONSTR_PRIMARY'),
    default: columnDefault(definition, written, source),
    serial,
    identity,
    generated: generated(written),
    constraints: columnConstraints(definition, source)
  }
}

/** What may stand between the constraints of a column and belongs to the one before it (gram.y, ConstraintAttr). */
const attributes: ReadonlySet<string> = new Set([
  'CONSTR_ATTR_DEFERRABLE',
  'CONSTR_ATTR_NOT_DEFERRABLE',
  'CONSTR_ATTR_DEFERRED',
  'CONSTR_ATTR_IMMEDIATE',
  'CONSTR_ATTR_ENFORCED',
  'CONSTR_ATTR_NOT_ENFORCED'
])

/** The constraints of a column, each with the attributes that follow it. */
function columnConstraints(definition: ColumnDef, source: StatementSource): readonly Constraint[] {
  const written = (definition.constraints ?? []).flatMap((node: TreeNode) => node.Constraint ?? [])
  return written.flatMap((constraint, at) => {
    const rest = written.slice(at + 1)
    const next = rest.findIndex(({ contype }) => !attributes.has(contype ?? ''))
    const following = (next === -1 ? rest : rest.slice(0, next)).map(({ contype }) => contype)
    const name = definition.colname ?? ''
    const text =
      kinds[constraint.contype ?? 'CONSTR_NULL'] === undefined
        ? undefined
        : source.from(constraint.location, partBehind(constraint.location ?? 0, definition))
    return (
      readConstraint(
        {
          ...constraint,
          deferrable: following.includes('CONSTR_ATTR_DEFERRABLE') || following.includes('CONSTR_ATTR_DEFERRED'),
          initdeferred: following.includes('CONSTR_ATTR_DEFERRED')
        },
        text,
        [name]
      ) ?? []
    )
  })
}

/** Where the constraints of a column and its COLLATE begin, in order. */
function partsOf(definition: ColumnDef): readonly number[] {
  const constraints = (definition.constraints ?? []).flatMap((node: TreeNode) => node.Constraint ?? [])
  return [
    ...constraints.filter(({ contype }) => !attributes.has(contype ?? '')),
    ...(definition.collClause === undefined ? [] : [definition.collClause])
  ]
    .flatMap(({ location }) => location ?? [])
    .sort((one, other) => one - other)
}

function partBehind(start: number, definition: ColumnDef): number | undefined {
  return partsOf(definition).find((place) => place > start)
}

/** The type, what is stored how (STORAGE, COMPRESSION) and COLLATE: all of a column but its constraints. */
function columnTypeText(definition: ColumnDef, source: StatementSource): string | undefined {
  const start = definition.typeName?.location
  const parts = partsOf(definition)
  const type = source.from(start, parts[0])
  if (definition.collClause === undefined) return type
  const { location } = definition.collClause
  const collation = source.from(location, partBehind(location ?? 0, definition))
  return type === undefined || collation === undefined ? undefined : `${type} ${collation}`
}

function withText(type: TypeName, written: string | undefined): TypeName {
  return written === undefined ? type : { ...type, written }
}

const noDefault: DefaultValue = { kind: 'none', text: '' }

function columnDefault(
  definition: ColumnDef,
  written: readonly ParsedConstraint[],
  source: StatementSource
): DefaultValue {
  const constraint = written.find(({ contype }) => contype === 'CONSTR_DEFAULT')
  const expression = constraint?.raw_expr
  if (expression === undefined) return noDefault
  const text = source.from(constraint?.location, partBehind(constraint?.location ?? 0, definition))
  return defaultValue(expression, text?.replace(/^DEFAULT\s*/i, '') ?? source.expression(expression))
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
 *
 * @param text the constraint as written, with its name
 */
export function readConstraint(
  constraint: ParsedConstraint,
  text: string | undefined,
  ofColumn: readonly string[] = []
): Constraint | undefined {
  const columnsOwn = ofColumn.length > 0
  const notNull = constraint.contype === 'CONSTR_NOTNULL' && !columnsOwn
  const kind = notNull ? 'not-null' : kinds[constraint.contype ?? 'CONSTR_NULL']
  if (kind === undefined) return undefined
  const columns = columnsOwn ? ofColumn : columnsOf(constraint)
  const written = text === undefined ? undefined : tableConstraintText(kind, text, ofColumn)
  const index = kind === 'unique' || kind === 'primary-key' ? indexOf(constraint) : undefined
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
        : [],
    ...(written === undefined ? {} : { written }),
    ...(index === undefined ? {} : { index })
  }
}

/** A CHECK or a foreign key as ALTER TABLE takes it behind `ADD CONSTRAINT name`; `NOT VALID` is said by who adds it. */
function tableConstraintText(kind: Constraint['kind'], text: string, ofColumn: readonly string[]): string | undefined {
  if (kind !== 'check' && kind !== 'foreign-key') return undefined
  const words = outerWords(text)
  const begin = words.find(({ word }) => word === 'CHECK' || word === 'FOREIGN' || word === 'REFERENCES')
  if (begin === undefined) return undefined
  const notValid = words.find(({ word }, at) => word === 'NOT' && words[at + 1]?.word === 'VALID')
  const valid = notValid === undefined ? undefined : words.find(({ start }) => start > notValid.start)
  const whole =
    notValid === undefined || valid === undefined
      ? text.slice(begin.start)
      : `${text.slice(begin.start, notValid.start).trimEnd()}${text.slice(valid.end)}`
  const keyed = kind === 'foreign-key' && ofColumn.length > 0
  return keyed ? `FOREIGN KEY (${ofColumn.map(quoted).join(', ')}) ${whole}` : whole
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** What a key says of its index; undefined where it says more than can be said of an index that is built before it. */
function indexOf(constraint: ParsedConstraint): Constraint['index'] {
  const { options, indexspace, without_overlaps, including, nulls_not_distinct, deferrable, initdeferred } = constraint
  if ((options ?? []).length > 0 || indexspace !== undefined || without_overlaps === true) return undefined
  return {
    including: strings(including),
    nullsNotDistinct: nulls_not_distinct === true,
    checked: initdeferred === true ? 'deferred' : deferrable === true ? 'deferrable' : 'at once'
  }
}

function columnsOf(constraint: ParsedConstraint): readonly string[] {
  if (constraint.contype === 'CONSTR_FOREIGN') return strings(constraint.fk_attrs)
  if (constraint.contype === 'CONSTR_EXCLUSION') {
    return (constraint.exclusions ?? []).flatMap((pair) => items(pair)[0]?.IndexElem?.name ?? [])
  }
  if (constraint.contype === 'CONSTR_CHECK') return onlyColumn(constraint.raw_expr)
  return strings(constraint.keys)
}

/** The column that a CHECK is about, where it is one: PostgreSQL names the constraint after it (heap.c, AddRelationNewConstraints). */
function onlyColumn(expression: TreeNode | undefined): readonly string[] {
  const columns = new Set<string>()
  visitNodes(expression, ({ ColumnRef: reference }) => {
    if (reference !== undefined) columns.add(strings(reference.fields).at(-1) ?? '')
    return true
  })
  return columns.size === 1 ? [...columns] : []
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
export function typeOf(definition: ColumnDef | undefined, source: StatementSource): TypeName | undefined {
  if (definition?.typeName === undefined) return undefined
  const { type } = typeName(definition.typeName)
  const text = source.from(definition.typeName.location)
  const using = text === undefined ? undefined : outerWords(text).find(({ word }) => word === 'USING')
  return withText(type, using === undefined ? text : text?.slice(0, using.start).trimEnd())
}
