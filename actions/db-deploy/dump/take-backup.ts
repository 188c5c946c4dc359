import { basename } from 'node:path'
import { counted } from '../counted.ts'
import { readableSize } from '../../shared/files.ts'
import type { Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { BackupInputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { Backup } from '../record.ts'
import { runBackupCommand } from './backup-command.ts'
import { dumpDatabase } from './dump-database.ts'
import { encryptionProblems } from './encryption.ts'
import { findDumpPrograms } from './programs.ts'
import { scratchProblems } from './test-restore.ts'

export interface BackupRequest {
  /** Past any pooler: the snapshot that the dump is made of is held open by a session of its own. */
  readonly url: DatabaseUrl
  /** 180004 for 18.4 */
  readonly serverVersion: number
  readonly inputs: BackupInputs
  /** Whose server the dump is restored on for a test; needed for `verify: restore`. */
  readonly scratch: DatabaseUrl | undefined
  /** Of this process. */
  readonly environmentVariables: NodeJS.ProcessEnv
  /** Absolute; where `backup-command` runs. */
  readonly folder: string
  /** Of the sessions, 63 bytes at most. */
  readonly applicationName: string
  readonly production: boolean
}

/**
 * Makes a backup and proves it as far as it is asked to, as stage `backup` of the journal. Gives back only a backup that
 * was proven; nothing stands under the file's name before, and nothing partial stays. Learns it in the journal. All sessions
 * are closed when it ends, so that no snapshot of it is in a migration's way.
 *
 * @throws ActionError where there is no backup now
 */
export function takeBackup(request: BackupRequest, world: World, journal: Journal): Promise<Backup> {
  return journal.stage('backup', 'Verified backup', async (stage) => {
    throwIfCancelled(world, 'a backup was about to be made')
    const startedAt = world.clock.now()
    const made =
      request.inputs.command === undefined
        ? await dumpDatabase(request, world, journal)
        : await runBackupCommand(request.inputs.command, request, world)
    const backup: Backup = { ...made, took: world.clock.now() - startedAt }
    journal.learn({ backup })
    // The summary has the whole path among its facts.
    stage.note(noteOf(backup.file === undefined ? backup : { ...backup, file: basename(backup.file) }))
    world.log.info(`Backup: ${noteOf(backup)}.`)
    if (backup.file !== undefined) world.log.info(`To restore it into a new database: ${backup.restore}`)
    if (backup.sha256 !== undefined) world.log.info(`SHA-256 of the file: ${backup.sha256}`)
    if (backup.plainSha256 !== undefined) world.log.info(`SHA-256 before it was encrypted: ${backup.plainSha256}`)
    if (request.production && backup.file !== undefined && !backup.encrypted) world.log.warning(readable)
    return backup
  })
}

/** An artifact is readable by everybody who can read the repository. */
const readable =
  'The backup is not encrypted, and holds all that the database does. Set `backup-recipient` (`age-keygen` makes the key) or `backup-passphrase` before it is uploaded anywhere.'

/**
 * What would keep a backup from being made: programs that are not here, recipients that are none, a scratch server that
 * cannot take the dump. Changes nothing; for the time before anything is changed.
 */
export async function backupProblems(request: BackupRequest, world: World): Promise<readonly Problem[]> {
  if (request.inputs.command !== undefined) return []
  const found = await findDumpPrograms(request.serverVersion, request.environmentVariables, world)
  return [
    ...('problems' in found ? found.problems : []),
    ...encryptionProblems(request.inputs),
    ...(request.inputs.verify === 'restore' ? await scratchProblems(request, world) : [])
  ]
}

const proofs: Readonly<Record<Backup['verified'], string>> = {
  list: 'its contents have every table',
  read: 'read to its end',
  restore: 'restored into a scratch database, where every table has the same rows',
  command: 'made by backup-command'
}

function noteOf({ file, bytes, verified, encrypted, rows, restore }: Backup): string {
  if (file === undefined) return `${proofs[verified]}: ${restore}`
  const parts = [
    readableSize(bytes ?? 0),
    encrypted ? 'encrypted' : 'not encrypted',
    ...(rows === undefined ? [] : [counted(rows, 'row')]),
    proofs[verified]
  ]
  return `${file}, ${parts.join(', ')}`
}
