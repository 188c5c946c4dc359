import type { Plan, Step } from '../../shared/phases.ts'
import type { Problem } from '../../shared/problem.ts'
import { failedProblems } from '../check.ts'
import type { Inputs } from '../inputs.ts'
import type { DeployFacts } from './inspect.ts'

export interface DeployPlan extends Plan {
  readonly backup: boolean
  readonly seed: boolean
  readonly migrate: boolean
}

/** What is to be done, or everything that speaks against it. Pure. */
export function plan(
  inputs: Inputs,
  facts: DeployFacts
): { readonly plan: DeployPlan } | { readonly problems: readonly Problem[] } {
  const problems = [...facts.problems, ...failedProblems(facts.checks)]
  if (problems.length > 0) return { problems }
  const { backup, seed } = wanted(inputs, facts.pending.length)
  const migrate = facts.pending.length > 0
  const steps: readonly Step[] = [
    ...(backup ? [backupStep(inputs, facts)] : []),
    ...facts.pending.map(({ name, path }): Step => ({
      kind: 'create',
      target: name,
      wanted: 'to be applied',
      why: path
    })),
    ...(seed ? [seedStep(facts)] : [])
  ]
  // Nothing to write: what is there is looked at all the same.
  return { plan: { steps, backup, seed, migrate, unsettled: steps.length === 0 } }
}

/** What a deploy does besides migrating, by its inputs and by how much is pending. */
export function wanted(
  { backup, seed, production }: Pick<Inputs, 'backup' | 'seed' | 'production'>,
  pending: number
): { readonly backup: boolean; readonly seed: boolean } {
  const changes = pending > 0 || seed.seed
  const asked = backup.when === 'auto' ? production.production : backup.when === 'true'
  return { backup: (asked && changes) || backup.always, seed: seed.seed }
}

function backupStep({ backup }: Inputs, { dump }: DeployFacts): Step {
  return {
    kind: 'create',
    target: 'backup',
    wanted: backup.command === undefined ? `verified (${backup.verify})` : 'made by backup-command',
    why: backup.command ?? dump?.told ?? 'asked for'
  }
}

function seedStep({ seedCommand }: DeployFacts): Step {
  return { kind: 'update', target: 'seed', wanted: 'run', why: seedCommand ?? 'asked for' }
}

/** Records the planned step of this target as done. */
export function done({ steps }: DeployPlan, target: string, record: (step: Step) => void): void {
  const step = steps.find((each) => each.target === target)
  if (step !== undefined) record(step)
}
