import type { Plan, Step } from '../../shared/phases.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Inputs } from '../inputs.ts'
import { isEdited } from '../state/migration-state.ts'
import type { RollbackFacts } from './inspect.ts'

export type RollbackPlan = Plan

/** What goes back, and by what; or everything that speaks against it. Pure. */
export function plan(
  inputs: Inputs,
  facts: RollbackFacts
): { readonly plan: RollbackPlan } | { readonly problems: readonly Problem[] } {
  const problems = [...facts.problems, ...unproven(facts)]
  if (problems.length > 0) return { problems }
  const steps = facts.survey.project.framework === 'prisma' ? prismaSteps(facts) : ectoSteps(inputs, facts)
  const backup: Step = {
    kind: 'create',
    target: 'backup',
    wanted: `verified (${inputs.backup.verify})`,
    why: 'a way back drops what is in tables and columns'
  }
  return { plan: { steps: facts.backup && steps.length > 0 ? [backup, ...steps] : steps } }
}

function unproven({ failed, targets: [target] }: RollbackFacts): readonly Problem[] {
  if (failed === undefined || failed.provenAbsent) return []
  const { name, failure, runbook } = failed
  if (isEdited(target)) {
    return [
      {
        code: 'rollback-not-proven',
        message: `That nothing of ${name} is in the database is not proven: its file was edited since it failed, and what ran is another text.`,
        hint: `Run this on the commit that has the text that ran (\`git log -- ${target?.path ?? name}\`), and mend the file afterwards. What to do otherwise:\n${runbook.join('\n')}`
      }
    ]
  }
  const there = failure.objects.filter(
    (each) => each.there !== 'not checked' && each.there !== each.doing.startsWith('drop')
  )
  const open = failure.objects.filter((each) => each.there === 'not checked')
  const found = [
    ...(there.length === 0 ? [] : [`done is ${there.map(({ doing, object }) => `${doing} ${object}`).join('; ')}`]),
    ...(open.length === 0 ? [] : [`not checked is ${open.map(({ doing, object }) => `${doing} ${object}`).join('; ')}`])
  ]
  return [
    {
      code: 'rollback-not-proven',
      message: `That nothing of ${name} is in the database is not proven${found.length === 0 ? '' : `: ${found.join(', ')}`}.`,
      hint: `It is not marked as rolled back, as the next deploy would run all of it again. What to do:\n${runbook.join('\n')}`
    }
  ]
}

function prismaSteps({ targets, failed }: RollbackFacts): readonly Step[] {
  return targets.map(({ name }) => ({
    kind: 'update',
    target: name,
    there: 'failed',
    wanted: 'marked as rolled back',
    why: `of ${failed?.failure.objects.length ?? 0} objects that it is about none is as it would make it`
  }))
}

function ectoSteps({ tool }: Inputs, { targets, byCall }: RollbackFacts): readonly Step[] {
  if (byCall && tool.releaseRollbackCall !== undefined) {
    return [{ kind: 'update', target: 'migrations', wanted: 'rolled back', why: tool.releaseRollbackCall }]
  }
  return targets.map(({ name, path }) => ({
    kind: 'update',
    target: name,
    there: 'applied',
    wanted: 'rolled back',
    why: `by ${path ?? 'its file'}`
  }))
}
