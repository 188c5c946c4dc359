import type { Action } from '../shared/phases.ts'
import { apply, type Applied } from './apply.ts'
import { readInputs, type Inputs } from './inputs.ts'
import { inspect, type Facts } from './inspect.ts'
import { plan, type ReleasePlan } from './plan.ts'
import { report } from './report.ts'
import { verify, type Verified } from './verify.ts'

/** Makes the GitHub Release of a tag from its section of the changelog, with assets. */
export const changelogRelease: Action<Inputs, Facts, ReleasePlan, Verified, Applied> = {
  name: 'changelog-release',
  readInputs,
  inspect,
  plan,
  apply,
  verify,
  report
}
