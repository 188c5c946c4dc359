import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ActionError } from '../../../actions/shared/problem.ts'
import { startGateway, type Gateway } from '../../../sandbox/gateway.ts'
import { matches, parseFault } from '../../../sandbox/faults.ts'
import { ask, type Answered } from './client.ts'
import { toyService, type ToyService } from './toy-service.ts'

let toy: ToyService
let gateway: Gateway
let now: number

beforeEach(async () => {
  toy = toyService()
  now = Date.UTC(2026, 0, 1)
  gateway = await startGateway([toy, toyService('github', ['api.github.com', 'uploads.github.com'])], {
    clock: () => now
  })
})
afterEach(() => gateway.close())

const post = (path = '/a', body = 'twelve bytes'): Promise<Answered> =>
  ask(gateway, `https://toy.example${path}`, { method: 'POST', body })
const names = async (): Promise<unknown> => {
  const read: unknown = JSON.parse((await ask(gateway, 'https://toy.example/')).body)
  return typeof read === 'object' && read !== null && 'names' in read ? read.names : undefined
}
const stored = (): readonly string[] => toy.save().stored.map(({ name }) => name)

describe('a fault strikes', () => {
  test('the first match alone, unless an occurrence is given', async () => {
    gateway.fault('POST toy.example 503')
    expect((await post()).status).toBe(503)
    expect((await post()).status).toBe(201)
    expect(gateway.faults).toEqual([{ rule: 'POST toy.example 503', struck: 1 }])
  })

  test.each([
    ['#2', [201, 503, 201, 201]],
    ['#2-3', [201, 503, 503, 201]],
    ['#3+', [201, 201, 503, 503]]
  ])('the matches that %s names', async (occurrence, statuses) => {
    gateway.fault(`POST toy.example/a ${occurrence} status 503`)
    const seen: number[] = []
    for (const path of ['/a', '/a', '/a', '/a']) {
      // Requests that do not match do not count.
      await post('/other')
      seen.push((await post(path)).status)
    }
    expect(seen).toEqual(statuses)
  })

  test('at the loopback address too, by service, by real host and by real path', async () => {
    const at = (path: string): Promise<Answered> => ask(gateway, new URL(path, gateway.address('github')))
    gateway.fault('GET github 500')
    gateway.fault('GET api.github.com/repos/*/releases #2 501')
    expect((await at('/api/v3/repos/o/r/releases')).status).toBe(500)
    expect((await at('/api/v3/repos/o/r/releases')).status).toBe(501)
    expect((await at('/api/v3/repos/o/r/releases/1')).status).toBe(200)
  })

  test('by a part of the query where the rule has one', async () => {
    gateway.fault('POST uploads.toy.example/up?name=*.whl 500')
    const upload = (name: string): Promise<Answered> =>
      ask(gateway, `https://uploads.toy.example/up?name=${name}`, { method: 'POST', body: 'x' })
    expect((await upload('a.tar.gz')).status).toBe(201)
    expect((await upload('a.whl')).status).toBe(500)
  })

  test('at most once a request: of two rules that are due, the first', async () => {
    gateway.fault('POST toy.example 500')
    gateway.fault('POST toy.example #1-2 501')
    expect([(await post()).status, (await post()).status]).toEqual([500, 501])
  })
})

describe('what each fault does', () => {
  test('a status answers without the service, with Retry-After and the body of the rule', async () => {
    gateway.fault('POST toy.example 429 retry-after=7 "body={\\"message\\": \\"slow down\\"}"')
    const answered = await post()
    expect(answered).toMatchObject({ status: 429, body: '{"message": "slow down"}' })
    expect(answered.headers).toMatchObject({ 'retry-after': '7', 'content-type': 'application/json; charset=utf-8' })
    expect(stored()).toEqual([])
    expect(gateway.requests[0]).toMatchObject({ status: 429, wrote: false })
    expect(gateway.requests[0]?.outcome).toMatch(/^fault 429 retry-after=7/)
  })

  test("a status on GitHub is GitHub's error object, with html a page", async () => {
    gateway.fault('GET github 403 retry-after=1')
    gateway.fault('GET github #2 502 html')
    const limited = await ask(gateway, 'https://api.github.com/x')
    expect(JSON.parse(limited.body)).toMatchObject({
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      status: '403'
    })
    const page = await ask(gateway, 'https://api.github.com/x')
    expect(page.headers['content-type']).toMatch(/^text\/html/)
    expect(page.body).toContain('<h1>502 Bad Gateway</h1>')
  })

  test('a redirect leads where the rule says', async () => {
    gateway.fault('POST toy.example 308 location=https://evil.example/')
    expect((await post()).headers.location).toBe('https://evil.example/')
  })

  test('a status "after" hides that the service has done it', async () => {
    gateway.fault('POST toy.example 502 after')
    expect((await post()).status).toBe(502)
    expect(stored()).toEqual(['/a'])
    expect(gateway.writes()).toHaveLength(1)
  })

  test('a status "partial" leaves what the service leaves half-way', async () => {
    gateway.fault('POST toy.example 502 partial')
    expect(await post()).toMatchObject({ status: 502, body: 'half of it is there' })
    expect(toy.save().stored.map(({ bytes }) => bytes.length)).toEqual([0])
    expect(gateway.writes()).toHaveLength(1)
  })

  test('reset-before resets, and the service never sees the request', async () => {
    gateway.fault('POST toy.example reset-before')
    await expect(post()).rejects.toThrow('ECONNRESET')
    expect(toy.seen).toEqual([])
    expect(gateway.requests[0]).toMatchObject({ status: 0, outcome: 'fault reset-before', wrote: false })
  })

  test('reset-body resets while the body is on its way', async () => {
    gateway.fault('POST toy.example reset-body')
    const big = Buffer.alloc(20 * 1024 * 1024)
    await expect(ask(gateway, 'https://toy.example/a', { method: 'POST', body: big })).rejects.toThrow(
      /ECONNRESET|EPIPE/
    )
    expect(toy.seen).toEqual([])
    const bytes = gateway.requests[0]?.requestBytes ?? 0
    expect(bytes).toBeGreaterThanOrEqual(big.length / 2)
    expect(bytes).toBeLessThan(big.length)
  })

  test('reset-after resets although the service has done it', async () => {
    gateway.fault('POST toy.example reset-after')
    await expect(post()).rejects.toThrow('ECONNRESET')
    expect(stored()).toEqual(['/a'])
    expect(gateway.requests[0]).toMatchObject({ status: 0, outcome: 'fault reset-after', wrote: true })
  })

  test('resets work on plain http and at the loopback address', async () => {
    gateway.fault('* toy #1-2 reset-after')
    await expect(ask(gateway, 'http://toy.example/')).rejects.toThrow('ECONNRESET')
    await expect(ask(gateway, gateway.address('toy'))).rejects.toThrow('ECONNRESET')
  })

  test('stall answers after the time', async () => {
    gateway.fault('POST toy.example stall 150ms')
    const start = performance.now()
    expect((await post()).status).toBe(201)
    expect(performance.now() - start).toBeGreaterThan(145)
  })

  test('stall forever ends with the sandbox, and "after" has done the work by then', async () => {
    gateway.fault('POST toy.example stall forever')
    gateway.fault('POST toy.example #2 stall forever after')
    const waiting = [post('/before'), post('/after')].map((each) => each.catch((error: unknown) => error))
    await until(() => stored().length === 1)
    await gateway.close()
    expect((await Promise.all(waiting)).map(String).join()).toMatch(/^Error: .*,Error: /)
    expect(stored()).toEqual(['/after'])
  })

  test('truncate breaks off in the middle of the answer', async () => {
    gateway.fault('GET toy.example truncate')
    await expect(ask(gateway, 'https://toy.example/')).rejects.toThrow('aborted')
  })

  test('corrupt-json ends properly and cannot be parsed', async () => {
    gateway.fault('GET toy.example corrupt-json')
    const answered = await ask(gateway, 'https://toy.example/')
    expect(answered.status).toBe(200)
    expect(answered.headers['content-type']).toBe('application/json')
    expect(() => JSON.parse(answered.body) as unknown).toThrow(SyntaxError)
  })

  test('stale answers reads from before the newest write, and waits for one', async () => {
    gateway.fault('GET toy.example #1-2 stale')
    expect(await names()).toEqual([])
    await post('/1')
    await post('/2')
    expect(await names()).toEqual(['/1'])
    expect(await names()).toEqual(['/1'])
    expect(await names()).toEqual(['/1', '/2'])
    expect(stored()).toEqual(['/1', '/2'])
    expect(gateway.faults[0]?.struck).toBe(2)
  })

  test('stale with a time answers every read from that long ago', async () => {
    gateway.fault('GET toy.example stale 2.5s')
    for (const path of ['/1', '/2', '/3']) {
      await post(path)
      now += 1000
    }
    expect(await names()).toEqual(['/1'])
    now += 1000
    expect(await names()).toEqual(['/1', '/2'])
    now += 10_000
    expect(await names()).toEqual(['/1', '/2', '/3'])
  })

  test('stale never undoes a write that the rule happens to match', async () => {
    gateway.fault('* toy.example #1+ stale')
    await post('/1')
    await post('/2')
    await post('/3')
    expect(stored()).toEqual(['/1', '/2', '/3'])
  })
})

describe('a rule that cannot work is refused with a reason', () => {
  test.each([
    ['', 'is no method'],
    ['post toy.example 503', '"post" is no method'],
    ['POST 503', 'it names no fault'],
    ['POST #2 503', '"#2" is no host'],
    ['POST /legacy/ 503', '"/legacy/" is no host'],
    ['POST toy.example', 'it names no fault'],
    ['POST toy.example explode', '"explode" is no fault'],
    ['POST toy.example #0 503', '"#0" is no occurrence'],
    ['POST toy.example #3-2 503', '"#3-2" is no occurrence'],
    ['POST toy.example stall', 'stall has no time'],
    ['POST toy.example reset-before now', '"now" does not go with reset-before'],
    ['POST toy.example stale retry-after=1', '"retry-after=" does not go with stale'],
    ['POST toy.example 503 "body=x', 'a quotation mark is not closed'],
    ['POST toy.example 503 "body=\\x"', 'is no quoted text'],
    ['POST toy.example 503 body=a body=b', '"body=" stands twice'],
    ['POST uplaod.example 503', 'no service answers for "uplaod.example"']
  ])('%s', (rule, reason) => {
    expect(() => {
      gateway.fault(rule)
    }).toThrow(ActionError)
    expect(() => {
      gateway.fault(rule)
    }).toThrow(reason)
    expect(gateway.faults).toEqual([])
  })
})

describe('a target', () => {
  test.each([
    ['* pypi.org 500', 'pypi.org/simple/x/', true],
    ['* pypi.org/ 500', 'pypi.org/simple/x/', false],
    ['* pypi.org/simple/* 500', 'pypi.org/simple/x/', true],
    ['* *.pypi.org/legacy/ 500', 'upload.pypi.org/legacy/', true],
    ['* *.pypi.org/legacy/ 500', 'xpypi.org/legacy/', false],
    ['* UPLOAD.pypi.org/legacy/ 500', 'upload.pypi.org/legacy/', true],
    ['* pypi.org/a.c 500', 'pypi.org/abc', false],
    ['* pypi.org/a 500', 'pypi.org/a?b=1', true],
    ['* pypi.org/a?b=* 500', 'pypi.org/a?b=1', true],
    ['* pypi.org/a?b=2 500', 'pypi.org/a?b=1', false]
  ])('%s and %s', (rule, address, expected) => {
    expect(matches(parseFault(rule), 'GET', [address])).toBe(expected)
  })
})

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
}
