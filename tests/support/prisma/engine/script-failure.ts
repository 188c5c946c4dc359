/**
 * A migration that PostgreSQL refused, in the words of the native engine (user-facing-errors, schema_engine.rs P3018;
 * the rest of the text is what its driver prints of the error).
 *
 * @param error what the engine as WebAssembly threw; it names the migration only
 * @param refusal what the server said
 */
export function scriptFailure(
  error: unknown,
  refusal: unknown
): { readonly message: string; readonly code: 'P3018'; readonly meta?: unknown } | undefined {
  const message = error instanceof Error ? error.message : ''
  if ((error instanceof Error && 'code' in error && error.code !== undefined) || !(refusal instanceof Error))
    return undefined
  const migration = /migration_name="([^"]+)"/.exec(message)?.[1] ?? 'unknown'
  const { code = '', severity = 'ERROR', position } = refusal as Error & Refusal
  const at = position === undefined ? 'None' : `Some(Original(${position}))`
  return {
    code: 'P3018',
    message: [
      'A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve',
      `Migration name: ${migration}`,
      `Database error code: ${code}`,
      `Database error:\n${severity}: ${refusal.message}`,
      `DbError { severity: "${severity}", parsed_severity: Some(Error), code: SqlState(E${code}), message: ${JSON.stringify(refusal.message)}, detail: None, hint: None, position: ${at}, where_: None }`
    ].join('\n\n')
  }
}

interface Refusal {
  readonly code?: string
  readonly severity?: string
  readonly position?: string
}
