import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import { decryptFile, firstBytes, isEncrypted } from '../dump/encryption.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'

/**
 * Lets the dump be used, decrypted where it is encrypted: into a file that this user alone can read and that is gone
 * afterwards.
 *
 * @throws ActionError where the file is not there, is no dump in custom format, or no key opens it
 */
export async function withPlainDump<T>(
  { restore, backup, context }: Pick<Inputs, 'restore' | 'backup' | 'context'>,
  world: World,
  journal: Journal,
  use: (file: string) => Promise<T>
): Promise<T> {
  const file = existing(restore.file)
  if (!isEncrypted(file)) {
    assertCustomFormat(file, file)
    return use(file)
  }
  mkdirSync(context.temp, { recursive: true })
  const plain = join(context.temp, `restore-${randomBytes(8).toString('hex')}.dump`)
  journal.leaves([plain])
  try {
    await decryptFile(file, plain, { identity: restore.identity, passphrase: backup.passphrase }, world.cancelled)
    assertCustomFormat(plain, file)
    return await use(plain)
  } catch (error) {
    throwIfCancelled(world, 'the dump was read')
    throw error
  } finally {
    rmSync(plain, { force: true })
  }
}

function existing(file: string | undefined): string {
  if (file === undefined) {
    return fail({
      code: 'deploy-restore-file',
      message: 'Input restore-file is empty.',
      hint: 'Name the dump, such as `restore-file: backup/app-20260101T120000Z.dump.age`; an artifact is fetched by actions/download-artifact before.'
    })
  }
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile() === true && found.size > 0) return file
  return fail({
    code: 'deploy-restore-file',
    message: `${file} ${found === undefined ? 'is not there' : found.isFile() ? 'is empty' : 'is no file'}.`,
    hint: 'Look at the folder that actions/download-artifact has unpacked the backup into, and name the file in it.'
  })
}

/** What people have instead of a dump in custom format, by how it begins, and what is to be done. */
const others: readonly { readonly begins: readonly string[]; readonly is: string; readonly hint: string }[] = [
  { begins: ['PK'], is: 'a zip archive', hint: 'Unpack it: artifacts that are fetched by hand are zipped.' },
  {
    begins: ['\u001f\u008b'],
    is: 'compressed by gzip',
    hint: 'Unpack it by `gunzip`, and see whether a dump in custom format is inside.'
  },
  {
    begins: ['--', 'SET ', 'CREATE ', 'BEGIN', '\\restrict'],
    is: 'SQL text',
    hint: 'SQL text cannot be checked before it runs: make a new database, run it there by `psql --single-transaction -v ON_ERROR_STOP=1`, and look at it. Backups of this action are in custom format.'
  }
]

function assertCustomFormat(file: string, shown: string): void {
  const beginning = firstBytes(file, 64)
  if (beginning.startsWith('PGDMP')) return
  const other = others.find(({ begins }) => begins.some((each) => beginning.startsWith(each)))
  fail({
    code: 'deploy-restore-file',
    message: `${shown} is no dump in custom format${other === undefined ? '' : `: it is ${other.is}`}.`,
    hint: other?.hint ?? 'Name a file that `pg_dump --format=custom` has written, or this action’s `command: backup`.'
  })
}
