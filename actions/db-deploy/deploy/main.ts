import type { Journal } from '../journal.ts'
import type { Rooms } from '../rooms.ts'
import type { RunState } from '../run-state.ts'
import { apply, type Applied } from './apply.ts'
import { inspect, type DeployFacts } from './inspect.ts'
import { plan, type DeployPlan } from './plan.ts'
import { settle, verify } from './verify.ts'

/** `command: deploy`, and `plan`, which is the same and ends before anything is changed. */
export function deployAction(journal: Journal, state: RunState): Rooms<DeployFacts, DeployPlan, true, Applied> {
  return {
    inspect: (inputs, world) => inspect(inputs, world, journal),
    plan,
    apply: (inputs, facts, planned, world, record) =>
      apply({ inputs, facts, plan: planned, world, journal, state, record }),
    verify: (inputs, facts, _plan, world, applied) => verify({ inputs, facts, world, journal }, applied),
    settle: (inputs, facts, _plan, world) => settle({ inputs, facts, world, journal })
  }
}
