import { has, textOfAttribute, type FieldLine, type PrismaBlock } from './prisma-language.ts'
import type { PrismaJoinTable } from './prisma-models.ts'

/**
 * The tables of relations of many to many between models that name no fields: both ends are lists. Prisma calls the table
 * `_` and the relation's name, which is `AToB` where none is given, the models in the order of the alphabet; its columns
 * are `A` and `B` (Prisma's documentation, "Implicit many-to-many relations").
 */
export function joinTables(models: readonly PrismaBlock[]): readonly PrismaJoinTable[] {
  const byName = new Map(models.map((model) => [model.name, model]))
  const found = new Map<string, PrismaJoinTable>()
  for (const model of models) {
    for (const field of model.fields) {
      const other = byName.get(field.type)
      if (other === undefined || !isOpenList(field)) continue
      const name = relationName(field)
      const opposite = other.fields.some(
        (each) =>
          each.type === model.name &&
          isOpenList(each) &&
          relationName(each) === name &&
          (model !== other || each !== field)
      )
      if (!opposite) continue
      const [first, second] = model.name <= other.name ? [model, other] : [other, model]
      const table = `_${name ?? `${first.name}To${second.name}`}`
      const schema = textOfAttribute(first.attributes, 'schema')
      found.set(JSON.stringify([schema, table]), { table, schema, models: [first.name, second.name] })
    }
  }
  return [...found.values()]
}

/** A list of models that the client knows, and that leaves the columns to Prisma. */
function isOpenList({ arity, attributes }: FieldLine): boolean {
  return arity === 'list' && !has(attributes, 'ignore')
}

function relationName({ attributes }: FieldLine): string | undefined {
  return textOfAttribute(attributes, 'relation')
}
