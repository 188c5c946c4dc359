import { createHash } from 'node:crypto'
import type { Claims } from './json-web-token.ts'

/** What a job must be known by; everything else has a default as GitHub would give it, or may be given in `claims`. */
export interface JobClaims {
  /** `owner/name` */
  readonly repository: string
  /** `refs/tags/v1.0.0` */
  readonly ref: string
  readonly sha: string
  /** The file's path in the repository, or `owner/name/.github/workflows/release.yml@ref` as a whole. */
  readonly workflow_ref: string
  readonly [claim: string]: string | number | boolean | readonly string[] | undefined
}

/**
 * The claims of a job's token, without audience, times and `jti`, named and spelled as GitHub does: all values are
 * strings, also the numbers.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
export function githubClaims(job: JobClaims): Claims {
  const [owner = '', name = ''] = job.repository.split('/')
  const workflowRef = job.workflow_ref.includes('@')
    ? job.workflow_ref
    : `${job.repository}/${job.workflow_ref}@${job.ref}`
  const defaults: Record<string, string> = {
    actor: owner,
    actor_id: numberFor(owner),
    base_ref: '',
    event_name: 'push',
    head_ref: '',
    job_workflow_ref: workflowRef,
    job_workflow_sha: job.sha,
    ref_protected: 'false',
    ref_type: job.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository_id: numberFor(`${owner}/${name}`),
    repository_owner: owner,
    repository_owner_id: numberFor(owner),
    repository_visibility: 'public',
    run_attempt: '1',
    run_id: '1',
    run_number: '1',
    runner_environment: 'github-hosted',
    workflow: workflowFile(workflowRef),
    workflow_sha: job.sha
  }
  const given: Record<string, string | number | boolean | readonly string[]> = {}
  for (const [claim, value] of Object.entries(job)) if (value !== undefined) given[claim] = value
  const claims = { ...defaults, ...given, workflow_ref: workflowRef }
  return { sub: subject(job, claims), ...claims }
}

/**
 * The default subject: the environment comes first, then the pull request, then the ref.
 * @see https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
 */
function subject(job: JobClaims, claims: Claims): string {
  const { environment } = job
  if (typeof environment === 'string' && environment !== '')
    return `repo:${job.repository}:environment:${encodeURIComponent(environment)}`
  if (claims['event_name'] === 'pull_request') return `repo:${job.repository}:pull_request`
  return `repo:${job.repository}:ref:${job.ref}`
}

function workflowFile(workflowRef: string): string {
  return /([^/]+)@/.exec(workflowRef)?.[1] ?? workflowRef
}

/** GitHub's ids are numbers that outlive a renaming; here each name has one, the same in every run. */
function numberFor(name: string): string {
  return String(createHash('sha256').update(name.toLowerCase()).digest().readUInt32BE(0))
}
