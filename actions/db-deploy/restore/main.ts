import type { Journal } from '../journal.ts'
import type { Rooms } from '../rooms.ts'
import type { RunState } from '../run-state.ts'
import { apply, type Applied } from './apply.ts'
import { inspect, type RestoreFacts } from './inspect.ts'
import { plan, type RestorePlan } from './plan.ts'
import { verify, type Restored } from './verify.ts'

/**
 * `command: restore`. Puts a dump into the database that its phrase names: into a new database, which then takes the name
 * while the old one is kept under another, or in one transaction. Nothing is touched before all of the dump was read.
 */
export function restoreAction(journal: Journal, state: RunState): Rooms<RestoreFacts, RestorePlan, Restored, Applied> {
  return {
    inspect: (inputs, world) => inspect(inputs, world, journal),
    plan,
    apply: (inputs, facts, planned, world, record) =>
      apply({ inputs, facts, plan: planned, world, journal, state }, record),
    verify: (inputs, facts, _plan, world, applied) => verify(inputs, facts, applied, world, journal)
  }
}
