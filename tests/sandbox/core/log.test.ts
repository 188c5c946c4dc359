import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { startGateway, type Gateway } from '../../../sandbox/gateway.ts'
import type { LoggedRequest } from '../../../sandbox/request-log.ts'
import { ask } from './client.ts'
import { toyService, type ToyService } from './toy-service.ts'

let folder: string
let toy: ToyService
let gateway: Gateway
let heard: LoggedRequest[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'log-'))
  toy = toyService()
  heard = []
  gateway = await startGateway([toy], {
    logFile: join(folder, 'requests.jsonl'),
    onRequest: (request) => heard.push(request)
  })
})
afterEach(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true, force: true })
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('the request log', () => {
  test('numbers requests and says what became of each', async () => {
    await ask(gateway, 'https://toy.example/a', { method: 'POST', body: 'abc', job: 'publish' })
    await ask(gateway, 'https://toy.example/a')
    await ask(gateway, 'https://nobody.example/')
    expect(gateway.requests).toMatchObject([
      {
        n: 1,
        job: 'publish',
        service: 'toy',
        method: 'POST',
        status: 201,
        outcome: 'answered',
        requestBytes: 3,
        wrote: true
      },
      { n: 2, service: 'toy', method: 'GET', status: 200, outcome: 'answered', wrote: false },
      { n: 3, method: 'GET', status: 403, outcome: 'blocked', wrote: false }
    ])
    expect(gateway.writes().map(({ n }) => n)).toEqual([1])
  })

  test('goes to a file as lines of JSON, and to whoever listens', async () => {
    await ask(gateway, 'https://toy.example/a')
    await ask(gateway, 'https://toy.example/b')
    const lines = readFileSync(join(folder, 'requests.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(gateway.requests)
    expect(heard).toEqual(gateway.requests)
  })

  test('counts a GraphQL query as a read and a mutation as a write', async () => {
    const graphql = (query: string): Promise<unknown> =>
      ask(gateway, 'https://toy.example/graphql', { method: 'POST', body: JSON.stringify({ query }) })
    await graphql('query($q: String!) { repository(name: $q) { id } }')
    await graphql('mutation { createRef(input: {}) { clientMutationId } }')
    expect(gateway.requests.map(({ wrote }) => wrote)).toEqual([false, true])
  })

  test('tells a client that went away in the middle of its body', async () => {
    const socket = connect(Number(gateway.proxy.port), '127.0.0.1')
    socket.write('POST http://toy.example/a HTTP/1.1\r\nHost: toy.example\r\nContent-Length: 100\r\n\r\nhalf')
    await until(() => gateway.requests[0]?.requestBytes === 4)
    socket.destroy()
    await until(() => heard.length === 1)
    expect(heard[0]).toMatchObject({ outcome: 'aborted', status: 0, requestBytes: 4, wrote: false })
    expect(toy.seen).toEqual([])
  })

  test('tells a bug of a service as such, and the client gets a 500', async () => {
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
    const answered = await ask(gateway, 'https://toy.example/crash')
    expect(answered.status).toBe(500)
    expect(gateway.requests[0]).toMatchObject({ outcome: 'failed', status: 500 })
    expect(gateway.requests[0]?.note).toContain('a bug in the toy')
    expect(stderr.mock.calls.join('')).toContain('a bug in the toy')
    stderr.mockRestore()
  })
})

describe('a watched secret', () => {
  const secret = 'p"ss/w\\rd +ü'
  beforeEach(() => {
    gateway.watchSecret('PYPI_TOKEN', secret)
    gateway.watchSecret('OTHER', 'never sent')
  })

  test.each<[string, Parameters<typeof ask>[2]]>([
    ['in a header', { headers: { 'x-key': 'a plain-value' } }],
    ['in Basic credentials', { headers: { authorization: `Basic ${base64(`__token__:${secret}`)}` } }],
    ['as base64 in a bearer', { headers: { authorization: `Bearer ${base64(secret)}` } }],
    ['plain in the body', { method: 'POST', body: `--x\r\n\r\n${secret}\r\n` }],
    ['in JSON', { method: 'POST', body: JSON.stringify({ password: secret }) }],
    ['in a form', { method: 'POST', body: new URLSearchParams({ password: secret }).toString() }]
  ])('is found %s', async (_, asked) => {
    gateway.watchSecret('PYPI_TOKEN', 'plain-value')
    await ask(gateway, 'https://toy.example/a', asked)
    expect(gateway.requests[0]?.secrets).toEqual(['PYPI_TOKEN'])
  })

  test('is found in the address, where the log hides it', async () => {
    await ask(gateway, `https://toy.example/a?key=${encodeURIComponent(secret)}&token=unknown-one`)
    expect(gateway.requests[0]).toMatchObject({
      secrets: ['PYPI_TOKEN'],
      url: 'https://toy.example/a?key=***&token=***'
    })
  })

  test('is found in a request to a host that is blocked', async () => {
    await ask(gateway, 'https://collector.example/', { method: 'POST', body: secret })
    expect(gateway.requests[0]).toMatchObject({ outcome: 'blocked', secrets: ['PYPI_TOKEN'] })
  })

  test('is not found where it is not', async () => {
    await ask(gateway, 'https://toy.example/', { headers: { authorization: `Basic ${base64('user:other')}` } })
    expect(gateway.requests[0]?.secrets).toEqual([])
  })

  test('does not stand in the log, nor do credentials that nobody watches', async () => {
    await ask(gateway, 'https://toy.example/a', {
      method: 'POST',
      headers: { authorization: 'Bearer unwatched-credential' },
      body: secret
    })
    const text = readFileSync(join(folder, 'requests.jsonl'), 'utf8') + JSON.stringify(gateway.requests)
    expect(text).not.toContain('unwatched-credential')
    expect(text).not.toContain(JSON.stringify(secret).slice(1, -1))
  })
})

describe('a hook', () => {
  test('sees each request before the service and after it, and is waited for', async () => {
    const moments: string[] = []
    const remove = gateway.intercept(async (request, moment) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      moments.push(`${moment} ${request.method} ${request.url.pathname} ${String(toy.seen.length)}`)
    })
    await ask(gateway, 'https://toy.example/a', { method: 'POST', body: 'x' })
    remove()
    await ask(gateway, 'https://toy.example/b')
    expect(moments).toEqual(['before POST /a 0', 'after POST /a 1'])
  })

  test.each([
    ['before', 0],
    ['after', 1]
  ] as const)('may kill the client %s the service sees the request: then %s requests were done', async (at, done) => {
    const script = "fetch('https://toy.example/a', { method: 'POST', body: 'x' })"
    const client = spawn(process.execPath, ['-e', script], { env: { ...process.env, ...gateway.environment() } })
    const exited = once(client, 'exit')
    gateway.intercept(async (_, moment) => {
      if (moment !== at) return
      client.kill('SIGKILL')
      await exited
    })
    await until(() => heard.length === 1)
    expect(toy.save().stored).toHaveLength(done)
    expect(gateway.writes()).toHaveLength(done)
    expect(heard[0]?.status).toBe(0)
  })

  test('that says "drop" before loses the request', async () => {
    gateway.intercept((_, moment) => (moment === 'before' ? 'drop' : undefined))
    await expect(ask(gateway, 'https://toy.example/a', { method: 'POST', body: 'x' })).rejects.toThrow('ECONNRESET')
    expect(toy.save().stored).toEqual([])
    expect(gateway.writes()).toEqual([])
  })

  test('that says "drop" after loses the answer', async () => {
    gateway.intercept((_, moment) => (moment === 'after' ? 'drop' : undefined))
    await expect(ask(gateway, 'https://toy.example/a', { method: 'POST', body: 'x' })).rejects.toThrow('ECONNRESET')
    expect(toy.save().stored).toHaveLength(1)
    expect(gateway.writes()).toHaveLength(1)
  })
})

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
}
