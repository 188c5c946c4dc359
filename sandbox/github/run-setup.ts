import {
  copy,
  takeId,
  timestamp,
  type Conclusion,
  type GithubState,
  type Repository,
  type RunStatus,
  type User,
  type WorkflowRun
} from './state.ts'
import { addJob } from './workflow-runs.ts'

/** A run of a workflow as a test sets it up. */
export interface NewRun {
  /** `.github/workflows/guard.yml` */
  readonly workflow: string
  /** The workflow's `name:`; its path unless given. */
  readonly name?: string
  readonly event: string
  readonly headSha: string
  readonly headBranch?: string
  /** `owner/name` of a fork. */
  readonly headRepository?: string
  readonly status?: RunStatus
  readonly conclusion?: Conclusion
  readonly pulls?: readonly number[]
  /** Names of its jobs; one named `guard` unless given. Each is a check run of the commit. */
  readonly jobs?: readonly string[]
  readonly actor?: string
}

/** Runs of workflows, which nobody starts here but tests and the rehearsal. */
export interface RunSetup {
  /** Gives the run's id. It has failed unless something else is given. */
  addWorkflowRun(repository: string, run: NewRun): number
  /** Ends the newest attempt of a run, or moves it on. */
  setWorkflowRun(
    repository: string,
    id: number,
    to: { readonly status: RunStatus; readonly conclusion?: Conclusion }
  ): void
  workflowRuns(repository: string): readonly WorkflowRun[]
}

export function runSetup(
  state: GithubState,
  clock: () => number,
  find: (fullName: string) => Repository,
  user: (login: string) => User
): RunSetup {
  const now = (): string => timestamp(clock())
  const workflowAt = (repository: Repository, path: string, name: string): number => {
    const known = repository.workflows.find((workflow) => workflow.path === path)
    if (known !== undefined) return known.id
    const id = takeId(state)
    repository.workflows.push({ id, name, path })
    return id
  }
  return {
    addWorkflowRun(fullName, given) {
      const repository = find(fullName)
      const { status = 'completed' } = given
      const conclusion = status === 'completed' ? (given.conclusion ?? 'failure') : null
      const workflowId = workflowAt(repository, given.workflow, given.name ?? given.workflow)
      const actorId = given.actor === undefined ? repository.ownerId : user(given.actor).id
      const run: WorkflowRun = {
        id: takeId(state),
        workflowId,
        runNumber: repository.workflowRuns.filter((other) => other.workflowId === workflowId).length + 1,
        suiteId: takeId(state),
        event: given.event,
        headBranch: given.headBranch ?? null,
        headSha: given.headSha,
        headRepositoryId: given.headRepository === undefined ? repository.id : find(given.headRepository).id,
        title: repository.pulls.find(({ number }) => number === given.pulls?.[0])?.title ?? given.event,
        actorId,
        createdAt: now(),
        pullNumbers: [...(given.pulls ?? [])],
        attempt: 1,
        status,
        conclusion,
        triggeringActorId: actorId,
        startedAt: now(),
        updatedAt: now(),
        jobs: []
      }
      repository.workflowRuns.push(run)
      const completedAt = status === 'completed' ? now() : null
      for (const name of given.jobs ?? ['guard']) {
        addJob(state, repository, run, { name, startedAt: now(), status, conclusion, completedAt })
      }
      return run.id
    },
    setWorkflowRun(fullName, id, { status, conclusion }) {
      const repository = find(fullName)
      const run = repository.workflowRuns.find((candidate) => candidate.id === id)
      if (run === undefined) throw new Error(`${fullName} has no workflow run ${id}`)
      const ended = status === 'completed' ? (conclusion ?? 'success') : null
      const change = { status, conclusion: ended, completedAt: ended === null ? null : now() }
      const going = run.jobs.filter((job) => job.attempt === run.attempt && job.status !== 'completed')
      for (const job of going) Object.assign(job, change)
      for (const check of repository.checkRuns)
        if (going.some((job) => job.id === check.id)) Object.assign(check, change)
      Object.assign(run, { status, conclusion: ended, updatedAt: now() })
    },
    workflowRuns: (fullName) => copy(find(fullName).workflowRuns)
  }
}
