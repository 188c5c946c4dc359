import { digestFile } from '../../shared/files.ts'
import type { Step } from '../../shared/phases.ts'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { takeBackup } from '../dump/take-backup.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { lockKey } from '../lock/lock-key.ts'
import type { DeployLock } from '../lock/deploy-lock.ts'
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
  const locks = await takeLocks(restore)
  const release = async (): Promise<void> => {
    for (const lock of locks) await lock.release()
  }
  const assertHeld = async (): Promise<void> => {
    for (const lock of locks) await lock.assertHeld()
  }
  const done = (target: string): void => {
    for (const step of steps) if (step.target === target) record(step)
  }
  try {
    if (way.mode === 'in-place') {
      if (way.backup) {
        await backUp(restore)
        done('backup')
      }
      await assertHeld()
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
        await assertHeld()
        // The session of the lock is one of the connections to the database that is renamed.
        await release()
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
    await release()
  }
}

/** The locks of the deploys that could migrate this database meanwhile; none where there is no database. */
async function takeLocks({ inputs, facts, world, journal }: Restore): Promise<readonly DeployLock[]> {
  if (facts.server.target === undefined) return []
  const locks: DeployLock[] = []
  try {
    const { wait } = inputs.lock
    const applicationName = inputs.sessions.own
    for (const place of placesOf(inputs)) {
      const request = { key: lockKey(place), of: place.table, wait, applicationName }
      locks.push(await takeLock(directUrl(inputs), request, world, journal))
    }
    return locks
  } catch (error) {
    for (const lock of locks) await lock.release()
    throw error
  }
}

/** A restore need not have the project at hand: where `tool` does not say whose table it is, both have their lock taken. */
function placesOf(inputs: Inputs): readonly { readonly schema: string | undefined; readonly table: string }[] {
  const { tool } = inputs.tool
  const { table, prefix } = inputs.migrations
  const prisma = { schema: directUrl(inputs).schema, table: '_prisma_migrations' }
  const ecto = { schema: prefix ?? 'public', table: table ?? 'schema_migrations' }
  if (tool === 'auto') return [prisma, ecto]
  return [tool === 'prisma' ? prisma : ecto]
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
