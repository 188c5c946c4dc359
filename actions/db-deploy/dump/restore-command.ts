import { basename } from 'node:path'
import type { BackupInputs } from '../inputs.ts'

/**
 * How a backup is restored by hand, in one command: into a new database, so that it can be looked at before anything is
 * replaced. Where from and where to is said by libpq's variables (PGHOST, PGUSER …).
 */
export function restoreCommand(
  file: string,
  database: string,
  { passphrase, recipient }: Pick<BackupInputs, 'passphrase' | 'recipient'>
): string {
  const name = shellWord(basename(file))
  const target = shellWord(`${database}_restored`)
  const restore = `pg_restore --exit-on-error --dbname=${target}`
  if (passphrase === undefined && recipient === undefined) return `createdb ${target} && ${restore} ${name}`
  const key = passphrase === undefined ? ' --identity key.txt' : ''
  return `createdb ${target} && age --decrypt${key} ${name} | ${restore}`
}

/** A text as a POSIX shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
