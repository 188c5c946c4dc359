import type { Plan, Step } from '../../shared/phases.ts'
import type { Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { openSession } from '../database/session.ts'
import { readServer } from '../database/server.ts'
import { findDumpPrograms } from '../dump/programs.ts'
import { takeBackup } from '../dump/take-backup.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { Backup } from '../record.ts'
import { directUrl } from '../reading.ts'
import type { Rooms } from '../rooms.ts'

interface BackupFacts {
  /** 180004 for 18.4 */
  readonly serverVersion: number
  readonly program: string
  readonly problems: readonly Problem[]
}

/** `command: backup`: a verified backup, and nothing else. */
export function backupAction(journal: Journal): Rooms<BackupFacts, Plan, true, Backup> {
  return {
    inspect: (inputs, world) => inspect(inputs, world, journal),
    plan({ backup }, { program, problems }) {
      if (problems.length > 0) return { problems }
      const made: Step = {
        kind: 'create',
        target: 'backup',
        wanted: backup.command === undefined ? `verified (${backup.verify})` : 'made by backup-command',
        why: program
      }
      return { plan: { steps: [made] } }
    },
    async apply(inputs, { serverVersion }, { steps }, world, record) {
      const backup = await takeBackup(
        {
          url: directUrl(inputs),
          serverVersion,
          inputs: inputs.backup,
          scratch: inputs.urls.scratch,
          environmentVariables: inputs.environmentVariables,
          folder: inputs.folder,
          applicationName: inputs.sessions.own
        },
        world,
        journal
      )
      for (const step of steps) record(step)
      return backup
    },
    // takeBackup gives back only what it has read again.
    verify: () => Promise.resolve(true)
  }
}

async function inspect(inputs: Inputs, world: World, journal: Journal): Promise<BackupFacts> {
  const url = directUrl(inputs)
  const serverVersion = await journal.stage('connect', 'Connection', async (stage) => {
    const session = await openSession(url, { applicationName: inputs.sessions.own, readOnly: true }, world)
    try {
      const { facts } = await readServer(session, url)
      journal.learn({ database: facts })
      stage.note(`${facts.server} at ${facts.host}, as ${facts.role}`)
      return facts.version ?? 0
    } finally {
      await session.close()
    }
  })
  const { command } = inputs.backup
  if (command !== undefined) return { serverVersion, program: command, problems: [] }
  const found = await findDumpPrograms(serverVersion, inputs.environmentVariables, world)
  return 'problems' in found
    ? { serverVersion, program: '', problems: found.problems }
    : { serverVersion, program: found.programs.told, problems: [] }
}
