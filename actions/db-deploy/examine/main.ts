import type { Plan } from '../../shared/phases.ts'
import { failedProblems, type Check } from '../check.ts'
import type { Journal } from '../journal.ts'
import type { Rooms } from '../rooms.ts'
import { inspect } from './inspect.ts'

/** `command: status`, `preflight` and `smoke`: they look, change nothing, and judge. */
export function examineAction(journal: Journal): Rooms<readonly Check[], Plan, undefined> {
  return {
    inspect: (inputs, world) => inspect(inputs, world, journal),
    plan(_inputs, checks) {
      const problems = failedProblems(checks)
      return { plan: { steps: [], verdict: { failed: problems.length > 0, problems } } }
    },
    apply: () => Promise.resolve(),
    verify: () => Promise.resolve(undefined)
  }
}
