import { describe, expect, test } from '@jest/globals'
import { createGithub } from '../../../sandbox/github/service.ts'
import { setStage } from './stage.ts'
import { repository } from './talk.ts'

describe('at a loopback address', () => {
  const server = 'http://127.0.0.1:4000'

  test('it is an Enterprise Server, and every address it gives stays there', () => {
    const { speak } = setStage()
    const root = `${server}/api/v3/repos/${repository}`
    const ci = speak({
      token: 'ghs_ci',
      root,
      uploads: `${server}/api/uploads/repos/${repository}`,
      graphql: `${server}/api/graphql`
    })
    const draft = ci.post('/releases', { tag_name: 'v1.0.0', draft: true })
    expect(draft.at('upload_url')).toBe(
      `${server}/api/uploads/repos/${repository}/releases/${draft.id()}/assets{?name,label}`
    )
    const asset = ci.upload(draft.id(), 'a.txt', 'bytes')
    const published = ci.patch(`/releases/${draft.id()}`, { draft: false })
    expect(published.at('html_url')).toBe(`${server}/acme/lib/releases/tag/v1.0.0`)
    expect(published.text).not.toContain('github.com/')
    expect(ci.graphql('{ viewer { url } }').at('data.viewer.url')).toMatch(server)
    const redirect = ci.get(`/releases/assets/${asset.id()}`, { accept: 'application/octet-stream' })
    // The same origin, so clients keep the token over the redirect.
    expect(ci.send('GET', redirect.headers['location'] ?? '').text).toBe('bytes')
    expect(ci.send('GET', String(asset.at('browser_download_url'))).status).toBe(404)
    expect(ci.send('GET', String(published.at('assets.0.browser_download_url'))).status).toBe(302)
  })

  test('it has the same state as under the real names', () => {
    const { ci, speak } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0' }).id()
    const local = speak({ root: `${server}/api/v3/repos/${repository}` })
    expect(local.get('/releases/latest').id()).toBe(id)
    expect(local.get(`${server}/api/v3/meta`).at('installed_version')).toMatch(/^3\.\d+\.\d+$/)
  })
})

describe('lists', () => {
  test('lead from page to page by their Link headers', () => {
    const { ci } = setStage()
    for (let number = 0; number < 5; number++) ci.post('/releases', { tag_name: `v1.0.${number}` })
    const seen: unknown[] = []
    let next: string | undefined = '/releases?per_page=2'
    while (next !== undefined) {
      const page = ci.get(next)
      seen.push(page.at('0.tag_name'), page.at('1.tag_name'))
      next = /<([^>]+)>; rel="next"/.exec(page.headers['link'] ?? '')?.[1]
    }
    expect(seen.filter(Boolean).sort()).toEqual(['v1.0.0', 'v1.0.1', 'v1.0.2', 'v1.0.3', 'v1.0.4'])
    expect(ci.get('/releases?per_page=2&page=2').headers['link']).toBe(
      [
        ['1', 'prev'],
        ['3', 'next'],
        ['3', 'last'],
        ['1', 'first']
      ]
        .map(
          ([page, rel]) => `<https://api.github.com/repositories/1001/releases?per_page=2&page=${page}>; rel="${rel}"`
        )
        .join(', ')
    )
  })

  test('have thirty entries unless asked, at most a hundred, and end at ten thousand', () => {
    const { ci, github } = setStage()
    for (let number = 0; number < 120; number++) github.setRef(repository, `refs/tags/w${number}`, 'a'.repeat(40))
    const length = (query: string): number => (ci.get(`/tags${query}`).json as readonly unknown[]).length
    expect(['', '?per_page=1000', '?per_page=0', '?per_page=x', '?page=2'].map(length)).toEqual([30, 100, 30, 30, 30])
    expect(ci.get('/tags?per_page=100&page=100').json).toEqual([])
    expect(ci.get('/tags?per_page=100&page=101').status).toBe(422)
    expect(ci.get('/tags?per_page=200').headers['link']).toContain('rel="last"')
  })
})

describe('the state', () => {
  test('is plain data that another service can go on from', () => {
    const { ci, github, speak } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    ci.upload(id, 'a.txt', 'bytes')
    const saved = github.save()
    ci.delete(`/releases/${id}`)
    expect(saved.repositories[0]?.releases).toHaveLength(1)
    const other = createGithub()
    other.load(saved)
    expect(other.releases(repository)[0]?.assets[0]?.bytes.toString()).toBe('bytes')
    expect(other.releases(repository)[0]?.draft).toBe(true)
    github.load(saved)
    expect(speak({ token: 'ghs_ci' }).patch(`/releases/${id}`, { draft: false }).status).toBe(200)
    expect(other.releases(repository)[0]?.draft).toBe(true)
  })
})

describe('files', () => {
  test('are given as JSON in base64, or raw when asked', () => {
    const { ci, github } = setStage()
    const text = '# Changes\n'.repeat(30)
    github.addFile(repository, 'docs/CHANGELOG.md', Buffer.from(text))
    const file = ci.get('/contents/docs/CHANGELOG.md')
    expect(Buffer.from(String(file.at('content')), 'base64').toString()).toBe(text)
    expect(ci.get('/contents/docs/CHANGELOG.md', { accept: 'application/vnd.github.raw+json' }).text).toBe(text)
    expect(ci.get('/contents/CHANGELOG.md').status).toBe(404)
  })
})
