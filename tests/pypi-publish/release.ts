import { basename } from 'node:path'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { sdist, wheel, writeFiles, type BuiltFile } from '../support/distributions.ts'
import { pushOfTag, runAction, temporaryFolder, type ActionRun } from '../support/run-action.ts'

/** Long enough to be masked, and like nothing else. */
export const pypiToken = 'pypi-AgEIcHlwaS5vcmcCJGZha2UtdG9rZW4tZm9yLXRlc3Rz'
export const testpypiToken = 'pypi-AgENdGVzdC5weXBpLm9yZwIkZmFrZS10ZXN0LXRva2Vu'
export const requestToken = 'request-token-of-this-job-0123456789'

/** A release on a maintainer's disk, and the sandbox that it goes to. */
export interface Release {
  readonly sandbox: Sandbox
  readonly workspace: string
  /** Runs the bundle through the sandbox's proxy, as a step of a run that the tag started. */
  run(
    inputs?: Readonly<Record<string, string>>,
    options?: { readonly kill?: AbortSignal; readonly env?: Readonly<Record<string, string>> }
  ): Promise<ActionRun>
  /** Files on an index, as `filename sha256`. */
  published(index?: 'pypi' | 'testpypi'): string[]
  /** Uploads that a service handled, in their order. */
  uploads(): string[]
}

/** Two wheels and an sdist, with the same bytes each time. */
export function distributions(options: { readonly name?: string; readonly version?: string } = {}): BuiltFile[] {
  return [wheel({ ...options, tag: 'cp312-cp312-win_amd64' }), wheel(options), sdist(options)]
}

const bundles = process.env['RELEASE_ACTIONS_DIST']

/**
 * @param options.tag the pushed tag
 * @param options.identity whether the job may ask for an identity token, for which both indexes have a publisher
 */
export async function startRelease(
  options: {
    readonly files?: readonly BuiltFile[]
    readonly tag?: string
    readonly identity?: boolean
    readonly clock?: () => number
  } = {}
): Promise<Release> {
  const { files = distributions(), tag = 'v1.0.0', identity = false, clock } = options
  const sandbox = await startSandbox(clock === undefined ? {} : { clock })
  const workspace = temporaryFolder('workspace')
  writeFiles(`${workspace}/dist`, ...files)
  sandbox.pypi.addToken({ token: pypiToken })
  sandbox.testpypi.addToken({ token: testpypiToken })
  for (const index of [sandbox.pypi, sandbox.testpypi]) {
    index.addPublisher({ owner: 'octo-org', repository: 'demo', workflow: 'release.yml', environment: 'release' })
  }
  sandbox.oidc.grant({
    requestToken,
    claims: {
      repository: 'octo-org/demo',
      ref: `refs/tags/${tag}`,
      sha: '0123456789abcdef0123456789abcdef01234567',
      workflow_ref: '.github/workflows/release.yml',
      environment: 'release'
    }
  })
  return {
    sandbox,
    workspace,
    run: (inputs = {}, { kill, env = {} } = {}) =>
      runAction('pypi-publish', {
        inputs,
        workspace,
        env: {
          ...sandbox.environment(),
          ...pushOfTag(tag),
          ...(identity
            ? { ACTIONS_ID_TOKEN_REQUEST_URL: sandbox.oidc.requestUrl(), ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken }
            : {}),
          ...env
        },
        ...(kill === undefined ? {} : { kill }),
        ...(bundles === undefined ? {} : { dist: bundles })
      }),
    published: (index = 'pypi') =>
      sandbox[index]
        .projects()
        .flatMap((name) => sandbox[index].releases(name))
        .flatMap((release) => release.files)
        .map((file) => `${file.filename} ${file.sha256}`)
        .sort(),
    uploads: () =>
      sandbox.requests.filter(({ url, method }) => method === 'POST' && url.includes('/legacy/')).map(({ url }) => url)
  }
}

/** The problems that a run told, as `code: message`. */
export function problemsOf(run: ActionRun): string[] {
  return run.annotations
    .filter(({ kind }) => kind === 'error')
    .map(({ properties, message }) => `${properties['title'] ?? ''}: ${message}`)
}

/** The action's output `files`, parsed. */
export function filesOf(run: ActionRun): { readonly name: string; readonly status: string }[] {
  return (JSON.parse(run.outputs['files'] ?? '[]') as { name: string; status: string }[]).map(({ name, status }) => ({
    name: basename(name),
    status
  }))
}
