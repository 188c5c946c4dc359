// `emulate` of npm has a GitHub that others wrote: without GraphQL, without digests, without asset downloads.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { installedPackage } from '../sandbox/github/fetched-package.ts'
import { pushOfTag, runAction, temporaryFolder, type ActionRun } from '../support/run-action.ts'

const token = 'ghp_token_for_emulate'
const repository = 'octocat/hello-world'
const bundles = process.env['RELEASE_ACTIONS_DIST']

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface EmulatedRelease {
  readonly id: number
  readonly tag_name: string
  readonly body: string
  readonly draft: boolean
  readonly prerelease: boolean
  readonly assets: readonly { readonly name: string; readonly size: number; readonly digest?: string }[]
}

describe('the GitHub of emulate', () => {
  let emulate: ChildProcess
  let address: string
  let workspace: string
  let commit: string

  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${address}/repos/${repository}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    return answer.json()
  }
  const releases = async (): Promise<readonly EmulatedRelease[]> =>
    (await call('GET', '/releases')) as readonly EmulatedRelease[]
  const release = (tag: string, inputs: Readonly<Record<string, string>> = {}): Promise<ActionRun> =>
    runAction('changelog-release', {
      inputs: { assets: 'dist/*', 'github-token': token, ...inputs },
      workspace,
      env: {
        ...pushOfTag(tag),
        GITHUB_SHA: commit,
        GITHUB_REPOSITORY: repository,
        GITHUB_API_URL: address,
        GITHUB_GRAPHQL_URL: `${address}/graphql`,
        GITHUB_SERVER_URL: address
      },
      ...(bundles === undefined ? {} : { dist: bundles })
    })

  beforeAll(async () => {
    const program = join(installedPackage('emulate@0.12.2'), 'node_modules', 'emulate', 'dist', 'index.js')
    workspace = temporaryFolder('emulate')
    const seed = join(temporaryFolder('seed'), 'seed.json')
    writeFileSync(
      seed,
      JSON.stringify({
        tokens: { [token]: { login: 'octocat', scopes: ['repo'] } },
        github: { users: [{ login: 'octocat' }], repos: [{ owner: 'octocat', name: 'hello-world', auto_init: true }] }
      })
    )
    const port = await freePort()
    address = `http://localhost:${port}`
    emulate = spawn(process.execPath, [program, '--service', 'github', '--port', String(port), '--seed', seed], {
      cwd: temporaryFolder('emulate-home'),
      env: { PATH: process.env['PATH'] },
      stdio: 'ignore'
    })
    for (let attempt = 1; ; attempt++) {
      const there = await fetch(`${address}/repos/${repository}`).then(
        ({ ok }) => ok,
        () => false
      )
      if (there) break
      if (attempt === 100) throw new Error('emulate did not start')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const main = (await call('GET', '/git/ref/heads/main')) as { object: { sha: string } }
    commit = main.object.sha
    for (const tag of ['v1.0.0', 'v1.1.0-rc.1']) {
      await call('POST', '/git/refs', { ref: `refs/tags/${tag}`, sha: commit })
    }
    mkdirSync(join(workspace, 'dist'))
    writeFileSync(join(workspace, 'dist/a.whl'), 'wheel')
    writeFileSync(join(workspace, 'dist/b c.txt'), 'text')
    writeFileSync(
      join(workspace, 'CHANGELOG.md'),
      '# Changelog\n\n## 1.1.0-rc.1\n\n- next\n\n## [1.0.0] - 2026-01-02\n\n- first\n'
    )
  }, 300_000)
  afterAll(() => {
    emulate.kill()
  })

  test('gets a release, whose assets are compared by size, and a second run writes nothing', async () => {
    const first = await release('v1.0.0')
    expect(first.annotations).toEqual([])
    expect([first.exitCode, first.outputs['status']]).toEqual([0, 'published'])
    const published = (await releases()).filter(({ tag_name }) => tag_name === 'v1.0.0')
    expect(published).toMatchObject([{ body: '- first', draft: false, prerelease: false }])
    expect(published[0]?.assets.map(({ name, size, digest }) => [name, size, digest]).sort()).toEqual([
      ['a.whl', 5, undefined],
      ['b.c.txt', 4, undefined]
    ])
    expect(first.receipt).toMatchObject({
      notChecked: [expect.stringContaining('a.whl'), expect.stringContaining('b.c.txt')]
    })
    const second = await release('v1.0.0')
    expect([second.exitCode, second.outputs['status']]).toEqual([0, 'unchanged'])
    expect(second.outputs['id']).toBe(first.outputs['id'])
  }, 60_000)

  test('keeps a draft until it is asked to publish, and takes the prerelease flag of the version', async () => {
    expect((await release('v1.1.0-rc.1', { draft: 'true' })).outputs['status']).toBe('published')
    expect((await releases()).find(({ tag_name }) => tag_name === 'v1.1.0-rc.1')).toMatchObject({
      draft: true,
      prerelease: true
    })
    expect((await release('v1.1.0-rc.1')).outputs['status']).toBe('published')
    expect((await releases()).find(({ tag_name }) => tag_name === 'v1.1.0-rc.1')).toMatchObject({
      draft: false,
      prerelease: true
    })
  }, 60_000)

  test('keeps its assets when other bytes come', async () => {
    writeFileSync(join(workspace, 'dist/a.whl'), 'another wheel')
    const run = await release('v1.0.0')
    expect(run.exitCode).toBe(1)
    expect(run.annotations.map(({ properties }) => properties['title'])).toEqual(['asset-differs'])
  }, 60_000)
})
