import { describe, expect, test } from '@jest/globals'
import { githubRateLimits } from '../../../sandbox/github/rate-limit.ts'
import { setStage } from './stage.ts'

const rateLimit = 'https://api.github.com/rate_limit'

describe('the primary rate limit', () => {
  test('is counted down in every answer and starts anew after an hour', () => {
    const { ci, wait } = setStage()
    const left = (): readonly (string | undefined)[] => {
      const { headers } = ci.get('/tags')
      return [headers['x-ratelimit-limit'], headers['x-ratelimit-remaining'], headers['x-ratelimit-used']]
    }
    expect(left()).toEqual(['1000', '999', '1'])
    expect(left()).toEqual(['1000', '998', '2'])
    wait(3_600_001)
    expect(left()).toEqual(['1000', '999', '1'])
  })

  test('is told by /rate_limit without being used', () => {
    const { owner } = setStage()
    owner.get('/tags')
    owner.get(rateLimit)
    expect(owner.get(rateLimit).at('resources.core')).toMatchObject({ limit: 5000, remaining: 4999, used: 1 })
  })

  test('is not used by an answer that the client has already', () => {
    const { owner } = setStage()
    const { headers } = owner.get('/tags')
    const again = owner.get('/tags', { 'if-none-match': headers['etag'] ?? '' })
    expect([again.status, again.text]).toEqual([304, ''])
    expect(owner.get(rateLimit).at('rate.used')).toBe(1)
  })

  test('is used twice by an upload', () => {
    const { ci } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    ci.upload(id, 'a.txt', 'bytes')
    expect(ci.get(rateLimit).at('rate.used')).toBe(3)
  })

  test.each([403, 429] as const)('ends in a %d that says when it starts anew', (status) => {
    const { stranger, github, wait } = setStage({ rateLimits: { anonymous: 1, status } })
    stranger.get('/tags')
    const refused = stranger.get('/tags')
    expect(refused.status).toBe(status)
    expect(refused.at('message')).toMatch(/^API rate limit exceeded for 127\.0\.0\.1\./)
    expect(refused.headers['x-ratelimit-remaining']).toBe('0')
    expect(stranger.get(rateLimit).status).toBe(200)
    wait(Number(refused.headers['x-ratelimit-reset']) * 1000 - refused.request.now)
    expect(stranger.get('/tags').status).toBe(200)
    expect(github.state.rateLimits.status).toBe(status)
  })

  test('does not count refusals of itself, but those for a missing permission', () => {
    const { ci, github } = setStage()
    github.addToken({ token: 'ghs_ci', login: 'github-actions[bot]', permissions: { contents: 'read' } })
    ci.post('/releases', { tag_name: 'v1.0.0' })
    expect(ci.get(rateLimit).at('rate.used')).toBe(1)
  })
})

describe('the secondary rate limit', () => {
  test('stops the eighty-first creation in a minute, with a time to wait', () => {
    const { ci, wait } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    for (let number = 1; number < 80; number++) expect(ci.upload(id, `a${number}`, 'x').status).toBe(201)
    const refused = ci.upload(id, 'one-more', 'x')
    expect(refused.status).toBe(403)
    expect(refused.at('message')).toMatch(/^You have exceeded a secondary rate limit\./)
    expect(refused.headers['retry-after']).toBe('60')
    expect(ci.get(`/releases/${id}`).status).toBe(200)
    wait(60_000)
    expect(ci.upload(id, 'one-more', 'x').status).toBe(201)
  })

  test('counts reads once and writes five times against 900 points a minute', () => {
    const { owner } = setStage()
    const sha = String(owner.get('/git/ref/heads/main').at('object.sha'))
    // One read above, then 179 writes: 896 points.
    for (let number = 0; number < 179; number++) owner.patch('/git/refs/heads/main', { sha })
    const statuses = Array.from({ length: 5 }, () => owner.get('/tags').status)
    expect(statuses).toEqual([200, 200, 200, 200, 403])
  })

  test('stops what is created too often in an hour, however slowly', () => {
    const secondary = { ...githubRateLimits.secondary, contentPerHour: 3 }
    const { ci, wait } = setStage({ rateLimits: { secondary } })
    const create = (): number => {
      wait(600_000)
      return ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).status
    }
    expect(Array.from({ length: 4 }, create)).toEqual([201, 201, 201, 403])
    wait(3_600_000)
    expect(create()).toBe(201)
  })

  test('can come without a time to wait', () => {
    const { retryAfter, ...secondary } = githubRateLimits.secondary
    expect(retryAfter).toBe(60)
    const { ci } = setStage({ rateLimits: { secondary: { ...secondary, contentPerMinute: 0 } } })
    const refused = ci.post('/releases', { tag_name: 'v1.0.0' })
    expect(refused.status).toBe(403)
    expect(refused.headers).not.toHaveProperty(['retry-after'])
  })
})
