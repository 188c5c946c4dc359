import type { MigrationSource } from '../state/project.ts'

/** Tables that are the framework's and not the application's, by name. */
export function frameworkTables({ table }: Pick<MigrationSource, 'table'>): readonly string[] {
  return [...new Set(['_prisma_migrations', 'schema_migrations', table])]
}
