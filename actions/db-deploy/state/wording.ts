import { baseOf } from '../../shared/migrations/file-tree.ts'
import type { MigrationStatus } from './migration-state.ts'

/** `a, b, c`; of more than `most`, how many are left out. */
export function someOf(names: readonly string[], most = 5): string {
  const left = names.length - most
  return left > 1 ? `${names.slice(0, most).join(', ')} and ${left} more` : names.join(', ')
}

/** What a migration is called for people: Ecto's version alone says little. */
export function labelOf({ name, path }: MigrationStatus): string {
  if (path === undefined) return name
  const base = baseOf(path)
  return base === 'migration.sql' ? name : base.replace(/\.exs$/, '')
}
