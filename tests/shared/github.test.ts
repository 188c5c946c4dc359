import { expect, test } from '@jest/globals'
import { createGithub, githubProblem, type Github } from '../../actions/shared/github.ts'
import { serve } from '../support/loopback.ts'
import { quickClock, testHttp } from '../support/world.ts'
import type http from 'node:http'

async function githubAt(
  listener: http.RequestListener
): Promise<{ github: Github; clock: ReturnType<typeof quickClock>; url: string }> {
  const { url } = await serve(listener)
  const clock = quickClock()
  return {
    github: createGithub({
      http: testHttp({ clock }),
      clock,
      apiUrl: url,
      graphqlUrl: `${url}/graphql`,
      token: 't0ken'
    }),
    clock,
    url
  }
}

test('a list is read to its last page', async () => {
  const { github } = await githubAt((request, response) => {
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? '1')
    const next =
      page < 3
        ? {
            link: `<http://${request.headers.host ?? ''}/things?page=${page + 1}>; rel="next", <http://x/>; rel="last"`
          }
        : {}
    response.writeHead(200, next).end(JSON.stringify([page]))
  })
  expect(await github.list('/things')).toEqual([1, 2, 3])
})

test('a next page on another host is not followed, for the token would go with it, nor left out without a word', async () => {
  const { github } = await githubAt((_, response) => {
    response.writeHead(200, { link: '<https://elsewhere.example/things?page=2>; rel="next"' }).end('[1]')
  })
  await expect(github.list('/things')).rejects.toMatchObject({
    problems: [
      { code: 'github-next-page', message: expect.stringContaining('https://elsewhere.example/things?page=2') }
    ]
  })
})

test('a missing permission is told as one, also by the last request that the rate limit allowed', async () => {
  const { github, clock } = await githubAt((_, response) => {
    response
      .writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4102444800' })
      .end('{"message":"Resource not accessible by integration"}')
  })
  expect(githubProblem(await github.send('POST', '/x', {}), 'POST /x').code).toBe('github-forbidden')
  expect(clock.slept).toEqual([])
})

test.each([
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4102444800' }, 'renewed at 2100-01-01T00:00:00.000Z'],
  [{ 'retry-after': '3600' }, 'asks to wait 3600 s']
])('a rate limit that is too long to wait for is told with its end: %j', async (headers, words) => {
  const { github } = await githubAt((_, response) => {
    response.writeHead(403, headers).end('{"message":"API rate limit exceeded for installation"}')
  })
  const problem = githubProblem(await github.send('POST', '/x', {}), 'POST /x')
  expect(problem.code).toBe('github-rate-limit')
  expect(problem.hint).toContain(words)
})

test.each([
  ['Retry-After', 403, { 'retry-after': '3' }, 3_000],
  ['no header but the words', 403, {}, 60_000],
  ['429 without words', 429, { 'retry-after': '2' }, 2_000]
])('a secondary rate limit with %s is waited out, for writes too', async (_, status, headers, expected) => {
  let calls = 0
  const { github, clock } = await githubAt((__, response) => {
    calls++
    if (calls === 1) response.writeHead(status, headers).end('{"message":"You have exceeded a secondary rate limit."}')
    else response.writeHead(201).end('{}')
  })
  expect((await github.send('POST', '/releases', {})).status).toBe(201)
  expect(clock.slept).toEqual([expected])
})

test('a used-up primary limit is waited for until its reset', async () => {
  let calls = 0
  const { github, clock } = await githubAt((_, response) => {
    calls++
    const reset = String(Math.ceil(Date.now() / 1000) + 30)
    if (calls === 1)
      response
        .writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })
        .end('{"message":"API rate limit exceeded"}')
    else response.writeHead(200).end('{}')
  })
  expect((await github.get('/user')).status).toBe(200)
  expect(clock.slept[0]).toBeGreaterThan(28_000)
  expect(clock.slept[0]).toBeLessThanOrEqual(31_000)
})

test('a plain 403 is no rate limit: it is not repeated', async () => {
  let calls = 0
  const { github } = await githubAt((_, response) => {
    calls++
    response.writeHead(403).end('{"message":"Resource not accessible by integration"}')
  })
  const answer = await github.get('/x')
  expect(calls).toBe(1)
  expect(githubProblem(answer, 'GET /x')).toMatchObject({
    code: 'github-forbidden',
    message: 'GitHub answered 403 to GET /x: Resource not accessible by integration',
    hint: expect.stringContaining('contents: write') as unknown as string
  })
})

test('a problem tells the errors below the message', async () => {
  const { github } = await githubAt((_, response) => {
    response
      .writeHead(422)
      .end(
        '{"message":"Validation Failed","errors":[{"resource":"Release","code":"already_exists","field":"tag_name"}, "and a word"]}'
      )
  })
  expect(githubProblem(await github.send('POST', '/x', {}), 'POST /x').message).toBe(
    'GitHub answered 422 to POST /x: Validation Failed; Release tag_name already_exists; and a word'
  )
})

test('a server without GraphQL gives undefined, not an error', async () => {
  const { github } = await githubAt((_, response) => {
    response.writeHead(404).end('Not Found')
  })
  expect(await github.graphql('query { viewer { login } }', {})).toBeUndefined()
})
