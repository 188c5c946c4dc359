import { describe, expect, test } from '@jest/globals'
import { setStage, type Stage } from './stage.ts'
import { repository } from './talk.ts'

describe('an immutable release', () => {
  const publish = (stage: Stage): { readonly id: number; readonly asset: number } => {
    const id = stage.ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    const asset = stage.ci.upload(id, 'a.txt', 'bytes').id()
    stage.ci.patch(`/releases/${id}`, { draft: false })
    return { id, asset }
  }

  test('is free until it is published, and locked from then on', () => {
    const stage = setStage({ immutable: true })
    const draft = stage.ci.post('/releases', { tag_name: 'v1.0.0', draft: true })
    expect(draft.at('immutable')).toBe(false)
    expect(stage.ci.patch(`/releases/${draft.id()}`, { draft: false }).at('immutable')).toBe(true)
  })

  test('takes no more assets', () => {
    const stage = setStage({ immutable: true })
    const { id } = publish(stage)
    const refused = stage.ci.upload(id, 'b.txt', 'late')
    expect(refused.status).toBe(422)
    expect(refused.json).toEqual({
      message: 'Cannot upload assets to an immutable release.',
      request_id: refused.headers['x-github-request-id'],
      documentation_url: 'https://docs.github.com/rest'
    })
  })

  test('loses no asset and keeps their names', () => {
    const stage = setStage({ immutable: true })
    const { id, asset } = publish(stage)
    expect(stage.ci.delete(`/releases/assets/${asset}`).at('errors')).toEqual([
      { resource: 'ReleaseAsset', code: 'custom', message: 'Cannot delete asset from an immutable release' }
    ])
    expect(stage.ci.patch(`/releases/assets/${asset}`, { name: 'b.txt' }).status).toBe(422)
    expect(stage.ci.get(`/releases/${id}`).at('assets.0.name')).toBe('a.txt')
  })

  test('keeps its tag and stays published, while its title, notes and rank may change', () => {
    const stage = setStage({ immutable: true })
    const { id } = publish(stage)
    expect(stage.ci.patch(`/releases/${id}`, { draft: true }).at('errors')).toEqual([
      {
        resource: 'Release',
        code: 'custom',
        field: 'state',
        message: 'state cannot be changed when release is immutable'
      }
    ])
    expect(stage.ci.patch(`/releases/${id}`, { tag_name: 'v1.0.1' }).status).toBe(422)
    const moved = stage.ci.patch(`/releases/${id}`, { target_commitish: stage.github.addCommit(repository) })
    expect(moved.at('errors.0.field')).toBe('target_commitish')
    const changed = stage.ci.patch(`/releases/${id}`, { name: 'One', body: 'More.', prerelease: true })
    expect(changed.json).toMatchObject({ name: 'One', body: 'More.', prerelease: true, immutable: true })
  })

  test('lets nobody move or delete its tag', () => {
    const stage = setStage({ immutable: true })
    publish(stage)
    const sha = stage.github.refs(repository)['refs/heads/main']
    expect(stage.owner.patch('/git/refs/tags/v1.0.0', { sha, force: true }).status).toBe(422)
    expect(stage.owner.delete('/git/refs/tags/v1.0.0').status).toBe(422)
  })

  test('burns its tag: after its deletion no release can have it, nor can it be made again', () => {
    const stage = setStage({ immutable: true })
    const { id } = publish(stage)
    expect(stage.ci.delete(`/releases/${id}`).status).toBe(204)
    expect(stage.ci.delete('/git/refs/tags/v1.0.0').status).toBe(204)
    expect(stage.ci.post('/releases', { tag_name: 'v1.0.0' }).at('errors')).toEqual([
      {
        resource: 'Release',
        code: 'custom',
        field: 'pre_receive',
        message:
          'pre_receive Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n'
      },
      { resource: 'Release', code: 'custom', field: 'tag_name', message: 'tag_name was used by an immutable release' },
      { resource: 'Release', code: 'custom', message: 'Published releases must have a valid tag' }
    ])
    const sha = stage.github.refs(repository)['refs/heads/main']
    expect(stage.ci.post('/git/refs', { ref: 'refs/tags/v1.0.0', sha }).status).toBe(422)
  })

  test('burns its tag also where the git tag was kept, for drafts that are published too', () => {
    const stage = setStage({ immutable: true })
    const { id } = publish(stage)
    expect(stage.ci.delete(`/releases/${id}`).status).toBe(204)
    expect(stage.github.refs(repository)['refs/tags/v1.0.0']).toBeDefined()
    const burned = {
      resource: 'Release',
      code: 'custom',
      field: 'tag_name',
      message: 'tag_name was used by an immutable release'
    }
    const refused = stage.ci.post('/releases', { tag_name: 'v1.0.0' })
    expect([refused.status, refused.at('errors')]).toEqual([422, [burned]])
    const draft = stage.ci.post('/releases', { tag_name: 'v1.0.0', draft: true })
    expect(stage.ci.patch(`/releases/${draft.id()}`, { draft: false }).at('errors')).toEqual([burned])
  })

  test('is not refused for a tag of its own: its title and notes may change', () => {
    const stage = setStage({ immutable: true })
    const { id } = publish(stage)
    expect(stage.ci.patch(`/releases/${id}`, { name: 'One' }).status).toBe(200)
    expect(stage.ci.post('/releases', { tag_name: 'v1.0.0' }).at('errors')).toEqual([
      { resource: 'Release', code: 'already_exists', field: 'tag_name' }
    ])
  })

  test('stays so when the setting is taken back; later ones are free', () => {
    const stage = setStage({ immutable: true })
    const { id } = publish(stage)
    expect(stage.owner.delete('/immutable-releases').status).toBe(204)
    expect(stage.ci.get(`/releases/${id}`).at('immutable')).toBe(true)
    expect(stage.ci.post('/releases', { tag_name: 'v1.1.0' }).at('immutable')).toBe(false)
  })

  test('is a setting that only administrators read', () => {
    const { owner, ci, github } = setStage()
    expect(owner.get('/immutable-releases').status).toBe(404)
    github.setImmutableReleases(repository, true)
    expect(owner.get('/immutable-releases').json).toEqual({ enabled: true, enforced_by_owner: false })
    expect(ci.get('/immutable-releases').status).toBe(403)
  })
})
