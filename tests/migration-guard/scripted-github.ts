import type http from 'node:http'
import type { GithubAccess } from '../../actions/shared/github-access.ts'
import { createGithub, type Github } from '../../actions/shared/github.ts'
import { serve } from '../support/loopback.ts'
import { quickClock, testHttp } from '../support/world.ts'

/** What is answered: a JSON body with status 200, or a status with a body. */
export type Scripted = { readonly status: number; readonly body?: unknown; readonly link?: string } | object

export interface ScriptedGithub {
  readonly access: GithubAccess
  /** `METHOD /path?query` of each request, in order. */
  readonly requests: readonly string[]
}

export const repository = 'acme/core'

/**
 * A server on loopback that gives the answers of a table, by `METHOD /path` with or without the query; 404 for the
 * rest. For the answers that are rare: refusals, old servers, lists that are cut.
 * @param graphql data of every query; undefined: there is no GraphQL
 */
export async function scriptedGithub(
  answers: Readonly<Record<string, Scripted>>,
  graphql?: unknown,
  teamToken = false
): Promise<ScriptedGithub> {
  const requests: string[] = []
  const { url } = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const [whole, short] = [`${request.method ?? ''} ${request.url ?? ''}`, `${request.method ?? ''} ${path}`]
    requests.push(whole)
    if (path === '/graphql') respond(response, graphql === undefined ? { status: 404 } : { data: graphql })
    else respond(response, answers[whole] ?? answers[short] ?? { status: 404, body: { message: 'Not Found' } })
  })
  const clock = quickClock()
  const github = (token: string): Github =>
    createGithub({ http: testHttp({ clock, attempts: 2 }), clock, apiUrl: url, graphqlUrl: `${url}/graphql`, token })
  return {
    access: { github: github('ghs_of_the_job'), teams: teamToken ? github('ghs_of_an_app') : undefined, repository },
    requests
  }
}

function respond(response: http.ServerResponse, answer: Scripted): void {
  if (!('status' in answer) || typeof answer.status !== 'number') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    return
  }
  const body = 'body' in answer ? JSON.stringify(answer.body) : ''
  const link = 'link' in answer && typeof answer.link === 'string' ? { link: answer.link } : {}
  response.writeHead(answer.status, { 'content-type': 'application/json', ...link }).end(body)
}
