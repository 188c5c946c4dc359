import { describe, expect, test } from '@jest/globals'
import { setStage } from './stage.ts'
import { repository } from './talk.ts'

describe('looking a release up', () => {
  test('by tag finds published ones only, even for the owner', () => {
    const { owner } = setStage()
    const id = owner.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    expect(owner.get('/releases/tags/v1.0.0').status).toBe(404)
    owner.patch(`/releases/${id}`, { draft: false })
    expect(owner.get('/releases/tags/v1.0.0').id()).toBe(id)
  })

  test('in the list shows drafts to those who may push, and the newest first', () => {
    const { ci, stranger, wait } = setStage()
    ci.post('/releases', { tag_name: 'v1.0.0' })
    wait(1000)
    ci.post('/releases', { tag_name: 'v2.0.0', draft: true })
    expect(tags(ci.get('/releases').json)).toEqual(['v2.0.0', 'v1.0.0'])
    expect(tags(stranger.get('/releases').json)).toEqual(['v1.0.0'])
  })

  test('by id hides a draft from strangers', () => {
    const { ci, stranger } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    expect(ci.get(`/releases/${id}`).at('draft')).toBe(true)
    expect(stranger.get(`/releases/${id}`).status).toBe(404)
  })

  test('takes a tag with slashes as it is and percent-encoded', () => {
    const { ci } = setStage()
    const id = ci.post('/releases', { tag_name: 'pkg/lib@1.0' }).id()
    expect(ci.get('/releases/tags/pkg/lib@1.0').id()).toBe(id)
    expect(ci.get('/releases/tags/pkg%2Flib%401.0').id()).toBe(id)
    expect(ci.get(`/releases/${id}`).at('html_url')).toBe('https://github.com/acme/lib/releases/tag/pkg/lib%401.0')
  })
})

describe('creating a release', () => {
  test('gives every field back, and a Location', () => {
    const { ci } = setStage()
    const fields = {
      tag_name: 'v1.0.0',
      target_commitish: 'main',
      name: 'One',
      body: 'Text',
      draft: true,
      prerelease: true
    }
    const created = ci.post('/releases', fields)
    expect(created.status).toBe(201)
    expect(created.json).toMatchObject({ ...fields, immutable: false, assets: [], published_at: null })
    expect(created.headers['location']).toBe(created.at('url'))
  })

  test('twice as a draft with one tag makes two drafts; only one of them can be published', () => {
    const { ci, github } = setStage()
    const first = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    const second = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    expect(ci.patch(`/releases/${second}`, { draft: false }).status).toBe(200)
    const refused = ci.patch(`/releases/${first}`, { draft: false })
    expect(refused.status).toBe(422)
    expect(refused.at('errors')).toEqual([{ resource: 'Release', code: 'already_exists', field: 'tag_name' }])
    expect(github.releases(repository).map(({ draft }) => draft)).toEqual([true, false])
  })

  test('keeps an untagged address until it is published', () => {
    const { ci } = setStage()
    const draft = ci.post('/releases', { tag_name: 'v1.0.0', draft: true })
    const asset = ci.upload(draft.id(), 'a.txt', 'bytes')
    const untagged = String(draft.at('html_url')).replace('https://github.com/acme/lib/releases/tag/', '')
    expect(untagged).toMatch(/^untagged-[0-9a-f]{20}$/)
    expect(asset.at('browser_download_url')).toBe(`https://github.com/acme/lib/releases/download/${untagged}/a.txt`)
    const published = ci.patch(`/releases/${draft.id()}`, { draft: false })
    expect(published.at('html_url')).toBe('https://github.com/acme/lib/releases/tag/v1.0.0')
    expect(published.at('assets.0.browser_download_url')).toBe(
      'https://github.com/acme/lib/releases/download/v1.0.0/a.txt'
    )
  })

  test.each([
    [125_000, 201],
    [125_001, 422]
  ])('with notes of %d characters is answered with %d', (length, status) => {
    const { ci } = setStage()
    // A character outside the basic plane counts once, though it is two UTF-16 units and four bytes.
    const body = '🚀'.repeat(length)
    const answer = ci.post('/releases', { tag_name: 'v1.0.0', draft: true, body })
    expect(answer.status).toBe(status)
    if (status === 422) {
      expect(answer.at('errors')).toEqual([
        {
          resource: 'Release',
          code: 'custom',
          field: 'body',
          message: 'body is too long (maximum is 125000 characters)'
        }
      ])
    }
  })

  test('writes notes that link to the comparison with the release before', () => {
    const { ci, wait } = setStage()
    const first = ci.post('/releases', { tag_name: 'v1.0.0', generate_release_notes: true, body: 'Intro.' })
    expect(first.json).toMatchObject({
      name: 'v1.0.0',
      body: 'Intro.\n\n**Full Changelog**: https://github.com/acme/lib/commits/v1.0.0'
    })
    wait(1000)
    expect(ci.post('/releases/generate-notes', { tag_name: 'v1.1.0' }).json).toEqual({
      name: 'v1.1.0',
      body: '**Full Changelog**: https://github.com/acme/lib/compare/v1.0.0...v1.1.0'
    })
  })

  test.each([
    ['{', 400, 'Problems parsing JSON'],
    ['[]', 400, 'Body should be a JSON object'],
    ['{"name":"x"}', 422, 'Invalid request.\n\n"tag_name" wasn\'t supplied.'],
    ['{"tag_name":"v1","draft":"yes"}', 422, 'Invalid request.\n\nFor \'properties/draft\', "yes" is not a boolean.'],
    [
      '{"tag_name":"v1","make_latest":true}',
      422,
      "Invalid request.\n\nFor 'properties/make_latest', true is not a string."
    ]
  ])('from the body %s is refused with %d', (body, status, message) => {
    const { ci, github } = setStage()
    const answer = ci.send('POST', '/releases', { body })
    expect(answer.status).toBe(status)
    expect(answer.at('message')).toBe(message)
    expect(github.releases(repository)).toEqual([])
  })
})

describe('changing a release', () => {
  test('keeps the fields that are not sent', () => {
    const { ci } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0', name: 'One', body: 'Text', prerelease: true }).id()
    const changed = ci.patch(`/releases/${id}`, { name: 'Uno' })
    expect(changed.json).toMatchObject({
      name: 'Uno',
      body: 'Text',
      prerelease: true,
      tag_name: 'v1.0.0',
      draft: false
    })
  })

  test('back to a draft hides it again and keeps its tag', () => {
    const { ci, stranger, github } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0' }).id()
    expect(ci.patch(`/releases/${id}`, { draft: true }).json).toMatchObject({ draft: true, published_at: null })
    expect(stranger.get(`/releases/${id}`).status).toBe(404)
    expect(github.refs(repository)).toHaveProperty(['refs/tags/v1.0.0'])
  })

  test('deletes it with its assets, and leaves the tag', () => {
    const { ci, github } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0' }).id()
    const asset = ci.upload(id, 'a.txt', 'bytes').id()
    expect(ci.delete(`/releases/${id}`).status).toBe(204)
    expect(ci.get(`/releases/assets/${asset}`).status).toBe(404)
    expect(github.refs(repository)).toHaveProperty(['refs/tags/v1.0.0'])
  })
})

describe('the latest release', () => {
  test('is the one published last, unless it is a prerelease or says that it is not', () => {
    const { ci, wait } = setStage()
    const latest = (): unknown => ci.get('/releases/latest').at('tag_name')
    expect(ci.get('/releases/latest').status).toBe(404)
    for (const release of [
      { tag_name: 'v1.0.0' },
      { tag_name: 'v2.0.0-rc.1', prerelease: true },
      { tag_name: 'v0.9.1', make_latest: 'false' }
    ]) {
      wait(1000)
      expect(ci.post('/releases', release).status).toBe(201)
    }
    expect(latest()).toBe('v1.0.0')
    ci.post('/releases', { tag_name: 'v0.9.2' })
    expect(latest()).toBe('v0.9.2')
  })

  test('is none while the only release says that it is not', () => {
    const { ci } = setStage()
    ci.post('/releases', { tag_name: 'v1.0.0', make_latest: 'false' })
    expect(ci.get('/releases/latest').status).toBe(404)
  })

  test('is the one before when the latest is deleted', () => {
    const { ci } = setStage()
    ci.post('/releases', { tag_name: 'v1.0.0' })
    ci.delete(`/releases/${ci.post('/releases', { tag_name: 'v1.1.0' }).id()}`)
    expect(ci.get('/releases/latest').at('tag_name')).toBe('v1.0.0')
  })

  test('by the legacy rule is the newest by date, then by version', () => {
    const { ci, github } = setStage()
    // One commit, so one date: the version decides.
    const target_commitish = github.refs(repository)['refs/heads/main']
    for (const tag_name of ['v1.10.0', 'v1.9.0']) {
      ci.post('/releases', { tag_name, target_commitish, make_latest: 'legacy' })
    }
    expect(ci.get('/releases/latest').at('tag_name')).toBe('v1.10.0')
  })

  test('becomes a release that was a draft with make_latest false, when publishing does not repeat it', () => {
    const { ci } = setStage()
    ci.post('/releases', { tag_name: 'v1.0.0' })
    const publish = (tag_name: string, said: object): unknown => {
      const id = ci.post('/releases', { tag_name, draft: true, make_latest: 'false' }).id()
      ci.patch(`/releases/${id}`, { draft: false, ...said })
      return ci.get('/releases/latest').at('tag_name')
    }
    expect(publish('v0.9.1', { make_latest: 'false' })).toBe('v1.0.0')
    expect(publish('v0.9.2', {})).toBe('v0.9.2')
  })

  test.each([{ prerelease: true }, { draft: true }])('cannot become one that is %j', (kind) => {
    const { ci } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0', ...kind }).id()
    const refused = ci.patch(`/releases/${id}`, { make_latest: 'true' })
    expect(refused.status).toBe(422)
    expect(refused.at('errors.0.message')).toBe('Latest release cannot be draft or prerelease.')
  })
})

function tags(list: unknown): readonly unknown[] {
  if (!Array.isArray(list)) throw new Error('no list')
  return list.map((release: { readonly tag_name: unknown }) => release.tag_name)
}
