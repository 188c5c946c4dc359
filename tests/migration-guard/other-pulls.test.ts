import { describe, expect, test } from '@jest/globals'
import { readOtherPulls } from '../../actions/migration-guard/other-pulls.ts'
import { readPullFiles } from '../../actions/migration-guard/pull-files.ts'
import { openStage, repository, type Stage } from './pull-stage.ts'
import { scriptedGithub, type Scripted } from './scripted-github.ts'

const wanted = (path: string): boolean => path.startsWith('priv/repo/migrations/')

/** Opens a pull request that changes these files, and gives its number. */
function open(stage: Stage, branch: string, files: Readonly<Record<string, string | null>>, base = 'main'): number {
  const { github } = stage.sandbox
  github.commitFiles(repository, branch, files, { by: 'dave' })
  return github.addPullRequest(repository, {
    title: branch,
    author: 'dave',
    head: { ref: branch },
    base: { ref: base }
  })
}

describe('other pull requests against the same branch', () => {
  test('are those that add wanted files, with the blobs', async () => {
    const stage = await openStage()
    const { github } = stage.sandbox
    github.commitFiles(repository, 'main', { 'priv/repo/migrations/1_old.exs': 'old\n', 'lib/a.ex': 'a\n' })
    const adds = open(stage, 'adds', { 'priv/repo/migrations/2_new.exs': 'new\n', 'lib/b.ex': 'b\n' })
    open(stage, 'edits', { 'priv/repo/migrations/1_old.exs': 'other\n' })
    open(stage, 'elsewhere', { 'lib/a.ex': 'c\n' })
    github.closePull(repository, open(stage, 'closed', { 'priv/repo/migrations/3_closed.exs': 'x\n' }), 'dave')
    github.commitFiles(repository, 'release', {})
    open(stage, 'to-release', { 'priv/repo/migrations/4_release.exs': 'x\n' }, 'release')

    const other = await readOtherPulls(stage.access(), { own: [stage.number], branch: 'main', wanted })
    expect(other.pulls).toEqual([
      {
        number: adds,
        title: 'adds',
        url: expect.stringContaining(`/acme/core/pull/${adds}`),
        queued: false,
        // git hash-object of "new\n"
        added: [{ path: 'priv/repo/migrations/2_new.exs', blob: '3e757656cf36eca53338e520d134963a44f793f8' }]
      }
    ])
  })

  test('are marked when they wait in the merge queue', async () => {
    const stage = await openStage()
    const waits = open(stage, 'waits', { 'priv/repo/migrations/2_new.exs': 'new\n' })
    open(stage, 'does-not', { 'priv/repo/migrations/3_new.exs': 'new\n' })
    stage.sandbox.github.queuePull(repository, waits)
    const { pulls, notChecked } = await readOtherPulls(stage.access(), { own: [stage.number], branch: 'main', wanted })
    expect(pulls.map(({ number, queued }) => [number, queued])).toEqual([
      [waits, true],
      [waits + 1, false]
    ])
    expect(notChecked).toEqual([])
  })

  test('count with a renamed file as one that is added', async () => {
    const stage = await openStage()
    stage.sandbox.github.commitFiles(repository, 'main', { 'priv/repo/migrations/1_old.exs': 'a long enough text\n' })
    open(stage, 'renames', {
      'priv/repo/migrations/1_old.exs': null,
      'priv/repo/migrations/5_old.exs': 'a long enough text\n'
    })
    const { pulls } = await readOtherPulls(stage.access(), { own: [stage.number], branch: 'main', wanted })
    expect(pulls.flatMap(({ added }) => added.map(({ path }) => path))).toEqual(['priv/repo/migrations/5_old.exs'])
  })
})

describe('what could not be looked at is told', () => {
  const listed = (count: number, from = 1): object[] =>
    Array.from({ length: count }, (_, n) => ({ number: from + n, title: 't', html_url: 'https://github.com/x' }))
  const list = 'GET /repos/acme/core/pulls?state=open&base=main&sort=updated&direction=desc&per_page=100'
  const noQueue = { repository: { mergeQueue: null } }
  const ask = { own: [], branch: 'main', wanted: () => true }

  test('pull requests beyond a hundred', async () => {
    const answers: Record<string, Scripted> = Object.fromEntries(
      Array.from({ length: 101 }, (_, n) => [`GET /repos/acme/core/pulls/${n + 1}/files`, []])
    )
    answers[list] = { status: 200, body: listed(100), link: '</repos/acme/core/pulls?page=2>; rel="next"' }
    answers['GET /repos/acme/core/pulls?page=2'] = listed(1, 101)
    const { access, requests } = await scriptedGithub(answers, noQueue)
    const { notChecked } = await readOtherPulls(access, ask)
    expect(notChecked).toEqual(['open pull requests against main beyond the 100 most recently updated ones'])
    expect(requests.filter((each) => each.includes('/files'))).toHaveLength(100)
  })

  test.each<[string, unknown, readonly string[]]>([
    ['a queue that is not there: nothing', noQueue, []],
    ['a queue that cannot be read', undefined, ['the merge queue of main: GitHub’s GraphQL API gave no answer']],
    [
      'a queue that is longer than was read',
      { repository: { mergeQueue: { entries: { totalCount: 150, nodes: [{ pullRequest: { number: 3 } }] } } } },
      ['places in the merge queue of main beyond 100']
    ]
  ])('%s', async (_, graphql, notChecked) => {
    const { access } = await scriptedGithub({ [list]: [] }, graphql)
    expect(await readOtherPulls(access, ask)).toEqual({ pulls: [], notChecked })
  })

  test('files beyond the 3,000 that GitHub lists', async () => {
    const files = Array.from({ length: 100 }, (_, n) => ({ filename: `f${n}`, status: 'added', sha: 'a'.repeat(40) }))
    const path = '/repos/acme/core/pulls/1/files?per_page=100'
    const pages = Array.from({ length: 30 }, (_, n): [string, Scripted] => {
      const next = n < 29 ? { link: `<${path}&page=${n + 2}>; rel="next"` } : {}
      return [`GET ${path}${n === 0 ? '' : `&page=${n + 1}`}`, { status: 200, body: files, ...next }]
    })
    const { access } = await scriptedGithub({ [list]: listed(1), ...Object.fromEntries(pages) }, noQueue)
    expect((await readPullFiles(access, 1)).whole).toBe(false)
    expect((await readOtherPulls(access, ask)).notChecked).toEqual(['files of #1 beyond the 3,000 that GitHub lists'])
  })
})

describe('the files of a pull request are asked for', () => {
  const file = (path: string, changeType = 'ADDED'): object => ({ path, changeType })
  const migration = 'priv/repo/migrations/2_new.exs'
  test.each<[string, unknown, boolean]>([
    ['when it adds a wanted one', { totalCount: 1, nodes: [file(migration)] }, true],
    ['when it renames one', { totalCount: 1, nodes: [file(migration, 'RENAMED')] }, true],
    ['when it adds others only: not', { totalCount: 1, nodes: [file('lib/a.ex')] }, false],
    [
      'when it only edits or deletes wanted ones: not',
      { totalCount: 2, nodes: [file(migration, 'MODIFIED'), file(migration, 'DELETED')] },
      false
    ],
    ['when it has more files than the query shows', { totalCount: 101, nodes: [file('lib/a.ex')] }, true],
    ['when GraphQL does not tell', null, true]
  ])('%s', async (_, changed, asked) => {
    const answers = {
      'GET /repos/acme/core/pulls': [{ number: 3, title: 't', html_url: 'https://github.com/x' }],
      'GET /repos/acme/core/pulls/3/files': [{ filename: migration, status: 'added', sha: 'a'.repeat(40) }]
    }
    const repository = { mergeQueue: null, pullRequests: { nodes: [{ number: 3, files: changed }] } }
    const { access, requests } = await scriptedGithub(answers, { repository })
    const { pulls } = await readOtherPulls(access, { own: [], branch: 'main', wanted })
    expect(requests.some((request) => request.includes('/files'))).toBe(asked)
    expect(pulls).toHaveLength(asked ? 1 : 0)
  })
})

test('a list of pull requests that may not be read says which permission is missing', async () => {
  const { access } = await scriptedGithub({
    'GET /repos/acme/core/pulls': { status: 403, body: { message: 'Resource not accessible by integration' } }
  })
  await expect(readOtherPulls(access, { own: [], branch: 'main', wanted })).rejects.toMatchObject({
    problems: [{ code: 'github-forbidden', hint: expect.stringContaining('`permissions: pull-requests: read`') }]
  })
})
