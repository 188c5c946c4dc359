/**
 * A statement that is sent by itself can end transactions inside of it: a procedure, and a block of code (PostgreSQL,
 * "Transaction Management" of PL/pgSQL). Within a transaction, or beside other statements, both fail at that.
 */
export function mayCommit(text: string): boolean {
  // Within the block a mark of a comment may stand in a string: a word that stands in a comment counts.
  const sql = text.replace(/^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/, '')
  return /^CALL\b/i.test(sql) || (/^DO\b/i.test(sql) && /\b(?:COMMIT|ROLLBACK|CALL|EXECUTE|LANGUAGE)\b/i.test(sql))
}
