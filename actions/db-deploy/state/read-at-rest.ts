import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { pause, throwIfCancelled } from '../cancelled.ts'
import type { Session } from '../database/session.ts'
import type { Inputs } from '../inputs.ts'
import type { Backend } from '../lock/backend.ts'
import { findHolders, findMigrating, holderTold } from '../lock/holders.ts'
import { lockKey } from '../lock/lock-key.ts'
import type { Project } from './project.ts'
import type { MigrationReading } from './read-migration-state.ts'

/** Milliseconds between two looks. */
const interval = 1_000

/**
 * Reads a state in which nobody is migrating. Prisma's row of a migration that runs is the row of one that failed: begun,
 * and not finished. Whoever took one for the other would be told to mark as rolled back what is being applied.
 *
 * @param place `waits`: for as long as another deploy is waited for (`lock-wait`)
 * @throws ActionError `deploy-running` where somebody is at it still
 */
export async function readAtRest(
  place: { readonly session: Session; readonly project: Project; readonly waits: boolean },
  { lock }: Pick<Inputs, 'lock'>,
  world: World,
  read: () => Promise<MigrationReading>
): Promise<MigrationReading> {
  const { session, project, waits } = place
  const until = world.clock.now() + (waits ? lock.wait : 0)
  let told = false
  for (;;) {
    const others = await migrating(session, project)
    const reading = await read()
    const failed = failedNames(reading)
    // Somebody who has ended between the two looks may have failed, or be done: then the next look says which.
    if (failed.length === 0 || (others.length === 0 && (await migrating(session, project)).length === 0)) return reading
    if (world.clock.now() >= until) fail(running(failed, others, waits))
    if (!told)
      world.log.warning(`${failed.join(', ')} is being applied by ${others.map(holderTold).join(', ')}; waiting`)
    told = true
    await pause(interval, world)
    throwIfCancelled(world, 'another deploy was waited for')
  }
}

async function migrating(session: Session, { tableSchema, table }: Project): Promise<readonly Backend[]> {
  return [...(await findHolders(session, lockKey({ schema: tableSchema, table }))), ...(await findMigrating(session))]
}

function failedNames({ states }: MigrationReading): readonly string[] {
  return states.flatMap(({ migrations }) =>
    migrations.flatMap(({ name, status }) => (status === 'failed' ? [name] : []))
  )
}

function running(failed: readonly string[], others: readonly Backend[], waited: boolean): Parameters<typeof fail>[0] {
  return {
    code: 'deploy-running',
    message: `${failed.join(', ')} is being applied now, by ${others.map(holderTold).join(', ')}${waited ? ', and the time of lock-wait is over' : ''}.`,
    hint: 'Do not resolve it: it has not failed. Run this job again when that one has ended, or raise `lock-wait`.'
  }
}
