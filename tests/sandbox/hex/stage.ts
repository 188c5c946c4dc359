import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/sandbox.ts'
import { hexTarball, type HexTarballOptions } from '../../support/hex-tarball.ts'

export const hour = 3_600_000
export const start = Date.UTC(2026, 10, 21, 13)

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body as JSON; `undefined` when it is none. */
  readonly json: Json
}

/** Whatever an answer says; tests read on without asking at each step. */
export type Json = { readonly [key: string]: Json } & { readonly [index: number]: Json }

export interface Asked {
  readonly key?: string
  readonly body?: Buffer | string
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export interface Stage {
  readonly sandbox: Sandbox
  now: number
  /** A request to the API at the loopback address: `GET /packages/demo`. */
  api(line: string, asked?: Asked): Promise<Answered>
  /** A read of the repository. */
  repo(path: string, asked?: Asked): Promise<Answered>
  /** Publishes as `owner`, whose key is `secret`. */
  publish(
    tarball: Buffer,
    options?: { readonly key?: string; readonly replace?: string; readonly name?: string }
  ): Promise<Answered>
}

/** A sandbox with an account `owner` (key `secret`) and a clock that stands still. */
export async function hexStage(options: SandboxOptions = {}): Promise<Stage> {
  const stage = { now: start } as { now: number } & Stage
  const sandbox = await startSandbox({ clock: () => stage.now, ...options })
  sandbox.hex.addUser({ username: 'owner', keys: ['secret'] })
  const send = (method: string, path: string, asked: Asked = {}): Promise<Answered> =>
    exchange(new URL(path, sandbox.address('hex')), method, asked)
  return Object.assign(stage, {
    sandbox,
    api(line: string, asked: Asked = {}) {
      const [method = '', path = ''] = line.split(' ')
      return send(method, `/api${path}`, asked)
    },
    repo: (path: string, asked: Asked = {}) => send('GET', `/repo${path}`, asked),
    publish(tarball: Buffer, { key = 'secret', replace = 'false', name = 'demo' } = {}) {
      const headers = { 'content-type': 'application/octet-stream' }
      const path = `/api/packages/${name}/releases?replace=${replace}`
      return send('POST', path, { key, body: tarball, headers })
    }
  })
}

/** A small tarball that hex.pm would take: `demo` 1.0.0, needing nothing. */
export function tarball(metadata: HexTarballOptions['metadata'] = {}, options: HexTarballOptions = {}): Buffer {
  const files = { 'lib/demo.ex': 'defmodule Demo do\nend\n', 'mix.exs': 'x\n' }
  return hexTarball({
    files,
    metadata: { name: 'demo', app: 'demo', version: '1.0.0', requirements: [], ...metadata },
    ...options
  })
}

function exchange(url: URL, method: string, { key, body, headers = {} }: Asked): Promise<Answered> {
  const sent: Record<string, string | undefined> = {
    'user-agent': 'hex-tests',
    accept: 'application/json',
    ...(key !== undefined && { authorization: key }),
    ...headers
  }
  const known = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined))
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers: known }, (response) => {
      buffer(response).then((bytes) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, json: parse(bytes) })
      }, reject)
    })
    request.once('error', reject)
    request.end(body)
  })
}

function parse(bytes: Buffer): Json {
  try {
    return JSON.parse(bytes.toString('utf8')) as Json
  } catch {
    return undefined as unknown as Json
  }
}
