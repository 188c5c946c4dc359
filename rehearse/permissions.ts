import type { Problem } from '../actions/shared/problem.ts'
import { isMapping, type Plain } from './workflow.ts'

export type Access = 'none' | 'read' | 'write'
/** What a job's token may do, by scope; a scope that is absent is `none`. */
export type Permissions = Readonly<Record<string, Access>>

/** https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions#permissions (August 2026). */
const scopes = [
  'actions',
  'artifact-metadata',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'models',
  'packages',
  'pages',
  'pull-requests',
  'repository-projects',
  'security-events',
  'statuses'
] as const

/** What a repository gives a job that says nothing, in the restricted setting that new organizations have. */
export const restrictedDefault: Permissions = { contents: 'read', packages: 'read', metadata: 'read' }

/**
 * The permissions of one job: its own, else its workflow's, else the default. As soon as one scope is named, all
 * others are `none`; `metadata: read` always stays.
 */
export function effectivePermissions(job: Plain | undefined, workflow: Plain | undefined): Permissions {
  return read(job) ?? read(workflow) ?? restrictedDefault
}

/** Whether the workflow says anything about permissions for this job. */
export function saysPermissions(job: Plain | undefined, workflow: Plain | undefined): boolean {
  return (read(job) ?? read(workflow)) !== undefined
}

/**
 * A called workflow may narrow what its caller has, never widen it: GitHub refuses to start such a run, with the words
 * used here.
 *
 * @param called what the job of the reusable workflow asks for; `undefined` when it says nothing
 * @returns what the job gets, and a problem when it asks for more
 */
export function narrow(
  called: Permissions | undefined,
  caller: Permissions,
  place: { readonly job: string; readonly file: string }
): { readonly permissions: Permissions; readonly problems: readonly Problem[] } {
  if (called === undefined) return { permissions: caller, problems: [] }
  const excess = Object.entries(called).filter(([scope, access]) => rank(access) > rank(caller[scope] ?? 'none'))
  return {
    permissions: called,
    problems:
      excess.length === 0
        ? []
        : [
            {
              code: 'rehearse-permissions',
              message:
                `the nested job '${place.job}' is requesting '${spell(excess)}', but is only allowed ` +
                `'${spell(excess.map(([scope]) => [scope, caller[scope] ?? 'none']))}'`,
              hint: 'give the calling job these permissions; GitHub refuses to start this workflow',
              file: place.file
            }
          ]
  }
}

/** The permissions as a workflow would spell them; `undefined` when it says nothing. */
export function read(value: Plain | undefined): Permissions | undefined {
  if (value === undefined || value === null) return undefined
  if (value === 'read-all') return all('read')
  if (value === 'write-all') return all('write')
  if (!isMapping(value)) return undefined
  const named = Object.entries(value).filter((entry): entry is [string, Access] => isAccess(entry[1]))
  return { metadata: 'read', ...Object.fromEntries(named) }
}

function all(access: Access): Permissions {
  return {
    metadata: 'read',
    // `id-token` knows write and none only.
    ...Object.fromEntries(scopes.map((scope) => [scope, scope === 'id-token' && access === 'read' ? 'none' : access]))
  }
}

function isAccess(value: Plain | undefined): value is Access {
  return value === 'none' || value === 'read' || value === 'write'
}

function rank(access: Access): number {
  return { none: 0, read: 1, write: 2 }[access]
}

function spell(entries: readonly (readonly [string, Access])[]): string {
  return entries.map(([scope, access]) => `${scope}: ${access}`).join(', ')
}
