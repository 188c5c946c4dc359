import type { Action } from '../shared/phases.ts'
import { apply } from './apply.ts'
import { readInputs, type Inputs } from './inputs.ts'
import { inspect, type Facts } from './inspect.ts'
import { plan, type ReleasePlan } from './plan.ts'
import { report } from './report.ts'
import { verify, type Verified } from './verify.ts'

/** Publishes the wheels and the sdist of a tag to PyPI, TestPyPI or another index. */
export const pypiPublish: Action<Inputs, Facts, ReleasePlan, Verified> = {
  name: 'pypi-publish',
  readInputs,
  inspect,
  plan,
  apply,
  verify,
  report
}
