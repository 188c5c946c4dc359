import { longestText, type Statement } from '../migration.ts'
import type { TableName, TypeName } from '../operation.ts'

/** A name as SQL takes it whatever it is: always in quotes, as Prisma writes it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteTable({ schema, name }: TableName): string {
  return schema === undefined ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`
}

export function quoteColumns(columns: readonly string[]): string {
  return columns.map(quoteName).join(', ')
}

/** A type as SQL takes it. PostgreSQL's own names are types as well (`int4`, `varchar`); others are quoted. */
export function typeText({ name, schema, modifiers, array }: TypeName): string {
  const own = schema === undefined && /^[a-z][a-z0-9_]*$/.test(name)
  const base = own ? name : quoteTable(schema === undefined ? { name } : { schema, name })
  return `${base}${modifiers.length === 0 ? '' : `(${modifiers.join(', ')})`}${array ? '[]' : ''}`
}

/** As told to a user: `auth.users`. */
export function tableLabel({ schema, name }: TableName): string {
  return schema === undefined || schema === 'public' ? name : `${schema}.${name}`
}

/** A statement as it stands, without the semicolon at its end; undefined where it is too long to be known as a whole. */
export function wholeText({ text }: Pick<Statement, 'text'>): string | undefined {
  return text.length >= longestText ? undefined : withoutSemicolon(text)
}

function withoutSemicolon(text: string): string {
  const trimmed = text.trim()
  return trimmed.endsWith(';') ? trimmed.slice(0, -1).trimEnd() : trimmed
}

/** A name as PostgreSQL itself makes one of others (ChooseRelationName); another one where it would have to be cut. */
export function objectName(...parts: readonly string[]): string {
  const name = parts.join('_')
  return Buffer.byteLength(name) <= 63 ? name : joinedName(...parts)
}

/** A name for a new migration or object out of others: snake case, at most PostgreSQL's 63 bytes. */
export function joinedName(...parts: readonly string[]): string {
  return parts
    .join('_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 63)
}
