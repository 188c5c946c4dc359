// The guard's own readers, asked of the sandbox's GitHub and of the one in npm's `emulate`, which others wrote.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { GithubAccess } from '../../actions/shared/github-access.ts'
import { createApiContents, readApiTree, readCommit, readMergeBase } from '../../actions/migration-guard/api-tree.ts'
import { readPullFiles } from '../../actions/migration-guard/pull-files.ts'
import { readPull } from '../../actions/migration-guard/read-pull.ts'
import { readReviews } from '../../actions/migration-guard/reviews.ts'
import { createGithub as createClient } from '../../actions/shared/github.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { startEmulate, type Emulated } from '../sandbox/github/emulate.ts'
import { testWorld } from '../support/world.ts'

const repository = 'octocat/shop'
const before = { 'mix.exs': 'defmodule Shop do\nend\n', 'priv/repo/migrations/1_first.exs': 'first\n' }
const after = { 'priv/repo/migrations/2_second.exs': 'second\n', 'mix.exs': 'defmodule Shop do\n  # more\nend\n' }

const commit = async ({ github }: GithubAccess, ref: string): Promise<{ sha: string; tree: string }> =>
  readCommit(github, repository, ref)

/** What the guard reads. Ids of commits hold times, so that they are told by what they name. */
const readings: Readonly<Record<string, (access: GithubAccess) => Promise<unknown>>> = {
  'the files, by name, kind and blob': (access) => readPullFiles(access, 1),
  'the reviews, with whose they are': async (access) => {
    const head = await commit(access, 'topic')
    return (await readReviews(access, 1)).map(({ by, state, body, commit: of }) => [by, state, body, of === head.sha])
  },
  'the tree of the head': async (access) => {
    const read = createApiContents(access.github, repository)
    const tree = await readApiTree(access.github, repository, await commit(access, 'topic'), read)
    // Each has an order of its own; git's is proven elsewhere.
    return [...tree.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  },
  'the contents of a file': async (access) => {
    const read = createApiContents(access.github, repository)
    const tree = await readApiTree(access.github, repository, await commit(access, 'topic'), read)
    return (await tree.read('mix.exs')).toString()
  },
  'the merge base': async (access) => {
    const [base, head] = [await commit(access, 'main'), await commit(access, 'topic')]
    return (await readMergeBase(access.github, repository, base.sha, head.sha)) === base.sha
  },
  'the comparison of base and head': async ({ github }) => {
    const { status, body } = await github.get(`/repos/${repository}/compare/main...topic`)
    const { ahead_by, behind_by, status: standing, files } = body as Compared
    const changed = files.map(({ status: kind, filename, sha, additions, deletions }) => [
      kind,
      filename,
      sha,
      additions,
      deletions
    ])
    return { status, ahead_by, behind_by, standing, changed }
  },
  'the pull request, with its approval': async (access) => {
    const head = await commit(access, 'topic')
    const { reviewers, bypass } = rules
    const { headSha, url, ...pull } = await readPull(access, 1, { reviewers, bypass }, Date.now())
    const { approval, ...rest } = pull
    // Emulate tells milliseconds, GitHub and the sandbox do not.
    const judged = approval.state === 'approved' ? { state: approval.state, by: approval.by } : approval
    return { ...rest, approval: judged, head: headSha === head.sha, page: new URL(url).pathname }
  }
}

const rules = {
  reviewers: { users: ['mona'], teams: [], approvals: 1 },
  bypass: { allowed: false, users: [], teams: [], days: 14 }
} as const

/** Where the two differ: what each tells, and why the sandbox does not follow. */
const differences: Readonly<
  Record<string, { readonly ours: unknown; readonly theirs: unknown; readonly why: string }>
> = {
  'the files, by name, kind and blob': {
    ours: { files: [{ path: 'mix.exs' }, { path: 'priv/repo/migrations/2_second.exs' }], whole: true },
    theirs: { files: [], whole: true },
    why: 'emulate makes up the files of a pull request from a number that its seed gives; its comparison is real'
  }
}

interface Compared {
  readonly ahead_by: number
  readonly behind_by: number
  readonly status: string
  readonly files: readonly Readonly<Record<string, unknown>>[]
}

describe('a pull request, read by the guard from the sandbox and from emulate', () => {
  let emulate: Emulated
  let sandbox: Sandbox
  beforeAll(async () => {
    emulate = await startEmulate({
      tokens: { ghp_octocat: { login: 'octocat', scopes: ['repo'] }, ghp_mona: { login: 'mona', scopes: ['repo'] } },
      github: {
        users: [{ login: 'octocat' }, { login: 'mona' }],
        repos: [{ owner: 'octocat', name: 'shop', auto_init: true }]
      }
    })
    await pullInEmulate(emulate)
    sandbox = await startSandbox()
    pullInSandbox(sandbox)
  }, 300_000)
  afterAll(async () => {
    emulate.stop()
    await sandbox.close()
  })

  const accessTo = (apiUrl: string): GithubAccess => {
    const { http, clock } = testWorld()
    const client = createClient({ http, clock, apiUrl, graphqlUrl: `${apiUrl}/graphql`, token: 'ghp_octocat' })
    return { github: client, teams: undefined, repository }
  }

  test.each(Object.entries(readings))('is the same: %s', async (name, read) => {
    const ours = await read(accessTo(`${sandbox.address('github').origin}/api/v3`))
    const theirs = await read(accessTo(emulate.apiUrl)).catch((error: unknown) => String(error))
    const difference = differences[name]
    if (difference === undefined) expect(ours).toEqual(theirs)
    else expect({ ours, theirs }).toMatchObject({ ours: difference.ours, theirs: difference.theirs })
  })

  test('and every difference that is written down is there', () => {
    expect(Object.keys(differences).filter((name) => !(name in readings))).toEqual([])
  })
})

async function pullInEmulate({ call }: Emulated): Promise<void> {
  const at = `/repos/${repository}`
  const post = (path: string, body: unknown, token = 'ghp_octocat'): Promise<{ readonly sha: string }> =>
    call(token, 'POST', at + path, body) as Promise<{ readonly sha: string }>
  const main = (await call('ghp_octocat', 'GET', `${at}/git/ref/heads/main`)) as { object: { sha: string } }
  const commit = async (files: object, parent: string, message: string): Promise<string> => {
    const { tree } = (await call('ghp_octocat', 'GET', `${at}/git/commits/${parent}`)) as { tree: { sha: string } }
    const entries = await Promise.all(
      Object.entries(files).map(async ([path, content]: [string, string]) => {
        const { sha } = await post('/git/blobs', { content, encoding: 'utf-8' })
        return { path, mode: '100644', type: 'blob', sha }
      })
    )
    const made = await post('/git/trees', { base_tree: tree.sha, tree: entries })
    return (await post('/git/commits', { message, tree: made.sha, parents: [parent] })).sha
  }
  const base = await commit(before, main.object.sha, 'Begin')
  await call('ghp_octocat', 'PATCH', `${at}/git/refs/heads/main`, { sha: base, force: true })
  const head = await commit(after, base, 'Second')
  await post('/git/refs', { ref: 'refs/heads/topic', sha: head })
  await post('/pulls', { title: 'Second', head: 'topic', base: 'main', body: 'Why.' })
  await post('/pulls/1/reviews', { event: 'COMMENT', body: 'Hm.' }, 'ghp_mona')
  await post('/pulls/1/reviews', { event: 'APPROVE', body: 'Yes.' }, 'ghp_mona')
}

function pullInSandbox({ github }: Sandbox): void {
  github.addRepository({ owner: 'octocat', name: 'shop' })
  github.addToken({
    token: 'ghp_octocat',
    login: 'octocat',
    permissions: { contents: 'write', 'pull-requests': 'write' }
  })
  github.commitFiles(repository, 'main', { 'README.md': '# shop\n', ...before })
  github.commitFiles(repository, 'topic', after)
  github.addPullRequest(repository, {
    title: 'Second',
    author: 'octocat',
    head: { ref: 'topic' },
    base: { ref: 'main' }
  })
  github.addReview(repository, 1, { user: 'mona', state: 'COMMENTED', body: 'Hm.' })
  github.addReview(repository, 1, { user: 'mona', state: 'APPROVED', body: 'Yes.' })
}
