import { baseOf } from '../../shared/migrations/file-tree.ts'
import { spelled } from '../../shared/migrations/migration-name.ts'
import type { Migration } from '../../shared/migrations/migration-set.ts'
import type { PolicyFacts } from './facts.ts'

/** The version as it is written in the path, with its zeros. */
export function writtenVersion({ below, version }: Migration): string {
  const part = below.endsWith('/migration.sql') ? (below.split('/')[0] ?? '') : baseOf(below)
  return /^[+-]?\d+/.exec(part)?.[0] ?? version
}

/** A migration as it is named in a sentence. */
export function shown(migration: Migration): string {
  return spelled({ version: writtenVersion(migration), name: migration.name })
}

/** `a, b and c`; of many the first few and how many more. */
export function listed(names: readonly string[], most = 5): string {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${String(names.length - most)} more`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** `1 migration`, `2 migrations`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`
}

/** How a change that must be passes all the same, where the configuration lets it; begins with a space. */
export function byReview({ configuration: { bypass } }: Pick<PolicyFacts, 'configuration'>): string {
  return bypass.allowed
    ? ' Where it must be, somebody who may reviews the newest commit with the body `ALLOW_CORE_MIGRATION: REASON, until YYYY-MM-DD`.'
    : ''
}
