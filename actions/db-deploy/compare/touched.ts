import type { PendingMigration, TouchedTable } from '../record.ts'

/** The tables that pending migrations touch, each once; the first has named the lock that it waits for first. */
export function tablesOf(pending: readonly PendingMigration[]): readonly TouchedTable[] {
  const tables = new Map<string, TouchedTable>()
  for (const table of pending.flatMap((migration) => migration.tables)) {
    const known = tables.get(table.name)
    if (known === undefined || (known.lock !== 'ACCESS EXCLUSIVE' && table.lock === 'ACCESS EXCLUSIVE')) {
      tables.set(table.name, table)
    }
  }
  return [...tables.values()]
}
