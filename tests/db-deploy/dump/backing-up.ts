import { readDatabaseUrl, type DatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import type { BackupRequest } from '../../../actions/db-deploy/dump/take-backup.ts'
import type { BackupInputs } from '../../../actions/db-deploy/inputs.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { ActionError, type Problem } from '../../../actions/shared/problem.ts'
import type { World } from '../../../actions/shared/world.ts'
import { temporaryFolder } from '../../support/run-action.ts'
import { testWorld, type keptLog } from '../../support/world.ts'

/** The outside of a backup: its times are real, as programs and servers do not wait for another clock. */
export function backupWorld(cancelled?: AbortSignal): World & { readonly log: ReturnType<typeof keptLog> } {
  const world = testWorld()
  return { ...world, clock: systemClock, ...(cancelled === undefined ? {} : { cancelled }) }
}

export function urlOf(text: string): DatabaseUrl {
  const read = readDatabaseUrl(text, 'database-url')
  if (!('url' in read)) throw new Error(`no URL: ${text}`)
  return read.url
}

/** A request for a backup with the programs of one folder; those of the machine come after them. */
export function backupOf(
  url: string,
  programs: string,
  inputs: Partial<BackupInputs> = {},
  more: Partial<BackupRequest> = {}
): BackupRequest {
  return {
    url: urlOf(url),
    serverVersion: 180_004,
    inputs: {
      when: 'auto',
      always: false,
      verify: 'read',
      folder: temporaryFolder('backup'),
      recipient: undefined,
      passphrase: undefined,
      command: undefined,
      timeout: 60_000,
      ...inputs
    },
    scratch: undefined,
    environmentVariables: { PATH: `${programs}:${process.env['PATH'] ?? ''}` },
    folder: temporaryFolder('checkout'),
    applicationName: 'release-actions/db-deploy 42 0a1b2c',
    production: false,
    ...more
  }
}

/** What it fails with, and nothing when it does not. */
export async function problemsOf(doing: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await doing
    return []
  } catch (error) {
    if (error instanceof ActionError) return error.problems
    throw error
  }
}
