import type { Operation, TypeName } from '../operation.ts'
import type { Situation } from './rule.ts'
import { typeOnWayBack } from './way-back.ts'

type AlterColumnType = Extract<Operation, { kind: 'alter-column-type' }>

export type Rewrite = 'no' | 'yes' | 'unknown'

/**
 * Whether a change of a column's type writes the table anew (ATColumnChangeRequiresRewrite in PostgreSQL's
 * tablecmds.c: not for types that are the same bytes, nor for a length that only grows).
 */
export function columnTypeRewrite(operation: AlterColumnType, situation: Situation): Rewrite {
  const from = typeBefore(operation, situation)
  const to = operation.type
  const cast = operation.using !== undefined && !isPlainCast(operation.using, operation.column)
  if (cast) return 'yes'
  if (from === undefined) {
    // Every other type needs a USING to become citext.
    if (operation.using === undefined && isCitext(to)) return 'no'
    return isWidened(to, situation) || onlyRepeats(operation, situation) ? 'no' : 'unknown'
  }
  return between(from, to, (situation.schema.setting('timezone') ?? '').toUpperCase() === 'UTC')
}

/** The type that a column has before its change, where the migration says it. */
export function typeBefore({ from, table, column }: AlterColumnType, situation: Situation): TypeName | undefined {
  return (
    from ??
    situation.schema.table(table)?.columns.get(column)?.type ??
    typeOnWayBack(situation.migration, table, column)
  )
}

/**
 * What Ecto's `modify` names without `from:` is nearly always a :string that loses its limit, or a :utc_datetime that
 * keeps microseconds. In SQL any type may become text, and Prisma writes so for numbers and enums.
 */
function isWidened(to: TypeName, { statement }: Situation): boolean {
  if (statement.written !== 'dsl' || to.array) return false
  return isUnlimitedText(to) || (to.name === 'timestamp' && to.modifiers.length === 0)
}

/**
 * Ecto's `modify` names the type also where only `null:` or `default:` changes. Beside such a change, and without
 * `from:`, the type is most likely the one it was.
 */
function onlyRepeats(operation: AlterColumnType, { statement }: Situation): boolean {
  if (statement.written !== 'dsl') return false
  return statement.operations.some(
    (other) =>
      ((other.kind === 'set-not-null' || other.kind === 'drop-not-null' || other.kind === 'set-default') &&
        other.column === operation.column) ||
      (other.kind === 'add-constraint' && other.constraint.columns.includes(operation.column))
  )
}

function between(from: TypeName, to: TypeName, utc: boolean): Rewrite {
  const sameModifiers = from.modifiers.join() === to.modifiers.join()
  if (from.name === to.name && from.array === to.array && sameModifiers) return 'no'
  if (from.array || to.array) return 'yes'
  if (isText(from) && isText(to)) return grows(from, to) ? 'no' : 'yes'
  if (isCitext(from) && isUnlimitedText(to)) return 'no'
  if (isText(from) && isCitext(to)) return 'no'
  if (from.name === 'cidr' && to.name === 'inet') return 'no'
  if (from.name === to.name) {
    if (from.name === 'numeric') return numericGrows(from, to) ? 'no' : 'yes'
    if (from.name === 'varbit' || precise.has(from.name)) return grows(from, to) ? 'no' : 'yes'
    return 'yes'
  }
  const timestamps = ['timestamp', 'timestamptz']
  if (timestamps.includes(from.name) && timestamps.includes(to.name) && utc) return grows(from, to) ? 'no' : 'yes'
  return 'yes'
}

/** Types whose modifier is a number of digits of a second. */
const precise = new Set(['timestamp', 'timestamptz', 'time', 'timetz'])

function isText(type: TypeName): boolean {
  return (type.name === 'varchar' || type.name === 'text') && !type.array
}

function isUnlimitedText(type: TypeName): boolean {
  return isText(type) && type.modifiers.length === 0
}

/** Text with other operators: the casts from and to text and varchar have no function. */
function isCitext(type: TypeName): boolean {
  return type.name === 'citext' && !type.array
}

/** No modifier is the widest. */
function grows(from: TypeName, to: TypeName): boolean {
  const [before] = from.modifiers
  const [after] = to.modifiers
  return after === undefined || (before !== undefined && before <= after)
}

function numericGrows(from: TypeName, to: TypeName): boolean {
  const [before, beforeScale = 0] = from.modifiers
  const [after, afterScale = 0] = to.modifiers
  return after === undefined || (before !== undefined && before <= after && beforeScale === afterScale)
}

/** `"c"::text`, `c::timestamptz(3)`, `CAST(c AS text)`: the same as no USING at all. */
function isPlainCast(using: string, column: string): boolean {
  const name = `(?:"${escape(column)}"|${escape(column)})`
  const type = `[\\w". ]+(?:\\([\\d, ]*\\))?`
  const cast = `\\(*${name}\\)*\\s*::\\s*${type}|CAST\\s*\\(\\s*${name}\\s+AS\\s+${type}\\)`
  return new RegExp(`^\\(*(?:${cast}|${name})\\)*$`, 'i').test(using.trim())
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
