import { randomBytes } from 'node:crypto'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { idOf, type RunFacts } from './event.ts'
import type { Mask } from './masking.ts'
import type { PlannedJob } from './plan.ts'

/** Hands out what lets a job ask for identity tokens. */
export interface IdentityTokens {
  /** The two variables for a job with `id-token: write`; nothing for any other, as on GitHub. */
  environmentOf(job: PlannedJob): Readonly<Record<string, string>>
  close(): void
}

/**
 * Makes the sandbox's issuer know each job. The name of a job's environment may be an expression that only act can
 * evaluate, so it travels inside the request token, and the claims are settled when the job first asks.
 */
export function identityTokens(sandbox: Sandbox, facts: RunFacts, mask: Mask): IdentityTokens {
  const jobs = new Map<string, PlannedJob>()
  const granted = new Set<string>()
  const close = sandbox.intercept((request, moment) => {
    if (moment !== 'before') return
    const requestToken = /^bearer (rehearsal-[0-9a-f]+\..*)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (requestToken === undefined || granted.has(requestToken)) return
    const dot = requestToken.indexOf('.')
    const job = jobs.get(requestToken.slice(0, dot))
    // The token of one job in the hands of another, or of nobody known, buys nothing.
    if (job === undefined || request.job !== job.key) return
    granted.add(requestToken)
    sandbox.oidc.grant({ requestToken, claims: claimsOf(job, facts, requestToken.slice(dot + 1)) })
  })
  return {
    environmentOf(job) {
      if (job.permissions['id-token'] !== 'write') return {}
      const secret = `rehearsal-${randomBytes(20).toString('hex')}`
      jobs.set(secret, job)
      mask.add(secret)
      sandbox.watchSecret(`ACTIONS_ID_TOKEN_REQUEST_TOKEN of ${job.key}`, secret)
      return {
        ACTIONS_ID_TOKEN_REQUEST_URL: sandbox.oidc.requestUrl(),
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: `${secret}.${job.job.environment ?? ''}`
      }
    },
    close
  }
}

function claimsOf(job: PlannedJob, facts: RunFacts, environment: string) {
  const repository = `${facts.owner}/${facts.name}`
  const reference = (path: string): string =>
    // A called workflow of another repository is named as it was called.
    path.includes('@') ? path : `${repository}/${path}@${facts.ref}`
  return {
    repository,
    repository_id: String(idOf(repository)),
    repository_owner: facts.owner,
    repository_owner_id: String(idOf(facts.owner)),
    actor: facts.actor,
    actor_id: String(idOf(facts.actor)),
    ref: facts.ref,
    ref_type: facts.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    sha: facts.sha,
    run_id: facts.runId,
    event_name: facts.event,
    workflow: facts.workflowName,
    workflow_ref: reference(facts.workflowPath),
    job_workflow_ref: reference(job.path),
    ...(environment !== '' && { environment })
  }
}
