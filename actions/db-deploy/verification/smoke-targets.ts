import type { Problem } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import type { Session } from '../database/session.ts'
import { findRelations, listTables, quotedRelation, storedName, type Relation } from './catalog.ts'
import type { PrismaModel, PrismaSchema } from './prisma-models.ts'
import { missingColumns, missingRelation } from './smoke-problems.ts'

/** What is to be read: a model with its table, or a table alone. */
export interface Target {
  readonly of: 'model' | 'join table' | 'table'
  /** The model's name, or the table's. */
  readonly name: string
  readonly schema: string
  readonly table: string
  readonly quoted: string
  readonly relation: Relation | undefined
  /** Those that are mapped, as the server stores their names. */
  readonly columns: readonly string[]
  /** Where the schema has it. */
  readonly place?: { readonly file: string; readonly line: number }
  /** Known without reading it. */
  readonly problem?: Problem
}

export interface Targets {
  readonly relations: readonly Target[]
  /** In words, what is not read and need not be: `2 foreign tables`. */
  readonly leftOut: readonly string[]
  readonly checks: readonly Check[]
}

/** The models of a schema, with the tables that Prisma makes between them; what the client does not know is left out. */
export async function modelTargets(
  session: Session,
  { models, joinTables, problems }: PrismaSchema,
  connectionSchema: string
): Promise<Targets> {
  const known = models.filter(({ ignored }) => !ignored)
  const wanted = [
    ...known.map((model) => ({
      model,
      name: model.name,
      schema: model.schema ?? connectionSchema,
      table: model.table
    })),
    ...joinTables.map((join) => ({
      model: undefined,
      name: join.table,
      schema: join.schema ?? connectionSchema,
      table: join.table
    }))
  ]
  const relations = await findRelations(session, wanted)
  const targets = wanted.map(({ model, name, schema, table }, at): Target => {
    const relation = relations[at]
    const columns = model === undefined ? ['A', 'B'] : mappedColumns(model)
    const target: Target = {
      of: model === undefined ? 'join table' : 'model',
      name,
      schema,
      table,
      quoted: quotedRelation({ schema, table: storedName(table) }),
      relation,
      columns,
      ...(model === undefined ? {} : { place: { file: model.file, line: model.line } })
    }
    const problem =
      relation === undefined ? missingRelation(target) : missingColumns(target, relation, model?.fields ?? [])
    return problem === undefined ? target : { ...target, problem }
  })
  const foreign = targets.filter(({ relation }) => relation?.kind === 'foreign')
  const ignored = models.length - known.length
  return {
    relations: targets.filter((target) => !foreign.includes(target)),
    leftOut: [
      ...(ignored > 0 ? [`${ignored} with @@ignore`] : []),
      ...(foreign.length > 0 ? [`foreign tables ${foreign.map(({ name }) => name).join(', ')}`] : [])
    ],
    checks: problems.map((problem) => ({
      id: 'prisma-schema',
      title: 'Prisma schema',
      result: 'failed',
      told: 'not read to its end',
      problem
    }))
  }
}

function mappedColumns({ fields }: PrismaModel): readonly string[] {
  return [...new Set(fields.filter(({ ignored }) => !ignored).map(({ column }) => storedName(column)))]
}

/** Every table of the application that the role can look at. */
export async function tableTargets(session: Session, without: readonly string[]): Promise<Targets> {
  const { tables, foreign, closedSchemas } = await listTables(session, without)
  const names = new Map<string, number>()
  for (const { table } of tables) names.set(table, (names.get(table) ?? 0) + 1)
  return {
    relations: tables.map((relation) => ({
      of: 'table',
      name: (names.get(relation.table) ?? 0) > 1 ? `${relation.schema}.${relation.table}` : relation.table,
      schema: relation.schema,
      table: relation.table,
      quoted: relation.quoted,
      relation,
      columns: relation.columns
    })),
    leftOut: foreign.length > 0 ? [`foreign tables ${foreign.map(({ quoted }) => quoted).join(', ')}`] : [],
    checks:
      closedSchemas.length === 0
        ? []
        : [
            {
              id: 'smoke-closed-schemas',
              title: 'Schemas that the role may not use',
              result: 'not checked',
              told: `tables in ${closedSchemas.join(', ')} were not read`,
              next: 'Where they are the application’s, GRANT USAGE ON SCHEMA and SELECT ON ALL TABLES IN SCHEMA to the role of smoke-url.'
            }
          ]
  }
}
