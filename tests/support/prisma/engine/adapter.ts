import type { Connection } from './connection.ts'
import { load, type Adapter, type AdapterFactory, type SqlQuery } from './packages.ts'

export interface AdapterOptions {
  readonly packages: string
  readonly connection: Connection
  /** The user's shadow database, which is emptied; otherwise one is made and dropped on the same server. */
  readonly shadow: () => Connection | undefined
  /** A migration's file is one batch, and so one implicit transaction. */
  readonly whole: boolean
  /** Hears what a migration's file was refused for. */
  readonly refused: (error: unknown) => void
  /** Hears each migration before it runs. */
  readonly applying: (name: string) => void
}

/** adapter-pg, with what the native engine does and it does not. */
export function makeAdapter(options: AdapterOptions): AdapterFactory {
  const { PrismaPg } = load(options.packages, '@prisma/adapter-pg')
  const factoryOf = ({ schema, ...place }: Connection): AdapterFactory =>
    // One connection: the advisory lock is a session's. It ends at once, so that the process does.
    new PrismaPg({ ...place, max: 1, idleTimeoutMillis: 0 }, schema === undefined ? {} : { schema })
  const factory = factoryOf(options.connection)
  const { connect, connectToShadowDb } = { connect: factory.connect, connectToShadowDb: factory.connectToShadowDb }
  factory.connect = async () => extended(await connect.call(factory), options)
  factory.connectToShadowDb = async () => {
    const shadow = options.shadow()
    if (shadow === undefined) return extended(await connectToShadowDb.call(factory), options)
    const adapter = extended(await factoryOf(shadow).connect(), options)
    await adapter.client.query('DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public')
    return adapter
  }
  return factory
}

/** Of pg_type.dat: "char", "char"[] and text[]. */
const [charOid, charArrayOid, textOid, textArrayOid] = [18, 1002, 25, 1009]
/** Of ColumnTypeEnum in @prisma/driver-adapter-utils. */
const character = 6

function extended(adapter: Adapter, options: AdapterOptions): Adapter {
  const { types } = load(options.packages, 'pg')
  const performIO = adapter.performIO.bind(adapter)
  const queryRaw = adapter.queryRaw.bind(adapter)
  const executeRaw = adapter.executeRaw.bind(adapter)
  let characters: number[] = []
  adapter.performIO = async (query) => {
    const result = await performIO(query)
    characters = result.fields.flatMap(({ dataTypeID }, column) => (dataTypeID === charOid ? [column] : []))
    result.fields.forEach((field, column) => {
      if (field.dataTypeID === charOid) field.dataTypeID = textOid
      if (field.dataTypeID !== charArrayOid) return
      field.dataTypeID = textArrayOid
      for (const row of result.rows) {
        const value = row[column]
        if (typeof value === 'string') row[column] = types.getTypeParser(textArrayOid, 'text')(value)
      }
    })
    return result
  }
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    for (const column of characters) result.columnTypes[column] = character
    return result
  }
  adapter.executeRaw = async (query) => {
    if (query.args.length === 0) {
      // A whole file, where 6 replays it in a shadow database: the native engine sends it as a simple query.
      await adapter.executeScript(query.sql)
      return 0
    }
    const name = migrationOf(query)
    if (name !== undefined) options.applying(name)
    return executeRaw(query)
  }
  adapter.executeScript = async (script) => {
    for (const part of await parts(script, options)) {
      try {
        await adapter.client.query(part)
      } catch (error) {
        options.refused(error)
        adapter.onError(error)
      }
    }
  }
  return adapter
}

/** The row that is written before a migration runs has its name. */
function migrationOf({ sql, args }: SqlQuery): string | undefined {
  if (!/^\s*INSERT INTO .*_prisma_migrations/s.test(sql)) return undefined
  return args.find((value): value is string => typeof value === 'string' && /^\d{1,17}_/.test(value))
}

/** What is sent as one query each. */
async function parts(script: string, { packages, whole }: AdapterOptions): Promise<readonly string[]> {
  // The shadow database that the engine made still has a connection that is about to end.
  const dropped = /^\s*(DROP DATABASE "[^"]+")\s*;?\s*$/.exec(script)
  if (dropped !== null) return [`${dropped[1] ?? ''} WITH (FORCE)`]
  if (whole) return [script]
  const parser = load(packages, 'libpg-query')
  await parser.loadModule()
  try {
    const bytes = Buffer.from(script)
    const statements = parser.parseSync(script).stmts ?? []
    return statements.map(({ stmt_location: from = 0, stmt_len: length }) =>
      bytes.subarray(from, length === undefined ? undefined : from + length).toString()
    )
  } catch {
    // What cannot be split is sent as one batch (prisma-engines #5847).
    return [script]
  }
}
