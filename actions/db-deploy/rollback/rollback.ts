import type { Journal } from '../journal.ts'
import type { Rooms } from '../rooms.ts'
import type { RunState } from '../run-state.ts'
import { apply } from './apply.ts'
import { inspect, type RollbackFacts } from './inspect.ts'
import { plan, type RollbackPlan } from './plan.ts'
import { verify } from './verify.ts'

/**
 * `command: rollback`. Ecto: by `to`, `steps` or the release's call, after showing which files run. Prisma has no way
 * back: a failed migration is marked as rolled back when nothing of it is there, otherwise the runbook says what to do.
 */
export function rollbackAction(journal: Journal, state: RunState): Rooms<RollbackFacts, RollbackPlan, true> {
  return {
    inspect: (inputs, world) => inspect(inputs, world, journal),
    plan,
    apply: (inputs, facts, planned, world, record) =>
      apply({ inputs, facts, plan: planned, world, journal, state, record }),
    verify: (inputs, facts, _plan, world) => verify(inputs, facts, world, journal)
  }
}
