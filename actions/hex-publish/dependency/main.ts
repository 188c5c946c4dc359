import type { Action, Plan } from '../../shared/phases.ts'
import { readInputs, type Inputs } from './inputs.ts'
import { inspect, type Facts } from './inspect.ts'
import { plan } from './plan.ts'
import { report } from './report.ts'

/** Proves that a dependency of a Mix project comes from Hex. No step of its plan writes, so it ends with the plan. */
export const verifyDependency: Action<Inputs, Facts, Plan, undefined> = {
  name: 'hex-publish',
  readInputs,
  inspect,
  plan,
  apply: () => Promise.resolve(),
  verify: () => Promise.resolve(undefined),
  report
}
