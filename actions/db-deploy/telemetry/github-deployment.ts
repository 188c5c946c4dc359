import { createGithub, githubMessage, type Github, type GithubAnswer } from '../../shared/github.ts'
import { HttpFailure } from '../../shared/http.ts'
import type { Remark } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { RunRecord } from '../record.ts'
import { verdictOf } from '../summary-verdict.ts'

/** GitHub takes so many characters of a status's description. */
const longestDescription = 140

/**
 * Gives the GitHub Deployment of this commit and environment a status. A job with `environment:` has one already, made by
 * GitHub; where there is none, one is made.
 *
 * @returns a warning where that could not be done
 */
export async function tellGithub(
  record: RunRecord,
  token: string | undefined,
  world: World
): Promise<readonly Remark[]> {
  const { repository, sha, apiUrl, graphqlUrl } = record.context
  const state = stateOf(record)
  if (state === undefined) return []
  if (token === undefined || repository === undefined || sha === undefined) {
    return [notSet('there is no github-token, repository or commit to set it for', permissionHint)]
  }
  const github = createGithub({ http: world.http, clock: world.clock, apiUrl, graphqlUrl, token })
  try {
    const found = await findDeployment(github, repository, sha, record.environment)
    if ('refused' in found) return [refused(found.refused)]
    const id = found.id ?? (await makeDeployment(github, repository, sha, record))
    if (typeof id !== 'number') return [refused(id)]
    const answer = await github.send('POST', `/repos/${repository}/deployments/${id}/statuses`, {
      state,
      description: described(record, world),
      environment: record.environment,
      ...(record.context.runUrl === undefined ? {} : { log_url: record.context.runUrl })
    })
    return answer.status === 201 ? [] : [refused(answer)]
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error
    return [notSet(error.message, 'The deploy itself is not touched by this.')]
  }
}

/** Commands that put something somewhere; what only looked is no deployment. */
const deploying: ReadonlySet<RunRecord['command']> = new Set(['deploy', 'restore', 'rollback'])

function stateOf({ command, status, cancelled }: RunRecord): 'success' | 'failure' | 'error' | undefined {
  if (!deploying.has(command) || status === 'planned') return undefined
  if (cancelled) return 'error'
  return status === 'failed' ? 'failure' : 'success'
}

/** The newest of this commit and environment: GitHub lists them so. */
async function findDeployment(
  github: Github,
  repository: string,
  sha: string,
  environment: string
): Promise<{ readonly id: number | undefined } | { readonly refused: GithubAnswer }> {
  const query = new URLSearchParams({ sha, environment, per_page: '1' }).toString()
  const answer = await github.get(`/repos/${repository}/deployments?${query}`)
  if (answer.status !== 200 || !Array.isArray(answer.body)) return { refused: answer }
  return { id: idOf(answer.body[0]) }
}

async function makeDeployment(
  github: Github,
  repository: string,
  sha: string,
  { environment, production }: RunRecord
): Promise<number | GithubAnswer> {
  const answer = await github.send('POST', `/repos/${repository}/deployments`, {
    ref: sha,
    task: 'deploy:migrations',
    environment,
    production_environment: production,
    // It has happened: nothing is to be merged into it, and no status is to be waited for.
    auto_merge: false,
    required_contexts: [],
    description: 'Database migrations'
  })
  return (answer.status === 201 ? idOf(answer.body) : undefined) ?? answer
}

function idOf(deployment: unknown): number | undefined {
  if (typeof deployment !== 'object' || deployment === null || !('id' in deployment)) return undefined
  return typeof deployment.id === 'number' ? deployment.id : undefined
}

function described(record: RunRecord, { secrets }: World): string {
  const { line } = verdictOf(record)
  const told = secrets.redact(line)
  return told.length <= longestDescription ? told : `${told.slice(0, longestDescription - 1)}…`
}

const permissionHint = 'Give the job `permissions: deployments: write` and leave github-token to its default.'

function refused(answer: GithubAnswer): Remark {
  const said = githubMessage(answer)
  return notSet(
    `GitHub answered ${answer.status}${said === '' ? '' : `: ${said}`}`,
    [401, 403, 404].includes(answer.status) ? permissionHint : 'The deploy itself is not touched by this.'
  )
}

function notSet(why: string, hint: string): Remark {
  const message = `The GitHub Deployment got no status: ${why}.`
  return { level: 'warning', problem: { code: 'deployment-status', message, hint } }
}
