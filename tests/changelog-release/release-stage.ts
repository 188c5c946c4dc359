import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { changelogRelease } from '../../actions/changelog-release/main.ts'
import { execute, type Execution } from '../../actions/shared/phases.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { testWorld } from '../support/world.ts'

export const repository = 'octo-org/demo'
export const token = 'ghs_planted_token_of_this_test'

export const changelog = `# Changelog

## [Unreleased]

## [1.1.0] - 2026-02-03

- newer

## [1.0.0] - 2026-01-02

### Added

- a [thing]

## [1.0.0-rc.1] - 2026-01-01

- candidate

[thing]: https://example.org/thing
`

/** What the section of 1.0.0 becomes. */
export const notes = '### Added\n\n- a [thing]\n\n[thing]: https://example.org/thing'

export interface Stage {
  readonly sandbox: Sandbox
  readonly workspace: string
  /** Runs the phases inside this process, with real HTTP to the sandbox and a clock that does not wait. */
  run(inputs?: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>): Promise<Run>
  /** The inputs and environment of a run; `run` adds its own to them. */
  environment(inputs?: Readonly<Record<string, string>>): Record<string, string>
}

export interface Run extends Execution {
  readonly codes: readonly string[]
  readonly log: readonly string[]
  readonly slept: readonly number[]
}

export interface StageOptions {
  readonly tags?: readonly string[]
  readonly immutable?: boolean
  readonly permissions?: 'read' | 'write'
  readonly files?: Readonly<Record<string, string>>
}

/** A sandbox with one repository whose tags exist, and a checkout with a changelog and two files to attach. */
export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const sandbox = await startSandbox()
  const [owner = '', name = ''] = repository.split('/')
  sandbox.github.addRepository({ owner, name, immutableReleases: options.immutable ?? false })
  for (const tag of options.tags ?? ['v1.0.0', 'v1.0.0-rc.1', 'v1.1.0']) {
    sandbox.github.setRef(repository, `refs/tags/${tag}`, sandbox.github.addCommit(repository, { message: tag }))
  }
  sandbox.github.addToken({
    token,
    login: 'github-actions[bot]',
    permissions: { contents: options.permissions ?? 'write' }
  })
  sandbox.watchSecret('github-token', token)
  const workspace = temporaryFolder('checkout')
  write(workspace, { 'CHANGELOG.md': changelog, 'dist/a.whl': 'wheel', 'dist/b.tar.gz': 'sdist', ...options.files })
  const environment = (inputs: Readonly<Record<string, string>> = {}): Record<string, string> => {
    const address = sandbox.address('github').origin
    const given = { tag: 'v1.0.0', assets: 'dist/*', 'github-token': token, ...inputs }
    return {
      GITHUB_REPOSITORY: repository,
      GITHUB_WORKSPACE: workspace,
      GITHUB_API_URL: `${address}/api/v3`,
      GITHUB_GRAPHQL_URL: `${address}/api/graphql`,
      GITHUB_SERVER_URL: address,
      ...Object.fromEntries(Object.entries(given).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value]))
    }
  }
  return {
    sandbox,
    workspace,
    environment,
    async run(inputs = {}, env = {}) {
      const world = testWorld()
      const execution = await execute(changelogRelease, world, { ...environment(inputs), ...env })
      world.http.close()
      return {
        ...execution,
        codes: execution.problems.map(({ code }) => code),
        log: world.log.lines,
        slept: world.clock.slept
      }
    }
  }
}

export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** The requests that changed something, as `METHOD path`. */
export function writes(sandbox: Sandbox): readonly string[] {
  return sandbox.writes().map(({ method, url }) => `${method} ${new URL(url).pathname.replaceAll(/\d{3,}/g, 'N')}`)
}
