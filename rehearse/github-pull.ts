import type { Sandbox } from '../sandbox/sandbox.ts'
import type { RunFacts } from './event.ts'
import type { Outcome } from './outcome.ts'
import type { TemporaryRepository } from './repository.ts'

/**
 * Makes the sandbox's GitHub know the pull request that is rehearsed, as far as it has come: its commits and files, the
 * review that arrived, the repositories beside it, and the run itself.
 *
 * @param beside repositories that a workflow may read, where its token is one for them
 * @returns the facts with the numbers that GitHub gives the run and the review
 */
export function setUpPull(
  { github }: Sandbox,
  facts: RunFacts,
  repository: TemporaryRepository,
  beside: readonly TemporaryRepository[]
): RunFacts {
  const { pull, review } = facts
  if (pull === undefined) return facts
  const full = `${facts.owner}/${facts.name}`
  // Another workflow may have run for the same pull request before.
  const known = github.state.repositories.some(
    (one) =>
      one.name === facts.name &&
      github.state.users.some(({ id, login }) => id === one.ownerId && login === facts.owner) &&
      one.pulls.some(({ number }) => number === pull.number)
  )
  if (facts.event === 'pull_request' && facts.attempt === 1 && !known) {
    for (const { owner, name, defaultBranch, origin } of beside) {
      github.addRepository({ owner, name, defaultBranch, private: true })
      github.importGit(`${owner}/${name}`, origin)
    }
    // Whoever pushed the head is the author; of the other branches nobody asks.
    github.importGit(full, repository.origin, pull.author)
    for (const login of [...(pull.fork ? [] : [pull.author]), ...pull.reviews.map(({ user }) => user)])
      github.setCollaborator(full, login, 'write')
    github.addPullRequest(full, {
      number: pull.number,
      title: pull.title,
      author: pull.author,
      head: { ref: pull.branch, sha: pull.head, ...(pull.fork && { repository: `${pull.author}/${facts.name}` }) },
      base: { ref: facts.defaultBranch, sha: pull.base }
    })
  }
  const reviewId =
    review &&
    github.addReview(full, pull.number, {
      user: review.user,
      state: reviewStates[review.state],
      commitId: review.commit,
      body: review.body
    })
  if (facts.attempt > 1) {
    github.setWorkflowRun(full, Number(facts.runId), { status: 'in_progress' })
    return facts
  }
  const run = github.addWorkflowRun(full, {
    workflow: facts.workflowPath,
    name: facts.workflowName,
    event: facts.event,
    headSha: pull.head,
    headBranch: pull.branch,
    ...(pull.fork && { headRepository: `${pull.author}/${facts.name}` }),
    status: 'in_progress',
    // Runs of forks name none (docs.github.com, "List workflow runs").
    pulls: pull.fork ? [] : [pull.number],
    actor: facts.actor
  })
  return {
    ...facts,
    runId: String(run),
    ...(review !== undefined && reviewId !== undefined && { review: { ...review, id: reviewId } })
  }
}

/** What somebody asked GitHub to run once more. */
export interface Asked {
  /** The run of the pull request itself. */
  readonly first: boolean
  /** Others, which a rehearsal does not run again, by their event. */
  readonly others: readonly string[]
}

/** Ends the run on the sandbox's GitHub, and says what is to run again. */
export function endRun({ github }: Sandbox, facts: RunFacts, verdict: Outcome['verdict']): Asked {
  if (facts.pull === undefined) return { first: false, others: [] }
  const full = `${facts.owner}/${facts.name}`
  const conclusion = verdict === 'failed' ? 'failure' : 'success'
  github.setWorkflowRun(full, Number(facts.runId), { status: 'completed', conclusion })
  const runs = github.workflowRuns(full)
  const [first] = runs
  const waiting = runs.filter(({ status, attempt }) => attempt > 1 && status !== 'completed')
  return {
    first: waiting.some(({ id }) => id === first?.id),
    others: waiting.filter(({ id }) => id !== first?.id).map(({ event }) => event)
  }
}

/** Webhooks say it in small letters, the REST API in capitals. */
const reviewStates = {
  approved: 'APPROVED',
  commented: 'COMMENTED',
  changes_requested: 'CHANGES_REQUESTED'
} as const
