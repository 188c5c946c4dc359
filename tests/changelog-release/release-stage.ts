import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach } from '@jest/globals'
import { changelogRelease } from '../../actions/changelog-release/main.ts'
import { execute, type Execution } from '../../actions/shared/phases.ts'
import type { Release, Repository } from '../../sandbox/github/state.ts'
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

const opened: Stage[] = []
afterEach(async () => {
  for (const { sandbox } of opened.splice(0)) await sandbox.close()
})

/** A stage that is taken down after the test. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const stage = await setStage(options)
  opened.push(stage)
  stage.sandbox.github.addToken({ token: person, login: 'a-person', permissions: { contents: 'write' } })
  return stage
}

const person = 'ghp_of_a_person'

/** What a person does on the release pages, or another job. Gives the answer's JSON. */
export async function asPerson(stage: Stage, method: string, path: string, body?: unknown): Promise<unknown> {
  const isUpload = path.includes('/assets?')
  const root = `${stage.sandbox.address('github').origin}/api/${isUpload ? 'uploads' : 'v3'}/repos/${repository}`
  const answer = await fetch(`${root}${path}`, {
    method,
    headers: { authorization: `Bearer ${person}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  return answer.status === 204 ? undefined : answer.json()
}

/** Does something once, at the nth request that matches `METHOD /path`, before or after GitHub has handled it. */
export function at(stage: Stage, moment: 'before' | 'after', request: RegExp, action: () => unknown, nth = 1): void {
  let seen = 0
  stage.sandbox.intercept(async ({ method, url }, when) => {
    if (when !== moment || !request.test(`${method} ${url.pathname}`) || ++seen !== nth) return
    await action()
  })
}

/** The state behind the answers, to be changed as nobody could by a request: the only repository's. */
export function repositoryState(stage: Stage): Repository {
  const [state] = stage.sandbox.github.state.repositories
  if (state === undefined) throw new Error('the stage has no repository')
  return state
}

/** The only release of a tag. */
export function releaseState(stage: Stage, tag = 'v1.0.0'): Release {
  const [release, ...others] = repositoryState(stage).releases.filter((each) => each.tag === tag)
  if (release === undefined || others.length > 0) throw new Error(`there are ${others.length + 1} or no ${tag}`)
  return release
}

/** `name state bytes` of the assets. */
export function assetsOf({ assets }: Pick<Release, 'assets'>): readonly string[] {
  return assets.map(({ name, state, bytes }) => `${name} ${state} ${bytes.toString()}`).sort()
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
