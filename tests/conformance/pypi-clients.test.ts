// needs: python3
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { sdist, wheel, writeFiles } from '../support/distributions.ts'
import { pythonWith } from '../support/python.ts'

/**
 * The index is proven by the clients that others wrote, in their own defaults: under the real host names through the
 * proxy, and at the plain loopback address as a private index is used.
 */

const token = 'pypi-AgEIcHlwaS5vcmcCdG9rZW4'
/** Real distributions: pure and compiled, old and new metadata. Pinned, so that a test means the same tomorrow. */
const wellKnown = ['idna==3.10', 'markupsafe==3.0.3', 'packaging==26.3']

let python = ''
let downloads = ''
let sandbox: Sandbox
let home = ''

beforeAll(async () => {
  python = await pythonWith(['twine==7.0.0', 'uv==0.13.8', 'setuptools==80.9.0'])
  downloads = mkdtempSync(join(tmpdir(), 'real-distributions-'))
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--disable-pip-version-check', '--dest', downloads]
  await run(python, [...pip, ...wellKnown], process.env, downloads)
  const sdists = [...pip, '--no-build-isolation', '--no-binary', ':all:', 'markupsafe==3.0.3']
  await run(python, sdists, process.env, downloads)
}, 300_000)

afterAll(() => {
  rmSync(downloads, { recursive: true, force: true })
})

beforeEach(async () => {
  sandbox = await startSandbox()
  home = mkdtempSync(join(tmpdir(), 'pypi-clients-'))
  for (const index of [sandbox.pypi, sandbox.testpypi]) index.addToken({ token })
})

afterEach(async () => {
  await sandbox.close()
  rmSync(home, { recursive: true, force: true })
})

interface Outcome {
  readonly exitCode: number
  readonly output: string
}

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, args, { env, cwd }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ exitCode, output: unwrapped(stdout + stderr) })
    })
  })
}

/** Fails with the program's own words when it failed. */
function succeeded({ exitCode, output }: Outcome): void {
  expect(exitCode === 0 ? 'succeeded' : output).toBe('succeeded')
}

/** twine colours its output and breaks lines at eighty columns. */
function unwrapped(text: string): string {
  const escape = String.fromCharCode(27)
  return text.replaceAll(new RegExp(`${escape}\\[[0-9;]*m`, 'g'), '').replaceAll(/\s*\n\s+/g, ' ')
}

function tool(name: 'twine' | 'uv' | 'pip', args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const env = { PATH: process.env['PATH'], HOME: home, TWINE_NON_INTERACTIVE: '1', ...sandbox.environment(), ...more }
  const script = process.platform === 'win32' ? `${name}.exe` : name
  return name === 'pip'
    ? run(python, ['-m', 'pip', '--disable-pip-version-check', '--no-cache-dir', ...args], env, home)
    : run(join(dirname(python), script), args, env, home)
}

const twineUpload = ['upload', '--disable-progress-bar', '--username', '__token__', '--password', token]

/** A wheel and an sdist of demo-pkg, on disk. */
function demo(
  options: { readonly version?: string; readonly files?: Readonly<Record<string, string>> } = {}
): string[] {
  const described = {
    ...options,
    headers: ['Summary: A demo', 'Author-email: A. Maker <maker@example.org>', 'Requires-Python: >=3.9'],
    description: '# Demo\n\nTwo\nlines.\n'
  }
  return writeFiles(join(home, 'dist'), wheel(described), sdist(described))
}

/** `METHOD url status` of everything that was asked, in order. */
function traffic(): string[] {
  return sandbox.requests.map(({ method, url, status }) => `${method} ${url} ${String(status)}`)
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

describe('twine', () => {
  test('uploads to PyPI by its own default address', async () => {
    const uploaded = await tool('twine', [...twineUpload, ...demo()])
    expect(uploaded).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('https://pypi.org/project/demo-pkg/1.0.0/')
    })
    expect(sandbox.pypi.releases('demo-pkg')[0]?.files.map(({ filename }) => filename)).toEqual([
      'demo_pkg-1.0.0-py3-none-any.whl',
      'demo_pkg-1.0.0.tar.gz'
    ])
    expect(sandbox.testpypi.projects()).toEqual([])
  })

  test('uploads to TestPyPI when told the repository by name', async () => {
    succeeded(await tool('twine', [...twineUpload, '--repository', 'testpypi', ...demo()]))
    expect(sandbox.testpypi.projects()).toEqual(['demo-pkg'])
    expect(sandbox.pypi.projects()).toEqual([])
  })

  test('keeps every line end of the description', async () => {
    await tool('twine', [...twineUpload, ...demo()])
    const answer = await tool('pip', ['download', '--no-deps', '--dest', home, 'demo-pkg'])
    expect(answer.exitCode).toBe(0)
    expect(sandbox.pypi.save().projects[0]?.releases[0]?.metadata.single.description).toBe('# Demo\n\nTwo\nlines.\n')
  })

  test('uploads the same files again as if for the first time', async () => {
    const files = demo()
    await tool('twine', [...twineUpload, ...files])
    succeeded(await tool('twine', [...twineUpload, ...files]))
    expect(sandbox.pypi.releases('demo-pkg')[0]?.files).toHaveLength(2)
  })

  test('shows the reason when another file has the name', async () => {
    await tool('twine', [...twineUpload, ...demo()])
    const refused = await tool('twine', [...twineUpload, ...demo({ files: { 'other.py': 'x = 1\n' } })])
    expect(refused.exitCode).toBe(1)
    expect(refused.output).toContain(
      "400 Bad Request from https://upload.pypi.org/legacy/ File already exists ('demo_pkg-"
    )
  })

  test('skips with --skip-existing by asking the old host for the files there are', async () => {
    await tool('twine', [...twineUpload, ...demo()])
    const skipped = await tool('twine', [
      ...twineUpload,
      '--skip-existing',
      ...demo({ files: { 'other.py': 'x = 1\n' } })
    ])
    expect(skipped).toMatchObject({ exitCode: 0, output: expect.stringContaining('appears to already exist') })
    expect(traffic()).toContain('GET https://pypi.python.org/pypi/demo-pkg/json 301')
    expect(traffic().filter((line) => line.startsWith('POST'))).toHaveLength(2)
  })

  test('skips with --skip-existing by the words of the refusal when the file is on another index', async () => {
    await tool('twine', [...twineUpload, '--repository', 'testpypi', ...demo()])
    const other = demo({ files: { 'other.py': 'x = 1\n' } })
    const skipped = await tool('twine', [...twineUpload, '--repository', 'testpypi', '--skip-existing', ...other])
    expect(skipped).toMatchObject({ exitCode: 0, output: expect.stringContaining('appears to already exist') })
  })

  test('tells a token that is none', async () => {
    const refused = await tool('twine', ['upload', '-u', '__token__', '-p', 'pypi-none', ...demo()])
    expect(refused.exitCode).toBe(1)
    expect(refused.output).toContain(
      '403 Forbidden from https://upload.pypi.org/legacy/ Invalid or non-existent authentication information. See https://pypi.org/help/#invalid-auth for more information.'
    )
  })

  test('uploads to a plain loopback address', async () => {
    const address = new URL('/legacy/', sandbox.address('pypi')).href
    succeeded(await tool('twine', [...twineUpload, '--repository-url', address, ...demo()]))
    expect(sandbox.pypi.projects()).toEqual(['demo-pkg'])
  })

  test('uploads real distributions of well-known projects', async () => {
    const files = readdirSync(downloads).map((name) => join(downloads, name))
    const uploaded = await tool('twine', [...twineUpload, ...files])
    // A compiled wheel is for this machine's platform, which PyPI takes: pip downloaded it from there.
    succeeded(uploaded)
    expect(sandbox.pypi.projects()).toEqual(['idna', 'MarkupSafe', 'packaging'])
  })

  test('publishes by trusted publishing and nothing else', async () => {
    sandbox.pypi.addPublisher({ project: 'demo-pkg', ...publisher })
    const uploaded = await tool(
      'twine',
      ['upload', '--disable-progress-bar', ...demo()],
      job({}, sandbox.address('oidc'))
    )
    succeeded(uploaded)
    expect(traffic()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^GET https:\/\/(?:upload\.)?pypi\.org\/_\/oidc\/audience 200$/),
        expect.stringMatching(/^POST https:\/\/(?:upload\.)?pypi\.org\/_\/oidc\/mint-token 200$/)
      ])
    )
    expect(sandbox.pypi.releases('demo-pkg')[0]?.files[0]?.uploadedBy).toBe('octo/demo release.yml')
  })
})

const publisher = { owner: 'octo', repository: 'demo', workflow: 'release.yml' }

/**
 * The environment of a job with `id-token: write`.
 * @param at the issuer's loopback address, for clients that ask GitHub past the proxy; without it the real host name
 */
function job(claims: Readonly<Record<string, string>> = {}, at?: URL): NodeJS.ProcessEnv {
  const requestToken = 'request-token-of-the-job'
  sandbox.oidc.grant({
    requestToken,
    claims: {
      repository: 'octo/demo',
      ref: 'refs/tags/v1.0.0',
      sha: 'a'.repeat(40),
      workflow_ref: '.github/workflows/release.yml',
      ...claims
    }
  })
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    ACTIONS_ID_TOKEN_REQUEST_URL: sandbox.oidc.requestUrl(at)
  }
}

describe('uv publish', () => {
  const publish = ['publish', '--no-config', '--token', token]

  test('uploads to PyPI by its own default address', async () => {
    succeeded(await tool('uv', [...publish, ...demo()]))
    expect(sandbox.pypi.releases('demo-pkg')[0]?.files).toHaveLength(2)
  })

  test('uploads to TestPyPI by an index of the project', async () => {
    const files = demo()
    writeFiles(home, {
      filename: 'uv.toml',
      bytes: Buffer.from(
        '[[index]]\nname = "testpypi"\nurl = "https://test.pypi.org/simple/"\npublish-url = "https://test.pypi.org/legacy/"\nexplicit = true\n'
      )
    })
    succeeded(await tool('uv', ['publish', '--token', token, '--index', 'testpypi', ...files]))
    expect(sandbox.testpypi.releases('demo-pkg')[0]?.files).toHaveLength(2)
  })

  test('finds identical files by --check-url and refuses others', async () => {
    await tool('uv', [...publish, ...demo()])
    const check = [...publish, '--check-url', 'https://pypi.org/simple/']
    expect(await tool('uv', [...check, ...demo()])).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('already exists, skipping')
    })
    const refused = await tool('uv', [...check, ...demo({ files: { 'other.py': 'x = 1\n' } })])
    expect(refused.exitCode).toBe(2)
    expect(refused.output).toContain('Local file and index file do not match')
  })

  test('shows the text of the refusal', async () => {
    await tool('uv', [...publish, ...demo()])
    const refused = await tool('uv', [...publish, ...demo({ files: { 'other.py': 'x = 1\n' } })])
    expect(refused.exitCode).toBe(2)
    expect(refused.output).toContain("Server says: 400 File already exists ('demo_pkg-1.0.0-py3-none-any.whl'")
  })

  test('tells a user name with a password as PyPI words it', async () => {
    const refused = await tool('uv', ['publish', '--no-config', '--username', 'me', '--password', 'secret', ...demo()])
    expect(refused.exitCode).toBe(2)
    expect(refused.output).toContain('403 Username/Password authentication is no longer supported.')
  })

  test('follows the missing slash and publishes at a plain loopback address', async () => {
    const address = new URL('/legacy', sandbox.address('testpypi')).href
    succeeded(await tool('uv', [...publish, '--publish-url', address, ...demo()]))
    expect(sandbox.testpypi.releases('demo-pkg')[0]?.files).toHaveLength(2)
    expect(sandbox.requests.map(({ status }) => status)).toContain(308)
  })

  test('publishes by trusted publishing and burns the token behind itself', async () => {
    sandbox.pypi.addPublisher({ project: 'demo-pkg', ...publisher, environment: 'release' })
    const published = await tool('uv', ['publish', '--no-config', ...demo()], job({ environment: 'Release' }))
    succeeded(published)
    expect(traffic().filter((line) => line.includes('/_/oidc/'))).toEqual([
      'GET https://upload.pypi.org/_/oidc/audience 200',
      'POST https://upload.pypi.org/_/oidc/mint-token 200',
      'POST https://upload.pypi.org/_/oidc/burn-token 202'
    ])
    expect(sandbox.pypi.save().tokens.filter(({ identity }) => identity.kind === 'publisher')).toEqual([])
  })

  test('is told when no publisher fits the claims of its job', async () => {
    sandbox.pypi.addPublisher({ project: 'demo-pkg', ...publisher, environment: 'release' })
    const refused = await tool('uv', ['publish', '--no-config', '--trusted-publishing', 'always', ...demo()], job())
    expect(refused.exitCode).toBe(2)
    expect(refused.output).toContain(
      '"code":"invalid-publisher","description":"valid token, but no corresponding publisher (Publisher with matching claims was not found)"'
    )
    expect(sandbox.pypi.projects()).toEqual([])
  })

  test('uploads real distributions of well-known projects', async () => {
    const files = readdirSync(downloads).map((name) => join(downloads, name))
    succeeded(await tool('uv', [...publish, ...files]))
    expect(sandbox.pypi.projects()).toEqual(
      ['idna', 'markupsafe', 'packaging'].map((name) => expect.stringMatching(new RegExp(name, 'i')))
    )
  })
})

describe('pip', () => {
  test('installs from the index by its own default address', async () => {
    await tool('uv', ['publish', '--no-config', '--token', token, ...demo()])
    const target = join(home, 'site')
    succeeded(await tool('pip', ['install', '--target', target, 'demo-pkg']))
    expect(readFileSync(join(target, 'demo_pkg', '__init__.py'), 'utf8')).toBe('__version__ = "1.0.0"\n')
    // The metadata comes from the file beside the wheel (PEP 658) before the wheel itself.
    expect(traffic().filter((line) => line.startsWith('GET https://files.pythonhosted.org/'))).toEqual([
      expect.stringMatching(/\.whl\.metadata 200$/),
      expect.stringMatching(/\.whl 200$/)
    ])
  })

  test('downloads byte for byte what was uploaded, also through the HTML pages of a plain loopback index', async () => {
    const files = readdirSync(downloads).map((name) => join(downloads, name))
    await tool('twine', [...twineUpload, ...files])
    const index = new URL('/simple/', sandbox.address('pypi')).href
    const target = join(home, 'downloaded')
    const names = ['idna', 'MarkupSafe', 'packaging']
    const download = ['download', '--no-deps', '--index-url', index, '--dest', target, ...names]
    succeeded(await tool('pip', download))
    const got = readdirSync(target)
    expect(got).toHaveLength(3)
    for (const name of got) expect(sha256(join(target, name))).toBe(sha256(join(downloads, name)))
  })

  test('passes over a yanked release and takes a pre-release only when asked', async () => {
    const versions = ['1.0.0', '1.1.0', '2.0.0b1']
    for (const version of versions) await tool('twine', [...twineUpload, ...demo({ version }).slice(0, 1)])
    sandbox.pypi.yank('demo-pkg', '1.1.0', 'broken')
    const chosen = async (...more: string[]): Promise<string | undefined> => {
      const asked = await tool('pip', ['install', '--dry-run', '--target', join(home, 'none'), ...more, 'demo-pkg'])
      return /Would install demo-pkg-(\S+)/.exec(asked.output)?.[1]
    }
    expect(await chosen()).toBe('1.0.0')
    expect(await chosen('--pre')).toBe('2.0.0b1')
  })

  test('gets plain "not found" for a project that is nowhere', async () => {
    const missing = await tool('pip', ['download', '--no-deps', '--dest', home, 'no-such-project-here'])
    expect(missing).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('No matching distribution found for no-such-project-here')
    })
    expect(traffic()).toEqual(['GET https://pypi.org/simple/no-such-project-here/ 404'])
  })
})

describe('uv pip', () => {
  test('installs through the JSON pages', async () => {
    await tool('twine', [...twineUpload, ...demo()])
    const target = join(home, 'site')
    succeeded(await tool('uv', ['pip', 'install', '--no-config', '--target', target, 'demo-pkg']))
    expect(readdirSync(target)).toContain('demo_pkg')
  })
})
