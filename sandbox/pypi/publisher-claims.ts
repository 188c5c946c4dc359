import type { Claims } from '../oidc/json-web-token.ts'
import { pythonRepr, pythonReprList } from './python-repr.ts'
import type { PublisherRecord, Registry } from './registry.ts'

/** No publisher for these claims; the message is the one in the parentheses of PyPI's answer. */
export class PublisherFault extends Error {
  /** The identity token has bought a token before. */
  readonly reused: boolean

  constructor(message: string, reused = false) {
    super(message)
    this.reused = reused
  }
}

/** `check_claims_existence` for GitHub. */
const required = [
  'repository',
  'repository_owner',
  'repository_owner_id',
  'job_workflow_ref',
  'jti',
  'event_name',
  'ref',
  'sha'
]

/**
 * The publisher that the claims name: by repository, owner and workflow file, exactly as registered; one for the job's
 * environment goes before one for any (warehouse/oidc/models/github.py, `lookup_by_claims`).
 *
 * @throws PublisherFault
 */
export function findPublisher(registry: Registry, claims: Claims, pending: boolean): PublisherRecord {
  const missing = required.find((claim) => claims[claim] === undefined)
  if (missing !== undefined) throw new PublisherFault(`Missing claim ${pythonRepr(missing)}`)
  const [owner, repository] = text(claims, 'repository').split('/')
  const workflow = /[^/]+\.(?:yml|yaml)(?=@)/.exec(text(claims, 'job_workflow_ref'))?.[0]
  if (workflow === undefined) throw new PublisherFault('Could not job extract workflow filename from OIDC claims')
  const fitting = registry.publishers.filter(
    (publisher) =>
      (publisher.pendingFor !== undefined) === pending &&
      publisher.repository === repository &&
      publisher.owner === owner &&
      (publisher.ownerId ?? text(claims, 'repository_owner_id')) === text(claims, 'repository_owner_id') &&
      publisher.workflow === workflow
  )
  const environment = text(claims, 'environment').toLowerCase()
  const found =
    (environment === '' ? undefined : fitting.find((publisher) => publisher.environment === environment)) ??
    fitting.find((publisher) => publisher.environment === '')
  if (found === undefined) throw new PublisherFault('Publisher with matching claims was not found')
  return found
}

/**
 * The checks on a found publisher, in PyPI's order (`verify_claims`).
 * @throws PublisherFault
 */
export function checkPublisherClaims(registry: Registry, publisher: PublisherRecord, claims: Claims): void {
  const repository = `${publisher.owner}/${publisher.repository}`
  if (text(claims, 'repository').toLowerCase() !== repository.toLowerCase()) throw failed('repository')
  if (text(claims, 'repository_owner') !== publisher.owner) throw failed('repository_owner')
  const reference = text(claims, 'job_workflow_ref')
  if (reference === '') throw new PublisherFault('The job_workflow_ref claim is empty')
  const refs = ['ref', 'sha'].map((claim) => text(claims, claim)).filter((ref) => ref !== '')
  if (refs.length === 0) throw new PublisherFault('The ref and sha claims are empty')
  const expected = refs.map((ref) => `${repository}/.github/workflows/${publisher.workflow}@${ref}`)
  if (!expected.includes(reference))
    throw new PublisherFault(
      `The job_workflow_ref claim does not match, expecting one of ${pythonReprList(expected.toSorted())}, got ${pythonRepr(reference)}`
    )
  if (registry.usedIdentities.includes(text(claims, 'jti'))) throw new PublisherFault('', true)
  if (text(claims, 'event_name') === 'pull_request_target')
    throw new PublisherFault("Publishing from a workflow invoked via 'pull_request_target' is not supported.")
  const environment = text(claims, 'environment').toLowerCase()
  if (publisher.environment !== '' && publisher.environment !== environment)
    throw new PublisherFault("Check failed for optional claim 'environment'")
}

function failed(claim: string): PublisherFault {
  return new PublisherFault(`Check failed for required claim ${pythonRepr(claim)}`)
}

function text(claims: Claims, claim: string): string {
  const value = claims[claim]
  return typeof value === 'string' ? value : ''
}
