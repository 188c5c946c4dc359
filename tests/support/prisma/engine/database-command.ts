import type { Connection } from './connection.ts'
import { logLine } from './log-line.ts'
import { load } from './packages.ts'

/** Answers `can-connect-to-database`, `create-database` and `drop-database` with an exit code. */
export async function runDatabaseCommand(packages: string, command: string, connection: Connection): Promise<number> {
  const { Client } = load(packages, 'pg')
  const asks = command === 'can-connect-to-database'
  // A database is made and dropped from another one.
  const client = new Client(asks ? connection : { ...connection, database: 'postgres' })
  try {
    await client.connect()
    const name = `"${connection.database.replaceAll('"', '""')}"`
    if (command === 'create-database') await client.query(`CREATE DATABASE ${name}`)
    if (command === 'drop-database') await client.query(`DROP DATABASE IF EXISTS ${name}`)
    await client.end()
    logLine('INFO', { message: 'Connection successful' })
    return 0
  } catch (error) {
    const { code, message } = refusal(error, connection)
    logLine('ERROR', { is_panic: false, error_code: code, message })
    return 1
  }
}

/** In the words of the native engine (user-facing-errors, common.rs). */
function refusal(error: unknown, { host, port, user, database }: Connection): { code: string; message: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === '3D000')
    return {
      code: 'P1003',
      message: `Database \`${database}\` does not exist on the database server at \`${host}:${port}\`.`
    }
  if (code === '28P01' || code === '28000')
    return {
      code: 'P1000',
      message: `Authentication failed against database server, the provided database credentials for \`${user}\` are not valid.\n\nPlease make sure to provide valid database credentials for the database server at the configured address.`
    }
  return {
    code: 'P1001',
    message: `Can't reach database server at \`${host}:${port}\`\n\nPlease make sure your database server is running at \`${host}:${port}\`.`
  }
}
