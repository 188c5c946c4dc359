import type { Check } from '../check.ts'
import type { Problem } from '../../shared/problem.ts'
import type { TableFacts } from './migration-table.ts'
import type { MigrationSource } from './project.ts'
import { someOf } from './wording.ts'

/** Whether the framework's table is what the framework makes, and where it is looked for. Pure. */
export function tableCheck(
  source: MigrationSource,
  facts: TableFacts
): { readonly check: Check; readonly usable: boolean } {
  const about = { id: 'migrations-table', title: 'Table of migrations' }
  const failed = (told: string, problem: Problem): { check: Check; usable: false } => ({
    check: { ...about, told, result: 'failed', problem },
    usable: false
  })
  if (facts.table === undefined) return withoutTable(source, facts)
  const told = facts.table.replaceAll('"', '')
  if (!facts.readable) {
    return failed(`${told} may not be read`, {
      code: 'migrations-table',
      message: `The role may not read ${facts.table}, so what was applied is not known.`,
      hint: `Let it: \`GRANT SELECT ON ${facts.table} TO …\`, or connect as the role that deploys.`
    })
  }
  if (facts.rowsHidden) {
    return failed(`rows of ${told} may be hidden`, {
      code: 'migrations-table',
      message: `Row-level security is on for ${facts.table}, and may hide rows from the role: what was applied is not known.`,
      hint: `Connect as the role that owns it, as the tool that migrates must; or \`ALTER TABLE ${facts.table} DISABLE ROW LEVEL SECURITY\`, and take its privileges from those who are not to read it.`
    })
  }
  const strange = strangeColumns(source, facts)
  if (strange !== undefined) {
    return failed(`${told} is another program’s`, {
      code: 'migrations-table',
      message: `${facts.table} is not the table that ${source.framework === 'prisma' ? 'Prisma' : 'Ecto'} makes: ${strange}.`,
      hint:
        source.framework === 'prisma'
          ? 'Look which program made it. The schema that Prisma looks in is `?schema=` of the URL.'
          : `Look which program made it. ${elsewhereInput}`
    })
  }
  return { check: { ...about, told, result: 'ok' }, usable: true }
}

const expected: Readonly<Record<MigrationSource['framework'], readonly string[]>> = {
  prisma: ['migration_name', 'checksum', 'started_at', 'finished_at', 'rolled_back_at', 'logs', 'applied_steps_count'],
  ecto: ['version']
}

function strangeColumns({ framework }: MigrationSource, { columns }: TableFacts): string | undefined {
  const missing = expected[framework].filter((column) => !columns.has(column))
  if (missing.length > 0) return `it has no ${someOf(missing)}`
  if (framework === 'prisma') return undefined
  const version = columns.get('version') ?? ''
  // Rails, dbmate and golang-migrate call theirs schema_migrations, too.
  if (!/^(?:bigint|integer|smallint|numeric)$/.test(version)) return `its version is ${version}, and Ecto's is a number`
  return columns.has('dirty') ? 'it has a column dirty, as golang-migrate makes it' : undefined
}

function withoutTable(
  source: MigrationSource,
  { schema, schemaExists, elsewhere, otherTables }: TableFacts
): { readonly check: Check; readonly usable: boolean } {
  const about = { id: 'migrations-table', title: 'Table of migrations' }
  const place = schema === undefined ? 'the search path' : `schema ${schema}`
  if (source.framework === 'prisma' && otherTables.length > 0) {
    return {
      check: {
        ...about,
        told: `none in ${place}, which has other tables`,
        result: 'failed',
        problem: {
          code: 'migrations-baseline',
          message: `There is no ${source.table} in ${place}, and there are tables: ${someOf(otherTables)}. Prisma refuses to migrate such a schema (P3005).`,
          hint: `${elsewhereHint(source, elsewhere)}If the database was made without Prisma Migrate, tell it once for each migration that is in it: \`prisma migrate resolve --applied NAME\` (https://pris.ly/d/migrate-baseline).`
        }
      },
      usable: false
    }
  }
  if (elsewhere.length > 0) {
    return {
      check: {
        ...about,
        told: `none in ${place}, but in ${someOf(elsewhere)}`,
        result: 'warning',
        problem: {
          code: 'migrations-table',
          message: `There is no ${source.table} in ${place}, but there is one in ${someOf(elsewhere)}: every migration counts as pending.`,
          hint: `${elsewhereHint(source, elsewhere)}If ${place} is to be a second copy of the tables, all is well.`
        }
      },
      usable: true
    }
  }
  if (otherTables.length > 0) {
    return {
      check: {
        ...about,
        told: `none yet in ${place}, which has other tables`,
        result: 'warning',
        problem: {
          code: 'migrations-table',
          message: `There is no ${source.table} in ${place}, and there are tables: ${someOf(otherTables)}. Every migration counts as pending.`,
          hint: `If they were made by these migrations, Ecto keeps its versions elsewhere. ${elsewhereInput} If this is the first deploy to a database that others use, all is well.`
        }
      },
      usable: true
    }
  }
  const told = schemaExists ? `none yet in ${place}` : `none yet, and no ${place}`
  return { check: { ...about, told, result: 'ok' }, usable: true }
}

function elsewhereHint({ framework }: MigrationSource, [first]: readonly string[]): string {
  if (first === undefined) return ''
  return framework === 'prisma'
    ? `If the tables of ${first} are meant, write \`?schema=${first}\` into the URL. `
    : `If Ecto migrates with \`--prefix ${first}\`, set migrations-prefix to ${first}: Mix is given it, and makes what is pending there, too. If only the Repo’s own connection looks there first, let the role do so: \`ALTER ROLE … SET search_path TO ${first}\`. `
}

const elsewhereInput =
  'If Ecto’s table has another name, say it by migrations-table (`migration_source`); if Ecto is given a `--prefix`, say that by migrations-prefix.'
