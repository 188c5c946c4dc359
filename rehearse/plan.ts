import { join } from 'node:path'
import type { Problem } from '../actions/shared/problem.ts'
import { runnerLabels } from './labels.ts'
import { effectivePermissions, narrow, read, saysPermissions, type Permissions } from './permissions.ts'
import { parseUses } from './uses.ts'
import { parseWorkflow, readWorkflow, type Job, type Plain, type Workflow } from './workflow.ts'

/** A workflow with everything known about its jobs before they run. */
export interface PlannedWorkflow {
  readonly workflow: Workflow
  readonly jobs: readonly PlannedJob[]
}

export interface PlannedJob {
  /** Name under which the sandbox knows the job: its id, after those of the jobs that call its workflow. */
  readonly key: string
  readonly job: Job
  /** Workflow file that the job stands in; for OIDC's `job_workflow_ref`. */
  readonly path: string
  readonly permissions: Permissions
  /** False when neither the job nor its workflow says anything, so that the default counts. */
  readonly permissionsSaid: boolean
  /** Every label of its runners; `undefined` when they are known only at run time. */
  readonly labels: readonly string[] | undefined
  /** Why it does not run. */
  readonly notRehearsed?: string
  /** The workflow that it calls. */
  readonly called?: PlannedWorkflow
}

/** Where called workflows are found. */
export interface Sources {
  /** The consumer's repository. */
  readonly repositoryFolder: string
  /** Folder that stands for another repository at a ref, when one was supplied. */
  readonly folderOf: (repository: string, ref: string) => string | undefined
}

/**
 * Takes a workflow apart into its jobs, those of the workflows it calls included, each with what its token may do and
 * where it would run.
 *
 * @returns the plan, or every reason why GitHub would not start the run or act could not
 */
export function planWorkflow(
  workflow: Workflow,
  sources: Sources
): { readonly plan: PlannedWorkflow; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const plan = planJobs(workflow, sources, [], undefined, problems)
  return { plan, problems }
}

/** All jobs that have steps, called ones in the place of their callers. */
export function leafJobs(plan: PlannedWorkflow): readonly PlannedJob[] {
  return plan.jobs.flatMap((job) => (job.called === undefined ? [job] : leafJobs(job.called)))
}

/** All jobs, those that call a workflow too. */
export function allJobs(plan: PlannedWorkflow): readonly PlannedJob[] {
  return plan.jobs.flatMap((job) => [job, ...(job.called === undefined ? [] : allJobs(job.called))])
}

/** All workflows of the plan, the outermost first. */
export function allWorkflows(plan: PlannedWorkflow): readonly Workflow[] {
  return [plan.workflow, ...plan.jobs.flatMap((job) => (job.called === undefined ? [] : allWorkflows(job.called)))]
}

// https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#nesting-reusable-workflows
const deepestNesting = 10

function planJobs(
  workflow: Workflow,
  sources: Sources,
  callers: readonly string[],
  caller: PlannedJob | undefined,
  problems: Problem[]
): PlannedWorkflow {
  const jobs: PlannedJob[] = []
  for (const job of workflow.jobs) {
    const key = [...callers, job.id].join('/')
    const said = saysPermissions(job.permissions, workflow.permissions)
    const own = effectivePermissions(job.permissions, workflow.permissions)
    const narrowed =
      caller === undefined
        ? { permissions: own, problems: [] }
        : narrow(read(job.permissions) ?? read(workflow.permissions), caller.permissions, {
            job: key,
            file: workflow.path
          })
    problems.push(...narrowed.problems)
    const cause = notRehearsed(job)
    const planned: PlannedJob = {
      key,
      job,
      path: workflow.path,
      permissions: narrowed.permissions,
      permissionsSaid: said || caller?.permissionsSaid === true,
      labels: runnerLabels(job.runsOn, job.matrix),
      ...(cause !== undefined && { notRehearsed: cause })
    }
    jobs.push(job.call === undefined ? planned : planCall(planned, job.call, sources, [...callers, job.id], problems))
  }
  return { workflow, jobs: settleNeeds(jobs) }
}

function planCall(
  caller: PlannedJob,
  call: NonNullable<Job['call']>,
  sources: Sources,
  callers: readonly string[],
  problems: Problem[]
): PlannedJob {
  if (callers.length >= deepestNesting) {
    problems.push({
      code: 'rehearse-nesting',
      message: `job ${caller.key} nests reusable workflows more than ${deepestNesting} deep`,
      hint: 'call fewer workflows within one another; GitHub refuses this',
      file: caller.path
    })
    return caller
  }
  const found = findCalled(call.uses, sources)
  if (found === undefined) {
    const reason = `its workflow ${call.uses} is not at hand (supply it with --action OWNER/REPO@REF=DIR)`
    return { ...caller, notRehearsed: reason, called: emptyWorkflow(call, caller.key) }
  }
  if ('problems' in found) {
    problems.push(...found.problems.map((problem) => ({ ...problem, file: problem.file ?? caller.path })))
    return caller
  }
  return { ...caller, called: planJobs(found.workflow, found.sources, callers, caller, problems) }
}

function findCalled(
  uses: string,
  sources: Sources
): { workflow: Workflow; sources: Sources } | { problems: readonly Problem[] } | undefined {
  const reference = parseUses(uses)
  if (reference.kind === 'local') {
    const read = readWorkflow(join(sources.repositoryFolder, reference.path), reference.path)
    return 'problems' in read ? read : { workflow: read.workflow, sources }
  }
  if (reference.kind !== 'repository') {
    return { problems: [{ code: 'rehearse-uses', message: `a job cannot use ${uses}`, hint: 'mend the job’s uses:' }] }
  }
  const folder = sources.folderOf(reference.repository, reference.ref)
  if (folder === undefined) return undefined
  const read = readWorkflow(join(folder, reference.path), uses)
  // Local paths inside a called workflow mean the repository that it comes from.
  return 'problems' in read ? read : { workflow: read.workflow, sources: { ...sources, repositoryFolder: folder } }
}

/** Stands for a reusable workflow that is not at hand: takes whatever it is given, does nothing, has no outputs. */
function emptyWorkflow(call: NonNullable<Job['call']>, key: string): PlannedWorkflow {
  const typeOf = (value: Plain | undefined): string =>
    typeof value === 'boolean' ? 'boolean' : typeof value === 'number' ? 'number' : 'string'
  const secrets = typeof call.secrets === 'object' && call.secrets !== null ? Object.keys(call.secrets) : []
  const text = JSON.stringify({
    name: call.uses,
    on: {
      workflow_call: {
        inputs: Object.fromEntries(Object.entries(call.with).map(([name, value]) => [name, { type: typeOf(value) }])),
        secrets: Object.fromEntries(secrets.map((name) => [name, { required: false }]))
      }
    },
    jobs: {
      'not-rehearsed': { 'runs-on': 'ubuntu-latest', steps: [{ name: 'Not rehearsed', run: 'echo not rehearsed' }] }
    }
  })
  const parsed = parseWorkflow(text, call.uses)
  if ('problems' in parsed) throw new Error(`the stand-in for ${call.uses} is no workflow`)
  const [job] = parsed.workflow.jobs
  if (job === undefined) throw new Error(`the stand-in for ${call.uses} has no job`)
  return {
    workflow: parsed.workflow,
    jobs: [
      {
        key: `${key}/${job.id}`,
        job,
        path: call.uses,
        permissions: {},
        permissionsSaid: true,
        labels: ['ubuntu-latest']
      }
    ]
  }
}

function notRehearsed(job: Job): string | undefined {
  return job.container === undefined
    ? undefined
    : `it runs in the container ${job.container}, and there is no Docker here`
}

/** A job that needs one which does not run is skipped by act, as by GitHub; it is told with its cause. */
function settleNeeds(jobs: readonly PlannedJob[]): readonly PlannedJob[] {
  const missing = (id: string, seen: ReadonlySet<string>): boolean => {
    const found = jobs.find((planned) => planned.job.id === id)
    if (found === undefined || seen.has(id)) return false
    if (found.notRehearsed !== undefined && found.called === undefined) return true
    return found.job.needs.some((need) => missing(need, new Set([...seen, id])))
  }
  return jobs.map((planned) => {
    if (planned.notRehearsed !== undefined) return planned
    const need = planned.job.needs.find((id) => missing(id, new Set()))
    return need === undefined ? planned : { ...planned, notRehearsed: `it needs ${need}, which was not rehearsed` }
  })
}
