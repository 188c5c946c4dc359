import type { Row } from './session.ts'

/** A name as SQL writes it: `"users"`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as SQL writes it: `'it''s'`, and `E'…'` where a backslash stands in it. */
export function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''")
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}

/** @throws Error where the column is no text or not there: the query and its reader disagree, which is a bug */
export function textOf(row: Row | undefined, column: string): string {
  const value = row?.[column]
  if (typeof value === 'string') return value
  throw new Error(`column ${column} is no text`)
}

/** As textOf; undefined for NULL. */
export function optionalTextOf(row: Row | undefined, column: string): string | undefined {
  return isNull(row, column) ? undefined : textOf(row, column)
}

/**
 * Any of PostgreSQL's numbers. The server sends bigint and numeric as text; what is too large for a double loses digits.
 *
 * @throws as textOf
 */
export function numberOf(row: Row | undefined, column: string): number {
  const value = row?.[column]
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && !Number.isNaN(number)) return number
  throw new Error(`column ${column} is no number`)
}

/** As numberOf; undefined for NULL. */
export function optionalNumberOf(row: Row | undefined, column: string): number | undefined {
  return isNull(row, column) ? undefined : numberOf(row, column)
}

/** @throws as textOf */
export function booleanOf(row: Row | undefined, column: string): boolean {
  const value = row?.[column]
  if (typeof value === 'boolean') return value
  throw new Error(`column ${column} is no boolean`)
}

/**
 * Milliseconds since the epoch of a `timestamptz`, and of a `timestamp` taken for UTC, which is what Prisma and Ecto write.
 *
 * @throws as textOf
 */
export function timeOf(row: Row | undefined, column: string): number {
  const [, date = '', time = '', zone = ''] = /^(\S+) ([\d:.]+)(\S*)$/.exec(textOf(row, column)) ?? []
  const milliseconds = Date.parse(`${date}T${time}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone || 'Z'}`)
  if (!Number.isNaN(milliseconds)) return milliseconds
  throw new Error(`column ${column} is no time`)
}

/** As timeOf; undefined for NULL. */
export function optionalTimeOf(row: Row | undefined, column: string): number | undefined {
  return isNull(row, column) ? undefined : timeOf(row, column)
}

/**
 * A `text[]`.
 *
 * @throws as textOf
 */
export function textsOf(row: Row | undefined, column: string): readonly string[] {
  const value = row?.[column]
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new Error(`column ${column} is no list of texts`)
}

function isNull(row: Row | undefined, column: string): boolean {
  return row?.[column] === null
}
