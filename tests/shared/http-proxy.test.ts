import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { HttpFailure } from '../../actions/shared/http.ts'
import { startGateway, type Gateway } from '../../sandbox/gateway.ts'
import type { Service } from '../../sandbox/service.ts'
import { serveRaw } from '../support/loopback.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { testHttp } from '../support/world.ts'

/** Tells the sha256 of what it was sent. */
const uploads: Service<null> = {
  name: 'uploads',
  hosts: ['uploads.example'],
  handle: (request) =>
    request.url.pathname === '/down'
      ? { status: 302, headers: { location: 'http://127.0.0.1:9/' } }
      : { status: 201, body: createHash('sha256').update(request.body).digest('hex') },
  save: () => null,
  load: () => undefined
}

let gateway: Gateway
const before = { ...process.env }
beforeAll(async () => {
  gateway = await startGateway([uploads], {})
  tls.setDefaultCACertificates([readFileSync(gateway.caFile, 'utf8')])
  process.env['https_proxy'] = gateway.proxy.href
  process.env['no_proxy'] = 'direct.example'
})
afterAll(async () => {
  process.env = before
  await gateway.close()
})

test('a streamed upload goes through the proxy, byte for byte', async () => {
  const path = join(temporaryFolder(), 'big.bin')
  const bytes = Buffer.alloc(5_000_000, 'release-actions')
  writeFileSync(path, bytes)
  const http = testHttp()
  const answer = await http({
    method: 'POST',
    url: 'https://uploads.example/here',
    body: { type: 'application/octet-stream', length: bytes.length, open: () => createReadStream(path) },
    expectContinue: true
  })
  http.close()
  expect([answer.status, answer.body.toString()]).toEqual([201, createHash('sha256').update(bytes).digest('hex')])
  expect(gateway.requests.map(({ url }) => url)).toContain('https://uploads.example/here')
})

test('many requests at once go through the proxy', async () => {
  const http = testHttp()
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      http({
        method: 'POST',
        url: `https://uploads.example/${n}`,
        body: { type: 'text/plain', bytes: Buffer.from(String(n)) }
      })
    )
  )
  http.close()
  expect(answers.map(({ body }) => body.toString())).toEqual(
    Array.from({ length: 12 }, (_, n) => createHash('sha256').update(String(n)).digest('hex'))
  )
})

test.each([
  ['407 Proxy Authentication Required', /the proxy answered 407 to CONNECT uploads\.example/],
  ['403 Forbidden', /the proxy answered 403 to CONNECT uploads\.example/]
])(
  'a proxy that answers %s to CONNECT is told as the proxy’s refusal, not as the host’s answer',
  async (status, message) => {
    let after = ''
    const proxy = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.on('data', (chunk) => (after += chunk.toString()))
        socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`)
      })
    })
    process.env['https_proxy'] = proxy
    const http = testHttp()
    const headers = { authorization: 'Bearer s3cret' }
    const failure: unknown = await http({ method: 'POST', url: 'https://uploads.example/', headers }).catch(
      (error: unknown) => error
    )
    http.close()
    process.env['https_proxy'] = gateway.proxy.href
    expect(failure).toMatchObject({ kind: 'proxy', sent: false, message: expect.stringMatching(message) as unknown })
    expect(failure).toBeInstanceOf(HttpFailure)
    expect(after).toBe('')
  }
)

test('a proxy that is not there is a connection problem, tried again and never sent', async () => {
  process.env['https_proxy'] = 'http://127.0.0.1:9'
  const http = testHttp()
  const failure: unknown = await http({ method: 'POST', url: 'https://uploads.example/' }).catch(
    (error: unknown) => error
  )
  http.close()
  process.env['https_proxy'] = gateway.proxy.href
  expect(failure).toMatchObject({ kind: 'connect', sent: false })
})

test('a redirect from https to http is refused, even to loopback', async () => {
  const http = testHttp()
  const failure: unknown = await http({ method: 'GET', url: 'https://uploads.example/down' }).catch(
    (error: unknown) => error
  )
  http.close()
  expect(failure).toMatchObject({ kind: 'refused', message: expect.stringContaining('from https') as unknown })
})

test.each(['http://user:hunter2@[', 'hunter2 proxy'])(
  'a proxy variable that is no URL is told, without its value',
  async (value) => {
    process.env['https_proxy'] = value
    const http = testHttp()
    const failure: unknown = await http({ method: 'GET', url: 'https://uploads.example/' }).catch(
      (error: unknown) => error
    )
    http.close()
    process.env['https_proxy'] = gateway.proxy.href
    expect(failure).toMatchObject({ kind: 'proxy' })
    expect(JSON.stringify(failure)).not.toContain('hunter2')
  }
)
