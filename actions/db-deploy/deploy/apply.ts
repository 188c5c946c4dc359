import type { Step } from '../../shared/phases.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import { counted } from '../counted.ts'
import { backupRequest } from '../dump/backup-request.ts'
import { takeBackup } from '../dump/take-backup.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { lockKey } from '../lock/lock-key.ts'
import type { DeployLock } from '../lock/deploy-lock.ts'
import { takeLock } from '../lock/take-lock.ts'
import type { RunState } from '../run-state.ts'
import { directUrl, reading } from '../reading.ts'
import { countRows, type CountedTable } from '../verification/count-rows.ts'
import { frameworkTables } from '../verification/framework-tables.ts'
import type { DeployFacts } from './inspect.ts'
import { migrate } from './migrate.ts'
import { done, type DeployPlan } from './plan.ts'
import { seed } from './seed.ts'

/** One deploy on its way. */
export interface Deploy {
  readonly inputs: Inputs
  readonly facts: DeployFacts
  readonly plan: DeployPlan
  readonly world: World
  readonly journal: Journal
  readonly state: RunState
  readonly record: (step: Step) => void
}

/** What verify needs of it. */
export interface Applied {
  /** Rows of every table before the migrations; undefined where nothing is to be compared. */
  readonly before: readonly CountedTable[] | undefined
}

/**
 * Lock, backup, migrations, seed, in this order, each only while the lock is held. The backup is made under the lock:
 * nobody migrates between it and us.
 */
export async function apply(deploy: Deploy): Promise<Applied> {
  const { inputs, facts, plan, world, journal } = deploy
  const { project } = facts.survey
  const lock = await takeLock(
    directUrl(inputs),
    {
      key: lockKey({ schema: project.tableSchema, table: project.table }),
      wait: inputs.lock.wait,
      applicationName: inputs.sessions.own
    },
    world,
    journal
  )
  try {
    if (plan.backup) await backup(deploy, lock)
    const before = plan.migrate ? await rowsBefore(deploy) : undefined
    if (plan.migrate) await migrate(deploy, lock)
    if (plan.seed) await seed(deploy, lock)
    return { before }
  } finally {
    await lock.release()
  }
}

async function backup({ inputs, facts, world, journal, record, plan }: Deploy, lock: DeployLock): Promise<void> {
  throwIfCancelled(world, 'it was about to make a backup')
  await lock.assertHeld()
  await takeBackup(backupRequest(inputs, facts.survey.server), world, journal)
  done(plan, 'backup', record)
}

/** Counted as the smoke test counts, so that what is lost between the two can be told. */
async function rowsBefore({ inputs, facts, world, journal }: Deploy): Promise<readonly CountedTable[] | undefined> {
  const { smoke, exactCountLimit } = inputs.verification
  const url = inputs.urls.smoke
  if (smoke === 'off' || url === undefined) return undefined
  return journal.stage('count', 'Rows before', async (stage) => {
    const counts = await reading({ ...inputs, url }, world, (session) =>
      countRows(session, { exactCountLimit, without: frameworkTables(facts.survey.project), timeout: countTimeout })
    )
    stage.note(counted(counts.length, 'table'))
    return counts
  })
}

/** Milliseconds for one table: what takes longer is left out of the comparison. */
const countTimeout = 5_000
