import { afterEach } from '@jest/globals'
import type { GithubAccess } from '../../actions/shared/github-access.ts'
import { writeAll } from '../../actions/migration-guard/apply-writes.ts'
import type { Configuration } from '../../actions/migration-guard/configuration.ts'
import { readExisting } from '../../actions/migration-guard/existing.ts'
import type { PullRequest } from '../../actions/migration-guard/pull-request.ts'
import type { ToldPush } from '../../actions/migration-guard/pushers.ts'
import { readBack } from '../../actions/migration-guard/read-back.ts'
import { readPull } from '../../actions/migration-guard/read-pull.ts'
import type { CurrentRun } from '../../actions/migration-guard/workflow-run.ts'
import { planWrites } from '../../actions/migration-guard/writes.ts'
import { createGithub, type Github } from '../../actions/shared/github.ts'
import type { Access } from '../../sandbox/github/state.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { testWorld } from '../support/world.ts'
import { configured, judged } from './judged.ts'

export const repository = 'acme/core'
export const workflow = '.github/workflows/guard.yml'
export const marker = '<!-- mark -->'
export const jobToken = 'ghs_planted_token_of_the_job'
export const teamToken = 'ghs_planted_token_of_an_app'
export const tokens = [jobToken, teamToken]

/** What a job gives itself under `permissions:`. */
export type JobPermissions = Readonly<Record<string, Access>>

export const enough: JobPermissions = {
  contents: 'read',
  'pull-requests': 'write',
  statuses: 'write',
  actions: 'write'
}

export interface Stage {
  readonly sandbox: Sandbox
  readonly number: number
  /** The head now. */
  head(): string
  /** Another commit on the pull request's branch; gives its SHA. */
  push(by: string): string
  /** Lets time pass. Minutes. */
  pass(minutes: number): void
  now(): number
  access(withTeams?: boolean): GithubAccess
  pull(configuration?: Partial<Configuration>, told?: ToldPush): Promise<PullRequest>
  /** Everything that a run writes, for findings of this number: what it did, and what it told. */
  write(run?: WritingRun): Promise<Wrote>
  readonly log: readonly string[]
}

export interface WritingRun {
  readonly errors?: number
  readonly warnings?: number
  readonly configuration?: Partial<Configuration>
  readonly run?: CurrentRun
  readonly body?: string
}

export interface Wrote {
  /** `kind: target` of each planned step. */
  readonly planned: readonly string[]
  readonly done: readonly string[]
  /** `level: code` */
  readonly told: readonly string[]
  /** Messages and hints of what was told. */
  readonly words: string
}

const opened: Sandbox[] = []
afterEach(async () => {
  for (const sandbox of opened.splice(0)) await sandbox.close()
})

/** A sandbox with one pull request of `author`, from a branch of the repository or of a fork, and a token for the job. */
export async function openStage(
  options: { readonly permissions?: JobPermissions; readonly fork?: string } = {}
): Promise<Stage> {
  let time = Date.UTC(2026, 9, 10, 12)
  const sandbox = await startSandbox({ clock: () => time })
  opened.push(sandbox)
  const { github } = sandbox
  github.addRepository({ owner: 'acme', name: 'core' })
  const source = options.fork === undefined ? repository : github.addFork(repository, options.fork)
  const push = (by: string): string =>
    github.commitFiles(source, 'add-index', { [`priv/repo/migrations/${time}.exs`]: `# ${time}\n` }, { by })
  push('author')
  const head = { ref: 'add-index', ...(options.fork === undefined ? {} : { repository: source }) }
  const number = github.addPullRequest(repository, { author: 'author', head, base: { ref: 'main' } })
  github.addToken({ token: jobToken, login: 'github-actions[bot]', permissions: options.permissions ?? enough })
  github.addToken({ token: teamToken, login: 'acme-teams[bot]', permissions: { members: 'read' } })
  sandbox.watchSecret('github-token', jobToken)
  sandbox.watchSecret('team-token', teamToken)

  const world = testWorld()
  for (const token of tokens) world.secrets.add(token)
  const origin = sandbox.address('github').origin
  const client = (token: string): Github =>
    createGithub({
      http: world.http,
      clock: world.clock,
      apiUrl: `${origin}/api/v3`,
      graphqlUrl: `${origin}/api/graphql`,
      token
    })
  const access = (withTeams = false): GithubAccess => ({
    github: client(jobToken),
    teams: withTeams ? client(teamToken) : undefined,
    repository
  })
  const pull: Stage['pull'] = (configuration, told) =>
    readPull(access(true), number, configured(configuration), time, told)

  return {
    sandbox,
    number,
    head: () => github.pull(repository, number).head.sha,
    push(by) {
      time += 60_000
      return push(by)
    },
    pass(minutes) {
      time += minutes * 60_000
    },
    now: () => time,
    access,
    pull,
    async write({ errors = 0, warnings = 0, configuration: given, run, body = `${marker}\n${errors} errors` } = {}) {
      const configuration = configured(given)
      const now = await pull(given)
      const verdict = judged({ errors, warnings, configuration, pull: now })
      const asked = { pull: now, marker, statusSha: now.headSha, configuration, run }
      const existing = await readExisting(access(), asked)
      const facts = { existing, body, marker, judged: now.headSha, statusSha: now.headSha, run }
      const plan = planWrites(verdict, facts)
      const written = await writeAll(access(), plan.steps, world, () => undefined)
      const remarks = [...plan.remarks, ...written.remarks, ...(await readBack(access(), written, world))]
      return {
        planned: plan.steps.map(({ kind, target }) => `${kind}: ${target}`),
        done: written.steps.map(({ target }) => target),
        told: remarks.map(({ level, problem }) => `${level}: ${problem.code}`),
        words: remarks.map(({ problem }) => `${problem.message} ${problem.hint}`).join('\n')
      }
    },
    log: world.log.lines
  }
}

/** Bodies of the comments with our mark, with their authors. */
export function commentsOf({ sandbox, number }: Pick<Stage, 'sandbox' | 'number'>): readonly string[] {
  const { users } = sandbox.github.state
  return sandbox.github
    .comments(repository, number)
    .map(({ userId, body }) => `${users.find(({ id }) => id === userId)?.login ?? ''}: ${body}`)
}
