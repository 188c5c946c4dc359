import { describe, expect, test } from '@jest/globals'
import { setStage } from './stage.ts'
import { repository } from './talk.ts'

const release = { tag_name: 'v1.0.0' }

describe('a token', () => {
  test('that GitHub does not know is bad, even where none is needed', () => {
    const { speak, stranger } = setStage()
    expect(stranger.get('/releases').status).toBe(200)
    const refused = speak({ token: 'expired' }).get('/releases')
    expect(refused.status).toBe(401)
    expect(refused.json).toEqual({
      message: 'Bad credentials',
      documentation_url: 'https://docs.github.com/rest',
      status: '401'
    })
  })

  test.each([
    ['Bearer ghs_ci'],
    ['token ghs_ci'],
    [`Basic ${Buffer.from('x-access-token:ghs_ci').toString('base64')}`],
    [`Basic ${Buffer.from('ghs_ci:x-oauth-basic').toString('base64')}`],
    [`Basic ${Buffer.from('ghs_ci:').toString('base64')}`]
  ])('is taken from %s', (authorization) => {
    const { stranger } = setStage({ private: true })
    expect(stranger.get('/releases').status).toBe(404)
    expect(stranger.get('/releases', { authorization }).status).toBe(200)
  })

  test('of another repository does not see a private one', () => {
    const { github, speak } = setStage({ private: true })
    github.addToken({
      token: 'ghp_else',
      login: 'bob',
      permissions: { contents: 'write' },
      repositories: ['acme/else']
    })
    github.addToken({ token: 'ghp_this', login: 'eve', permissions: { contents: 'read' }, repositories: ['Acme/Lib'] })
    expect(speak({ token: 'ghp_else' }).get('').status).toBe(404)
    expect(speak({ token: 'ghp_this' }).get('').status).toBe(200)
  })

  test.each([
    ['ghs_reader', 'github-actions[bot]', 403, 'Resource not accessible by integration'],
    ['github_pat_reader', 'bob', 403, 'Resource not accessible by personal access token'],
    ['ghp_reader', 'carol', 404, 'Not Found']
  ])('%s that may only read is refused a release as its kind is', (token, login, status, message) => {
    const { github, speak } = setStage()
    github.addToken({ token, login, permissions: { contents: 'read' } })
    const refused = speak({ token }).post('/releases', release)
    expect([refused.status, refused.at('message')]).toEqual([status, message])
    expect(github.releases(repository)).toEqual([])
  })

  test('tells with the refusal which permission is asked for', () => {
    const { github, speak } = setStage()
    github.addToken({ token: 'ghs_reader', login: 'github-actions[bot]', permissions: { contents: 'read' } })
    const refused = speak({ token: 'ghs_reader' }).post('/releases', release)
    expect(refused.headers['x-accepted-github-permissions']).toBe('contents=write')
  })

  test('is needed for every write', () => {
    const { stranger } = setStage()
    const refused = stranger.post('/releases', release)
    expect([refused.status, refused.at('message')]).toEqual([401, 'Requires authentication'])
  })

  test('shows in the repository what it may do', () => {
    const { ci, owner, stranger } = setStage()
    expect(ci.get('').at('permissions')).toMatchObject({ admin: false, push: true, pull: true })
    expect(owner.get('').at('permissions.admin')).toBe(true)
    expect(stranger.get('').at('permissions')).toBeUndefined()
  })
})

describe('the permissions of a job', () => {
  test('limit GITHUB_TOKEN, and what they do not name is none', () => {
    const { github, speak } = setStage({ private: true })
    github.setJobPermissions('build', { contents: 'read' })
    github.setJobPermissions('lint', { issues: 'write' })
    github.setJobPermissions('publish', { contents: 'write' })
    const status = (job: string, path: string, json?: unknown): number => {
      const speaker = speak({ token: 'ghs_ci', job })
      return (json === undefined ? speaker.get(path) : speaker.post(path, json)).status
    }
    expect(status('build', '/releases')).toBe(200)
    expect(status('build', '/releases', release)).toBe(403)
    expect(status('lint', '/releases')).toBe(403)
    expect(status('publish', '/releases', release)).toBe(201)
  })

  test.each([undefined, 'publish '])('are none for a request of %j, once jobs are known', (job) => {
    const { github, speak } = setStage()
    github.setJobPermissions('publish', { contents: 'write' })
    const status = speak({ token: 'ghs_ci', ...(job === undefined ? {} : { job }) }).post('/releases', release).status
    expect(status).toBe(403)
  })

  test('leave a personal token that the job carries alone', () => {
    const { github, speak } = setStage()
    github.setJobPermissions('build', {})
    expect(speak({ token: 'ghp_owner', job: 'build' }).post('/releases', release).status).toBe(201)
  })

  test('give no more than the token has', () => {
    const { github, speak } = setStage()
    github.setJobPermissions('publish', { contents: 'write', administration: 'write' })
    expect(speak({ token: 'ghs_ci', job: 'publish' }).send('PUT', '/immutable-releases').status).toBe(403)
  })
})

describe('a request', () => {
  test('without User-Agent is turned away', () => {
    const { ci } = setStage()
    const refused = ci.send('GET', '/releases', { headers: { 'user-agent': undefined } })
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('Please make sure your request has a User-Agent header')
  })

  test('for an API version that does not exist is refused', () => {
    const { ci } = setStage()
    const version = (asked: string): string => ci.get('/tags', { 'x-github-api-version': asked }).text
    expect(version('2021-01-01')).toContain('"2021-01-01\\" is not a supported version.')
    const selected = ci.get('/tags', { 'x-github-api-version': '2022-11-28' })
    expect(selected.headers['x-github-api-version-selected']).toBe('2022-11-28')
  })

  test('finds the repository whatever the case of its name', () => {
    const { ci } = setStage()
    expect(ci.get('https://api.github.com/repos/ACME/Lib/tags').status).toBe(200)
    expect(ci.get('https://api.github.com/repos/acme/%E0%A4%A/tags').status).toBe(404)
  })
})
