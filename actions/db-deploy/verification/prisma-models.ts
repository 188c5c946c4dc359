import type { Problem } from '../../shared/problem.ts'
import { joinTables } from './prisma-join-tables.ts'
import { has, readPrismaBlocks, textOfAttribute, type FieldLine, type PrismaBlock } from './prisma-language.ts'

/** One file of a Prisma schema; a schema may have several (`prismaSchemaFolder`, the rule since Prisma 6.7). */
export interface PrismaSchemaFile {
  /** As the user would write it. */
  readonly path: string
  readonly text: string
}

/** A model or a view, as Prisma's client reads it from the database. */
export interface PrismaModel {
  readonly kind: 'model' | 'view'
  readonly name: string
  /** `@@map`'s, or the model's own name. */
  readonly table: string
  /** `@@schema`'s; undefined: that of the connection. */
  readonly schema: string | undefined
  /** `@@ignore`: it is in the database, and the client does not know it. */
  readonly ignored: boolean
  /** What has a column; relations have none. */
  readonly fields: readonly PrismaField[]
  readonly file: string
  /** 1-based, of its name. */
  readonly line: number
}

export interface PrismaField {
  readonly name: string
  /** `@map`'s, or the field's own name. */
  readonly column: string
  readonly kind: 'scalar' | 'enum' | 'unsupported'
  /** `String`, the enum's name, or what `Unsupported("…")` holds. */
  readonly type: string
  readonly arity: 'required' | 'optional' | 'list'
  /** `@ignore`: the client does not know it. */
  readonly ignored: boolean
  /** 1-based. */
  readonly line: number
}

/** A table that Prisma makes for a relation of many to many without a model between. */
export interface PrismaJoinTable {
  /** `_PostToTag`, or `_` and the relation's name. */
  readonly table: string
  readonly schema: string | undefined
  /** The models that its columns `A` and `B` refer to. */
  readonly models: readonly [string, string]
}

export interface PrismaSchema {
  /** In the order of files and lines. */
  readonly models: readonly PrismaModel[]
  readonly joinTables: readonly PrismaJoinTable[]
  /** What could not be read; Prisma's own `validate` says the same in its words. */
  readonly problems: readonly Problem[]
}

/**
 * Reads the models of a Prisma schema from its text alone: no Prisma, no engine. Says the same of every model and column
 * as Prisma's own parser (tests/conformance/db-smoke-models.test.ts), and more: what the client is not told of.
 */
export function readPrismaModels(files: readonly PrismaSchemaFile[]): PrismaSchema {
  const problems: Problem[] = []
  const blocks = files.flatMap((file) => {
    const { blocks, fault } = readPrismaBlocks(file.text)
    if (fault !== undefined) problems.push(unreadable(file.path, fault.line, fault.message))
    return blocks.map((block) => ({ ...block, file: file.path }))
  })
  const kinds = new Map(blocks.map(({ keyword, name }) => [name, keyword]))
  const relations = blocks.filter(isModel)
  const models = relations.map((block): PrismaModel => {
    const fields = block.fields.flatMap((field): PrismaField[] => {
      const kind = kindOf(field, kinds)
      if (kind === 'unknown') {
        const message = `${block.name}.${field.name} has the type ${field.type}, and nothing of this name is in the schema`
        problems.push(unreadable(block.file, field.line, message))
      }
      if (kind === 'unknown' || kind === 'relation') return []
      const { name, type, arity, attributes, line } = field
      const column = textOfAttribute(attributes, 'map') ?? name
      return [{ name, column, kind, type, arity, ignored: has(attributes, 'ignore'), line }]
    })
    return {
      kind: block.keyword === 'view' ? 'view' : 'model',
      name: block.name,
      table: textOfAttribute(block.attributes, 'map') ?? block.name,
      schema: textOfAttribute(block.attributes, 'schema'),
      ignored: has(block.attributes, 'ignore'),
      fields,
      file: block.file,
      line: block.line
    }
  })
  const known = relations.filter(({ attributes }) => !has(attributes, 'ignore'))
  return { models, joinTables: joinTables(known), problems }
}

function isModel({ keyword }: PrismaBlock): boolean {
  return keyword === 'model' || keyword === 'view'
}

/** Prisma's own types, which no model and no enum may be called. */
const scalars: ReadonlySet<string> = new Set([
  'String',
  'Boolean',
  'Int',
  'BigInt',
  'Float',
  'Decimal',
  'DateTime',
  'Json',
  'Bytes'
])

function kindOf(
  { type, unsupported }: FieldLine,
  kinds: ReadonlyMap<string, string>
): PrismaField['kind'] | 'relation' | 'unknown' {
  if (unsupported) return 'unsupported'
  if (scalars.has(type)) return 'scalar'
  switch (kinds.get(type)) {
    case 'enum':
      return 'enum'
    case 'model':
    case 'view':
      return 'relation'
    case undefined:
    default:
      return 'unknown'
  }
}

function unreadable(file: string, line: number, message: string): Problem {
  return {
    code: 'prisma-schema-unreadable',
    message: `The Prisma schema cannot be read: ${message}.`,
    hint: 'Run `npx prisma validate` and mend what it says; the smoke test reads the models from these files.',
    file,
    line
  }
}
