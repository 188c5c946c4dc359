// needs: gh
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'

const repository = 'acme/lib'

describe('gh, under the real host names', () => {
  let sandbox: Sandbox
  let folder: string
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gh-'))
    sandbox = await startSandbox()
    const { github } = sandbox
    github.addRepository({ owner: 'acme', name: 'lib' })
    github.addToken({ token: 'ghp_owner', login: 'acme', permissions: { contents: 'write' } })
    github.addToken({ token: 'ghs_ci', login: 'github-actions[bot]', permissions: { contents: 'write' } })
    github.setRef(repository, 'refs/tags/v1.0.0', github.addCommit(repository))
    writeFileSync(join(folder, 'one.bin'), Buffer.alloc(70_000, 1))
    writeFileSync(join(folder, 'two words.txt'), 'two')
    writeFileSync(join(folder, 'notes.md'), '# Notes\n\nFirst release.\n')
  })
  afterEach(async () => {
    await sandbox.close()
    rmSync(folder, { recursive: true })
  })

  const gh = async (args: readonly string[], { token = 'ghp_owner', job = 'release' } = {}): Promise<Outcome> => {
    const child = spawn('gh', args, {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        ...sandbox.environment({ job }),
        GH_TOKEN: token,
        GH_NO_UPDATE_NOTIFIER: '1',
        GH_PROMPT_DISABLED: '1',
        NO_COLOR: '1'
      }
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    return { code, stdout, stderr }
  }
  const release = (...args: string[]): Promise<Outcome> => gh(['release', ...args, '-R', repository])
  const viewed = async (tag: string): Promise<unknown> => {
    const fields = 'tagName,name,body,isDraft,isPrerelease,url,assets'
    return JSON.parse((await release('view', tag, '--json', fields)).stdout)
  }

  test('creates a release with its assets: as a draft, then published', async () => {
    const created = await release(
      'create',
      'v1.0.0',
      'one.bin',
      'two words.txt#Two words',
      '--title',
      'One',
      '-F',
      'notes.md'
    )
    expect(created).toEqual({ code: 0, stdout: 'https://github.com/acme/lib/releases/tag/v1.0.0\n', stderr: '' })
    expect(sandbox.writes().map(({ method, status }) => `${method} ${status}`)).toEqual([
      'POST 201',
      'POST 201',
      'POST 201',
      'PATCH 200'
    ])
    const [stored] = sandbox.github.releases(repository)
    expect(stored).toMatchObject({ tag: 'v1.0.0', name: 'One', body: '# Notes\n\nFirst release.\n', draft: false })
    const assets = stored?.assets.map(({ name, label, size, state }) => ({ name, label, size, state }))
    expect(assets).toHaveLength(2)
    expect(assets).toContainEqual({ name: 'one.bin', label: '', size: 70_000, state: 'uploaded' })
    expect(assets).toContainEqual({ name: 'two.words.txt', label: 'Two words', size: 3, state: 'uploaded' })
  })

  test('shows, edits and lists it', async () => {
    await release('create', 'v1.0.0', '--notes', 'First.')
    expect(await release('edit', 'v1.0.0', '--title', 'Uno', '--notes', 'Primo.', '--prerelease')).toMatchObject({
      code: 0
    })
    expect(await viewed('v1.0.0')).toMatchObject({
      tagName: 'v1.0.0',
      name: 'Uno',
      body: 'Primo.',
      isDraft: false,
      isPrerelease: true,
      url: 'https://github.com/acme/lib/releases/tag/v1.0.0'
    })
    expect((await release('list')).stdout).toMatch(/^Uno\tPre-release\tv1\.0\.0\t\d{4}-/)
  })

  test('finds a draft by its tag and publishes it, which creates the tag', async () => {
    const created = await release('create', 'v2.0.0', '--draft', '--notes', 'Soon.')
    expect(created.stdout).toMatch(/^https:\/\/github\.com\/acme\/lib\/releases\/tag\/untagged-[0-9a-f]{20}\n$/)
    expect(sandbox.github.refs(repository)['refs/tags/v2.0.0']).toBeUndefined()
    expect(await viewed('v2.0.0')).toMatchObject({ tagName: 'v2.0.0', isDraft: true })
    expect((await release('edit', 'v2.0.0', '--draft=false')).stdout).toBe(
      'https://github.com/acme/lib/releases/tag/v2.0.0\n'
    )
    const refs = sandbox.github.refs(repository)
    expect(refs['refs/tags/v2.0.0']).toBe(refs['refs/heads/main'])
  })

  test('refuses a second asset of the name, replaces it with --clobber, and downloads what it uploaded', async () => {
    await release('create', 'v1.0.0', 'one.bin', '--notes', '')
    const other = Buffer.alloc(50_000, 2)
    writeFileSync(join(folder, 'one.bin'), other)
    expect(await release('upload', 'v1.0.0', 'one.bin')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'asset under the same name already exists: [one.bin]\n'
    })
    expect(await release('upload', 'v1.0.0', 'one.bin', '--clobber')).toMatchObject({ code: 0 })
    expect(await release('download', 'v1.0.0', '-p', 'one.*', '-D', 'down')).toMatchObject({ code: 0 })
    expect(readFileSync(join(folder, 'down', 'one.bin')).equals(other)).toBe(true)
  })

  test('shows GitHub’s own words when a published release has the tag already, and when there is none', async () => {
    await release('create', 'v1.0.0', '--notes', '')
    const second = await gh(['api', `repos/${repository}/releases`, '-f', 'tag_name=v1.0.0'])
    expect(second.stderr).toContain('gh: Validation Failed (HTTP 422)')
    expect(second.stdout).toContain('"code":"already_exists","field":"tag_name"')
    expect(await release('view', 'v9')).toMatchObject({ code: 1, stderr: 'release not found\n' })
  })

  test('deletes an asset, and the release with its tag', async () => {
    await release('create', 'v1.0.0', 'one.bin', '--notes', '')
    expect(await release('delete-asset', 'v1.0.0', 'one.bin', '--yes')).toMatchObject({ code: 0 })
    expect(sandbox.github.releases(repository)[0]?.assets).toEqual([])
    expect(await release('delete', 'v1.0.0', '--yes', '--cleanup-tag')).toMatchObject({ code: 0 })
    expect(sandbox.github.releases(repository)).toEqual([])
    expect(sandbox.github.refs(repository)).not.toHaveProperty(['refs/tags/v1.0.0'])
  })

  test('lets GitHub write the notes and choose the commit of a new tag', async () => {
    await release('create', 'v1.0.0', '--notes', '')
    expect(await release('create', 'v1.1.0', '--generate-notes', '--target', 'main')).toMatchObject({ code: 0 })
    expect(await viewed('v1.1.0')).toMatchObject({
      name: 'v1.1.0',
      body: '**Full Changelog**: https://github.com/acme/lib/compare/v1.0.0...v1.1.0'
    })
  })

  test('is told by a job without contents: write what it lacks', async () => {
    sandbox.github.setJobPermissions('test', { contents: 'read' })
    const refused = await gh(['release', 'create', 'v1.0.0', '--notes', '', '-R', repository], {
      token: 'ghs_ci',
      job: 'test'
    })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('HTTP 403: Resource not accessible by integration')
    expect(sandbox.github.releases(repository)).toEqual([])
  })

  test('says who is logged in, and reads the repository through GraphQL', async () => {
    expect(await gh(['auth', 'status'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Logged in to github.com as acme')
    })
    expect(await gh(['auth', 'status'], { token: 'ghp_wrong' })).toMatchObject({ code: 1 })
    const view = await gh(['repo', 'view', repository, '--json', 'nameWithOwner,defaultBranchRef,latestRelease'])
    expect(JSON.parse(view.stdout)).toEqual({
      nameWithOwner: repository,
      defaultBranchRef: { name: 'main' },
      latestRelease: null
    })
  })
})

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
