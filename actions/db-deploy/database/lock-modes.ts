import { lockModes } from '../../shared/migrations/lock-modes.ts'

export type LockMode = (typeof lockModes)[number]

/** The mode as SQL names it, of a text such as `ACCESS EXCLUSIVE` or pg_locks' `AccessExclusiveLock`. */
export function lockMode(text: string): LockMode | undefined {
  const plain = text.replace(/Lock$/, '').replaceAll(/[ _]/g, '').toUpperCase()
  return lockModes.find((mode) => mode.replaceAll(' ', '') === plain)
}

/** Whether two sessions cannot hold both on one table at a time (the same page, table 13.2). */
export function conflicting(one: LockMode, other: LockMode): boolean {
  return conflicts[one].includes(other)
}

const conflicts: Readonly<Record<LockMode, readonly LockMode[]>> = {
  'ACCESS SHARE': lockModes.slice(7),
  'ROW SHARE': lockModes.slice(6),
  'ROW EXCLUSIVE': lockModes.slice(4),
  'SHARE UPDATE EXCLUSIVE': lockModes.slice(3),
  // Two builds of an index may run at a time.
  SHARE: ['ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'SHARE ROW EXCLUSIVE': lockModes.slice(2),
  EXCLUSIVE: lockModes.slice(1),
  'ACCESS EXCLUSIVE': lockModes
}
