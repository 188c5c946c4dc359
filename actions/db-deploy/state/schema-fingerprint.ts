import { createHash } from 'node:crypto'
import type { Row, Session } from '../database/session.ts'
import { optionalTextOf, textOf } from '../database/sql.ts'
import { ledgerSchema } from '../telemetry/ledger.ts'
import { castsOfElements } from './array-casts.ts'
import { catalogQuery } from './schema-catalog.ts'
import { viewText } from './view-text.ts'

/** What a database's schemas are, in a form that is the same for the same schemas on any server. */
export interface SchemaFingerprint {
  /** SHA-256 of the lines, in lower-case hex. */
  readonly fingerprint: string
  /** One for each thing, sorted: `column public.users.email: text not null`. */
  readonly lines: readonly string[]
}

/**
 * Reads what the schemas hold and how it is made: one round trip. Owners, privileges, oids, comments, storage parameters of
 * tables, the order of columns, versions of extensions, which partitions there are, what stands in no schema, and the
 * frameworks' own tables do not count.
 * @param schemas empty: all that are not PostgreSQL's own, nor our ledger's
 * @param ownTables names of tables that are the framework's besides `_prisma_migrations` and `schema_migrations`
 * @throws {QueryError}
 */
export async function schemaFingerprint(
  session: Session,
  schemas: readonly string[],
  ownTables: readonly string[] = []
): Promise<SchemaFingerprint> {
  const own = [...new Set(['_prisma_migrations', 'schema_migrations', ...ownTables])]
  const rows = await session.query(catalogQuery(schemas, own, ledgerSchema))
  return fingerprintOf(rows.map(lineOf))
}

/** Lines that only one has: `- …` those of the first, `+ …` those of the second; what belongs together stands together. */
export function compareFingerprints(one: SchemaFingerprint, other: SchemaFingerprint): readonly string[] {
  const first = new Set(one.lines)
  const second = new Set(other.lines)
  const differing = [
    ...one.lines.filter((line) => !second.has(line)).map((line) => ({ line, sign: '-' })),
    ...other.lines.filter((line) => !first.has(line)).map((line) => ({ line, sign: '+' }))
  ]
  return differing
    .toSorted((a, b) => compareText(subjectOf(a.line), subjectOf(b.line)) || (a.sign === '-' ? -1 : 1))
    .map(({ line, sign }) => `${sign} ${line}`)
}

/** The fingerprint of these lines alone. */
export function fingerprintOf(lines: readonly string[]): SchemaFingerprint {
  const sorted = lines.toSorted(compareText)
  return { fingerprint: createHash('sha256').update(sorted.join('\n')).digest('hex'), lines: sorted }
}

function lineOf(row: Row): string {
  const kind = textOf(row, 'kind')
  const text = textOf({ text: optionalTextOf(row, 'text') ?? '' }, 'text')
  const told = kind.endsWith('view') ? viewText(text) : text
  const shown = /^(?:function|procedure)$/.test(kind) ? functionText(told) : flat(castsOfElements(told))
  return `${kind} ${textOf(row, 'name')}${shown === '' ? '' : `: ${shown}`}`
}

/** Its head, and its body by hash: whole bodies would make a line nobody can read. */
function functionText(definition: string): string {
  const body = definition.search(/^(?:AS |BEGIN ATOMIC|RETURN )/m)
  const head = castsOfElements(body === -1 ? definition : definition.slice(0, body))
  const rest = body === -1 ? '' : definition.slice(body)
  const written = rest.startsWith('AS ') ? rest : castsOfElements(rest)
  return `${flat(head).replace(/^CREATE OR REPLACE \w+ /, '')} body ${createHash('sha256').update(written).digest('hex').slice(0, 16)}`
}

/** One line, whatever white space stood there outside of quotes; what is in quotes stays as it is. */
function flat(text: string): string {
  return text
    .split(/('(?:[^']|'')*'|"(?:[^"]|"")*")/)
    .map((part, at) => (at % 2 === 1 ? part.replaceAll('\n', '\\n') : part.replaceAll(/\s+/g, ' ')))
    .join('')
    .trim()
}

function subjectOf(line: string): string {
  return line.split(': ', 1)[0] ?? ''
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
