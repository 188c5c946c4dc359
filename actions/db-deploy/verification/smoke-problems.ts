import type { Problem } from '../../shared/problem.ts'
import type { ServerReport } from '../database/query-error.ts'
import { storedName, type Relation } from './catalog.ts'
import { nearestNames } from './nearest-names.ts'
import type { PrismaField } from './prisma-models.ts'
import type { Target } from './smoke-targets.ts'

/** A model whose table is not there. */
export function missingRelation(target: Target): Problem {
  return {
    code: 'smoke-missing',
    message: `${described(target)} is not in the database.`,
    hint: 'No migration that was applied makes it, or it is in another schema: look for it in the migrations, at @@map, @@schema and the `?schema=` of the URL. A change of the schema takes `prisma migrate dev` before it can be deployed.',
    ...target.place
  }
}

/** System columns can be mapped too, and are not listed with the others. */
const systemColumns: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'])

/** Columns that a model reads and its table has not; undefined where all are there. */
export function missingColumns(
  target: Target,
  relation: Relation,
  fields: readonly PrismaField[]
): Problem | undefined {
  const there = new Set(relation.columns)
  const missing = target.columns.filter((column) => !there.has(column) && !systemColumns.has(column))
  if (missing.length === 0) return undefined
  const unmapped = relation.columns.filter((column) => !target.columns.includes(column))
  const told = missing.map((column) => {
    const field = fields.find((each) => storedName(each.column) === column)
    return field === undefined || field.name === column ? column : `${column} (field ${field.name})`
  })
  const near = [...new Set(missing.flatMap((column) => nearColumns(column, unmapped)))]
  const first = fields.find((field) => storedName(field.column) === missing[0])
  return {
    code: 'smoke-missing',
    message: `${described(target)} has no ${missing.length === 1 ? 'column' : 'columns'} ${told.join(', ')}.`,
    hint: `${
      near.length === 0
        ? ''
        : `The table has ${near.join(', ')}, which no field maps: was a field renamed without a migration, or without @map("${near[0] ?? ''}")? `
    }Each field needs a migration that makes its column (\`prisma migrate dev\`), and that migration must be in the folder that is deployed.`,
    ...(target.place === undefined ? {} : { file: target.place.file, line: first?.line ?? target.place.line })
  }
}

/** Names that are alike but for slips, or the ways in which names are joined; else the only one that is left. */
function nearColumns(column: string, unmapped: readonly string[]): readonly string[] {
  const joined = (name: string): string => name.replaceAll('_', '').toLowerCase()
  const same = unmapped.filter((each) => joined(each) === joined(column))
  if (same.length > 0) return same
  const near = nearestNames(column, unmapped)
  return near.length > 0 ? near : unmapped.length === 1 ? unmapped : []
}

/** A relation that is there, and that the server refused to read. */
export function refusedProblem(target: Target, report: ServerReport, timeout: number): Problem {
  const { sqlstate, message, hint } = report
  return {
    code: 'smoke-unreadable',
    message: `${described(target)} cannot be read: ${message} (SQLSTATE ${sqlstate}).`,
    hint:
      hints[sqlstate]?.(target, timeout) ?? hint ?? 'The application meets the same error when it reads this table.',
    ...target.place
  }
}

/** By SQLSTATE (PostgreSQL, appendix A). */
const hints: Readonly<Record<string, (target: Target, timeout: number) => string>> = {
  '42501': ({ quoted, schema }) =>
    `GRANT SELECT ON ${quoted} to the role of smoke-url (and USAGE on the schema ${schema}), in the migration that makes it or by ALTER DEFAULT PRIVILEGES: the application would be refused just so.`,
  '42P17': () => 'A policy of row-level security reads the table that it is on: mend the policy.',
  '55000': ({ quoted, relation }) =>
    relation?.populated === false
      ? `It was made WITH NO DATA: run REFRESH MATERIALIZED VIEW ${quoted} before the application reads it.`
      : 'What the relation is made of is not in the state that reading it takes; the message says which.',
  '55P03': () => 'Another session holds a lock on it for longer than 5 seconds: look in pg_stat_activity what that is.',
  '57014': (_, timeout) =>
    `One row took longer than ${timeout / 1000} seconds: a view that computes all of its rows first, or a server that is overloaded.`,
  XX001: () => 'The table is damaged on disk: stop writing to it, and look after the server and its backups now.'
}

function described({ of, name, quoted }: Target): string {
  switch (of) {
    case 'model':
      return `The model ${name}, table ${quoted},`
    case 'join table':
      return `The table ${quoted} of a relation of many to many`
    case 'table':
      return `The table ${quoted}`
  }
}
