import type { Statement } from '../migration.ts'
import type { Column, Operation } from '../operation.ts'
import { byKind, type ByKind } from './by-kind.ts'
import type { Fault, Rule } from './rule.ts'

/** Names of new things. */
export const nameRules: readonly Rule[] = [
  {
    id: 'identifier-too-long',
    family: 'name',
    title: 'A name longer than PostgreSQL keeps',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    each(operation, { migration, statement }) {
      if (isOnlyDropped(operation, statement)) return undefined
      for (const name of byKind(names, operation) ?? []) {
        // No name of at most 15 characters has more than 60 bytes.
        if (name === undefined || name.length <= 15) continue
        const written = asWritten(name, migration.file.text)
        if (Buffer.byteLength(written) > 63) return tooLong(written)
      }
      return undefined
    }
  }
]

/**
 * Ecto asks for an index by its name only to drop it, and PostgreSQL cuts that name off alike. A unique index is named
 * in changesets too (`unique_constraint`), which are told its short name.
 */
function isOnlyDropped(operation: Operation, { written }: Statement): boolean {
  return written === 'dsl' && operation.kind === 'create-index' && !operation.unique
}

/** PostgreSQL's parser has cut the name off already, at the end of a character: the rest of it stands in the text. */
function asWritten(name: string, text: string): string {
  if (Buffer.byteLength(name) < 60) return name
  const folded = text.toLowerCase()
  const begin = name.toLowerCase()
  for (let at = folded.indexOf(begin); at !== -1; at = folded.indexOf(begin, at + 1)) {
    const rest = folded[at - 1] === '"' ? /^[^"]*/ : /^[\w$\u0080-\uffff]*/
    const [more = ''] = rest.exec(text.slice(at + begin.length)) ?? []
    if (more !== '') return text.slice(at, at + begin.length) + more
  }
  return name
}

/** NAMEDATALEN: what is longer than 63 bytes is cut off, with a NOTICE only. */
function tooLong(name: string): Fault {
  return {
    subject: name,
    message: `the name has ${Buffer.byteLength(name)} bytes and PostgreSQL keeps 63: the thing is called something else than the code says`,
    hint: `Give it a shorter name, such as ${shortened(name)}.`
  }
}

function shortened(name: string): string {
  return Buffer.from(name)
    .subarray(0, 59)
    .toString('utf8')
    .replace(/[�_]+$/, '')
}

/** The names that an operation brings into the world. */
const names: ByKind<[], readonly (string | undefined)[]> = {
  'create-table': ({ table, columns, constraints }) => [
    table.name,
    ...columns.flatMap((column) => columnNames(column)),
    ...constraints.map(({ name }) => name)
  ],
  'rename-table': ({ to }) => [to],
  'rename-column': ({ to }) => [to],
  'rename-constraint': ({ to }) => [to],
  'rename-index': ({ to }) => [to],
  'rename-schema': ({ to }) => [to],
  'add-column': ({ column }) => columnNames(column),
  'add-constraint': ({ constraint }) => [constraint.name],
  'create-index': ({ index }) => [index],
  'create-schema': ({ schema }) => [schema],
  'create-trigger': ({ trigger }) => [trigger],
  'create-enum': ({ type }) => [type.name],
  'create-view': ({ view }) => [view.name]
}

function columnNames({ name, constraints }: Column): readonly (string | undefined)[] {
  return [name, ...constraints.map((constraint) => constraint.name)]
}
