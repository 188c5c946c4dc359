import { createHash } from 'node:crypto'

/**
 * The two numbers of PostgreSQL's advisory lock (`pg_try_advisory_lock(int, int)`). Advisory locks belong to a database:
 * two databases of one server never wait for each other, whatever the key is.
 */
export interface LockKey {
  /** The same for every lock of db-deploy, so that `pg_locks.classid` shows them all. */
  readonly space: number
  /** Of the framework's table; 0 for all of them. */
  readonly table: number
}

/**
 * The lock of one table of migrations: who migrates the same table waits, who migrates another one of the same database
 * does not.
 *
 * @param place `schema` and `table` as they are configured, unquoted; the table need not be there yet
 */
export function lockKey(place: { readonly schema: string | undefined; readonly table: string }): LockKey {
  // A length before each part: no two pairs of names make the same text. `public` is where the search path leads.
  const text = [place.schema ?? 'public', place.table].map((part) => `${part.length}:${part}`).join('')
  return { space: lockSpace, table: createHash('sha256').update(text).digest().readInt32BE(0) }
}

/** `radb` as ASCII: 1918985314. */
const lockSpace = 0x72_61_64_62

/** The lock of the whole database, whichever tables of migrations it has. */
export const databaseLock: LockKey = { space: lockSpace, table: 0 }

/** One lock of PostgreSQL's: of those that share it nobody waits for another. */
export interface LockPart {
  readonly key: LockKey
  readonly mode: 'shared' | 'alone'
}

/**
 * What is taken for a key, in this order. Who migrates one table shares the database with those who migrate others, and who
 * replaces the database (a restore, which need not know which tables there are) has it alone.
 */
export function lockParts(key: LockKey): readonly LockPart[] {
  if (key.table === databaseLock.table) return [{ key, mode: 'alone' }]
  return [
    { key: databaseLock, mode: 'shared' },
    { key, mode: 'alone' }
  ]
}
