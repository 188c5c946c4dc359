import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { HttpFailure, isLoopback, parseUrl, type HttpRequest } from '../../actions/shared/http.ts'
import { serve, serveRaw } from '../support/loopback.ts'
import { keptLog, quickClock, testHttp } from '../support/world.ts'

async function failureOf(request: HttpRequest, http = testHttp()): Promise<HttpFailure> {
  const failure: unknown = await http(request).catch((error: unknown) => error)
  if (!(failure instanceof HttpFailure)) throw new Error(`no HttpFailure but ${String(failure)}`)
  return failure
}

/** Answers the given statuses one after the other, the last one for ever, and counts. */
async function inTurn(...statuses: readonly (number | 'reset')[]): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = []
  const { url } = await serve((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      seen.push(`${request.method ?? ''} ${body}`)
      const status = statuses[Math.min(seen.length, statuses.length) - 1]
      if (status === 'reset') request.socket.destroy()
      else response.writeHead(status ?? 200, { 'retry-after': '7' }).end(`answer ${seen.length}`)
    })
  })
  return { url, seen }
}

describe('which requests are sent again', () => {
  test('a read is repeated after 5xx and after a reset, and gives the answer that came at last', async () => {
    const { url, seen } = await inTurn(502, 'reset', 504, 200)
    const answer = await testHttp()({ method: 'GET', url })
    expect(answer.status).toBe(200)
    expect(seen).toHaveLength(4)
  })

  test('a read that keeps failing gives the last answer after five tries', async () => {
    const { url, seen } = await inTurn(500)
    expect((await testHttp()({ method: 'GET', url })).status).toBe(500)
    expect(seen).toHaveLength(5)
  })

  test('a write is not repeated after a 500: the server may have done it', async () => {
    const { url, seen } = await inTurn(500, 200)
    expect(
      (await testHttp()({ method: 'POST', url, body: { type: 'text/plain', bytes: Buffer.from('x') } })).status
    ).toBe(500)
    expect(seen).toHaveLength(1)
  })

  test('a write whose connection breaks is told as sent, and sent once', async () => {
    const { url, seen } = await inTurn('reset', 200)
    const failure = await failureOf({ method: 'POST', url, body: { type: 'text/plain', bytes: Buffer.from('x') } })
    expect(failure).toMatchObject({ kind: 'reset', sent: true })
    expect(seen).toHaveLength(1)
  })

  test('a write is repeated after 429, and waits as long as Retry-After says', async () => {
    const { url, seen } = await inTurn(429, 201)
    const clock = quickClock()
    expect((await testHttp({ clock })({ method: 'POST', url })).status).toBe(201)
    expect(seen).toHaveLength(2)
    expect(clock.slept).toEqual([7000])
  })

  test('a write that may be done twice is repeated as a read is, with its body whole each time', async () => {
    const { url, seen } = await inTurn('reset', 503, 200)
    const body = { type: 'text/plain', length: 5, open: () => Readable.from([Buffer.from('he'), Buffer.from('llo')]) }
    expect((await testHttp()({ method: 'POST', url, body, repeat: 'always' })).status).toBe(200)
    expect(seen).toEqual(['POST hello', 'POST hello', 'POST hello'])
  })

  test('`never` means one try, even where no connection could be made', async () => {
    const log = keptLog()
    const failure = await failureOf({ method: 'GET', url: 'http://127.0.0.1:9/', repeat: 'never' }, testHttp({ log }))
    expect(failure).toMatchObject({ kind: 'connect', sent: false })
    expect(log.lines.filter((line) => line.includes('next try'))).toHaveLength(0)
  })

  test('a wait longer than two minutes is not sat out: the answer is given back', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end()
    })
    const clock = quickClock()
    expect((await testHttp({ clock })({ method: 'GET', url })).status).toBe(429)
    expect(clock.slept).toEqual([])
  })
})

describe('what goes over the wire', () => {
  test('a streamed body has its exact length and no chunked encoding', async () => {
    const got = new Promise<Record<string, unknown>>((resolve) => {
      void serve((request, response) => {
        request.resume().on('end', () => {
          resolve({ length: request.headers['content-length'], encoding: request.headers['transfer-encoding'] })
          response.end()
        })
      }).then(({ url }) =>
        testHttp()({
          method: 'PUT',
          url,
          body: { type: 'a/b', length: 3, open: () => Readable.from([Buffer.from('abc')]) }
        })
      )
    })
    expect(await got).toEqual({ length: '3', encoding: undefined })
  })

  test('a file that ends early fails as such, and no complete request is seen', async () => {
    let complete = 0
    const { url } = await serve((request, response) => {
      request
        .on('error', () => undefined)
        .resume()
        .on('end', () => {
          complete++
          response.end()
        })
    })
    const open = (): Readable =>
      new Readable({
        read() {
          this.destroy(new Error('disk is gone'))
        }
      })
    const failure = await failureOf({ method: 'POST', url, body: { type: 'a/b', length: 100, open } })
    expect(failure.kind).toBe('body')
    expect(failure.message).toContain('disk is gone')
    expect(complete).toBe(0)
  })

  test('with expectContinue a refusal comes before any of the body is sent', async () => {
    let opened = 0
    const { url, server } = await serve(() => undefined)
    server.on('checkContinue', (_request, response) => {
      ;(response as { writeHead(status: number): { end(text: string): void } }).writeHead(401).end('no')
    })
    const open = (): Readable => {
      opened++
      return Readable.from([Buffer.alloc(10)])
    }
    const answer = await testHttp()({
      method: 'POST',
      url,
      body: { type: 'a/b', length: 10, open },
      expectContinue: true
    })
    expect([answer.status, opened]).toEqual([401, 0])
  })

  test('an answer that comes while the body is still being sent is read', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(413, { connection: 'close' }).end('too large')
    })
    const open = (): Readable => Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(65_536)))
    const answer = await testHttp()({ method: 'POST', url, body: { type: 'a/b', length: 64 * 65_536, open } })
    expect([answer.status, answer.body.toString()]).toEqual([413, 'too large'])
  })

  test('a server that goes silent is a timeout that says so', async () => {
    const url = await serveRaw(() => undefined)
    const failure = await failureOf({ method: 'POST', url, idleTimeout: 100 })
    expect(failure).toMatchObject({ kind: 'timeout', sent: true })
    expect(failure.message).toContain('nothing was received for 0.1 s')
  })

  test('an answer longer than the limit is not taken', async () => {
    const { url } = await serve((_, response) => {
      response.end(Buffer.alloc(2_000))
    })
    expect((await testHttp({ longestAnswer: 2_000 })({ method: 'GET', url })).body).toHaveLength(2_000)
    const failure = await failureOf({ method: 'GET', url, repeat: 'never' }, testHttp({ longestAnswer: 1_999 }))
    expect(failure.message).toContain('longer than 1999 bytes')
  })

  test('an answer cut off in its body is a reset, not an answer', async () => {
    const url = await serveRaw((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'))
    })
    expect(await failureOf({ method: 'GET', url, repeat: 'never' })).toMatchObject({ kind: 'reset', sent: true })
  })
})

describe('redirects and addresses', () => {
  test('a read follows, and the token stays behind when the host changes', async () => {
    const seen: (string | undefined)[] = []
    const there = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end('there')
    })
    const here = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(302, { location: there.url }).end()
    })
    const answer = await testHttp()({ method: 'GET', url: here.url, headers: { Authorization: 'Bearer t0ken' } })
    expect(answer.body.toString()).toBe('there')
    expect(seen).toEqual(['Bearer t0ken', undefined])
  })

  test('with same-origin a redirect within the origin is followed, one to elsewhere is the answer', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/a') response.writeHead(301, { location: '/b' }).end()
      else response.writeHead(303, { location: 'https://elsewhere.example/' }).end()
    })
    const answer = await testHttp()({ method: 'GET', url: `${url}/a`, redirect: 'same-origin' })
    expect([answer.status, answer.url.pathname]).toEqual([303, '/b'])
  })

  test('a write does not follow: the error names where it was sent', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(308, { location: 'https://elsewhere.example/legacy/' }).end()
    })
    const failure = await failureOf({ method: 'POST', url })
    expect(failure.kind).toBe('refused')
    expect(failure.message).toContain('https://elsewhere.example/legacy/')
  })

  test('a redirect to what is no URL is refused, not a crash', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(302, { location: 'http://[oops' }).end()
    })
    expect(await failureOf({ method: 'GET', url })).toMatchObject({ kind: 'refused' })
  })

  test('a redirect to plain http elsewhere is refused', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(302, { location: 'http://elsewhere.example/' }).end()
    })
    expect((await failureOf({ method: 'GET', url })).message).toContain('without encryption')
  })

  test.each([
    'http://pypi.org/',
    'ftp://127.0.0.1/',
    'not a url',
    'https://user:pass@pypi.org/',
    'http://localhost.evil.example/'
  ])('%s is refused before anything is sent', (url) => {
    expect(() => parseUrl(url)).toThrow(HttpFailure)
  })

  test('the credentials of a refused URL are not shown', async () => {
    const failure = await failureOf({ method: 'GET', url: 'https://user:hunter2@pypi.org/' })
    expect(failure.message).toContain('https://pypi.org/')
    expect(JSON.stringify(failure.problems)).not.toContain('hunter2')
  })

  test.each([
    ['127.0.0.1', true],
    ['localhost', true],
    ['api.github.localhost', true],
    ['[::1]', true],
    ['127.0.0.1.evil.example', false],
    ['notlocalhost', false]
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})
