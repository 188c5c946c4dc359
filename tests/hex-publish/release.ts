import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { PackageReference } from '../../sandbox/hex/service.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { pushOfTag, runAction, temporaryFolder, type ActionRun } from '../support/run-action.ts'

/** A key of `maintainer` that may do anything; 32 hex digits as Hex's are, and like nothing else. */
export const apiKey = '5ec2e7a0c0ffee00feedface0badcafe'

/** The tarball of a release in its workspace; tests name it by a glob as a workflow does. */
export const tarballName = 'demo_schema-0.1.0.tar'

/** Documentation as ExDoc leaves it, in as few files as Hex takes. */
export const validDocs: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><title>demo_schema</title>',
  'dist/app.js': 'console.log(1)',
  '.build': 'dist/app.js\nindex.html\n'
}

/** A release on a maintainer's disk, and the Hex that it goes to. */
export interface Release {
  readonly sandbox: Sandbox
  readonly workspace: string
  /** Runs the bundle through the sandbox's proxy, as a step of a run that the tag started. */
  run(
    inputs?: Readonly<Record<string, string>>,
    options?: { readonly kill?: AbortSignal; readonly env?: Readonly<Record<string, string>> }
  ): Promise<ActionRun>
  /** What Hex has of the package, oldest first: `version checksum`, and `docs` where there are any. */
  published(reference?: PackageReference): string[]
}

export interface ReleaseOptions {
  /** `demo_schema` 0.1.0 unless given; `undefined` leaves none. */
  readonly tarball?: Buffer | undefined
  /** Files of the folder `doc`; none leaves it out. */
  readonly docs?: Readonly<Record<string, string>>
  readonly tag?: string
  readonly clock?: () => number
}

const bundles = process.env['RELEASE_ACTIONS_DIST']

/** A workspace with a ready tarball and ready docs, and a Hex with one user, who has a key. */
export async function startRelease(options: ReleaseOptions = {}): Promise<Release> {
  const { tag = 'v0.1.0', clock } = options
  const sandbox = await startSandbox(clock === undefined ? {} : { clock })
  const workspace = temporaryFolder('workspace')
  const tarball = 'tarball' in options ? options.tarball : hexTarball()
  if (tarball !== undefined) writeFileSync(join(workspace, tarballName), tarball)
  writeDocs(join(workspace, 'doc'), options.docs ?? validDocs)
  sandbox.hex.addUser({ username: 'maintainer', keys: [apiKey] })
  // What demo_schema requires must be there.
  sandbox.hex.addRelease(
    hexTarball({ metadata: { name: 'ecto_sql', app: 'ecto_sql', version: '3.11.0', requirements: [] } })
  )
  return {
    sandbox,
    workspace,
    run: (inputs = ready, { kill, env = {} } = {}) =>
      runAction('hex-publish', {
        inputs,
        workspace,
        env: { ...sandbox.environment(), ...pushOfTag(tag), ...env },
        ...(kill === undefined ? {} : { kill }),
        ...(bundles === undefined ? {} : { dist: bundles })
      }),
    published: (reference = 'demo_schema') => publishedOf(sandbox, reference)
  }
}

/** Inputs of the publishing job: what was built is there, and only the key is missing no more. */
export const ready: Readonly<Record<string, string>> = {
  tarball: '*.tar',
  'docs-folder': 'doc',
  'api-key': apiKey,
  wait: '30'
}

export function publishedOf(sandbox: Sandbox, reference: PackageReference): string[] {
  return sandbox.hex
    .releases(reference)
    .map(({ version, checksum, hasDocs }) => `${version} ${checksum}${hasDocs ? ' docs' : ''}`)
    .reverse()
}

export function writeDocs(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Requests that wrote, or tried to: `POST /api/packages/…`. */
export function writes(sandbox: Sandbox): string[] {
  return sandbox.requests
    .filter(({ method }) => method !== 'GET' && method !== 'HEAD')
    .map(({ method, url }) => `${method} ${new URL(url).pathname}`)
}

/** The problems that a run told, as `code: message`. */
export function problemsOf(run: ActionRun): string[] {
  return run.annotations
    .filter(({ kind }) => kind === 'error')
    .map(({ properties, message }) => `${properties['title'] ?? ''}: ${message}`)
}

/** Their codes. */
export function codesOf(run: ActionRun): string[] {
  return problemsOf(run).map((problem) => problem.slice(0, problem.indexOf(':')))
}
