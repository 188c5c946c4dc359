import type { Plan, Step } from '../../shared/phases.ts'
import type { Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { failedProblems } from '../check.ts'
import { addressCheck } from '../database/address-check.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { openSession } from '../database/session.ts'
import { readServer, type Server } from '../database/server.ts'
import { backupRequest } from '../dump/backup-request.ts'
import { holdsTables } from '../dump/snapshot.ts'
import { backupProblems, takeBackup } from '../dump/take-backup.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { Backup } from '../record.ts'
import { directUrl } from '../reading.ts'
import type { Rooms } from '../rooms.ts'

interface BackupFacts {
  readonly server: Server
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
    async apply(inputs, { server }, { steps }, world, record) {
      const backup = await takeBackup(backupRequest(inputs, server), world, journal)
      for (const step of steps) record(step)
      return backup
    },
    // takeBackup gives back only what it has read again.
    verify: () => Promise.resolve(true)
  }
}

async function inspect(inputs: Inputs, world: World, journal: Journal): Promise<BackupFacts> {
  const url = directUrl(inputs)
  const { server, empty, checks } = await journal.stage('connect', 'Connection', async (stage) => {
    const session = await openSession(url, { applicationName: inputs.sessions.own, readOnly: true }, world)
    try {
      const found = await readServer(session, url)
      const { facts } = found
      journal.learn({ database: facts })
      stage.note(`${facts.server} at ${facts.host}, as ${facts.role}`)
      const checks = await addressCheck(session, url, { applicationUrl: inputs.urls.database }, world)
      journal.learn({ preflight: checks })
      return { server: found, empty: !(await holdsTables(session)), checks }
    } finally {
      await session.close()
    }
  })
  const problems = [
    ...failedProblems(checks),
    ...(empty ? [nothingIn(url)] : []),
    ...(await backupProblems(backupRequest(inputs, server), world))
  ]
  return { server, program: inputs.backup.command ?? 'pg_dump', problems }
}

/** A dump of nothing is proven easily, and is believed until somebody needs it. */
function nothingIn({ shown }: DatabaseUrl): Problem {
  return {
    code: 'deploy-backup-empty',
    message: `There is no table in ${shown}: a backup of it would hold nothing.`,
    hint: 'Check which database the secret names. A database that is new is backed up from its first deploy on.'
  }
}
