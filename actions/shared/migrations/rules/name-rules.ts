import type { Operation } from '../operation.ts'
import type { Fault, Rule } from './rule.ts'

/** Names of new things. */
export const nameRules: readonly Rule[] = [
  {
    id: 'identifier-too-long',
    family: 'name',
    title: 'A name longer than PostgreSQL keeps',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    each(operation) {
      const long = namesIn(operation).find((name) => Buffer.byteLength(name) > 63)
      return long === undefined ? undefined : tooLong(long)
    }
  }
]

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
function namesIn(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'create-table':
      return [
        operation.table.name,
        ...operation.columns.flatMap((column) => [column.name, ...column.constraints.map(({ name }) => name ?? '')]),
        ...operation.constraints.map(({ name }) => name ?? '')
      ]
    case 'rename-table':
    case 'rename-column':
    case 'rename-constraint':
    case 'rename-index':
    case 'rename-schema':
      return [operation.to]
    case 'add-column':
      return [operation.column.name, ...operation.column.constraints.map(({ name }) => name ?? '')]
    case 'add-constraint':
      return [operation.constraint.name ?? '']
    case 'create-index':
      return [operation.index ?? '']
    case 'create-schema':
      return [operation.schema]
    case 'create-trigger':
      return [operation.trigger]
    case 'create-enum':
      return [operation.type.name, ...operation.values]
    case 'add-enum-value':
      return [operation.value]
    case 'create-view':
      return [operation.view.name]
    default:
      return []
  }
}
