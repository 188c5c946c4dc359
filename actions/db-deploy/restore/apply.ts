import { digestFile } from '../../shared/files.ts'
import type { Step } from '../../shared/phases.ts'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { takeBackup } from '../dump/take-backup.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { databaseLock } from '../lock/lock-key.ts'
import { takeLock } from '../lock/take-lock.ts'
import { directUrl } from '../reading.ts'
import type { RunState } from '../run-state.ts'
import { withPlainDump } from './dump-file.ts'
import { fillInPlace, fillNew } from './fill.ts'
import type { RestoreFacts } from './inspect.ts'
import type { RestorePlan } from './plan.ts'
import { swapNames } from './swap-names.ts'

export interface Applied {
  /** The oid that the database has now; undefined where it is the one that was there. */
  readonly oid: number | undefined
  readonly kept: string | undefined
}

export interface Restore {
  readonly inputs: Inputs
  readonly facts: RestoreFacts
  readonly plan: RestorePlan
  readonly world: World
  readonly journal: Journal
  readonly state: RunState
}

/** Restores, while no deploy can begin. What it makes before the names are changed is dropped again if that is not reached. */
export async function apply(restore: Restore, record: (step: Step) => void): Promise<Applied> {
  const { inputs, facts, plan, world } = restore
  const { way, steps } = plan
  // Nobody migrates a database that is not there.
  const lock =
    facts.server.target === undefined
      ? undefined
      : await takeLock(
          directUrl(inputs),
          { key: databaseLock, wait: inputs.lock.wait, applicationName: inputs.sessions.own },
          world,
          restore.journal
        )
  const done = (target: string): void => {
    for (const step of steps) if (step.target === target) record(step)
  }
  try {
    if (way.mode === 'in-place') {
      if (way.backup) {
        await backUp(restore)
        done('backup')
      }
      await lock?.assertHeld()
      await withSameDump(restore, (file) => fillInPlace(restore, file))
      done(facts.database)
      return { oid: undefined, kept: undefined }
    }
    const { made, kept } = way
    restore.state.doing({
      kind: 'restore by swap',
      database: facts.database,
      oid: facts.server.target?.oid,
      made,
      kept
    })
    return await withSameDump(restore, (file) =>
      fillNew(restore, file, made, async (oid) => {
        done(made)
        await lock?.assertHeld()
        // The lock is held until its session is ended with all others that are in the way of the new name.
        await swapNames(
          { url: directUrl(inputs), made, kept, applicationName: inputs.sessions.own },
          world,
          restore.journal
        )
        done(facts.database)
        return { oid, kept }
      })
    )
  } finally {
    await lock?.release()
  }
}

async function backUp({ inputs, facts, world, journal }: Restore): Promise<void> {
  await takeBackup(
    {
      url: directUrl(inputs),
      serverVersion: facts.server.version,
      inputs: inputs.backup,
      scratch: inputs.urls.scratch,
      environmentVariables: inputs.environmentVariables,
      folder: inputs.folder,
      applicationName: inputs.sessions.own,
      production: inputs.production.production
    },
    world,
    journal
  )
}

/** The dump that was read when the restore was planned, and no other under its name. */
async function withSameDump<T>(
  { inputs, facts, world, journal }: Restore,
  use: (file: string) => Promise<T>
): Promise<T> {
  const { sha256 } = await digestFile(facts.dump.file)
  if (sha256 !== facts.dump.sha256) {
    fail({
      code: 'deploy-restore-file',
      message: `${facts.dump.file} has changed since it was read a moment ago.`,
      hint: 'Let nothing else write into the folder of the dump. Nothing was changed.'
    })
  }
  return withPlainDump(inputs, world, journal, use)
}
