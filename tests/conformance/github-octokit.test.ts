// octokit, the client that most actions are written with, fetched at test time.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { installedPackage } from '../sandbox/github/fetched-package.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const program = join(root, 'tests', 'sandbox', 'github', 'octokit-client.ts')
const octokit = '@octokit/rest@22.0.1'

describe('octokit', () => {
  let module: string
  let sandbox: Sandbox
  beforeAll(() => {
    module = pathToFileURL(
      join(installedPackage(octokit), 'node_modules', '@octokit', 'rest', 'dist-src', 'index.js')
    ).href
  })
  beforeEach(async () => {
    sandbox = await startSandbox()
    sandbox.github.addRepository({ owner: 'acme', name: 'lib' })
    sandbox.github.addToken({ token: 'ghs_ci', login: 'github-actions[bot]', permissions: { contents: 'write' } })
  })
  afterEach(() => sandbox.close())

  const release = async (environment: Record<string, string>, options: object): Promise<unknown> => {
    const { stdout } = await run(process.execPath, [program, module, JSON.stringify({ auth: 'ghs_ci', ...options })], {
      env: { PATH: process.env['PATH'], ...environment }
    })
    return JSON.parse(stdout)
  }
  const expected = (html: string): object => ({
    created: { status: 201, draft: true },
    uploaded: {
      status: 201,
      name: 'a.txt',
      digest: `sha256:${createHash('sha256').update('bytes of a').digest('hex')}`
    },
    refused: 'Not Found - https://docs.github.com/rest/releases/releases#get-a-release-by-tag-name',
    listed: ['v1.0.0'],
    published: `${html}/acme/lib/releases/tag/v1.0.0`,
    paged: ['v1.0.0', 'v1.1.0', 'v1.2.0'],
    latest: `${html}/acme/lib/releases/tag/v1.2.0`,
    again:
      'Validation Failed: {"resource":"Release","code":"already_exists","field":"tag_name"} - ' +
      'https://docs.github.com/rest/releases/releases#create-a-release',
    downloaded: 'bytes of a'
  })

  test('makes, lists, publishes and downloads a release under the real host names', async () => {
    expect(await release(sandbox.environment(), {})).toEqual(expected('https://github.com'))
    const hosts = sandbox.requests.filter(({ outcome }) => outcome === 'answered').map(({ url }) => new URL(url).host)
    expect(new Set(hosts)).toEqual(
      new Set(['api.github.com', 'uploads.github.com', 'release-assets.githubusercontent.com'])
    )
  })

  test('does the same with an Enterprise Server at a loopback address', async () => {
    const { origin } = sandbox.address('github')
    expect(await release({}, { baseUrl: `${origin}/api/v3` })).toEqual(expected(origin))
  })
})
