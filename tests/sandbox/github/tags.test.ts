import { describe, expect, test } from '@jest/globals'
import { setStage } from './stage.ts'
import { repository } from './talk.ts'

const mustHaveTag = { resource: 'Release', code: 'custom', message: 'Published releases must have a valid tag' }
const notValid = { resource: 'Release', code: 'custom', field: 'tag_name', message: 'tag_name is not a valid tag' }
const notWellFormed = { resource: 'Release', code: 'custom', field: 'tag_name', message: 'tag_name is not well-formed' }
const invalidTarget = { resource: 'Release', code: 'invalid', field: 'target_commitish' }

describe('the tag of a release', () => {
  test('is not created by a draft, but by publishing it, at its target', () => {
    const { ci, github } = setStage()
    const sha = github.addCommit(repository, { message: 'Later' })
    const id = ci.post('/releases', { tag_name: 'v2.0.0', draft: true, target_commitish: sha }).id()
    ci.patch(`/releases/${id}`, { body: 'Changed, but not published.' })
    expect(github.refs(repository)).not.toHaveProperty(['refs/tags/v2.0.0'])
    ci.patch(`/releases/${id}`, { draft: false })
    expect(github.refs(repository)['refs/tags/v2.0.0']).toBe(sha)
  })

  test('gives the release the date of its commit when it is published', () => {
    const { ci, github } = setStage()
    const author = { name: 'Ann', email: 'ann@example.com', date: '2020-02-02T02:02:02Z' }
    github.setRef(repository, 'refs/tags/v0.1.0', github.addCommit(repository, { author }))
    const draft = ci.post('/releases', { tag_name: 'v0.1.0', draft: true })
    expect(draft.at('created_at')).toBe('2026-01-02T03:04:05Z')
    const published = ci.patch(`/releases/${draft.id()}`, { draft: false })
    expect(published.json).toMatchObject({ created_at: author.date, published_at: '2026-01-02T03:04:05Z' })
  })

  test('stays where it is when it exists already, whatever the target', () => {
    const { ci, github } = setStage()
    const before = github.refs(repository)['refs/tags/v1.0.0']
    expect(before).not.toBe(github.refs(repository)['refs/heads/main'])
    expect(ci.post('/releases', { tag_name: 'v1.0.0', target_commitish: 'main' }).status).toBe(201)
    expect(github.refs(repository)['refs/tags/v1.0.0']).toBe(before)
  })

  test.each(['two words', 'a..b', 'x~1', 'ends.lock', '.hidden', 'end/', '@', '-x', 'v1.0.0$(touch\tx)'])(
    'is refused when it is %j',
    (tag_name) => {
      const { ci } = setStage()
      expect(ci.post('/releases', { tag_name }).at('errors')).toEqual([notValid, notWellFormed, mustHaveTag])
      expect(ci.post('/releases', { tag_name, draft: true }).at('errors')).toEqual([notValid, notWellFormed])
    }
  )

  test('may hold what a shell would run, for git allows it', () => {
    const { ci } = setStage()
    expect(ci.post('/releases', { tag_name: 'v1.0.0$(touch)' }).status).toBe(201)
  })

  test('is refused when it is empty', () => {
    const { ci } = setStage()
    expect(ci.post('/releases', { tag_name: '' }).at('errors')).toEqual([
      { resource: 'Release', code: 'missing_field', field: 'tag_name' },
      notWellFormed,
      mustHaveTag
    ])
  })

  test.each(['nowhere', 'refs/tags/v1.0.0', 'v1.0.0', ''])('cannot be created at the target %j', (target_commitish) => {
    const { ci } = setStage()
    expect(ci.post('/releases', { tag_name: 'v9', target_commitish }).at('errors')).toEqual([
      notValid,
      mustHaveTag,
      invalidTarget
    ])
    expect(ci.post('/releases', { tag_name: 'v1.0.0', target_commitish }).at('errors')).toEqual([invalidTarget])
  })

  test('cannot be created at a shortened commit', () => {
    const { ci, github } = setStage()
    const target_commitish = github.refs(repository)['refs/heads/main']?.slice(0, 12)
    expect(ci.post('/releases', { tag_name: 'v9', target_commitish }).status).toBe(422)
  })

  test('is not created where a ruleset forbids it; the draft stays', () => {
    const { ci, github } = setStage()
    github.setTagRules(repository, [{ pattern: 'v*', forbids: 'creation' }])
    const id = ci.post('/releases', { tag_name: 'v9', draft: true }).id()
    const refused = ci.patch(`/releases/${id}`, { draft: false })
    expect(refused.status).toBe(422)
    expect(refused.at('errors')).toEqual([
      {
        resource: 'Release',
        code: 'custom',
        field: 'pre_receive',
        message:
          'pre_receive Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n'
      },
      mustHaveTag
    ])
    expect(ci.get(`/releases/${id}`).at('draft')).toBe(true)
    expect(ci.post('/releases', { tag_name: 'v1.0.0' }).status).toBe(201)
    expect(ci.post('/releases', { tag_name: 'nightly' }).status).toBe(201)
  })
})

describe('a target commit that changes workflows', () => {
  const stageWithWorkflow = (): ReturnType<typeof setStage> & { readonly target_commitish: string } => {
    const stage = setStage()
    stage.github.addToken({ token: 'ghp_writer', login: 'bob', permissions: { contents: 'write' } })
    return { ...stage, target_commitish: stage.github.addCommit(repository, { changesWorkflows: true }) }
  }

  test('is refused to GITHUB_TOKEN as soon as it is sent, though the tag exists', () => {
    const { ci, target_commitish } = stageWithWorkflow()
    const refused = ci.post('/releases', { tag_name: 'v1.0.0', target_commitish })
    expect(refused.status).toBe(403)
    expect(refused.at('message')).toBe('Resource not accessible by integration')
    expect(ci.post('/releases', { tag_name: 'v1.0.0' }).status).toBe(201)
  })

  test('does not exist for a personal token without permission for workflows', () => {
    const { speak, owner, target_commitish } = stageWithWorkflow()
    expect(speak({ token: 'ghp_writer' }).post('/releases', { tag_name: 'v1.0.0', target_commitish }).status).toBe(404)
    expect(owner.post('/releases', { tag_name: 'v1.0.0', target_commitish }).status).toBe(201)
  })
})

describe('git references', () => {
  test('tell an annotated tag from a plain one, and lead to its commit', () => {
    const { ci, github } = setStage()
    const commit = github.addCommit(repository, { message: 'Two' })
    const object = github.addAnnotatedTag(repository, 'v2.0.0', 'Release 2', commit)
    expect(ci.get('/git/ref/tags/v2.0.0').at('object.type')).toBe('tag')
    expect(ci.get('/git/ref/tags/v1.0.0').at('object.type')).toBe('commit')
    expect(ci.get(`/git/tags/${object}`).json).toMatchObject({
      tag: 'v2.0.0',
      message: 'Release 2',
      object: { sha: commit }
    })
    expect(ci.get('/commits/v2.0.0').at('sha')).toBe(commit)
    expect(ci.get('/tags').at('0.commit.sha')).toBe(commit)
  })

  test('match by prefix', () => {
    const { ci, github } = setStage()
    for (const tag of ['v1.0.1', 'v1.1.0', 'w1']) github.setRef(repository, `refs/tags/${tag}`, 'a'.repeat(40))
    const matching = ci.get('/git/matching-refs/tags/v1.0')
    expect([matching.at('0.ref'), matching.at('1.ref'), matching.at('2')]).toEqual([
      'refs/tags/v1.0.0',
      'refs/tags/v1.0.1',
      undefined
    ])
  })

  test('are created once, moved and deleted', () => {
    const { ci, github } = setStage()
    const sha = github.refs(repository)['refs/heads/main'] ?? ''
    expect(ci.post('/git/refs', { ref: 'refs/tags/v2', sha }).status).toBe(201)
    expect(ci.post('/git/refs', { ref: 'refs/tags/v2', sha }).at('message')).toBe('Reference already exists')
    const other = github.addCommit(repository, { message: 'Other' })
    expect(ci.patch('/git/refs/tags/v2', { sha: other }).at('object.sha')).toBe(other)
    expect(ci.delete('/git/refs/tags/v2').status).toBe(204)
    expect(ci.delete('/git/refs/tags/v2').at('message')).toBe('Reference does not exist')
  })
})
