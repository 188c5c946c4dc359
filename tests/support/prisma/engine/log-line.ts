/** One line of the native engine's log: JSON on the error stream, of which the CLI reads the last error. */
export function logLine(level: 'INFO' | 'ERROR', fields: Readonly<Record<string, unknown>>): void {
  const line = { timestamp: new Date().toISOString(), level, fields, target: 'schema_engine::logger' }
  process.stderr.write(`${JSON.stringify(line)}\n`)
}
