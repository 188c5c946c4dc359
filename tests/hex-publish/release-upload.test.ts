import { createHash } from 'node:crypto'
import http from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { uploadRelease, type ReleaseUpload } from '../../actions/hex-publish/release-upload.ts'
import { createHexApi } from '../../actions/shared/hex/hex-api.ts'
import type { Http, HttpRequest } from '../../actions/shared/http.ts'
import { serveRaw } from '../support/loopback.ts'
import { testWorld } from '../support/world.ts'
import {
  key,
  problemsOf,
  refusal,
  releaseJson,
  scriptedHex,
  type Answer,
  type Script,
  type Scripted
} from './scripted-hex.ts'

const demo = { name: 'demo' }
const tarball = Buffer.from('the bytes of a tarball')
const checksum = createHash('sha256').update(tarball).digest('hex')
const other = 'cd'.repeat(32)

const post = 'POST /packages/demo/releases?replace=false'
const replacing = 'POST /packages/demo/releases?replace=true'
const get = 'GET /packages/demo/releases/1.2.3'

const created: Answer = { status: 201, json: releaseJson({ checksum }) }
const there: Answer = { status: 200, json: releaseJson({ checksum }) }
const otherThere: Answer = { status: 200, json: releaseJson({ checksum: other }) }
const outage: Answer = { status: 502, body: '<html>Bad gateway</html>' }
const absent = refusal(404, 'Page not found')
const exists = refusal(422, 'Validation error(s)', {
  inserted_at: 'must include the --replace flag to update an existing release'
})

const closed = refusal(422, 'Validation error(s)', {
  inserted_at: 'can only modify a release up to one hour after publication'
})

async function uploadTo(script: Script, options: Partial<Pick<ReleaseUpload, 'replace' | 'replaces'>> = {}) {
  const hex = await scriptedHex(script)
  const { world } = hex
  const upload = uploadRelease(hex.api, demo, tarball, {
    version: '1.2.3',
    replace: false,
    ...options,
    clock: world.clock,
    log: world.log
  })
  const problems = await problemsOf(upload)
  const outcome = problems.length === 0 ? await upload : undefined
  const posts = hex.asked.filter(({ line }) => line.startsWith('POST'))
  return {
    outcome,
    problems,
    codes: problems.map(({ code }) => code),
    posts,
    lines: hex.lines(),
    slept: world.clock.slept
  }
}

test('a release is posted once, its bytes as they are, and replace=false said', async () => {
  const { outcome, posts, lines } = await uploadTo({ [post]: created })
  expect(outcome).toBe('created')
  expect(lines).toEqual([post])
  expect(posts[0]?.body.equals(tarball)).toBe(true)
  expect(posts[0]?.headers).toMatchObject({
    authorization: key,
    accept: 'application/json',
    'content-type': 'application/octet-stream',
    'content-length': String(tarball.length)
  })
  expect(posts[0]?.headers.expect).toBeUndefined()
})

test('a release is replaced only when that is asked for', async () => {
  const { outcome, lines } = await uploadTo({ [replacing]: there }, { replace: true, replaces: other })
  expect(outcome).toBe('replaced')
  expect(lines).toEqual([replacing])
})

test('a release of an organization goes to its repository', async () => {
  const { api, world, lines } = await scriptedHex({
    'POST /repos/acme/packages/demo/releases?replace=false': created
  })
  const upload = { version: '1.2.3', replace: false, clock: world.clock, log: world.log }
  expect(await uploadRelease(api, { name: 'demo', organization: 'acme' }, tarball, upload)).toBe('created')
  expect(lines()).toHaveLength(1)
})

test('an answer with another checksum is an error, and nothing more is sent', async () => {
  const { codes, lines } = await uploadTo({ [post]: { status: 201, json: releaseJson({ checksum: other }) } })
  expect(codes).toEqual(['hex-different-release'])
  expect(lines).toEqual([post])
})

test('a checksum that quotes the key is not shown, not even a part of it', async () => {
  const quoting = `${'a'.repeat(50)}${key}`
  const { problems } = await uploadTo({ [post]: { status: 201, json: releaseJson({ checksum: quoting }) } })
  expect(problems[0]?.message).toContain('aaa***')
  expect(problems[0]?.message).not.toContain(key.slice(0, 8))
})

describe('an open outcome', () => {
  const open: readonly (readonly [string, Scripted])[] = [
    ['a connection that breaks', 'reset'],
    ['a bad gateway', outage],
    ['an error of the server', refusal(500, 'Internal server error')],
    ['an overload that names a time', { status: 503, headers: { 'retry-after': '1' } }],
    ['a good status without a release', { status: 201, body: '' }],
    ['a good status with half a release', { status: 201, body: '{"version":"1.2.3","chec' }]
  ]

  test.each(open)('(%s) is settled by reading the release back, without a second POST', async (_what, answer) => {
    const { outcome, posts, lines } = await uploadTo({ [post]: answer, [get]: there })
    expect(outcome).toBe('reconciled')
    expect(posts).toHaveLength(1)
    expect(lines.at(-1)).toBe(get)
  })

  test.each(open)('(%s) is read back first, and sent again where Hex has nothing', async (_what, answer) => {
    const { outcome, posts, lines } = await uploadTo({ [post]: [answer, created], [get]: absent })
    expect(outcome).toBe('created')
    expect(posts).toHaveLength(2)
    expect(lines.slice(1, -1).length).toBeGreaterThan(1)
    expect(lines.slice(1, -1).every((line) => line === get)).toBe(true)
  })

  test.each(open)('(%s) with other bytes under the version is an error', async (_what, answer) => {
    const { codes, problems, posts } = await uploadTo({ [post]: answer, [get]: otherThere })
    expect(codes[0]).toBe('hex-different-release')
    expect(problems[0]?.message).toContain(other)
    expect(problems[0]?.message).toContain(checksum)
    expect(posts).toHaveLength(1)
  })

  test('is read back with patience: a server may be busy with what it was sent', async () => {
    const { outcome, posts } = await uploadTo({ [post]: 'reset', [get]: [absent, outage, there] })
    expect(outcome).toBe('reconciled')
    expect(posts).toHaveLength(1)
  })

  test('where the second POST meets what the first one did is settled too', async () => {
    const { outcome, posts } = await uploadTo({ [post]: ['reset', exists], [get]: [absent, absent, absent, there] })
    expect(outcome).toBe('reconciled')
    expect(posts).toHaveLength(2)
  })

  test('that stays open is told after three tries, with what happened', async () => {
    const { codes, problems, posts } = await uploadTo({ [post]: outage, [get]: absent })
    expect(codes).toEqual(['hex-upload-unsettled', 'hex-outage'])
    expect(problems[0]?.message).toMatch(/demo 1\.2\.3.*answered 502/)
    expect(posts).toHaveLength(3)
  })

  test('is told as open, and nothing sent, where reading back does not work', async () => {
    const { codes, posts } = await uploadTo({ [post]: 'reset', [get]: outage })
    expect(codes[0]).toBe('hex-upload-unsettled')
    expect(posts).toHaveLength(1)
  })

  test('of a replacement is never sent again when the body left whole', async () => {
    const { codes, posts } = await uploadTo(
      { [replacing]: 'reset', [get]: otherThere },
      { replace: true, replaces: other }
    )
    expect(codes[0]).toBe('hex-upload-unsettled')
    expect(posts).toHaveLength(1)
  })

  test('of a replacement that is done is settled by its checksum', async () => {
    const script = { [replacing]: 'reset', [get]: [otherThere, there] } as const
    expect((await uploadTo(script, { replace: true, replaces: other })).outcome).toBe('reconciled')
  })
})

describe('a release that somebody else published meanwhile', () => {
  const taken = [
    exists,
    refusal(422, 'Validation error(s)', { version: 'has already been published' }),
    refusal(422, 'Validation error(s)', { name: 'has already been taken' }),
    closed
  ]
  test.each(taken)('with the same bytes is success (%j)', async (answer) => {
    const { outcome, posts } = await uploadTo({ [post]: answer, [get]: there })
    expect(outcome).toBe('reconciled')
    expect(posts).toHaveLength(1)
  })

  test.each(taken)('with other bytes is an error that names both (%j)', async (answer) => {
    const { codes, posts } = await uploadTo({ [post]: answer, [get]: otherThere })
    expect(codes[0]).toBe('hex-different-release')
    expect(codes).toHaveLength(2)
    expect(posts).toHaveLength(1)
  })
})

test.each([
  [refusal(401, 'key not authorized for this action'), 'hex-key-not-allowed'],
  [refusal(403, 'account not authorized for this action'), 'hex-not-owner'],
  [absent, 'hex-not-found'],
  [refusal(413, 'Payload too large'), 'hex-too-large'],
  [refusal(422, 'Validation error(s)', { meta: { licenses: 'can’t be blank' } }), 'hex-metadata-refused']
])('a refusal is told at once, and nothing is read or sent after it: %j', async (answer, code) => {
  const { codes, lines } = await uploadTo({ [post]: answer })
  expect(codes).toEqual([code])
  expect(lines).toEqual([post])
})

test('a replacement after the window is refused', async () => {
  const { codes, lines } = await uploadTo({ [replacing]: closed }, { replace: true, replaces: other })
  expect(codes).toEqual(['hex-window-closed'])
  expect(lines).toEqual([replacing])
})

test('several things that are wrong are several problems', async () => {
  const { codes } = await uploadTo({
    [post]: refusal(422, 'Validation error(s)', {
      meta: { description: 'can’t be blank' },
      requirements: { ecto: 'invalid requirement: "nil"' }
    })
  })
  expect(codes).toEqual(['hex-metadata-refused', 'hex-requirement'])
})

test('a rate limit is waited for, as nothing was done, and the release not read back', async () => {
  const date = new Date()
  const limited: Answer = {
    ...refusal(429, 'API rate limit exceeded for user 7'),
    headers: { date: date.toUTCString(), 'x-ratelimit-reset': String(Math.floor(date.getTime() / 1000) + 20) }
  }
  const { outcome, lines, slept } = await uploadTo({ [post]: [limited, created] })
  expect(outcome).toBe('created')
  expect(lines).toEqual([post, post])
  expect(slept).toEqual([21_000])
})

test('a wait that Hex asks for is kept to', async () => {
  const limited: Answer = { status: 429, headers: { 'retry-after': '17' } }
  expect((await uploadTo({ [post]: [limited, created] })).slept).toEqual([17_000])
})

test.each([408, 425, 429])('an answer %i says that nothing was done: it is sent again', async (status) => {
  const { outcome, lines } = await uploadTo({ [post]: [{ status }, created] })
  expect(outcome).toBe('created')
  expect(lines).toEqual([post, post])
})

test('a redirect is no open outcome: nothing is read back or sent again', async () => {
  const elsewhere: Answer = { status: 307, headers: { location: 'https://hex.example/api' } }
  const { codes, lines } = await uploadTo({ [post]: elsewhere })
  expect(codes).toEqual(['http-refused'])
  expect(lines).toEqual([post])
})

test('an upload waits longer than the minute that Hex gives its transaction, and never is repeated by the client', async () => {
  const { world, url } = await scriptedHex({ [post]: created })
  const requests: HttpRequest[] = []
  const watched: Http = Object.assign(
    (request: HttpRequest) => {
      requests.push(request)
      return world.http(request)
    },
    { close: world.http.close }
  )
  const upload = { version: '1.2.3', replace: false, clock: world.clock, log: world.log }
  await uploadRelease(createHexApi(watched, { url }), demo, tarball, upload)
  expect(requests).toHaveLength(1)
  expect(requests[0]?.repeat).toBe('never')
  expect(requests[0]?.idleTimeout).toBeGreaterThan(60_000)
  expect(requests[0]?.timeout).toBeGreaterThan(60_000)
})

test('a server that cannot be reached is tried again, and nothing is read back', async () => {
  const world = testWorld()
  const api = createHexApi(world.http, { url: 'http://127.0.0.1:9', key })
  const upload = { version: '1.2.3', replace: false, clock: world.clock, log: world.log }
  const problems = await problemsOf(uploadRelease(api, demo, tarball, upload))
  expect(problems.map(({ code }) => code)).toEqual(['http-connect'])
  expect(world.log.lines.filter((line) => line.includes('sending demo 1.2.3 again'))).toHaveLength(2)
})

describe('a body over one MiB', () => {
  const large = Buffer.alloc(3 * 1024 * 1024, 'x')
  const largeChecksum = createHash('sha256').update(large).digest('hex')

  test('is announced, and not sent to a server that refuses', async () => {
    const { api, world, server } = await scriptedHex({})
    let received = 0
    server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
      request.on('data', (piece: Buffer) => (received += piece.length))
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ status: 401, message: 'key not authorized for this action' }))
    })
    const upload = { version: '1.2.3', replace: false, clock: world.clock, log: world.log }
    const problems = await problemsOf(uploadRelease(api, demo, large, upload))
    expect(problems.map(({ code }) => code)).toEqual(['hex-key-not-allowed'])
    expect(received).toBe(0)
  })

  test('arrives whole after the server said to continue', async () => {
    const { api, world, server, asked } = await scriptedHex({
      [post]: { status: 201, json: releaseJson({ checksum: largeChecksum }) }
    })
    let announced = 0
    server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
      announced++
      response.writeContinue()
      server.emit('request', request, response)
    })
    const upload = { version: '1.2.3', replace: false, clock: world.clock, log: world.log }
    expect(await uploadRelease(api, demo, large, upload)).toBe('created')
    expect(announced).toBe(1)
    expect(asked[0]?.body.equals(large)).toBe(true)
  })

  test('of a replacement that broke off half-way is sent again: Hex cannot have taken it', async () => {
    let posts = 0
    const answer = (json: unknown): string => {
      const body = JSON.stringify(json)
      return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
    }
    const url = await serveRaw((socket) => {
      let read = 0
      let head = ''
      socket.on('error', () => undefined)
      socket.on('data', (piece) => {
        if (read === 0) {
          head = piece.toString('latin1')
          if (head.startsWith('POST')) posts++
          else socket.end(answer(releaseJson({ checksum: other })))
        }
        read += piece.length
        if (!head.startsWith('POST')) return
        if (posts === 1) {
          socket.pause()
          setTimeout(() => socket.destroy(), 50)
        } else if (read > large.length) socket.end(answer(releaseJson({ checksum: largeChecksum })))
        else if (read === piece.length) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      })
    })
    const world = testWorld()
    const api = createHexApi(world.http, { url, key })
    const upload = { version: '1.2.3', replace: true, replaces: other, clock: world.clock, log: world.log }
    expect(await uploadRelease(api, demo, large, upload)).toBe('replaced')
    expect(posts).toBe(2)
  })
})
