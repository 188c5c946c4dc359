import type { World } from '../../shared/world.ts'
import type { RollingBack } from '../deed.ts'
import type { Inputs } from '../inputs.ts'
import { reconcile } from '../lock/reconcile.ts'
import { rollbackProgress } from '../rollback/progress.ts'
import { knownStates } from '../state/read-migration-state.ts'
import { placeOf, projectAgain } from './after-migrating.ts'
import type { Found } from './findings.ts'

/** How far a rollback came that was killed, by names, and what is to be done now. */
export async function afterRollback(deed: RollingBack, inputs: Inputs, world: World): Promise<Found> {
  const project = await projectAgain(inputs)
  return reconcile(
    {
      ...placeOf(inputs),
      applicationName: deed.applicationName,
      startedAt: deed.at,
      before: undefined,
      readState: (session) => knownStates(session, project),
      judge: (after) => rollbackProgress(deed.goal, after)
    },
    world
  )
}
