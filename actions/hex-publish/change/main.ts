import type { Action } from '../../shared/phases.ts'
import { apply } from './apply.ts'
import { readInputs, type Inputs } from './inputs.ts'
import { inspect, type Facts } from './inspect.ts'
import { plan, type ChangePlan } from './plan.ts'
import { report } from './report.ts'
import { verify, type Verified } from './verify.ts'

/** Retires, unretires or reverts a release that is on Hex. */
export const changeRelease: Action<Inputs, Facts, ChangePlan, Verified> = {
  name: 'hex-publish',
  readInputs,
  inspect,
  plan,
  apply,
  verify,
  report
}
