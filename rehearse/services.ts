import { basename } from 'node:path'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { RunFacts } from './event.ts'
import type { Permissions } from './permissions.ts'
import { leafJobs, type PlannedWorkflow } from './plan.ts'
import type { TemporaryRepository } from './repository.ts'
import type { Secret } from './secrets.ts'

/**
 * Makes the sandbox's services know the repository with its refs, the job token and what each job may do with it, the
 * workflow's secrets, and a trusted publisher on each index.
 *
 * @param token the GITHUB_TOKEN of all jobs; the sandbox limits it by the job that shows it
 */
export function setUpServices(
  sandbox: Sandbox,
  facts: RunFacts,
  repository: TemporaryRepository,
  plan: PlannedWorkflow,
  secrets: readonly Secret[],
  token: string
): void {
  const { github } = sandbox
  const full = `${facts.owner}/${facts.name}`
  github.addRepository({ owner: facts.owner, name: facts.name, defaultBranch: facts.defaultBranch })
  for (const [ref, sha] of repository.refs) github.setRef(full, ref, sha)
  const everything = {
    contents: 'write',
    packages: 'write',
    actions: 'write',
    issues: 'write',
    'pull-requests': 'write',
    statuses: 'write',
    checks: 'write',
    metadata: 'read'
  } as const
  github.addToken({ token, login: 'github-actions[bot]', permissions: everything, repositories: [full] })
  sandbox.watchSecret('GITHUB_TOKEN', token)
  for (const job of leafJobs(plan))
    github.setJobPermissions(job.key, facts.pull?.fork === true ? onlyReading(job.permissions) : job.permissions)

  for (const { name, value, opens } of secrets) {
    // Words such as `__token__` are in every upload, secret or not.
    if (value.length >= 12) sandbox.watchSecret(name, value)
    if (opens === 'github') github.addToken({ token: value, login: facts.actor, permissions: everything })
    if (opens === 'slack') sandbox.slack.addWebhook({ path: new URL(value).pathname })
    if (opens === 'hex') hexKey(sandbox, value, facts.owner)
    if (opens === 'pypi' || opens === 'testpypi') sandbox[opens].addToken({ token: value })
  }
  for (const index of [sandbox.pypi, sandbox.testpypi]) {
    index.addPublisher({ owner: facts.owner, repository: facts.name, workflow: basename(facts.workflowPath) })
  }
}

/** The token of a pull request from a fork reads, whatever its workflow asks for. */
function onlyReading(permissions: Permissions): Permissions {
  return Object.fromEntries(
    Object.entries(permissions).map(([name, access]) => [name, access === 'write' ? 'read' : access])
  )
}

/** A key that may do everything, of the account that owns whatever was rehearsed before. */
function hexKey({ hex }: Sandbox, secret: string, owner: string): void {
  const username = owner.toLowerCase()
  if (!hex.state.users.some((user) => user.username === username)) hex.addUser({ username })
  hex.addKey({ secret, user: username })
}
