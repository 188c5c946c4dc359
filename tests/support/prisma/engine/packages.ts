import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Connection } from './connection.ts'

/** The package pg, as far as it is used here. */
export interface Pg {
  readonly Client: new (connection: Connection) => {
    connect(): Promise<void>
    query(sql: string): Promise<unknown>
    end(): Promise<void>
  }
  readonly types: { getTypeParser(oid: number, format: 'text'): (value: string) => unknown }
}

/** The package @prisma/adapter-pg: how the engine as WebAssembly reaches a database. */
export interface AdapterPackage {
  readonly PrismaPg: new (connection: object, options: { readonly schema?: string }) => AdapterFactory
}

export interface AdapterFactory {
  connect(): Promise<Adapter>
  connectToShadowDb(): Promise<Adapter>
}

export interface Adapter {
  /** The pool of one connection below it. */
  readonly client: { query(sql: string): Promise<unknown> }
  performIO(query: SqlQuery): Promise<QueryResult>
  queryRaw(query: SqlQuery): Promise<{ columnTypes: number[] }>
  executeRaw(query: SqlQuery): Promise<number>
  executeScript(script: string): Promise<void>
  onError(error: unknown): never
}

export interface SqlQuery {
  readonly sql: string
  readonly args: readonly unknown[]
}

export interface QueryResult {
  readonly fields: { dataTypeID: number }[]
  readonly rows: unknown[][]
}

/** Methods of the protocol by their names. */
export type SchemaEngine = Readonly<Record<string, (params: unknown) => Promise<unknown>>>

export interface SchemaEngineModule {
  readonly SchemaEngine: {
    readonly new: (
      options: { readonly datamodels: readonly (readonly [string, string])[] | undefined },
      log: (line: string) => void,
      factory: unknown
    ) => Promise<SchemaEngine>
  }
  __wbg_set_wasm(exports: unknown): void
}

export interface LibpgQuery {
  loadModule(): Promise<void>
  parseSync(sql: string): {
    readonly stmts?: readonly { readonly stmt_location?: number; readonly stmt_len?: number }[]
  }
}

/** What binds an adapter to the engine. */
export interface DriverAdapterUtils {
  bindMigrationAwareSqlAdapterFactory(factory: unknown): unknown
}

interface Packages {
  readonly pg: Pg
  readonly '@prisma/adapter-pg': AdapterPackage
  readonly '@prisma/driver-adapter-utils': DriverAdapterUtils
  readonly 'libpg-query': LibpgQuery
}

/** Loads a package from the folder that Prisma was installed in. */
export function load<Name extends keyof Packages>(folder: string, name: Name): Packages[Name] {
  return createRequire(join(folder, 'package.json'))(name) as Packages[Name]
}

export function resolveIn(folder: string, name: string): string {
  return createRequire(join(folder, 'package.json')).resolve(name)
}
