import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { storedAssetName } from '../../../sandbox/github/asset-name.ts'
import { setStage } from './stage.ts'
import { repository } from './talk.ts'

const draft = { tag_name: 'v1.0.0', draft: true }

describe('uploading an asset', () => {
  test('stores the bytes, and tells their size and digest', () => {
    const { ci } = setStage()
    const bytes = Buffer.from([0, 255, 13, 10, 128])
    const id = ci.post('/releases', draft).id()
    const uploaded = ci.upload(id, 'lib-1.0.whl', bytes, { 'content-type': 'application/zip' })
    expect(uploaded.status).toBe(201)
    expect(uploaded.json).toMatchObject({
      name: 'lib-1.0.whl',
      state: 'uploaded',
      size: 5,
      content_type: 'application/zip',
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    })
    expect(ci.get(`/releases/${id}/assets`).at('0.id')).toBe(uploaded.id())
  })

  test('is refused on the API host, where only the listing lives', () => {
    const { ci } = setStage()
    const id = ci.post('/releases', draft).id()
    expect(ci.send('POST', `/releases/${id}/assets?name=a`, { body: 'x' }).status).toBe(404)
  })

  test('is refused under a name that is taken, with the words of the uploads host', () => {
    const { ci } = setStage()
    const id = ci.post('/releases', draft).id()
    ci.upload(id, 'a b.txt', 'one')
    const refused = ci.upload(id, 'a.b.txt', 'two')
    expect(refused.status).toBe(422)
    expect(refused.json).toEqual({
      message: 'Validation Failed',
      request_id: refused.headers['x-github-request-id'],
      documentation_url: 'https://docs.github.com/rest',
      errors: [{ resource: 'ReleaseAsset', code: 'already_exists', field: 'name' }]
    })
  })

  test.each([
    ['an empty file', '', {}, 422, 'size must be greater than or equal to 1'],
    [
      'more than two gibibytes',
      'x',
      { 'content-length': '2147483649' },
      422,
      'size must be less than or equal to 2147483648'
    ],
    ['exactly two gibibytes', 'x', { 'content-length': '2147483648' }, 500, 'Error saving asset'],
    ['no media type', 'x', { 'content-type': '' }, 400, 'Bad Content-Type: ']
  ])('of %s is refused', (_, bytes, headers, status, message) => {
    const { ci, github } = setStage()
    const id = ci.post('/releases', draft).id()
    const refused = ci.upload(id, 'a.txt', bytes, headers)
    expect(refused.status).toBe(status)
    expect(refused.at('errors.0.message') ?? refused.at('message')).toBe(message)
    expect(github.releases(repository)[0]?.assets).toEqual([])
  })

  test('without a length, as a chunked one, is refused', () => {
    const { ci } = setStage()
    const id = ci.post('/releases', draft).id()
    const refused = ci.send('POST', `https://uploads.github.com/repos/acme/lib/releases/${id}/assets?name=a`, {
      body: 'x',
      headers: { 'content-length': undefined, 'content-type': 'text/plain' }
    })
    expect([refused.status, refused.at('message')]).toEqual([400, 'Bad Content-Length: '])
  })

  test('is refused after a thousand', () => {
    const { ci, github } = setStage()
    github.setRateLimits({
      installation: 5000,
      secondary: { enforced: false, contentPerMinute: 0, contentPerHour: 0, pointsPerMinute: 0 }
    })
    const id = ci.post('/releases', draft).id()
    for (let number = 0; number < 1000; number++) expect(ci.upload(id, `a${number}`, 'x').status).toBe(201)
    expect(ci.upload(id, 'one-more', 'x').at('errors')).toEqual([
      {
        resource: 'ReleaseAsset',
        code: 'custom',
        field: 'file_count',
        message: 'file_count limited to 1000 assets per release'
      }
    ])
    const pages = ci.get(`/releases/${id}/assets?per_page=100`)
    expect(pages.headers['link']).toContain('page=10>; rel="last"')
  })

  test('that fails half-way leaves a starter, whose name is taken until it is deleted', () => {
    const { ci, github } = setStage()
    const id = ci.post('/releases', draft).id()
    const { request } = ci.upload(id, 'taken', 'x')
    const url = new URL(request.url)
    url.searchParams.set('name', 'a.txt')
    expect(github.partial({ ...request, url })?.status).toBe(502)
    const left = ci.get(`/releases/${id}/assets`)
    expect(left.at('1')).toMatchObject({ name: 'a.txt', state: 'starter', size: 0, digest: null })
    expect(ci.upload(id, 'a.txt', 'bytes').status).toBe(422)
    expect(ci.delete(`/releases/assets/${String(left.at('1.id'))}`).status).toBe(204)
    expect(ci.upload(id, 'a.txt', 'bytes').status).toBe(201)
  })

  test('that fails half-way cannot be downloaded', () => {
    const { ci, stranger, github } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0' }).id()
    const { request } = ci.upload(id, 'a.txt', 'bytes')
    ci.delete(`/releases/assets/${String(ci.get(`/releases/${id}`).at('assets.0.id'))}`)
    github.partial(request)
    const starter = ci.get(`/releases/${id}/assets`).at('0.id')
    expect(ci.get(`/releases/assets/${String(starter)}`, { accept: 'application/octet-stream' }).status).toBe(404)
    expect(stranger.get('https://github.com/acme/lib/releases/download/v1.0.0/a.txt').status).toBe(404)
  })

  test('knows a half-way, other requests do not', () => {
    const { ci, github } = setStage()
    const { request } = ci.post('/releases', draft)
    expect(github.partial(request)).toBeUndefined()
  })

  test('gets no digest from a server that makes none', () => {
    const { ci } = setStage({ digests: false })
    const id = ci.post('/releases', draft).id()
    expect(ci.upload(id, 'a.txt', 'bytes').at('digest')).toBeNull()
  })
})

describe('an asset’s name', () => {
  test.each([
    ['lib-1.0-py3-none-any.whl', 'lib-1.0-py3-none-any.whl'],
    ['lib_1.0+local@x.tar.gz', 'lib_1.0+local@x.tar.gz'],
    ['a file (1).txt', 'a.file.1.txt'],
    ['~lib:1,0.txt', 'lib.1.0.txt'],
    ['été.txt', 'ete.txt'],
    ['.env', 'default.env'],
    ['.coverage.json', 'default.coverage.json'],
    ['a...b..txt.', 'a.b.txt'],
    ['日本語.txt', 'default.txt'],
    ['🚀.zip', 'default.zip'],
    ['plain', 'plain']
  ])('%s is stored as %s', (name, stored) => {
    expect(storedAssetName(name)).toBe(stored)
  })

  test('can be changed, as can its label, but not to one that is taken', () => {
    const { ci } = setStage()
    const id = ci.post('/releases', draft).id()
    ci.upload(id, 'taken.txt', 'x')
    const asset = ci.upload(id, 'a.txt', 'bytes').id()
    const renamed = ci.patch(`/releases/assets/${asset}`, { name: 'b c.txt', label: 'b c.txt' })
    expect(renamed.json).toMatchObject({ name: 'b.c.txt', label: 'b c.txt', size: 5 })
    expect(ci.patch(`/releases/assets/${asset}`, { name: 'taken.txt' }).at('errors')).toEqual([
      { resource: 'ReleaseAsset', code: 'already_exists', field: 'name' }
    ])
  })
})

describe('downloading an asset', () => {
  test('by the API redirects to the storage host, which gives the bytes without a token', () => {
    const { ci, stranger } = setStage()
    const id = ci.post('/releases', draft).id()
    const asset = ci.upload(id, 'a.txt', 'bytes').id()
    const redirect = ci.get(`/releases/assets/${asset}`, { accept: 'application/octet-stream' })
    expect(redirect.status).toBe(302)
    const location = redirect.headers['location'] ?? ''
    expect(new URL(location).host).toBe('release-assets.githubusercontent.com')
    const stored = stranger.send('GET', location)
    expect([stored.status, stored.text, stored.headers['content-disposition']]).toEqual([
      200,
      'bytes',
      'attachment; filename=a.txt'
    ])
    expect(ci.get(`/releases/assets/${asset}`).at('download_count')).toBe(1)
  })

  test('is refused by the storage host with a token, with another address, and after an hour', () => {
    const { ci, stranger, wait } = setStage()
    const id = ci.post('/releases', draft).id()
    const asset = ci.upload(id, 'a.txt', 'bytes').id()
    const { headers } = ci.get(`/releases/assets/${asset}`, { accept: 'application/octet-stream' })
    const location = headers['location'] ?? ''
    expect(ci.send('GET', location).status).toBe(400)
    expect(stranger.send('GET', location.replace('?se=', '?se=9')).status).toBe(403)
    wait(3_601_000)
    expect(stranger.send('GET', location).status).toBe(403)
  })

  test('by its page needs no token, once the release is published', () => {
    const { ci, stranger } = setStage()
    const id = ci.post('/releases', draft).id()
    ci.upload(id, 'a.txt', 'bytes')
    const page = 'https://github.com/acme/lib/releases/download/v1.0.0/a.txt'
    expect(stranger.send('GET', page).status).toBe(404)
    ci.patch(`/releases/${id}`, { draft: false })
    expect(stranger.send('GET', page.replace('a.txt', 'b.txt')).status).toBe(404)
    const latest = 'https://github.com/acme/lib/releases/latest/download/a.txt'
    for (const address of [page, latest]) {
      const redirect = stranger.send('GET', address)
      expect(stranger.send('GET', redirect.headers['location'] ?? '').text).toBe('bytes')
    }
  })
})
