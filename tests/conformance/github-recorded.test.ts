// Traffic that octokit's maintainers recorded with the real GitHub, sent again to the sandbox's.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { createGithub, type GithubService } from '../../sandbox/github/service.ts'
import { fetchedPackage } from '../sandbox/github/fetched-package.ts'
import { speakTo, type Exchange } from '../sandbox/github/talk.ts'

const owner = 'octokit-fixture-org'
const main = '0000000000000000000000000000000000000001'
const other = '0000000000000000000000000000000000000002'

interface Recorded {
  readonly scope: string
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly status: number
  readonly response: unknown
  readonly headers: Readonly<Record<string, string>>
  readonly reqheaders: Readonly<Record<string, string | number>>
}

describe('what the real GitHub answered, the sandbox answers too', () => {
  let scenarios: string
  beforeAll(() => {
    scenarios = join(
      fetchedPackage('@octokit/fixtures@23.1.2', ['scenarios/api.github.com']),
      'scenarios',
      'api.github.com'
    )
  })
  const recording = (name: string): readonly Recorded[] =>
    JSON.parse(readFileSync(join(scenarios, name, 'normalized-fixture.json'), 'utf8')) as readonly Recorded[]

  test.each(['release-assets', 'release-assets-conflict'])('in the scenario %s', (name) => {
    const github = githubWith(name)
    const prepare = speakTo(github, { token: 'ghp_user', ...addresses(name) })
    github.addCommit(`${owner}/${name}`, { sha: main })
    const release = { tag_name: 'v1.0.0', name: 'Version 1.0.0', body: 'Initial release', target_commitish: main }
    const id = prepare.post('/releases', release).id()
    const [read, ...rest] = recording(name)
    expect(replayed(github, read === undefined ? [] : [read])).toEqual([])
    // The asset that the second recording runs into was there before, though its first read does not show it yet.
    if (name === 'release-assets-conflict') {
      prepare.send('POST', `${addresses(name).uploads}/releases/${id}/assets?name=test-upload.txt&label=test`, {
        body: 'Hello, world!\n',
        headers: { 'content-type': 'text/plain' }
      })
    }
    expect(replayed(github, rest)).toEqual([])
  })

  test('in the scenario git-refs, but for the listing that GitHub has given up', () => {
    const github = githubWith('git-refs')
    for (const sha of [main, other]) github.addCommit(`${owner}/git-refs`, { sha })
    const writes = recording('git-refs').filter(({ method }) => method !== 'get')
    expect(writes.map(({ status }) => status)).toEqual([201, 200, 204])
    expect(replayed(github, writes)).toEqual([])
  })

  test('in the scenarios get-root and get-repository', () => {
    const github = githubWith('hello-world')
    expect(replayed(github, recording('get-root'))).toEqual([])
    expect(replayed(github, recording('get-repository'), 'types')).toEqual([])
  })
})

function githubWith(name: string): GithubService {
  const github = createGithub()
  github.addRepository({ owner, name })
  github.addToken({ token: 'ghp_user', login: 'octokit-fixture-user-a', permissions: { contents: 'write' } })
  return github
}

function addresses(name: string): { readonly root: string; readonly uploads: string } {
  const path = `/repos/${owner}/${name}`
  return { root: `https://api.github.com${path}`, uploads: `https://uploads.github.com${path}` }
}

/** Sends the recorded requests in order, with our ids for theirs. Gives every difference, as text. */
function replayed(
  github: GithubService,
  recorded: readonly Recorded[],
  values: 'values' | 'types' = 'values'
): readonly string[] {
  const speaker = speakTo(github, { token: 'ghp_user' })
  const ids = new Map<number, number>()
  return recorded.flatMap((theirs) => {
    const path = theirs.path.replaceAll(/\/(releases|assets)\/(\d+)/g, (_, kind: string, id: string) => {
      const own = kind === 'assets' ? newestAsset(github) : github.state.repositories[0]?.releases[0]?.id
      return `/${kind}/${own ?? ids.get(Number(id)) ?? id}`
    })
    const body = typeof theirs.body === 'string' ? theirs.body : JSON.stringify(theirs.body)
    const type = theirs.reqheaders['content-type']
    const ours = speaker.send(theirs.method.toUpperCase(), theirs.scope.replace(':443', '') + path, {
      body,
      headers: type === undefined ? {} : { 'content-type': String(type) }
    })
    const place = `${theirs.method} ${theirs.path}`
    return [
      ...(ours.status === theirs.status ? [] : [`${place}: status ${ours.status}, not ${theirs.status}`]),
      ...headerDifferences(theirs, ours, place),
      ...differences(theirs.response, ours.json ?? '', place, values)
    ]
  })
}

function newestAsset(github: GithubService): number | undefined {
  return github.state.repositories[0]?.releases[0]?.assets.at(-1)?.id
}

function headerDifferences(theirs: Recorded, ours: Exchange, place: string): readonly string[] {
  const equal = ['content-type', 'x-github-media-type'].filter((name) => theirs.headers[name] !== ours.headers[name])
  const present = Object.keys(theirs.headers)
    .filter((name) => /^(x-ratelimit-|x-github-|x-oauth-scopes|location)/.test(name))
    .filter((name) => !(name in ours.headers))
  return [...equal, ...present].map((name) => `${place}: header ${name} is ${ours.headers[name] ?? 'absent'}`)
}

/** Ids, times and counts are made up in the recordings, and an avatar's address is a number of the user. */
const free = /(^|_)(id|at)$|^avatar_url$|^download_count$/

/** What of `theirs` is missing from `ours`, or is another value. We may tell more: the recording is some years old. */
function differences(theirs: unknown, ours: unknown, place: string, values: 'values' | 'types'): readonly string[] {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    const [a, b] = [theirs as readonly unknown[], ours as readonly unknown[]]
    if (values === 'values' && a.length !== b.length) return [`${place}: ${b.length} entries, not ${a.length}`]
    return a.slice(0, b.length).flatMap((item, index) => differences(item, b[index], `${place} [${index}]`, values))
  }
  if (isObject(theirs) && isObject(ours)) {
    return Object.entries(theirs).flatMap(([name, value]) => {
      if (notServed.has(name)) return []
      if (!(name in ours)) return [`${place}: ${name} is absent`]
      return differences(value, ours[name], `${place} ${name}`, free.test(name) ? 'types' : values)
    })
  }
  const own = normalized(ours)
  const same =
    values === 'types' ? theirs === null || own === null || typeof own === typeof theirs : own === normalized(theirs)
  return same ? [] : [`${place}: ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`]
}

/** Told only of repositories of an organisation, or only to their administrators. */
const notServed = new Set([
  'organization',
  'allow_squash_merge',
  'allow_merge_commit',
  'allow_rebase_merge',
  'allow_auto_merge',
  'delete_branch_on_merge',
  'allow_forking',
  'allow_update_branch',
  'use_squash_pr_title_as_default',
  'temp_clone_token'
])

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A request's id is another at every request, and so are the ids in addresses. */
function normalized(value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value
    .replace(/^[0-9A-F]{4,5}(:[0-9A-F]{5,8}){4}$/, 'a request id')
    .replaceAll(/\/(releases|assets)\/\d+/g, '/$1/:id')
}
