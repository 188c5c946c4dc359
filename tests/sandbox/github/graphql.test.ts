import { describe, expect, test } from '@jest/globals'
import { setStage } from './stage.ts'
import { repository } from './talk.ts'

const releaseByTag = `query ReleaseByTag($owner: String!, $name: String!, $tag: String!) {
  repository(owner: $owner, name: $name) { release(tagName: $tag) { databaseId isDraft } }
}`
const variables = { owner: 'acme', name: 'lib', tag: 'v1.0.0' }

describe('GraphQL', () => {
  test('finds a draft by its tag, which REST cannot', () => {
    const { ci } = setStage()
    const id = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
    expect(ci.graphql(releaseByTag, variables).json).toEqual({
      data: { repository: { release: { databaseId: id, isDraft: true } } }
    })
  })

  test('prefers the published release, then the newest draft', () => {
    const { ci } = setStage()
    const [, second, third] = [1, 2, 3].map(() => ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id())
    const found = (): unknown => ci.graphql(releaseByTag, variables).at('data.repository.release.databaseId')
    expect(found()).toBe(third)
    ci.patch(`/releases/${second}`, { draft: false })
    expect(found()).toBe(second)
  })

  test('hides drafts from those who may not push', () => {
    const { ci, github, speak } = setStage()
    ci.post('/releases', { tag_name: 'v1.0.0', draft: true })
    github.addToken({ token: 'ghp_reader', login: 'bob', permissions: { contents: 'read' } })
    const reader = speak({ token: 'ghp_reader' })
    expect(reader.graphql(releaseByTag, variables).at('data.repository.release')).toBeNull()
  })

  test('pages through releases by cursor, in the order asked for', () => {
    const { ci, wait } = setStage()
    for (const tag_name of ['v1.0.0', 'v1.1.0', 'v1.2.0']) {
      wait(1000)
      ci.post('/releases', { tag_name, draft: true })
    }
    const query = `query ($direction: OrderDirection!, $after: String) {
      repository(owner: "acme", name: "lib") {
        releases(first: 2, after: $after, orderBy: { field: CREATED_AT, direction: $direction }) {
          totalCount nodes { tagName } pageInfo { hasNextPage endCursor }
        }
      }
    }`
    const read = (direction: string, after: unknown): readonly unknown[] => {
      const page = ci.graphql(query, { direction, after })
      const at = (path: string): unknown => page.at(`data.repository.releases.${path}`)
      return [at('nodes.0.tagName'), at('nodes.1.tagName'), at('pageInfo.hasNextPage'), at('pageInfo.endCursor')]
    }
    const first = read('DESC', null)
    expect(first.slice(0, 3)).toEqual(['v1.2.0', 'v1.1.0', true])
    expect(read('DESC', first[3]).slice(0, 3)).toEqual(['v1.0.0', undefined, false])
    expect(read('ASC', null).slice(0, 2)).toEqual(['v1.0.0', 'v1.1.0'])
  })

  test('gives a ref, its commit behind an annotated tag, and the default branch', () => {
    const { ci, github } = setStage()
    const commit = github.addCommit(repository, { message: 'Two' })
    github.addAnnotatedTag(repository, 'v2.0.0', 'Release 2', commit)
    const query = `{ repository(owner: "acme", name: "lib") {
      tag: ref(qualifiedName: "refs/tags/v2.0.0") { name target { __typename oid ... on Tag { target { oid } } } }
      none: ref(qualifiedName: "v9") { name }
      defaultBranchRef { name target { ... on Commit { oid } } }
    } }`
    const head = github.refs(repository)['refs/heads/main']
    expect(ci.graphql(query).at('data.repository')).toMatchObject({
      tag: { name: 'v2.0.0', target: { __typename: 'Tag', target: { oid: commit } } },
      none: null,
      defaultBranchRef: { name: 'main', target: { oid: head } }
    })
  })

  test('tells which fields it has, as gh asks before it uses one', () => {
    const { ci } = setStage()
    const fields = ci.graphql('{ Release: __type(name: "Release") { fields { name } } }').text
    expect(fields).toContain('"immutable"')
    expect(fields).toContain('"isLatest"')
  })

  test('says NOT_FOUND for a repository that is not there or not to be seen', () => {
    const { stranger, ci, github, speak } = setStage({ private: true })
    github.addToken({ token: 'ghp_else', login: 'bob', permissions: {}, repositories: ['acme/else'] })
    for (const speaker of [speak({ token: 'ghp_else' })]) {
      const answer = speaker.graphql(releaseByTag, variables)
      expect(answer.status).toBe(200)
      expect(answer.at('data.repository')).toBeNull()
      expect(answer.at('errors.0')).toMatchObject({
        type: 'NOT_FOUND',
        path: ['repository'],
        message: "Could not resolve to a Repository with the name 'acme/lib'."
      })
    }
    expect(ci.graphql(releaseByTag, variables).at('errors')).toBeUndefined()
    expect(stranger.graphql(releaseByTag, variables).status).toBe(401)
  })

  test('refuses a field that GitHub does not have, and a connection without its size', () => {
    const { ci } = setStage()
    expect(ci.graphql('{ viewer { shoeSize } }').at('errors.0.message')).toContain('Cannot query field "shoeSize"')
    const unbounded = ci.graphql('{ repository(owner: "acme", name: "lib") { releases { nodes { name } } } }')
    expect(unbounded.at('errors.0.type')).toBe('MISSING_PAGINATION_BOUNDARIES')
  })

  test('counts against its own limit', () => {
    const { ci } = setStage()
    const { headers } = ci.graphql('{ viewer { login } }')
    expect([headers['x-ratelimit-resource'], headers['x-ratelimit-used']]).toEqual(['graphql', '1'])
  })
})
