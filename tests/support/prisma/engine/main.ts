// Stands in for Prisma's native schema engine: the same command line and JSON-RPC, on the engine that npm has as
// WebAssembly. Started as: node main.ts PACKAGES split|whole, then the arguments of the native engine.
import { readArguments } from './arguments.ts'
import { readConnection } from './connection.ts'
import { runDatabaseCommand } from './database-command.ts'
import { logLine } from './log-line.ts'
import { serve } from './serve.ts'

const [packages = '', mode = '', ...rest] = process.argv.slice(2)
try {
  const given = readArguments(rest)
  logLine('INFO', { message: 'Starting schema engine CLI', git_hash: 'stand-in' })
  if (given.version) {
    process.stdout.write('schema-engine-cli stand-in\n')
  } else if (given.databaseCommand !== undefined) {
    process.exitCode = await runDatabaseCommand(packages, given.databaseCommand, readConnection(given.url()))
  } else {
    await serve({ packages, whole: mode === 'whole', given })
  }
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = error instanceof Error ? error.message : String(error)
  logLine('ERROR', { is_panic: false, error_code: code, message })
  process.exitCode = 1
}
