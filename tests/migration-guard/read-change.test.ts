import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from '@jest/globals'
import type { Change } from '../../actions/migration-guard/change.ts'
import type { LocalState } from '../../actions/migration-guard/local-change.ts'
import { readChange, type ChangeRequest } from '../../actions/migration-guard/read-change.ts'
import { createGithub, type Github } from '../../actions/shared/github.ts'
import { readRunContext } from '../../actions/shared/run-context.ts'
import type { Access } from '../../sandbox/github/state.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { createGitHistory, type GitHistory } from '../support/git-history.ts'
import { testWorld } from '../support/world.ts'

const repository = 'acme/core'
const opened: Sandbox[] = []
afterEach(async () => {
  for (const sandbox of opened.splice(0)) await sandbox.close()
})

interface Remote {
  readonly sandbox: Sandbox
  readonly github: Github
}

/** GitHub with the history's commits, and a token of a job. */
async function remoteOf(
  history: GitHistory,
  permissions: Readonly<Record<string, Access>> = { contents: 'read', 'pull-requests': 'read' }
): Promise<Remote> {
  const sandbox = await startSandbox({})
  opened.push(sandbox)
  sandbox.github.addRepository({ owner: 'acme', name: 'core', private: true })
  sandbox.github.importGit(repository, history.folder)
  const token = 'ghs_planted_token_of_the_job'
  sandbox.github.addToken({ token, login: 'github-actions[bot]', permissions })
  const { origin } = sandbox.address('github')
  const { http, clock } = testWorld()
  const github = createGithub({ http, clock, apiUrl: `${origin}/api/v3`, graphqlUrl: `${origin}/api/graphql`, token })
  return { sandbox, github }
}

const nowhere = mkdtempSync(join(tmpdir(), 'no-checkout-'))
afterAll(() => {
  rmSync(nowhere, { recursive: true })
})

/** Reads the change of an event, as a job would. */
function read(
  event: string,
  payload: unknown,
  given: {
    readonly folder?: string
    readonly github?: Github | undefined
    readonly base?: string
    readonly sha?: string
  }
): Promise<Change> {
  const file = join(nowhere, 'event.json')
  writeFileSync(file, JSON.stringify(payload))
  const context = readRunContext({
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: file,
    GITHUB_REPOSITORY: repository,
    GITHUB_SHA: given.sha
  })
  const request: ChangeRequest = {
    folder: given.folder ?? nowhere,
    environment: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
    base: given.base,
    github: given.github,
    run: { kind: 'workflow', context }
  }
  return readChange(request, testWorld())
}

function told({ files }: Change): readonly string[] {
  return files.map(({ kind, path }) => `${kind} ${path}`)
}

/** main went on after the branch began, by a file of its own. */
function forked(): GitHistory & { readonly base: string; readonly head: string; readonly tip: string } {
  const history = createGitHistory()
  const base = history.commit({ 'm/1_a.sql': 'select 1;', 'm/2_b.sql': 'select 2;' })
  history.branch('topic')
  history.commit({ 'm/3_c.sql': 'select 3;' })
  const head = history.commit({ 'm/1_a.sql': 'select 10;', 'm/2_b.sql': null })
  history.checkout('main')
  const tip = history.commit({ 'm/9_z.sql': 'select 9;' })
  return { ...history, base, head, tip }
}

const expected = ['edited m/1_a.sql', 'deleted m/2_b.sql', 'added m/3_c.sql']

function pullEvent(head: string, base: string, number = 1): object {
  return { pull_request: { number, head: { sha: head }, base: { sha: base, ref: 'main' } } }
}

function openPull({ sandbox }: Remote, head = 'topic'): void {
  sandbox.github.addPullRequest(repository, { author: 'author', head: { ref: head }, base: { ref: 'main' } })
}

test.each(['pull_request', 'pull_request_target', 'pull_request_review'])(
  '%s in a whole clone: from the merge base to the head, judged against the newest state of the branch',
  async (event) => {
    const history = forked()
    const remote = await remoteOf(history)
    openPull(remote)
    const change = await read(event, pullEvent(history.head, history.base), {
      folder: history.clone().folder,
      github: remote.github
    })
    expect(told(change)).toEqual(expected)
    expect(change).toMatchObject({ kind: 'pull_request', source: 'git', pulls: [1], notes: [] })
    expect([change.base, change.target, change.head].map(({ commit }) => commit)).toEqual([
      history.base,
      history.tip,
      history.head
    ])
    expect((await change.head.read('m/3_c.sql')).toString()).toBe('select 3;')
  }
)

test('a whole clone without a token is enough, and it is told that the state is the one of the event', async () => {
  const history = forked()
  const change = await read('pull_request', pullEvent(history.head, history.base), { folder: history.clone().folder })
  expect(told(change)).toEqual(expected)
  expect(change).toMatchObject({ source: 'git', notes: [expect.stringContaining('is the one of the event')] })
})

test.each([
  ['the merge commit alone, as actions/checkout fetches it', 'shallow'],
  ['no checkout at all', 'none']
])('%s: the rest comes from GitHub', async (_, kind) => {
  const history = forked()
  const remote = await remoteOf(history)
  openPull(remote)
  history.merge('topic')
  const folder = kind === 'none' ? nowhere : history.clone('--depth', '1').folder
  const change = await read('pull_request', pullEvent(history.head, history.base), { folder, github: remote.github })
  expect(told(change)).toEqual(expected)
  expect(change.source).toBe('api')
  expect(change.base.commit).toBe(history.base)
  const texts = await Promise.all(['m/1_a.sql', 'm/3_c.sql'].map((path) => change.head.read(path)))
  expect(texts.map(String)).toEqual(['select 10;', 'select 3;'])
  expect((await change.base.read('m/2_b.sql')).toString()).toBe('select 2;')
})

test('a shallow clone that happens to have a common commit is not believed', async () => {
  // topic began at `base`; a clone cut off above it has an older merge, which git alone would take.
  const history = createGitHistory()
  history.commit({ a: '1' })
  history.branch('topic')
  const first = history.commit({ 'm/1_a.sql': 'select 1;' })
  history.checkout('main')
  history.commit({ b: '1' })
  history.merge('topic')
  history.checkout('topic')
  const head = history.commit({ 'm/2_b.sql': 'select 2;' })
  history.checkout('main')
  const remote = await remoteOf(history)
  openPull(remote)
  const clone = history.clone('--depth', '1', '--no-single-branch')
  const change = await read('pull_request', pullEvent(head, first), { folder: clone.folder, github: remote.github })
  expect(told(change)).toEqual(['added m/2_b.sql'])
  expect(change.base.commit).toBe(first)
})

test('a shallow clone without a token ends with what to do', async () => {
  const history = forked()
  const { folder } = history.clone('--depth', '1', '--no-single-branch')
  await expect(read('pull_request', pullEvent(history.head, history.base), { folder })).rejects.toMatchObject({
    problems: [{ code: 'change-incomplete', hint: expect.stringContaining('fetch-depth: 0') }]
  })
})

test('neither a checkout nor a token ends with what to do', async () => {
  await expect(read('pull_request', pullEvent('a'.repeat(40), 'b'.repeat(40)), {})).rejects.toMatchObject({
    problems: [{ code: 'not-a-checkout', hint: expect.stringContaining('actions/checkout') }]
  })
})

test('a rerun with the event of an older head judges that head, which its check is of, and says so', async () => {
  const history = forked()
  const remote = await remoteOf(history)
  openPull(remote)
  const now = remote.sandbox.github.commitFiles(repository, 'topic', { 'm/4_d.sql': 'select 4;' }, { by: 'author' })
  const change = await read('pull_request', pullEvent(history.head, history.base), {
    folder: history.clone().folder,
    github: remote.github
  })
  expect(change.head.commit).toBe(history.head)
  expect(told(change)).toEqual(expected)
  expect(change.notes).toEqual([expect.stringContaining(`is ${now.slice(0, 7)} now`)])
})

test('the head of a fork is read through the repository itself', async () => {
  const history = forked()
  const remote = await remoteOf(history)
  const fork = remote.sandbox.github.addFork(repository, 'stranger')
  const head = remote.sandbox.github.commitFiles(fork, 'theirs', { 'm/5_e.sql': 'select 5;' }, { by: 'stranger' })
  remote.sandbox.github.addPullRequest(repository, {
    author: 'stranger',
    head: { ref: 'theirs', repository: fork },
    base: { ref: 'main' }
  })
  const change = await read('pull_request', pullEvent(head, history.tip), {
    folder: history.clone().folder,
    github: remote.github
  })
  expect(told(change)).toEqual(['added m/5_e.sql'])
  expect((await change.head.read('m/5_e.sql')).toString()).toBe('select 5;')
})

test('a comment on a pull request has its number elsewhere in the event', async () => {
  const history = forked()
  const remote = await remoteOf(history)
  openPull(remote)
  const payload = { issue: { number: 1, pull_request: { url: 'x' } } }
  const change = await read('issue_comment', payload, { github: remote.github })
  expect(told(change)).toEqual(expected)
})

test('input base cannot make another change of a pull request', async () => {
  const history = forked()
  const remote = await remoteOf(history)
  openPull(remote)
  const change = await read('pull_request', pullEvent(history.head, history.base), {
    github: remote.github,
    base: history.head
  })
  expect(told(change)).toEqual(expected)
  expect(change.notes).toEqual([expect.stringContaining('is not used')])
})

test('a token that may not read pull requests is told with the permissions that it takes', async () => {
  const history = forked()
  const remote = await remoteOf(history, { contents: 'read' })
  openPull(remote)
  await expect(
    read('pull_request', pullEvent(history.head, history.base), { github: remote.github })
  ).rejects.toMatchObject({
    problems: [{ code: 'github-not-readable', hint: expect.stringContaining('pull-requests: read') }]
  })
})

test('a group of the merge queue is judged from the commit that it stands upon', async () => {
  const history = forked()
  history.branch('gh-readonly-queue/main/pr-7-abc', 'main')
  const head = history.merge('topic', 'Merge pull request #7 from acme/topic')
  const payload = {
    merge_group: {
      base_sha: history.tip,
      head_sha: head,
      base_ref: 'refs/heads/main',
      head_ref: `refs/heads/gh-readonly-queue/main/pr-7-${history.tip}`
    }
  }
  const change = await read('merge_group', payload, { folder: history.clone().folder })
  expect(told(change)).toEqual(expected)
  expect(change).toMatchObject({ kind: 'merge_group', pulls: [7], pullsKnown: false })
  expect(change.target.commit).toBe(history.tip)
})

test('the pull requests of a group are those that GitHub’s queue names, from its head back to its base', async () => {
  const history = forked()
  const remote = await remoteOf(history)
  const { github } = remote.sandbox
  openPull(remote)
  github.commitFiles(repository, 'second', { 'm/7_g.sql': 'select 7;' }, { by: 'author' })
  openPull(remote, 'second')
  github.commitFiles(repository, 'third', { 'm/8_h.sql': 'select 8;' }, { by: 'author' })
  openPull(remote, 'third')
  const [first, second] = [1, 2, 3].map((number) => github.queuePull(repository, number))
  const payload = {
    merge_group: {
      base_sha: history.tip,
      head_sha: second?.headSha,
      base_ref: 'refs/heads/main',
      head_ref: second?.ref
    }
  }
  const whole = await read('merge_group', payload, { github: remote.github })
  expect(whole).toMatchObject({ kind: 'merge_group', pulls: [1, 2], pullsKnown: true, notes: [] })
  expect(told(whole)).toEqual([...expected, 'added m/7_g.sql'])
  // What the second stands upon is not merged: it comes along, and its configuration is not that of the branch.
  const upon = { merge_group: { ...payload.merge_group, base_sha: first?.headSha } }
  const along = await read('merge_group', upon, { github: remote.github })
  expect(along).toMatchObject({ pulls: [1, 2], pullsKnown: true })
  expect(told(along)).toEqual([...expected, 'added m/7_g.sql'])
  expect(along.target.commit).toBe(history.tip)
})

test('a push is judged from the commit before it, a forced one too', async () => {
  const history = forked()
  const clone = history.clone().folder
  const plain = await read('push', { before: history.base, after: history.tip }, { folder: clone })
  expect(told(plain)).toEqual(['added m/9_z.sql'])
  expect(plain).toMatchObject({ kind: 'push', pulls: [], source: 'git' })
  const forced = await read('push', { before: history.head, after: history.tip, forced: true }, { folder: clone })
  expect(told(forced)).toEqual(['edited m/1_a.sql', 'added m/2_b.sql', 'deleted m/3_c.sql', 'added m/9_z.sql'])
})

test('the push of a new branch is judged from where it left the default branch', async () => {
  const history = forked()
  const payload = { before: '0'.repeat(40), after: history.head, repository: { default_branch: 'main' } }
  const change = await read('push', payload, { folder: history.clone().folder })
  expect(told(change)).toEqual(expected)
  expect(change.target.commit).toBe(history.tip)
})

test('an event without a change needs input base', async () => {
  const history = forked()
  const clone = history.clone().folder
  await expect(read('schedule', {}, { folder: clone, sha: history.tip })).rejects.toMatchObject({
    problems: [{ code: 'change-without-base', message: expect.stringContaining('schedule') }]
  })
  const change = await read('schedule', {}, { folder: clone, sha: history.tip, base: history.base })
  expect(told(change)).toEqual(['added m/9_z.sql'])
})

test('histories that have nothing in common are told', async () => {
  const history = forked()
  history.git('checkout', '--quiet', '--orphan', 'other')
  const other = history.commit({ 'm/1_a.sql': 'select 1;' })
  history.checkout('main')
  await expect(
    read('pull_request', pullEvent(other, history.base), { folder: history.clone().folder })
  ).rejects.toMatchObject({ problems: [{ code: 'change-incomplete', message: expect.stringContaining('in common') }] })
})

function readLocal(folder: string, state: LocalState, base?: string): Promise<Change> {
  return readChange(
    { folder, environment: process.env, base, github: undefined, run: { kind: 'local', state } },
    testWorld()
  )
}

test('a local run compares what is not committed yet with where the branch began', async () => {
  const history = forked()
  const clone = history.clone()
  clone.checkout('topic')
  clone.write({ 'm/6_f.sql': 'select 6;' })
  expect(told(await readLocal(clone.folder, 'working tree'))).toEqual([...expected, 'added m/6_f.sql'])
  expect(told(await readLocal(clone.folder, 'index'))).toEqual(expected)
  clone.git('add', 'm/6_f.sql')
  const staged = await readLocal(clone.folder, 'index')
  expect(told(staged)).toEqual([...expected, 'added m/6_f.sql'])
  expect(staged).toMatchObject({
    kind: 'local',
    source: 'git',
    notes: [expect.stringContaining('Compared with origin/main,')]
  })
  expect(staged.target.commit).toBe(history.tip)
  expect(told(await readLocal(clone.folder, 'index', 'topic'))).toEqual(['added m/6_f.sql'])
  await expect(readLocal(clone.folder, 'index', 'nothing')).rejects.toMatchObject({
    problems: [{ code: 'change-without-base' }]
  })
})

test.each([
  ['the branch that it was made from', ['checkout', '-q', '-b', 'work', 'origin/topic'], 'origin/topic'],
  ['not itself, where it was pushed', ['checkout', '-q', 'topic'], 'origin/main'],
  ['a branch of this clone', ['checkout', '-q', '--track', '-b', 'work', 'main'], 'main'],
  ['the default branch, where no branch is checked out', ['checkout', '-q', '--detach'], 'origin/main']
])('a local run compares with %s', async (_, args, base) => {
  const clone = forked().clone()
  clone.git(...args)
  expect(await readLocal(clone.folder, 'index')).toMatchObject({
    notes: [expect.stringContaining(`Compared with ${base},`)]
  })
})

test('a commit is judged as it is, whatever lies in the working tree', async () => {
  const clone = forked().clone()
  clone.write({ 'm/6_f.sql': 'select 6;' })
  const change = await readLocal(clone.folder, { commit: 'origin/topic' })
  expect(told(change)).toEqual(expected)
  expect(change.head.commit).toMatch(/^[0-9a-f]{40}$/)
  await expect(readLocal(clone.folder, { commit: 'nothing' })).rejects.toMatchObject({
    problems: [{ code: 'change-incomplete', message: expect.stringContaining('"nothing"') }]
  })
})

test('before the first commit everything is new', async () => {
  const history = createGitHistory()
  history.write({ 'm/1_a.sql': 'select 1;' })
  expect(told(await readLocal(history.folder, 'working tree'))).toEqual(['added m/1_a.sql'])
  expect(told(await readLocal(history.folder, 'index'))).toEqual([])
})

test('a local run outside of a repository is told', async () => {
  await expect(
    readChange(
      {
        folder: nowhere,
        environment: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
        base: undefined,
        github: undefined,
        run: { kind: 'local', state: 'working tree' }
      },
      testWorld()
    )
  ).rejects.toMatchObject({ problems: [{ code: 'not-a-checkout', hint: expect.stringContaining('--path') }] })
})

test('a file in place of the checkout is told as such', async () => {
  await expect(readLocal(import.meta.filename, 'index')).rejects.toMatchObject({
    problems: [{ code: 'not-a-checkout', message: expect.stringContaining('is no folder') }]
  })
})
