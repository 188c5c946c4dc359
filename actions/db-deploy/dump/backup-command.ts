import { childEnvironment, runProgram } from '../../shared/program.ts'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import { withCommandFile } from '../command-file.ts'
import type { DatabaseUrl, OtherDatabase } from '../database/database-url.ts'
import { libpqEnvironment } from '../database/url-forms.ts'
import type { BackupRequest } from './take-backup.ts'
import type { Backup } from '../record.ts'

/** Of a backup, what a command is told; it can save what pg_dump cannot. */
export type CommandRequest = Omit<BackupRequest, 'url' | 'serverVersion' | 'scratch' | 'production'> & {
  readonly url: DatabaseUrl | OtherDatabase
}

/**
 * Lets a command of the user's make the backup: a branch or a snapshot at a provider. It has libpq's variables, and a name
 * that no other run takes. What it prints last is how one goes back: a backup that nobody can name is none.
 */
export async function runBackupCommand(
  command: string,
  request: CommandRequest,
  world: World
): Promise<Omit<Backup, 'took'>> {
  const { url, inputs, environmentVariables, folder, applicationName } = request
  const pieces: Buffer[] = []
  const result = await withCommandFile(command, environmentVariables, (file) =>
    runProgram({
      program: 'bash',
      // As a workflow's `run` with `shell: bash` starts it.
      args: ['--noprofile', '--norc', '-eo', 'pipefail', file],
      folder,
      env: {
        ...childEnvironment(environmentVariables, { secrets: world.secrets }),
        ...libpqEnvironment(url),
        PGAPPNAME: applicationName,
        BACKUP_NAME: backupName('other' in url ? url.name : url.database, world.clock.now())
      },
      timeout: inputs.timeout,
      log: world.log,
      secrets: world.secrets,
      cancelled: world.cancelled,
      takeOutput: (piece) => {
        pieces.push(piece)
      }
    })
  )
  const said = world.secrets
    .redact(Buffer.concat(pieces).toString('utf8'))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  for (const line of said) world.log.info(line)
  throwIfCancelled(world, 'backup-command ran')
  const last = said.at(-1)
  if (result.exitCode === 0 && last !== undefined) {
    return {
      file: undefined,
      bytes: undefined,
      sha256: undefined,
      entries: undefined,
      verified: 'command',
      encrypted: false,
      program: 'backup-command',
      restore: last
    }
  }
  const how =
    result.exitCode === 0
      ? 'ended with exit code 0 and printed nothing'
      : result.end === 'timed out'
        ? 'did not end in time'
        : `ended with ${result.exitCode === null ? 'no exit code' : `exit code ${result.exitCode}`}`
  return fail({
    code: 'deploy-backup-command',
    message: `backup-command ${how}${result.errorOutput === '' ? '.' : `:\n${result.errorOutput.split('\n').slice(-8).join('\n')}`}`,
    hint: 'Nothing was migrated. The command must end with exit code 0 when the backup is there, and print as its last line how one goes back to it.'
  })
}

/** `app-20261121-193000-4f2a`: letters, digits and hyphens, which every provider takes. */
function backupName(database: string, now: number): string {
  const time = new Date(now)
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z/g, '')
    .replace('T', '-')
  const stem = database
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return `${stem === '' ? 'database' : stem}-${time}-${(now % 65_536).toString(16).padStart(4, '0')}`
}
