import { readFileSync } from 'node:fs'
import type { RunContext } from '../shared/run-context.ts'
import { fieldOf } from '../shared/answer-fields.ts'

/** What the event that started a run says of where its commits come from. */
export interface StartedBy {
  /** As the payload names it. */
  readonly defaultBranch: string | undefined
  /** How the run comes from a pull request, as a sentence says it; undefined where it does not. */
  readonly pullRequest: string | undefined
}

/**
 * Reads the event's payload (docs.github.com: "Events that trigger workflows"). Some events of pull requests have the default
 * branch as their ref, so that the ref alone tells nothing of the commits that are checked out.
 */
export function readStartedBy({ eventPath, eventName = '' }: Pick<RunContext, 'eventPath' | 'eventName'>): StartedBy {
  const payload = payloadIn(eventPath)
  const branch = fieldOf(fieldOf(payload, 'repository'), 'default_branch')
  return {
    defaultBranch: typeof branch === 'string' && branch !== '' ? branch : undefined,
    pullRequest: pullRequestOf(eventName, payload)
  }
}

function pullRequestOf(eventName: string, payload: unknown): string | undefined {
  if (eventName.startsWith('pull_request')) return `The event is ${eventName}`
  if (eventName === 'issue_comment' && fieldOf(fieldOf(payload, 'issue'), 'pull_request') !== undefined)
    return 'The event is a comment on a pull request'
  if (eventName !== 'workflow_run') return undefined
  const before = fieldOf(payload, 'workflow_run')
  const event = fieldOf(before, 'event')
  if (typeof event === 'string' && event.startsWith('pull_request'))
    return `The event is workflow_run, of a workflow that ${event} started`
  const head = fieldOf(fieldOf(before, 'head_repository'), 'full_name')
  return typeof head === 'string' && head !== fieldOf(fieldOf(payload, 'repository'), 'full_name')
    ? `The event is workflow_run, of a workflow that ran for ${head}`
    : undefined
}

function payloadIn(path: string | undefined): unknown {
  if (path === undefined) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
