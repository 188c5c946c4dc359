import type { PlannedJob, PlannedWorkflow } from './plan.ts'
import { postgresServices, postgresStep } from './postgres.ts'
import { parseUses } from './uses.ts'
import { list, mapping, type Mapping } from './workflow.ts'

/** Pseudo repository under which the copies of called workflows are given to act. */
export const calledWorkflows = { repository: 'rehearsal/workflows', ref: 'local' } as const
/** Pseudo action for a step that needs Docker. */
export const dockerStep = { repository: 'rehearsal/docker-step', ref: 'local' } as const

export interface InstrumentedWorkflows {
  /** The consumer's workflow. */
  readonly main: string
  /** Copies of the workflows that it calls, by file name; one for each calling job. */
  readonly called: ReadonlyMap<string, string>
}

/**
 * Copies of the workflows with what act needs in order to tell the jobs apart. act gives all jobs one token and one
 * environment, so each job's copy gets an `env` of its own: a proxy address that names the job, its OIDC endpoint, its
 * home. The consumer's steps stay as they are, and so does the file in the repository that the jobs check out.
 *
 * @param environmentOf variables of a job; those in `defaults` give way to what the workflow sets itself
 * @param leftOutSteps the `uses:` of local actions that act cannot run
 */
export function instrument(
  plan: PlannedWorkflow,
  environmentOf: (job: PlannedJob) => {
    readonly fixed: Readonly<Record<string, string>>
    readonly defaults: Readonly<Record<string, string>>
  },
  leftOutSteps: ReadonlySet<string> = new Set()
): InstrumentedWorkflows {
  const called = new Map<string, string>()
  // GitHub's `github.workflow` is the outermost workflow's name, or its path when it has none; act takes the file's.
  const name = plan.workflow.name ?? plan.workflow.path

  const copy = (planned: PlannedWorkflow): string => {
    // act does not enforce permissions (the sandbox does), but refuses scopes that are younger than itself.
    const { content } = planned.workflow
    const copies = planned.jobs.map((job): [string, Mapping] => [
      job.job.id,
      copyJob(job, without(mapping(mapping(content['jobs'])[job.job.id]), 'permissions'))
    ])
    // JSON is YAML that all readers take alike; act's own is of another version of YAML than GitHub's.
    return JSON.stringify({ ...without(content, 'permissions'), name, jobs: Object.fromEntries(copies) }, null, 1)
  }

  const copyJob = (job: PlannedJob, own: Mapping): Mapping => {
    if (job.called !== undefined) {
      const file = `${job.key.replaceAll(/[^\w-]/g, '.')}.yml`
      called.set(file, copy(job.called))
      return { ...own, uses: `${calledWorkflows.repository}/.github/workflows/${file}@${calledWorkflows.ref}` }
    }
    if (job.job.container !== undefined) return leftOut(own)
    const { fixed, defaults } = environmentOf(job)
    return {
      ...own,
      env: { ...defaults, ...mapping(own['env']), ...fixed },
      ...(job.labels === undefined && { 'runs-on': 'self-hosted' }),
      steps: [
        ...postgresServices(job.job).stoodFor.map(postgresStep),
        ...list(own['steps']).map((step) => copyStep(mapping(step), leftOutSteps))
      ]
    }
  }

  return { main: copy(plan), called }
}

/** act fails a job with a container when there is no Docker; skipped, it takes those that need it along. */
function leftOut(job: Mapping): Mapping {
  return { ...without(job, 'container', 'services'), if: false }
}

/** Steps that act cannot run: Docker's, and `$/path`, which it does not know yet (the same as `./path`). */
function copyStep(step: Mapping, leftOutSteps: ReadonlySet<string>): Mapping {
  const { uses } = step
  if (typeof uses !== 'string') return step
  if (parseUses(uses).kind === 'docker' || leftOutSteps.has(uses))
    return { ...step, uses: `${dockerStep.repository}@${dockerStep.ref}` }
  return uses.startsWith('$/') ? { ...step, uses: `./${uses.slice(2)}` } : step
}

function without(one: Mapping, ...names: readonly string[]): Mapping {
  return Object.fromEntries(Object.entries(one).filter(([name]) => !names.includes(name)))
}
