import type { Plan } from '../../shared/phases.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Inputs } from './inputs.ts'
import type { Facts } from './inspect.ts'

/** Nothing is ever written; the step says what was found. */
export function plan(
  _inputs: Inputs,
  facts: Facts
): { readonly plan: Plan } | { readonly problems: readonly Problem[] } {
  const { name, version, problems, bypassed, repository } = facts
  if (problems.length > 0) return { problems }
  const step =
    bypassed === undefined
      ? { there: `${version ?? ''} from ${repository}`, why: 'proved' }
      : { there: 'not proved to come from Hex', why: `bypass until ${bypassed.until}: ${bypassed.reason}` }
  return { plan: { steps: [{ kind: 'unchanged', target: name, wanted: 'a release of Hex', ...step }] } }
}
