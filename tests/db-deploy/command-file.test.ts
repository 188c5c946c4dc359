import { describe, expect, test } from '@jest/globals'
import { runBackupCommand } from '../../actions/db-deploy/dump/backup-command.ts'
import { runSeedCommand } from '../../actions/db-deploy/seed-command.ts'
import { verifyCommands } from '../../actions/db-deploy/verification/verify-commands.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { backupOf, backupWorld, urlOf } from './dump/backing-up.ts'

/** Prints the command line of the shell that runs it, as every user of the machine can. */
const line = 'test -n planted-in-the-workflow && ps -o args= -p $$'

describe('no command of a workflow stands on a command line', () => {
  test('seed-command', async () => {
    const url = urlOf('postgresql://db.example.org/app')
    const env = { PATH: process.env['PATH'] ?? '' }
    const run = { url, applicationName: 'x', lockTimeout: 0, statementTimeout: 0, timeout: 20_000 }
    const folder = temporaryFolder('seed')
    const { output, sentence } = await runSeedCommand({ command: line, folder, env }, run, backupWorld())
    expect(sentence).toBe('ok')
    expect(output).toContain('command.sh')
    expect(output).not.toContain('planted')
  })

  test('backup-command', async () => {
    const request = backupOf('postgresql://db.example.org/app', '/nowhere')
    const { restore } = await runBackupCommand(line, request, backupWorld())
    expect(restore).toContain('command.sh')
    expect(restore).not.toContain('planted')
  })

  test('verify-commands', async () => {
    const options = { folder: temporaryFolder('verify'), environmentVariables: process.env, given: {}, timeout: 20_000 }
    // Fails, so that its last words are told.
    const [check] = await verifyCommands([`${line}; exit 3`], options, backupWorld())
    expect(check).toMatchObject({ result: 'failed', problem: { message: expect.stringContaining('command.sh') } })
  })
})
