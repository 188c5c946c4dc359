import type { LoggedRequest } from '../sandbox/sandbox.ts'
import type { RunFacts } from './event.ts'
import { isHosted } from './labels.ts'
import type { PlannedJob } from './plan.ts'
import type { Secret } from './secrets.ts'

/** What assumptions are told from. */
export interface Ground {
  readonly requests: readonly Pick<LoggedRequest, 'url' | 'status' | 'method' | 'service'>[]
  readonly facts: Pick<RunFacts, 'owner' | 'name' | 'workflowPath'>
  readonly ownerIsMadeUp: boolean
  /** Configuration variables that the workflow names and nobody gave. */
  readonly variables: readonly string[]
  readonly secrets: readonly Secret[]
}

/** What the rehearsal took for granted and the real run may not find. */
export function assumptions(
  { requests, facts, ownerIsMadeUp, variables, secrets }: Ground,
  leaves: readonly PlannedJob[]
): string[] {
  const silent = leaves.filter((job) => !job.permissionsSaid).map(({ key }) => key)
  const minted = requests.filter(
    ({ url, status, method }) => method === 'POST' && status === 200 && /\/_\/oidc\/mint-token/.test(url)
  )
  const publishers = [...new Set(minted.map(({ service }) => (service === 'testpypi' ? 'TestPyPI' : 'PyPI')))].map(
    (index) =>
      `a trusted publisher on ${index} was assumed; register ${facts.owner}/${facts.name}${ownerIsMadeUp ? ' (with your own owner)' : ''}, workflow ${facts.workflowPath.replace(/^.*\//, '')}` +
      environmentNote(leaves)
  )
  const invented = secrets.filter(({ given, opens }) => !given && opens !== 'database').map(({ name }) => name)
  return [
    ...(silent.length > 0
      ? [
          `no permissions are set for ${silent.join(', ')}; read access to contents and packages was assumed, the restricted default`
        ]
      : []),
    ...(invented.length > 0 ? [`made-up values were used for the secrets ${invented.join(', ')}`] : []),
    ...(variables.length > 0
      ? [`the configuration variables ${variables.join(', ')} were empty (--var NAME=VALUE)`]
      : []),
    ...(ownerIsMadeUp
      ? [`the repository has no remote "origin" on GitHub, so its owner ${facts.owner} is made up`]
      : []),
    ...ownRunners(leaves),
    ...publishers
  ]
}

function environmentNote(leaves: readonly PlannedJob[]): string {
  const names = leaves.flatMap((job) =>
    job.permissions['id-token'] === 'write'
      ? [
          job.job.environment === undefined
            ? 'no environment (leave the field empty)'
            : `environment ${job.job.environment}`
        ]
      : []
  )
  return names.length === 0 ? '' : `, ${[...new Set(names)].join(' or ')}`
}

/** Jobs for runners that are not GitHub's: what those have installed is not known here. */
function ownRunners(leaves: readonly PlannedJob[]): string[] {
  return leaves.flatMap(({ key, labels }) =>
    labels === undefined || labels.length === 0 || labels.some(isHosted)
      ? []
      : [`job ${key} asks for a runner of your own (${labels.join(', ')}); it ran on this machine`]
  )
}
