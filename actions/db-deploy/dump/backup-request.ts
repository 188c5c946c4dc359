import type { Server } from '../database/server.ts'
import type { Inputs } from '../inputs.ts'
import { directUrl } from '../reading.ts'
import type { BackupRequest } from './take-backup.ts'

/** What a backup is asked with, whatever command asks. */
export function backupRequest(inputs: Inputs, { facts }: Pick<Server, 'facts'>): BackupRequest {
  return {
    url: directUrl(inputs),
    serverVersion: facts.version ?? 0,
    inputs: inputs.backup,
    scratch: inputs.urls.scratch,
    environmentVariables: inputs.environmentVariables,
    folder: inputs.folder,
    applicationName: inputs.sessions.own,
    production: inputs.production.production
  }
}
