import { afterEach, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { sdist, wheel, writeFiles } from '../support/distributions.ts'
import {
  distributions,
  filesOf,
  problemsOf,
  pypiToken,
  requestToken,
  startRelease,
  testpypiToken,
  type Release
} from './release.ts'

const started: Release[] = []
afterEach(async () => {
  for (const release of started.splice(0)) await release.sandbox.close()
})

async function start(...options: Parameters<typeof startRelease>): Promise<Release> {
  const release = await startRelease(...options)
  started.push(release)
  return release
}

const inventory = distributions().map(
  ({ filename, bytes }) => `${filename} ${createHash('sha256').update(bytes).digest('hex')}`
)

describe('a release by tag', () => {
  test('uploads every file once, the sdist last, and reads the index back', async () => {
    const release = await start()
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(problemsOf(run)).toEqual([])
    expect(run.exitCode).toBe(0)
    expect(release.published()).toEqual([...inventory].sort())
    expect(release.published('testpypi')).toEqual([])
    expect(release.uploads()).toHaveLength(3)
    const order = release.sandbox.pypi.releases('demo-pkg')[0]?.files.toSorted((a, b) => a.uploaded - b.uploaded)
    expect(order?.at(-1)?.filename).toBe('demo_pkg-1.0.0.tar.gz')
    expect(release.sandbox.requests.at(-1)).toMatchObject({ method: 'GET', url: 'https://pypi.org/simple/demo-pkg/' })
    expect(run.outputs).toMatchObject({
      status: 'published',
      version: '1.0.0',
      channel: 'stable',
      index: 'pypi',
      url: 'https://pypi.org/project/demo-pkg/1.0.0/'
    })
    expect(filesOf(run).map(({ status }) => status)).toEqual(['published', 'published', 'published'])
    expect(run.receipt).toMatchObject({
      action: 'pypi-publish',
      status: 'published',
      tag: 'v1.0.0',
      targets: [{ kind: 'pypi' }]
    })
    expect(run.summary).toContain('is on PyPI')
  })

  test('run again makes no write and says so', async () => {
    const release = await start()
    await release.run({ 'pypi-token': pypiToken })
    const before = release.sandbox.requests.length
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } })
    expect(release.sandbox.requests.slice(before).map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET https://pypi.org/simple/demo-pkg/'
    ])
    expect(filesOf(run).map(({ status }) => status)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  })

  test('as a dry run writes nothing, mints nothing, and shows the plan', async () => {
    const release = await start({ identity: true })
    const run = await release.run({ 'dry-run': 'true' })
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'planned' } })
    expect(release.sandbox.requests.every(({ method }) => method === 'GET')).toBe(true)
    expect(filesOf(run).map(({ status }) => status)).toEqual(['planned', 'planned', 'planned'])
    expect(run.summary).toContain('would go to PyPI')
    expect(run.summary).toContain('environment: release')
  })

  test('is completed where an earlier run had uploaded a part', async () => {
    const release = await start()
    const [first] = distributions()
    release.sandbox.pypi.addFile(first!.filename, first!.bytes, { owner: 'maintainer' })
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(problemsOf(run)).toEqual([])
    expect(release.published()).toEqual([...inventory].sort())
    expect(release.uploads()).toHaveLength(2)
    expect(
      filesOf(run)
        .map(({ status }) => status)
        .sort()
    ).toEqual(['published', 'published', 'unchanged'])
  })

  test('stops before any upload when a file is there with other bytes, and names both hashes', async () => {
    const release = await start()
    const other = wheel({ files: { 'demo_pkg/other.py': 'x = 1' } })
    release.sandbox.pypi.addFile(other.filename, other.bytes)
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(run.exitCode).toBe(1)
    const [problem = ''] = problemsOf(run)
    expect(problem).toMatch(/^different-file/)
    expect(problem).toContain(createHash('sha256').update(other.bytes).digest('hex'))
    expect(problem).toContain(createHash('sha256').update(wheel().bytes).digest('hex'))
    expect(release.uploads()).toEqual([])
  })

  test('stops when the release is older than 14 days and not complete', async () => {
    const release = await start()
    const file = wheel()
    release.sandbox.pypi.addFile(file.filename, file.bytes, { uploaded: Date.now() - 15 * 24 * 60 * 60_000 })
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^release-closed: .*demo_pkg-1\.0\.0\.tar\.gz/)])
    expect(release.uploads()).toEqual([])
  })

  test.each(['archived', 'quarantined'] as const)('stops when the project is %s', async (status) => {
    const release = await start()
    const old = wheel({ version: '0.9.0' })
    release.sandbox.pypi.addFile(old.filename, old.bytes)
    release.sandbox.pypi.setProject('demo-pkg', { status })
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(problemsOf(run)).toEqual([expect.stringMatching(new RegExp(`^project-${status}`))])
    expect(release.uploads()).toEqual([])
  })

  test('stops at a second sdist of a version', async () => {
    const release = await start()
    const release2 = sdist({ files: { x: 'y' } })
    release.sandbox.pypi.addFile(release2.filename, release2.bytes)
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^different-file/)])
  })
})

describe('where it goes', () => {
  test('follows the channel: a beta to TestPyPI', async () => {
    const release = await start({ tag: 'v1.0.0-beta.1', files: distributions({ version: '1.0.0b1' }) })
    const run = await release.run({ 'testpypi-token': testpypiToken })
    expect(problemsOf(run)).toEqual([])
    expect(run.outputs).toMatchObject({
      channel: 'beta',
      index: 'testpypi',
      version: '1.0.0b1',
      url: 'https://test.pypi.org/project/demo-pkg/1.0.0b1/'
    })
    expect(release.published('testpypi')).toHaveLength(3)
    expect(release.published('pypi')).toEqual([])
  })

  test('follows the routes that were given', async () => {
    const release = await start({ tag: 'v1.0.0b1', files: distributions({ version: '1.0.0b1' }) })
    const run = await release.run({ 'pypi-token': pypiToken, routes: 'beta, stable: pypi' })
    expect(run.outputs).toMatchObject({ status: 'published', index: 'pypi' })
  })

  test('is what the input index says, whatever the channel', async () => {
    const release = await start()
    const run = await release.run({ 'testpypi-token': testpypiToken, index: 'testpypi' })
    expect(run.outputs).toMatchObject({ status: 'published', index: 'testpypi', channel: 'stable' })
  })

  test('is an error for a channel without a route', async () => {
    const release = await start({ tag: 'v1.0.0rc1', files: distributions({ version: '1.0.0rc1' }) })
    const run = await release.run({ 'pypi-token': pypiToken, routes: 'stable: pypi' })
    expect(problemsOf(run)).toEqual([expect.stringContaining('of the channel rc, which no route names')])
    expect(release.sandbox.requests).toEqual([])
  })
})

describe('the tag', () => {
  test('must have the version of every file', async () => {
    const release = await start({ tag: 'v1.0.1' })
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(problemsOf(run)).toHaveLength(3)
    expect(problemsOf(run)[0]).toContain('is version 1.0.0, and the tag "v1.0.1" says 1.0.1')
    expect(release.uploads()).toEqual([])
  })

  test('may be given, with a prefix', async () => {
    const release = await start({ tag: 'other' })
    const run = await release.run({ 'pypi-token': pypiToken, tag: 'client-v1.0.0', 'tag-prefix': 'client-v' })
    expect(run.outputs).toMatchObject({ status: 'published', version: '1.0.0' })
  })

  test.each([
    ['v1.0.0+build.5', 'tag-local-version'],
    ['v1.0.0-canary.1', 'tag-no-python-version'],
    ['release', 'tag-without-version'],
    ['v1.0.0$(touch x)', 'tag-not-a-ref-name'],
    ['v1.0.0;touch x', 'tag-not-a-ref-name'],
    ['v1.0.0\u202e', 'tag-']
  ])('%j is refused without harm', async (tag, code) => {
    const release = await start()
    const run = await release.run({ 'pypi-token': pypiToken, tag })
    expect(problemsOf(run)).toEqual([expect.stringMatching(new RegExp(`^${code}`))])
    expect(existsSync(`${release.workspace}/x`)).toBe(false)
    expect(release.sandbox.requests).toEqual([])
  })

  test('is missing on a branch', async () => {
    const release = await start()
    const run = await release.run({ 'pypi-token': pypiToken }, { env: { GITHUB_REF: 'refs/heads/main' } })
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^tag-missing/)])
  })
})

describe('the folder', () => {
  test('with several faults has all of them told at once, and nothing is written', async () => {
    const release = await start({
      files: [
        wheel({ tag: 'cp312-cp312-linux_x86_64' }),
        wheel({ headers: ['Requires-Python: 3'] }),
        sdist({ filename: 'Demo-Pkg-1.0.0.tar.gz' }),
        { filename: 'SHA256SUMS', bytes: Buffer.from('x') },
        wheel({ name: 'other', version: '2.0' })
      ]
    })
    mkdirSync(`${release.workspace}/dist/dist-linux`)
    const run = await release.run({ 'pypi-token': pypiToken })
    const codes = problemsOf(run).map((problem) => problem.split(':')[0])
    expect(codes.sort()).toEqual([
      'metadata-requires-python',
      'sdist-filename',
      'several-projects',
      'stray-file',
      'stray-file',
      'version-mismatch',
      'wheel-platform'
    ])
    expect(run.outputs['status']).toBe('failed')
    expect(run.summary).toContain('Nothing was written')
    expect(release.sandbox.writes()).toEqual([])
  })

  test('may hold what build tools leave behind', async () => {
    const release = await start()
    writeFileSync(`${release.workspace}/dist/.gitignore`, '*')
    expect((await release.run({ 'pypi-token': pypiToken })).outputs['status']).toBe('published')
  })

  test('with a link to nowhere has it named', async () => {
    const release = await start()
    symlinkSync('nowhere', `${release.workspace}/dist/demo_pkg-1.0.0-cp313-cp313-win_amd64.whl`)
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^stray-file: .*cp313/)])
  })

  test.each([
    ['empty', 'no-distributions', 'dist-empty'],
    ['missing', 'packages-dir', 'nowhere']
  ])('that is %s is told as such', async (_what, code, folder) => {
    const release = await start()
    mkdirSync(`${release.workspace}/dist-empty`)
    const run = await release.run({ 'pypi-token': pypiToken, 'packages-dir': folder })
    expect(problemsOf(run)).toEqual([expect.stringMatching(new RegExp(`^${code}: .*${folder}`))])
  })

  test('with odd file names does no harm and names them', async () => {
    const names = [
      'a b.whl',
      'quote".whl',
      "it's.tar.gz",
      'größe-1.0-py3-none-any.whl',
      'line\nbreak.whl',
      '$(touch x).whl',
      '::error::x.whl'
    ]
    const release = await start({ files: names.map((filename) => ({ filename, bytes: wheel().bytes })) })
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(run.exitCode).toBe(1)
    expect(existsSync(`${release.workspace}/x`)).toBe(false)
    expect(problemsOf(run).length).toBeGreaterThanOrEqual(names.length)
    expect(run.stdout).not.toMatch(/^::error::x/m)
    expect(release.sandbox.writes()).toEqual([])
  })
})

describe('trusted publishing', () => {
  test('mints one token for all files, from an identity of its own', async () => {
    const release = await start({ identity: true })
    const run = await release.run()
    expect(problemsOf(run)).toEqual([])
    expect(run.outputs['status']).toBe('published')
    expect(release.sandbox.requests.filter(({ url }) => url.includes('mint-token'))).toHaveLength(1)
    expect(release.sandbox.pypi.releases('demo-pkg')[0]?.files[0]?.uploadedBy).toContain('octo-org/demo')
  })

  test('is not asked for when a token is given', async () => {
    const release = await start({ identity: true })
    await release.run({ 'pypi-token': pypiToken })
    expect(release.sandbox.requests.some(({ url }) => url.includes('oidc') || url.includes('idtoken'))).toBe(false)
  })

  test('without a publisher tells what was presented', async () => {
    const release = await start({ identity: true })
    release.sandbox.oidc.grant({
      requestToken: 'another-request-token-0123456789',
      claims: {
        repository: 'octo-org/renamed',
        ref: 'refs/tags/v1.0.0',
        sha: '0'.repeat(40),
        workflow_ref: '.github/workflows/publish.yml'
      }
    })
    const run = await release.run({}, { env: { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'another-request-token-0123456789' } })
    const [problem = ''] = problemsOf(run)
    expect(problem).toMatch(/^mint-invalid-publisher/)
    expect(problem).toContain('repository: octo-org/renamed')
    expect(problem).toContain('job_workflow_ref: octo-org/renamed/.github/workflows/publish.yml@refs/tags/v1.0.0')
    expect(problem).toContain('environment: none')
    expect(release.uploads()).toEqual([])
  })

  test('that is switched off says so, before anything else', async () => {
    const release = await start({ identity: true })
    release.sandbox.pypi.setSwitches({ trustedPublishingDisabled: true })
    expect(problemsOf(await release.run())).toEqual([expect.stringMatching(/^trusted-publishing-off/)])
  })

  test('takes a new token when the first one has expired under way', async () => {
    const release = await start({ identity: true })
    release.sandbox.fault('POST upload.pypi.org/legacy/ #2 403 body="Invalid API Token: token is expired"')
    const run = await release.run()
    expect(problemsOf(run)).toEqual([])
    expect(release.sandbox.requests.filter(({ url }) => url.includes('mint-token'))).toHaveLength(2)
    expect(release.published()).toHaveLength(3)
  })

  test('survives a lost answer to the exchange by presenting a new identity', async () => {
    const release = await start({ identity: true })
    release.sandbox.fault('POST upload.pypi.org/_/oidc/mint-token #1 reset-after')
    const run = await release.run()
    expect(problemsOf(run)).toEqual([])
    expect(run.outputs['status']).toBe('published')
  })
})

describe('credentials', () => {
  test('that are missing are told with both ways to give them', async () => {
    const release = await start()
    const [problem = '', ...others] = problemsOf(await release.run())
    expect(others).toEqual([])
    expect(problem).toMatch(/^no-credentials/)
    expect(problem).toContain('id-token: write')
    expect(problem).toContain('pypi-token: ${{ secrets.PYPI_TOKEN }}')
  })

  test('that are missing do not hinder a dry run, which says what it could not check', async () => {
    const release = await start()
    const run = await release.run({ 'dry-run': 'true' })
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'planned' } })
    expect(run.receipt).toMatchObject({ notChecked: [expect.stringContaining('this run has no credentials')] })
  })

  test('of the wrong site are refused with a hint', async () => {
    const release = await start()
    const run = await release.run({ 'pypi-token': testpypiToken })
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^upload-token-refused: .*separate accounts/s)])
    expect(filesOf(run).map(({ status }) => status)).toEqual(['missing', 'missing', 'missing'])
  })

  test('are not user and password on PyPI', async () => {
    const release = await start()
    const run = await release.run({ user: 'me', password: 'correct horse battery' })
    expect(problemsOf(run)).toContainEqual(expect.stringMatching(/^user-password-for-pypi/))
  })

  test('appear nowhere, and go to the upload host alone', async () => {
    const secrets = {
      'pypi-token': pypiToken,
      'testpypi-token': testpypiToken,
      password: 'planted-password-äöü "quoted"'
    }
    const release = await start({ identity: true })
    for (const [name, value] of Object.entries({ ...secrets, request: requestToken }))
      release.sandbox.watchSecret(name, value)
    const runs = [
      await release.run({ 'pypi-token': secrets['pypi-token'], 'testpypi-token': secrets['testpypi-token'] }),
      await release.run(secrets),
      await release.run({ 'dry-run': 'true' }),
      await release.run({ index: 'testpypi' })
    ]
    for (const run of runs) {
      for (const value of [...Object.values(secrets), requestToken]) {
        expect(run.everything).not.toContain(value)
        expect(run.everything).not.toContain(Buffer.from(`__token__:${value}`).toString('base64'))
      }
      // Tokens of PyPI and JSON Web Tokens, which no input planted.
      expect(run.everything).not.toMatch(/pypi-[A-Za-z0-9_-]{30}|eyJ[A-Za-z0-9_-]{20}/)
    }
    const carried = release.sandbox.requests.flatMap(({ url, secrets: names }) =>
      names.map((name) => `${name} → ${new URL(url).host}`)
    )
    expect([...new Set(carried)].sort()).toEqual([
      'pypi-token → upload.pypi.org',
      'request → pipelines.actions.githubusercontent.com'
    ])
  })
})

describe('a refused upload', () => {
  test('leaves the others unbegun and tells what is there and what is missing', async () => {
    const release = await start()
    release.sandbox.fault('POST upload.pypi.org/legacy/ #2 400 body="The description failed to render for text/x-rst."')
    const run = await release.run({ 'pypi-token': pypiToken })
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^upload-description/)])
    expect(filesOf(run).map(({ status }) => status)).toEqual(['uploaded', 'missing', 'missing'])
    expect(run.summary).toContain('is not complete on PyPI')
    expect(release.published()).toHaveLength(1)
    expect((await release.run({ 'pypi-token': pypiToken })).outputs['status']).toBe('published')
    expect(release.published()).toEqual([...inventory].sort())
  })
})

test('writes into no other folder than the runner’s', async () => {
  const release = await start()
  writeFiles(`${release.workspace}/other`, sdist())
  await release.run({ 'pypi-token': pypiToken })
  expect(existsSync(`${release.workspace}/demo_pkg`)).toBe(false)
})
