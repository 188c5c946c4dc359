import type { BackupRequest } from '../dump/take-backup.ts'
import type { Inputs } from '../inputs.ts'
import { directUrl } from '../reading.ts'
import type { Survey } from '../survey.ts'

/** A way back drops tables and columns with what is in them: it is backed up as a deploy is. */
export function wantsBackup({ backup, production }: Pick<Inputs, 'backup' | 'production'>): boolean {
  return backup.always || (backup.when === 'auto' ? production.production : backup.when === 'true')
}

export function backupRequest(inputs: Inputs, { server }: Survey): BackupRequest {
  return {
    url: directUrl(inputs),
    serverVersion: server.facts.version ?? 0,
    inputs: inputs.backup,
    scratch: inputs.urls.scratch,
    environmentVariables: inputs.environmentVariables,
    folder: inputs.folder,
    applicationName: inputs.sessions.own
  }
}
