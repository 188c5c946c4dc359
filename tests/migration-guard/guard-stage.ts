import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from '@jest/globals'
import type { Access } from '../../sandbox/github/state.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { createGitHistory, type FileChange, type GitHistory } from '../support/git-history.ts'
import { runAction, temporaryFolder, type ActionRun } from '../support/run-action.ts'

export const repository = 'acme/core'
export const jobToken = 'ghs_planted_token_of_the_job'
export const configurationFile = '.github/migration-guard.yml'
export const workflow = '.github/workflows/migration-guard.yml'
export const migrations = 'prisma/migrations'
export const first = `${migrations}/20260101000000_init/migration.sql`
export const second = `${migrations}/20260102000000_notes/migration.sql`

/** A new migration needs maria's review, and nothing merged changes. */
export const reviewed = `frozen:
  - paths: ${migrations}
    add: reviewed
    edit: forbidden
reviewers: {users: [maria]}
bypass: {users: [maria]}
`

/** What a repository has that is guarded. */
export const guarded: Readonly<Record<string, string>> = {
  [configurationFile]: reviewed,
  [workflow]: 'on: pull_request\njobs: {guard: {steps: [{uses: org/release-actions/migration-guard@v1}]}}\n',
  [`${migrations}/migration_lock.toml`]: 'provider = "postgresql"\n',
  [first]: 'CREATE TABLE orders (id bigint PRIMARY KEY);\n'
}

export const harmless: Readonly<Record<string, string>> = { [second]: 'CREATE TABLE notes (id bigint PRIMARY KEY);\n' }

/** What a job gives itself under `permissions:`. */
export const enough: Readonly<Record<string, Access>> = {
  contents: 'read',
  'pull-requests': 'write',
  statuses: 'write',
  actions: 'write'
}

export interface GuardStage {
  readonly sandbox: Sandbox
  /** The repository as its first developer has it: `main`, and the branch `topic` of the pull request. */
  readonly history: GitHistory
  readonly number: number
  readonly base: string
  readonly head: string
  /** What an event of the pull request brings along, as the runner's environment; the head is the one of now. */
  event(name?: string, more?: object): Record<string, string>
  /** The environment of any event. */
  payload(name: string, payload: object, sha?: string): Record<string, string>
  run(options?: GuardRun): Promise<ActionRun>
  /** Lets time pass on GitHub. Seconds. */
  pass(seconds: number): void
  /** Bodies of the comments on the pull request. */
  comments(): readonly string[]
  /** State and description of each commit status, oldest first. */
  statuses(): readonly string[]
  /** Requests that wrote, or tried to. */
  writes(): readonly string[]
}

export interface GuardRun {
  readonly inputs?: Readonly<Record<string, string>>
  /** By default the event `pull_request`. */
  readonly env?: Readonly<Record<string, string>>
  /** By default an empty folder: the workflow checked nothing out. */
  readonly workspace?: string
  readonly kill?: AbortSignal
  readonly dist?: string
}

export interface GuardScene {
  /** Of the base, over what is `guarded`. */
  readonly base?: Readonly<Record<string, FileChange>>
  /** What the pull request changes. */
  readonly change?: Readonly<Record<string, FileChange>>
  readonly permissions?: Readonly<Record<string, Access>>
  /** Owner of the fork that the pull request comes from. */
  readonly fork?: string
}

const opened: Sandbox[] = []
afterEach(async () => {
  for (const sandbox of opened.splice(0)) await sandbox.close()
})

/** A guarded repository with dora's pull request #1 from `topic`, on disk and on GitHub, and the token of a job. */
export async function guardStage(scene: GuardScene = {}): Promise<GuardStage> {
  const { base: changed = {}, change = harmless, permissions = enough, fork } = scene
  let passed = 0
  const sandbox = await startSandbox({ clock: () => Date.now() + passed })
  opened.push(sandbox)
  const { github } = sandbox
  const history = createGitHistory()
  const base = history.commit({ ...guarded, ...changed }, 'base')
  history.branch('topic')
  const head = history.commit(change, 'a change')
  history.checkout('main')

  github.addRepository({ owner: 'acme', name: 'core', private: true })
  github.importGit(repository, history.folder)
  const source = fork === undefined ? repository : github.addFork(repository, fork)
  const number = github.addPullRequest(repository, {
    author: fork ?? 'dora',
    head: { ref: 'topic', sha: head, ...(fork === undefined ? {} : { repository: source }) },
    base: { ref: 'main' }
  })
  github.addToken({ token: jobToken, login: 'github-actions[bot]', permissions })
  sandbox.watchSecret('github-token', jobToken)

  const payload: GuardStage['payload'] = (name, content, sha = github.pull(repository, number).head.sha) => {
    const file = join(temporaryFolder('event'), 'event.json')
    writeFileSync(file, JSON.stringify(content))
    return {
      GITHUB_EVENT_NAME: name,
      GITHUB_EVENT_PATH: file,
      GITHUB_SHA: sha,
      GITHUB_REPOSITORY: repository,
      GITHUB_WORKFLOW_REF: `${repository}/${workflow}@refs/pull/${number}/merge`
    }
  }
  const event: GuardStage['event'] = (name = 'pull_request', more = {}) => {
    const pull = github.pull(repository, number)
    const pull_request = { number, head: { sha: pull.head.sha }, base: { sha: base, ref: 'main' } }
    return payload(name, { pull_request, ...more })
  }
  return {
    sandbox,
    history,
    number,
    base,
    head,
    event,
    payload,
    run: ({ inputs = {}, env = event(), workspace = temporaryFolder('workspace'), ...rest } = {}) =>
      runAction('migration-guard', {
        inputs: { 'github-token': jobToken, ...inputs },
        workspace,
        env: { ...sandbox.environment(), ...env },
        ...rest
      }),
    pass(seconds) {
      passed += seconds * 1000
    },
    comments: () => github.comments(repository, number).map(({ body }) => body),
    statuses: () =>
      (github.state.repositories[0]?.statuses ?? []).map(({ state, description }) => `${state}: ${description ?? ''}`),
    writes: () =>
      sandbox.requests
        .filter(({ method, url }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) && !url.endsWith('/graphql'))
        .map(({ method, url }) => `${method} ${new URL(url).pathname}`)
  }
}

/** What a run told by its annotations: `error frozen-path`; a note has its level alone. */
export function toldBy(run: ActionRun): readonly string[] {
  return run.annotations.map(({ kind, properties }) =>
    `${kind} ${(properties['title'] ?? '').split(':')[0] ?? ''}`.trim()
  )
}

/** Exit code and status, with everything that was told: what a wrong run shows at once. */
export function outcomeOf(run: ActionRun): unknown {
  return { exitCode: run.exitCode, status: run.outputs['status'], told: toldBy(run) }
}

/** A line by which a reviewer lets a change pass. */
export function bypassLine(reason = 'the customer waits for it'): string {
  return `ALLOW_CORE_MIGRATION: ${reason}, until ${inDays(7)}`
}

export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}
