import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { runAction, temporaryFolder, type ActionRun } from '../support/run-action.ts'

/** Long enough to be masked, and like nothing else. */
export const key = 'f48ac236bca15c3271e077c15c5320c4'
/** Of somebody who owns none of the packages. */
export const strangersKey = '00aa11bb22cc33dd44ee55ff66aa77bb'
export const organizationKey = '9c1185a5c5e9fc54612808977ee8f548'

export interface Stage {
  readonly sandbox: Sandbox
  /** Runs the bundle through the sandbox's proxy on the main branch, with the owner's key where none is given. */
  run(inputs: Readonly<Record<string, string>>, kill?: AbortSignal): Promise<ActionRun>
  /** Requests that write, as `METHOD path`. */
  writes(): readonly string[]
}

const bundles = process.env['RELEASE_ACTIONS_DIST']
const minute = 60_000
const day = 24 * 60 * minute

/**
 * demo_schema with 0.0.9, months old, and 0.1.0, published five minutes ago; lonely with its only release; and acme's
 * private demo_schema 0.1.0, months old.
 */
export async function setStage(): Promise<Stage> {
  const sandbox = await startSandbox()
  const { hex } = sandbox
  const now = Date.now()
  hex.addUser({ username: 'maintainer', keys: [key] })
  hex.addUser({ username: 'stranger', keys: [strangersKey] })
  hex.addOrganization({ name: 'acme', members: [{ username: 'maintainer', role: 'read' }] })
  hex.addKey({ secret: organizationKey, organization: 'acme' })
  hex.addRelease(tarball('demo_schema', '0.0.9'), { insertedAt: now - 90 * day })
  hex.addRelease(tarball('demo_schema', '0.1.0'), { insertedAt: now - 5 * minute })
  hex.addRelease(tarball('lonely', '0.1.0'), { insertedAt: now - 5 * minute })
  hex.addRelease(tarball('demo_schema', '0.1.0'), { insertedAt: now - 90 * day, organization: 'acme' })
  const workspace = temporaryFolder('change')
  return {
    sandbox,
    run: (inputs, kill) =>
      runAction('hex-publish', {
        inputs: { package: 'demo_schema', version: '0.1.0', 'api-key': key, ...inputs },
        workspace,
        env: {
          ...sandbox.environment(),
          GITHUB_REF: 'refs/heads/main',
          GITHUB_REF_NAME: 'main',
          GITHUB_REF_TYPE: 'branch',
          GITHUB_EVENT_NAME: 'workflow_dispatch'
        },
        ...(kill === undefined ? {} : { kill }),
        ...(bundles === undefined ? {} : { dist: bundles })
      }),
    writes: () =>
      sandbox.requests
        .filter(({ method }) => method !== 'GET')
        .map(({ method, url }) => `${method} ${new URL(url).pathname}`)
  }
}

export function tarball(
  name: string,
  version: string,
  requirements: readonly { readonly name: string; readonly requirement: string }[] = []
): Buffer {
  return hexTarball({
    metadata: {
      name,
      app: name,
      version,
      requirements: requirements.map((each) => ({ ...each, app: each.name, optional: false, repository: 'hexpm' }))
    }
  })
}

/** The problems that a run told, as `code: message`. */
export function problemsOf(run: ActionRun): readonly string[] {
  return run.annotations
    .filter(({ kind }) => kind === 'error')
    .map(({ properties, message }) => `${properties['title'] ?? ''}: ${message}`)
}

export function codesOf(run: ActionRun): readonly (string | undefined)[] {
  return run.annotations.filter(({ kind }) => kind === 'error').map(({ properties }) => properties['title'])
}
