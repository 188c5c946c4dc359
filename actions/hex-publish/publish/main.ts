import type { Action } from '../../shared/phases.ts'
import { apply } from './apply.ts'
import { readInputs, type Inputs } from './inputs.ts'
import { inspect, type Facts } from './inspect.ts'
import { plan, type ReleasePlan } from './plan.ts'
import { report } from './report.ts'
import { settle, verify, type Verified } from './verify.ts'

/** Publishes a package and its documentation to Hex, or the documentation alone (modes publish and docs). */
export const publishRelease: Action<Inputs, Facts, ReleasePlan, Verified> = {
  name: 'hex-publish',
  readInputs,
  inspect,
  plan,
  apply,
  verify,
  settle,
  report
}
