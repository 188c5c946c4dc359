import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Source } from '../../actions/migration-guard/configuration.ts'
import { blobId, createContents } from '../../actions/migration-guard/contents.ts'
import { openGit } from '../../actions/migration-guard/git.ts'
import { readCommitTree } from '../../actions/migration-guard/git-tree.ts'
import type { PackageListing, SourceListing } from '../../actions/migration-guard/listing.ts'
import { localManifest } from '../../actions/migration-guard/local-manifest.ts'
import { makeManifest, readManifest } from '../../actions/migration-guard/manifest.ts'
import { readPackage } from '../../actions/migration-guard/package-listing.ts'
import { packageDoubt } from '../../actions/migration-guard/package-trust.ts'
import { readMixLock } from '../../actions/shared/hex/mix-lock.ts'
import { treeOf } from '../support/trees.ts'
import { repositoryIn } from '../../actions/migration-guard/repository-url.ts'
import { readSource } from '../../actions/migration-guard/source-listing.ts'
import type { Tree } from '../../actions/migration-guard/tree.ts'
import { readRunContext } from '../../actions/shared/run-context.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { createGitHistory, type GitHistory } from '../support/git-history.ts'
import { lockedEntry, lockOf, manifestBytes } from '../support/hex-consumer.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { serve } from '../support/loopback.ts'
import { testWorld } from '../support/world.ts'

const source: Source = {
  repository: 'diwa-cloud/diwa',
  ref: 'main',
  path: 'priv/repo/migrations',
  into: 'priv/repo/migrations',
  set: 'complete'
}
const folder = 'priv/repo/migrations'
const [one, two] = ['defmodule One do\nend\n', 'defmodule Two do\nend\n']
const id = (text: string): string => blobId(Buffer.from(text), 'sha1')

async function headOf(history: GitHistory): Promise<Tree> {
  const opened = await openGit(history.folder, process.env, false)
  if (!('git' in opened)) throw new Error(opened.why)
  const tree = await readCommitTree(opened.git, history.id(), createContents(opened.git, undefined))
  if (tree === undefined) throw new Error('no head')
  return tree
}

function sourceHistory(): GitHistory {
  const history = createGitHistory()
  history.commit({ [`${folder}/1_one.exs`]: one, [`${folder}/sub/2_two.exs`]: two, 'priv/repo/migrations.md': 'no' })
  return history
}

interface Given {
  readonly files?: Readonly<Record<string, string>>
  readonly source?: Partial<Source>
  readonly token?: string
  readonly ownToken?: string
  readonly api?: string
  readonly workspace?: string
  readonly environment?: NodeJS.ProcessEnv
  readonly fromFork?: boolean
}

async function listed(given: Given): Promise<SourceListing> {
  const history = createGitHistory()
  history.commit({ 'README.md': 'an application', ...given.files })
  const context = readRunContext({
    GITHUB_REPOSITORY: 'diwa-agent/diwa',
    GITHUB_WORKSPACE: given.workspace ?? history.folder,
    GITHUB_API_URL: given.api ?? 'http://127.0.0.1:9'
  })
  const tokens = { github: given.ownToken, source: given.token, team: undefined }
  const inputs = { tokens, context, environment: given.environment ?? process.env }
  return readSource(
    { ...source, ...given.source },
    { head: await headOf(history) },
    inputs,
    testWorld(),
    given.fromFork
  )
}

const wanted = new Map([
  ['1_one.exs', id(one)],
  ['sub/2_two.exs', id(two)]
])

test('the source is asked through the API with its token', async () => {
  const history = sourceHistory()
  const sandbox = await startSandbox({})
  try {
    sandbox.github.addRepository({ owner: 'diwa-cloud', name: 'diwa', private: true })
    sandbox.github.importGit('diwa-cloud/diwa', history.folder)
    sandbox.github.addToken({
      token: 'ghs_of_the_source',
      login: 'an-app[bot]',
      permissions: { contents: 'read' },
      repositories: ['diwa-cloud/diwa']
    })
    sandbox.github.addToken({
      token: 'ghs_of_the_job',
      login: 'github-actions[bot]',
      permissions: { contents: 'read' },
      repositories: ['diwa-agent/diwa']
    })
    const api = `${sandbox.address('github').origin}/api/v3`
    const read = await listed({ api, token: 'ghs_of_the_source', ownToken: 'ghs_of_the_job' })
    const label = `diwa-cloud/diwa@main (${history.id().slice(0, 7)})`
    expect(read).toEqual({ label, files: wanted, commit: history.id(), way: 'api' })

    // A private repository looks to another's token as if it were not there.
    const unseen = await listed({ api, ownToken: 'ghs_of_the_job' })
    expect(unseen).toEqual({
      notAvailable: expect.stringMatching(/^diwa-cloud\/diwa@main cannot be read: GitHub answered 404/),
      next: expect.stringMatching(/source-token.*404 for what a token may not see/)
    })
    const elsewhere = await listed({ api, token: 'ghs_of_the_source', source: { path: 'migrations' } })
    expect(elsewhere).toMatchObject({ notAvailable: expect.stringContaining('has nothing in migrations') })
  } finally {
    await sandbox.close()
  }
})

test('without token, checkout and manifest nothing is known, and it is told what to give', async () => {
  expect(await listed({})).toEqual({
    notAvailable: expect.stringContaining('neither a checkout nor a manifest'),
    next: expect.stringContaining('source-token')
  })
})

test('a checkout beside this one is read at its commit, whatever lies in its working tree', async () => {
  const beside = sourceHistory()
  beside.git('remote', 'add', 'origin', 'https://x:secret@github.com/diwa-cloud/diwa.git')
  beside.write({ [`${folder}/3_three.exs`]: 'not committed' })
  const read = await listed({ workspace: beside.folder, source: { checkout: '.' } })
  expect(read).toMatchObject({ files: wanted, commit: beside.id(), way: 'checkout' })
  const other = await listed({ workspace: beside.folder, source: { checkout: '.', ref: 'a'.repeat(40) } })
  expect(other).toMatchObject({ notAvailable: expect.stringContaining(`is at ${beside.id()}`) })
  const stranger = await listed({ workspace: beside.folder, source: { checkout: '.', repository: 'acme/core' } })
  expect(stranger).toMatchObject({ notAvailable: expect.stringContaining('is not a checkout of acme/core') })
  expect(JSON.stringify(stranger)).not.toContain('secret')
})

test('a checkout that is not there is told with how it is made', async () => {
  const missing = { source: { checkout: 'none' } }
  expect(await listed({ ...missing, environment: { GITHUB_ACTIONS: 'true' } })).toEqual({
    notAvailable: 'There is no folder none, which `source.checkout` names.',
    next: expect.stringContaining('Check diwa-cloud/diwa out at main into none')
  })
  expect(await listed({ ...missing, environment: {} })).toMatchObject({
    next: expect.stringMatching(/^Clone diwa-cloud\/diwa into none/)
  })
})

test('a pull request from a fork is told of the manifest, as it gets no token whatever the workflow gives', async () => {
  const { url } = await serve((_, response) => response.writeHead(404).end('{"message":"Not Found"}'))
  const asked = { api: url, ownToken: 'ghs_of_the_job', fromFork: true }
  expect(await listed(asked)).toEqual({
    notAvailable: expect.stringMatching(/Not Found.*\.$/),
    next: expect.stringMatching(/^A pull request from a fork gets no secrets.*`source\.manifest`/)
  })
  expect(await listed({ fromFork: true })).toMatchObject({ next: expect.stringContaining('`source.manifest`') })
  expect(await listed({ ...asked, fromFork: false })).toMatchObject({ next: expect.stringMatching(/^Give input/) })
})

const commit = 'c'.repeat(40)
const manifest = makeManifest({ repository: source.repository, ref: 'main', commit, path: folder, files: wanted })

test('a committed manifest stands in for those who cannot ask, and when asking fails', async () => {
  const files = { '.github/migrations.json': manifest }
  const read = await listed({ files, source: { manifest: '.github/migrations.json' } })
  expect(read).toEqual({
    label: 'diwa-cloud/diwa@main (ccccccc) by .github/migrations.json',
    files: wanted,
    commit,
    way: 'manifest'
  })
  const { url } = await serve((_, response) => response.writeHead(404).end('{}'))
  const asked = await listed({
    files,
    api: url,
    ownToken: 'ghs_of_the_job',
    source: { manifest: '.github/migrations.json' }
  })
  expect(asked).toMatchObject({ way: 'manifest' })
})

test.each([
  ['is not there', undefined, 'There is no manifest'],
  ['is no JSON', '{', 'cannot be read'],
  ['is of another repository', manifest.replace('diwa-cloud/diwa', 'acme/core'), 'repository acme/core instead of'],
  ['is of another ref', manifest.replace('"main"', '"release"'), 'ref release instead of main'],
  ['is of another folder', manifest.replace(folder, 'db'), 'path db instead of'],
  ['has an id cut short', manifest.replace(id(one), id(one).slice(1)), 'is no blob id of git'],
  ['has a path that leads out', manifest.replace('1_one.exs', '../1_one.exs'), 'is no path below that folder'],
  ['has a key too many', manifest.replace('"ref"', '"more": 1, "ref"'), 'The key "more" is not known'],
  ['has a version of the future', manifest.replace('"manifestVersion": 1', '"manifestVersion": 2'), '2 stands where']
])('a manifest that %s proves nothing', async (_, text, said) => {
  const files: Record<string, string> = text === undefined ? {} : { 'm.json': text }
  expect(await listed({ files, source: { manifest: 'm.json' } })).toEqual({
    notAvailable: expect.stringContaining(said),
    next: expect.stringContaining('command manifest')
  })
})

test('a manifest is read back as it was made, sorted by path', () => {
  const read = readManifest(manifest, 'm.json')
  expect(read).toEqual({
    manifest: { repository: source.repository, ref: 'main', commit, path: folder, files: wanted }
  })
  const turned = makeManifest({
    repository: source.repository,
    ref: 'main',
    commit,
    path: folder,
    files: new Map([...wanted].reverse())
  })
  expect(turned).toBe(manifest)
})

test('the command makes the manifest of what is committed', async () => {
  const history = sourceHistory()
  history.git('remote', 'add', 'origin', 'git@github.com:diwa-cloud/diwa.git')
  history.write({ [`${folder}/3_three.exs`]: 'not committed' })
  const text = await localManifest({ folder: `./${folder}/`, ref: undefined, path: history.folder }, process.env)
  expect(text).toBe(
    makeManifest({ repository: source.repository, ref: 'main', commit: history.id(), path: folder, files: wanted })
  )
  const failing = { folder, ref: 'nothing', path: history.folder }
  await expect(localManifest(failing, process.env)).rejects.toMatchObject({
    problems: [{ code: 'change-without-base' }]
  })
  const empty = { folder: 'none', ref: undefined, path: history.folder }
  await expect(localManifest(empty, process.env)).rejects.toMatchObject({ problems: [{ code: 'guard-manifest' }] })
})

test.each([
  ['https://github.com/acme/core.git', 'github.com', 'acme/core'],
  ['https://x-access-token:abc@github.example.org:8443/acme/core/', 'github.example.org', 'acme/core'],
  ['git@github.com:acme/core.git', 'github.com', 'acme/core'],
  ['ssh://git@github.com/acme/core', 'github.com', 'acme/core'],
  ['/srv/acme/core', undefined, undefined],
  ['https://github.com/core', undefined, undefined],
  ['file:///srv/acme/core', undefined, undefined]
])('%s is the address of %s %s', (url, host, repository) => {
  expect(repositoryIn(url)).toEqual(host === undefined ? undefined : { host, repository })
})

const tarball = hexTarball({
  files: { 'mix.exs': 'x', [`${folder}/1_one.exs`]: one, [`${folder}/sub/2_two.exs`]: two, 'lib/a.ex': 'a' }
})
const outer = createHash('sha256').update(tarball).digest('hex')

interface PackageGiven {
  readonly files: Readonly<Record<string, string>>
  /** What the branch has; by default nothing. */
  readonly target?: Readonly<Record<string, string>>
  readonly kind?: 'local' | 'pull_request'
  /** What Hex answers; undefined: it cannot be reached. */
  readonly answer?: Buffer | number
  readonly write?: (folder: string) => void
  readonly path?: string
}

async function packaged(given: PackageGiven): Promise<PackageListing & { readonly asked?: readonly string[] }> {
  const history = createGitHistory()
  history.commit(given.files)
  given.write?.(history.folder)
  const asked: string[] = []
  const { url } = await serve((request, response) => {
    asked.push(request.url ?? '')
    if (typeof given.answer === 'number' || given.answer === undefined) response.writeHead(given.answer ?? 404).end()
    else response.end(given.answer)
  })
  const world = testWorld()
  // Hex under its real name, served here.
  const http = Object.assign(
    (request: Parameters<typeof world.http>[0]) =>
      world.http({ ...request, url: String(request.url).replace('https://repo.hex.pm', url) }),
    { close: world.http.close }
  )
  const inputs = {
    tokens: { github: undefined, source: undefined, team: undefined },
    context: readRunContext({}),
    folder: history.folder
  }
  const listing = await readPackage(
    { name: 'diwa_schema', path: given.path ?? folder, from: folder },
    { target: treeOf(given.target ?? {}), head: await headOf(history), kind: given.kind ?? 'pull_request' },
    inputs,
    { ...world, http }
  )
  return { ...listing, asked }
}

const locked = lockOf(lockedEntry({ outer }))
const lock = { 'mix.lock': locked }

test('the locked release is its tarball, held to the checksum in the lock', async () => {
  const read = await packaged({ files: lock, answer: tarball })
  expect(read).toMatchObject({ files: wanted, way: 'hex', version: '0.1.0' })
  expect(read.asked).toEqual(['/tarballs/diwa_schema-0.1.0.tar'])
})

test('a tarball of other bytes, of none, or without the folder proves nothing', async () => {
  const other = await packaged({ files: lock, answer: hexTarball({ files: { 'mix.exs': 'y' } }) })
  expect(other).toMatchObject({ notAvailable: expect.stringContaining('the lock file says') })
  expect(await packaged({ files: lock, answer: 404 })).toMatchObject({
    notAvailable: expect.stringContaining('was answered 404'),
    next: expect.stringContaining('mix.lock')
  })
  expect(await packaged({ files: lock, answer: tarball, path: 'migrations' })).toMatchObject({
    notAvailable: expect.stringContaining('no file in the folder')
  })
})

function unpack(path: string, checksum?: string): void {
  const deps = join(path, 'deps/diwa_schema')
  mkdirSync(join(deps, folder, 'sub'), { recursive: true })
  writeFileSync(join(deps, '.hex'), manifestBytes(checksum === undefined ? {} : { inner: checksum }))
  writeFileSync(join(deps, folder, '1_one.exs'), one)
  writeFileSync(join(deps, folder, 'sub/2_two.exs'), two)
}

test('what is unpacked counts where Hex does not answer, and first of all on a developer’s machine', async () => {
  const job = await packaged({ files: lock, answer: 403, write: unpack })
  expect(job).toMatchObject({ files: wanted, way: 'deps' })
  expect(job.asked).toHaveLength(1)
  const local = await packaged({ files: lock, kind: 'local', write: unpack })
  expect(local).toMatchObject({ files: wanted, way: 'deps', asked: [] })
})

test('what is unpacked and is another release, or came with the change, proves nothing', async () => {
  const stale = await packaged({
    files: lock,
    answer: 403,
    write: (path) => {
      unpack(path, 'b2'.repeat(32))
    }
  })
  expect(stale).toMatchObject({ notAvailable: expect.stringContaining('not what mix.lock has') })
  const committed = await packaged({
    files: { ...lock, 'deps/diwa_schema/x.ex': 'x' },
    answer: 403,
    write: unpack
  })
  expect(committed).toMatchObject({ notAvailable: expect.stringContaining('is committed') })
})

test('without a lock entry, or with a lock that cannot be read, nothing is proved', async () => {
  expect(await packaged({ files: { 'mix.lock': '%{}' } })).toMatchObject({
    notAvailable: 'mix.lock has no entry for diwa_schema.',
    next: expect.stringContaining('mix deps.get')
  })
  expect(await packaged({ files: { 'mix.lock': '<<<<<<< ours' } })).toMatchObject({
    notAvailable: expect.stringContaining('cannot be read')
  })
})

test('a package that mix.exs does not name either is not used yet, and one that it names is not locked', async () => {
  const mixExs = (deps: string): string =>
    `defmodule Demo.MixProject do\n  use Mix.Project\n  def project, do: [app: :demo, version: "1.0.0", deps: deps()]\n  defp deps, do: [${deps}]\nend\n`
  expect(await packaged({ files: { 'mix.exs': mixExs(''), 'mix.lock': '%{}' } })).toMatchObject({ unused: true })
  const named = await packaged({ files: { 'mix.exs': mixExs('{:diwa_schema, "~> 0.1"}'), 'mix.lock': '%{}' } })
  expect(named).not.toHaveProperty('unused')
})

test('a dependency by path is read from the same tree, and none outside of it', async () => {
  const mixExs = (path: string): string =>
    `defmodule Demo.MixProject do\n  use Mix.Project\n  def project, do: [app: :demo, version: "1.0.0", deps: deps()]\n  defp deps, do: [{:diwa_schema, path: "${path}"}]\nend\n`
  const files = { [`schema/${folder}/1_one.exs`]: one, [`schema/${folder}/sub/2_two.exs`]: two }
  expect(await packaged({ files: { ...files, 'mix.exs': mixExs('schema') } })).toMatchObject({
    files: wanted,
    way: 'path',
    doubt: expect.stringContaining('which the change itself may fill')
  })
  expect(await packaged({ files: { ...files, 'mix.exs': mixExs('../schema') } })).toMatchObject({
    notAvailable: expect.stringContaining('outside of this repository')
  })
})

test('a git dependency cannot be asked without a token', async () => {
  const entry = `"diwa_schema": {:git, "https://github.com/diwa-cloud/schema.git", "${commit}", []}`
  expect(await packaged({ files: { 'mix.lock': `%{\n  ${entry},\n}\n` } })).toMatchObject({
    notAvailable: expect.stringContaining('cannot be asked'),
    next: expect.stringContaining('source-token')
  })
})

describe('where a package comes from is believed', () => {
  const mixExs = (dep: string): string =>
    `defmodule Demo.MixProject do\n  use Mix.Project\n  def project, do: [app: :demo, version: "1.0.0", deps: deps()]\n  defp deps, do: [${dep}]\nend\n`
  const hex = mixExs('{:diwa_schema, "~> 0.1"}')
  const other = lockOf(lockedEntry({ outer, package: 'evil' }))

  test('of hex.pm under its own name, and of where the branch has it from', async () => {
    expect(await packaged({ files: { ...lock, 'mix.exs': hex }, answer: tarball })).not.toHaveProperty('doubt')
    expect(
      await packaged({ files: { 'mix.lock': other }, target: { 'mix.lock': other }, answer: tarball })
    ).not.toHaveProperty('doubt')
  })

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['another package of Hex', { 'mix.lock': other }, 'from the package evil of hexpm; the branch does not.'],
    [
      'a folder, whatever the lock says',
      { ...lock, 'mix.exs': mixExs('{:diwa_schema, path: "vendor/x"}') },
      'a folder of this repository'
    ],
    [
      'a repository, whatever the lock says',
      { ...lock, 'mix.exs': mixExs('{:diwa_schema, git: "https://github.com/mallory/x.git"}') },
      'from a git repository'
    ]
  ])('and not of %s, which the change names itself', async (_, files, doubt) => {
    expect(await packaged({ files, target: { ...lock, 'mix.exs': hex }, answer: tarball })).toMatchObject({
      doubt: expect.stringContaining(doubt)
    })
  })

  test.each([
    ['https://github.com/diwa-cloud/schema.git', undefined],
    ['https://github.com/mallory/schema.git', 'names the git repository']
  ])('from git where the branch names %s', async (was, doubt) => {
    const entry = (url: string): string => `%{\n  "diwa_schema": {:git, "${url}", "${commit}", []},\n}\n`
    const url = 'https://github.com/diwa-cloud/schema.git'
    const read = readMixLock(entry(url), 'mix.lock')
    if (!('lock' in read)) throw new Error('unreadable')
    const asked = { name: 'diwa_schema', project: '.', entry: read.lock.get('diwa_schema') }
    const found = await packageDoubt(treeOf({ 'mix.lock': entry(was) }), treeOf({ 'mix.lock': entry(url) }), asked)
    expect(found ?? 'believed').toContain(doubt ?? 'believed')
  })
})
