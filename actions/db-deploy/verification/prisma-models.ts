import type { Problem } from '../../shared/problem.ts'

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

/** Reads the models of a Prisma schema from its text alone: no Prisma, no engine. */
export declare function readPrismaModels(files: readonly PrismaSchemaFile[]): PrismaSchema
