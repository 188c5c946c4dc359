import type { Plan } from '../shared/phases.ts'
import type { Problem } from '../shared/problem.ts'
import { verdictProblems } from './findings-problems.ts'
import type { Inputs } from './inputs.ts'
import type { Facts } from './inspect.ts'
import type { WriteStep } from './writes.ts'

export interface GuardPlan extends Plan {
  readonly steps: readonly WriteStep[]
  readonly verdict: { readonly failed: boolean; readonly problems: readonly Problem[] }
}

/** What is written on the pull request, and what the run fails for once that is done. */
export function plan(_inputs: Inputs, { verdict, writes }: Facts): { readonly plan: GuardPlan } {
  return { plan: { steps: writes.steps, verdict: { failed: verdict.failed, problems: verdictProblems(verdict) } } }
}
