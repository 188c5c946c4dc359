import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { BackupInputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { Backup } from '../record.ts'

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
}

/**
 * Makes a backup and proves it as far as it is asked to. Gives back only a backup that was proven; nothing stands under
 * the file's name before, and nothing partial stays. Learns it in the journal. All sessions are closed when it ends, so
 * that no snapshot of it is in a migration's way.
 *
 * @throws ActionError where there is no backup now
 */
export declare function takeBackup(request: BackupRequest, world: World, journal: Journal): Promise<Backup>
