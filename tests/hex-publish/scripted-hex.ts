import type http from 'node:http'
import { createHexApi, type HexApi } from '../../actions/shared/hex/hex-api.ts'
import { ActionError, type Problem } from '../../actions/shared/problem.ts'
import { serve } from '../support/loopback.ts'
import { testWorld } from '../support/world.ts'

export interface Asked {
  /** `GET /packages/demo`. */
  readonly line: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly json?: unknown
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** What a line is answered with: `reset` reads the request and closes the connection. */
export type Scripted = Answer | 'reset' | ((asked: Asked) => Answer | 'reset')

/** Answers by line; a list is used up, and its last entry stays. */
export type Script = Readonly<Record<string, Scripted | readonly Scripted[]>>

export const key = '0123456789abcdef0123456789abcdef'

/**
 * A server that answers what a script says, and 404 as Hex does to the rest; a client of it with a key, and everything
 * that was asked.
 */
export async function scriptedHex(script: Script, options: { readonly key?: string | undefined } = { key }) {
  const asked: Asked[] = []
  const left = new Map(Object.entries(script).map(([line, each]) => [line, isList(each) ? [...each] : [each]]))
  const { url, server } = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        line: `${request.method} ${request.url}`,
        headers: request.headers,
        body: Buffer.concat(chunks)
      }
      asked.push(one)
      const waiting: Scripted[] = left.get(one.line) ?? []
      const next = waiting.length > 1 ? waiting.shift() : waiting[0]
      const answer = typeof next === 'function' ? next(one) : (next ?? notFound)
      if (answer === 'reset') {
        request.socket.destroy()
        return
      }
      const body = answer.json === undefined ? (answer.body ?? '') : JSON.stringify(answer.json)
      response.writeHead(answer.status, {
        ...(answer.json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        ...answer.headers
      })
      response.end(body)
    })
  })
  const world = testWorld()
  const api: HexApi = createHexApi(world.http, {
    url,
    log: world.log,
    ...(options.key === undefined ? {} : { key: options.key })
  })
  return { api, world, url, server, asked, lines: () => asked.map(({ line }) => line) }
}

function isList(value: Scripted | readonly Scripted[]): value is readonly Scripted[] {
  return Array.isArray(value)
}

export const notFound: Answer = { status: 404, json: { status: 404, message: 'Page not found' } }

/** An error as Hex words it. */
export function refusal(status: number, message: string | null, errors?: unknown): Answer {
  return { status, json: { status, message, ...(errors === undefined ? {} : { errors }) } }
}

/** A release as `GET /packages/NAME/releases/VERSION` gives it. */
export function releaseJson(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    version: '1.2.3',
    checksum: 'ab'.repeat(32),
    has_docs: false,
    inserted_at: '2026-08-20T10:11:12.345678Z',
    updated_at: '2026-08-20T10:12:00.000000Z',
    retirement: null,
    package_url: 'https://hex.pm/api/packages/demo',
    url: 'https://hex.pm/api/packages/demo/releases/1.2.3',
    html_url: 'https://hex.pm/packages/demo/1.2.3',
    docs_html_url: null,
    requirements: {},
    meta: { app: 'demo', build_tools: ['mix'], elixir: '~> 1.14' },
    downloads: 0,
    publisher: { username: 'alice', url: 'https://hex.pm/api/users/alice' },
    ...fields
  }
}

/** A package as `GET /packages/NAME` gives it. */
export function packageJson(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    repository: 'hexpm',
    name: 'demo',
    inserted_at: '2026-08-01T00:00:00.000000Z',
    updated_at: '2026-08-20T10:11:12.345678Z',
    url: 'https://hex.pm/api/packages/demo',
    html_url: 'https://hex.pm/packages/demo',
    docs_html_url: 'https://demo.hexdocs.pm/',
    latest_version: '1.2.3',
    latest_stable_version: '1.2.3',
    meta: { description: 'A demo', licenses: ['MIT'], links: {}, maintainers: [] },
    releases: [
      {
        version: '1.2.3',
        url: 'https://hex.pm/api/packages/demo/releases/1.2.3',
        has_docs: true,
        inserted_at: '2026-08-20T10:11:12.345678Z'
      }
    ],
    retirements: {},
    owners: [{ username: 'alice', email: 'alice@example.com', url: 'https://hex.pm/api/users/alice' }],
    ...fields
  }
}

/** The problems that a promise ends with; none where it does not. */
export async function problemsOf(promise: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await promise
    return []
  } catch (error) {
    if (error instanceof ActionError) return error.problems
    throw error
  }
}
