import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { sdist, wheel, writeFiles, type BuiltFile } from '../support/distributions.ts'
import { serve } from '../support/loopback.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { publishInProcess, type InProcessRun } from './in-process.ts'
import { pypiToken, requestToken } from './release.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
  sandbox.pypi.addToken({ token: pypiToken })
})
afterEach(async () => {
  await sandbox.close()
})

function workspaceWith(...files: readonly BuiltFile[]): string {
  const workspace = temporaryFolder('decisions')
  writeFiles(`${workspace}/dist`, ...files)
  return workspace
}

async function publish(
  workspace: string,
  tag = 'v1.0.0',
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {}
): Promise<InProcessRun> {
  return publishInProcess(
    sandbox,
    { ...(env['ACTIONS_ID_TOKEN_REQUEST_URL'] === undefined ? { 'pypi-token': pypiToken } : {}), ...inputs },
    { GITHUB_REF: `refs/tags/${tag}`, GITHUB_WORKSPACE: workspace, ...env }
  )
}

function posts(): string[] {
  return sandbox.requests.filter(({ method }) => method === 'POST').map(({ url }) => url)
}

describe('the package that the tag names', () => {
  test.each(['server-v1.0.0', 'packages/server/v1.0.0', '@scope/server@1.0.0'])(
    '%s does not publish another one',
    async (tag) => {
      const run = await publish(workspaceWith(wheel({ name: 'client' })), tag)
      expect(run.codes).toEqual(['tag-other-package'])
      expect(run.problems[0]?.hint).toContain('tag-prefix')
      expect(posts()).toEqual([])
    }
  )

  test.each(['Demo_Pkg-v1.0.0', 'demo.pkg/v1.0.0', 'python/demo-pkg/v1.0.0', '@scope/demo-pkg@1.0.0', 'v1.0.0'])(
    '%s publishes demo-pkg',
    async (tag) => {
      expect((await publish(workspaceWith(wheel()), tag, { 'dry-run': 'true' })).codes).toEqual([])
    }
  )

  test('is no name where tag-prefix says so', async () => {
    const run = await publish(workspaceWith(wheel()), 'python/v1.0.0', { 'tag-prefix': 'python/', 'dry-run': 'true' })
    expect(run.codes).toEqual([])
  })
})

test('the version is told as the files spell it, so that its page exists', async () => {
  const run = await publish(workspaceWith(wheel()), 'v1')
  expect(run.report.outputs).toMatchObject({ version: '1.0.0', url: 'https://pypi.org/project/demo-pkg/1.0.0/' })
})

describe('an index that is given by its URL', () => {
  test('is PyPI when the URL is PyPI’s, with its tokens and rules', async () => {
    const run = await publish(workspaceWith(wheel()), 'v1.0.0', { index: 'https://upload.pypi.org/legacy' })
    expect(run.report.outputs).toMatchObject({ index: 'pypi' })
    expect(run.status).toBe('published')
  })

  test.each([
    ['index', 'https://host.example/upload/?token=planted-secret'],
    ['check-url', 'https://host.example/simple/#planted-secret'],
    ['check-url', 'https://host.example/simple/?token=planted-secret']
  ])('has no query and no fragment in %s', async (input, url) => {
    const run = await publish(workspaceWith(wheel()), 'v1.0.0', {
      index: 'https://host.example/upload/',
      'check-url': 'https://host.example/simple/',
      [input]: url
    })
    expect(run.codes).toEqual([input === 'index' ? 'index-url' : 'check-url'])
    expect(JSON.stringify(run)).not.toContain('planted-secret')
    expect(sandbox.requests).toEqual([])
  })

  test('gets the password at its check-url only where that is on the same host', async () => {
    const asked: (string | undefined)[] = []
    const { url } = await serve((request, response) => {
      asked.push(request.headers.authorization)
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Links for demo-pkg</title>')
    })
    const upload = sandbox.address('pypi').href
    await publish(workspaceWith(wheel()), 'v1.0.0', {
      index: `${upload}legacy/`,
      'check-url': `${url}/simple/`,
      user: '__token__',
      password: pypiToken,
      'dry-run': 'true'
    })
    expect(asked).toEqual([undefined])
  })
})

describe('what the system does not let us read', () => {
  // Permissions do not bind root; a process's own memory cannot be read as a file by anybody.
  const onLinux = process.platform === 'linux' ? test : test.skip

  onLinux('is told like a file with faults, together with the others', async () => {
    const workspace = workspaceWith(sdist({ headers: ['Requires-Python: 3'] }))
    symlinkSync('/proc/self/mem', `${workspace}/dist/demo_pkg-1.0.0-py3-none-any.whl`)
    expect((await publish(workspace)).codes.toSorted()).toEqual(['file-unreadable', 'metadata-requires-python'])
  })

  test.each([
    ['a link in a circle', 'circle'],
    ['a name too long', 'x'.repeat(300)],
    ['a file', 'file']
  ])('is told when the folder is %s', async (_what, folder) => {
    const workspace = temporaryFolder('decisions')
    symlinkSync('circle', `${workspace}/circle`)
    writeFileSync(`${workspace}/file`, '')
    expect((await publish(workspace, 'v1.0.0', { 'packages-dir': folder })).codes).toEqual(['packages-dir'])
  })
})

describe('a wheel', () => {
  test.each(['/etc/evil', '../../evil.py', '..\\evil.py', 'C:\\evil', 'demo_pkg/../../evil', 'demo_pkg\\evil.py'])(
    'with a member %j is refused',
    async (member) => {
      const run = await publish(workspaceWith(wheel({ files: { [member]: 'x' } })))
      expect(run.codes).toContain('archive-refused')
      expect(run.problems.map(({ message }) => message).join()).toContain(JSON.stringify(member))
      expect(posts()).toEqual([])
    }
  )

  test('with the metadata of two projects is refused', async () => {
    const run = await publish(workspaceWith(wheel({ files: { 'other-2.0.dist-info/METADATA': 'Name: other' } })))
    expect(run.codes).toEqual(['archive-refused'])
    expect(run.problems[0]?.message).toContain('other-2.0.dist-info')
  })

  test('may have dots in its names', async () => {
    expect((await publish(workspaceWith(wheel({ files: { 'demo_pkg/a..b': 'x' } })))).codes).toEqual([])
  })
})

test('the largest wheel goes first, so that a limit on size leaves nothing half public', async () => {
  const large = wheel({ tag: 'py3-none-win_amd64', files: { 'demo_pkg/big': 'x'.repeat(200_000) } })
  sandbox.pypi.addFile(wheel({ version: '0.1' }).filename, wheel({ version: '0.1' }).bytes)
  sandbox.fault('POST upload.pypi.org/legacy/ #2+ 400')
  await publish(workspaceWith(wheel(), large, sdist()))
  const files = sandbox.pypi.releases('demo-pkg').flatMap((release) => release.files.map(({ filename }) => filename))
  expect(files).toEqual([wheel({ version: '0.1' }).filename, large.filename])
})

test('a file that changed after it was checked is not uploaded, and both hashes are named', async () => {
  const file = wheel()
  const workspace = workspaceWith(file)
  const changed = Buffer.from(file.bytes)
  changed[40] = (changed[40] ?? 0) ^ 1
  const stop = sandbox.intercept(() => {
    writeFileSync(`${workspace}/dist/${file.filename}`, changed)
    stop()
  })
  const run = await publish(workspace)
  expect(run.codes).toEqual(['file-changed'])
  for (const bytes of [file.bytes, changed])
    expect(run.problems[0]?.message).toContain(createHash('sha256').update(bytes).digest('hex'))
  expect(sandbox.pypi.projects()).toEqual([])
  expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['missing'])
})

describe('what the index shows after the upload', () => {
  test('must have our hash, not just any', async () => {
    const file = wheel()
    const link = `<a href='x#sha256=${'0'.repeat(64)}'>${file.filename}</a>`
    sandbox.fault(`GET pypi.org/simple/* #2+ 200 html body="<html>${link}</html>"`)
    const run = await publish(workspaceWith(file))
    expect(run.codes).toEqual(['different-file'])
    expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['uploaded'])
  })

  test('must still have the files that were there before', async () => {
    const before = wheel()
    const after = wheel({ tag: 'py3-none-win_amd64' })
    sandbox.pypi.addFile(before.filename, before.bytes)
    const stop = sandbox.intercept((request, moment) => {
      if (request.method !== 'POST' || moment !== 'after') return
      sandbox.pypi.deleteFile(before.filename)
      stop()
    })
    const run = await publish(workspaceWith(before, after))
    expect(run.codes).toEqual(['not-read-back'])
    expect(run.problems[0]?.message).toContain(`${before.filename} was there before`)
  })
})

describe('an exchange that gives no token and names no reason', () => {
  const env = (): Record<string, string> => ({
    ACTIONS_ID_TOKEN_REQUEST_URL: sandbox.oidc.requestUrl(),
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken
  })
  beforeEach(() => {
    sandbox.pypi.addPublisher({ owner: 'octo-org', repository: 'demo', workflow: 'release.yml' })
    sandbox.oidc.grant({
      requestToken,
      claims: {
        repository: 'octo-org/demo',
        ref: 'refs/tags/v1.0.0',
        sha: '0'.repeat(40),
        workflow_ref: '.github/workflows/release.yml'
      }
    })
  })

  test.each([
    ['422 body="{}"', 'mint-refused'],
    ['403 body="{}"', 'mint-refused'],
    ['400 html', 'mint-refused'],
    ['200 body="{}"', 'mint-refused'],
    ['429', 'mint-outage'],
    ['500 html', 'mint-outage']
  ])('%s is told with the claims', async (answer, code) => {
    sandbox.fault(`POST upload.pypi.org/_/oidc/mint-token #1+ ${answer}`)
    const run = await publish(workspaceWith(wheel()), 'v1.0.0', {}, env())
    expect(run.codes).toEqual([code])
    expect(run.problems[0]?.message).toContain('repository: octo-org/demo')
    expect(run.problems[0]?.hint).not.toContain('Nothing was uploaded')
  })

  test('is told with the claims when the upload is what was refused', async () => {
    sandbox.fault(`POST upload.pypi.org/legacy/ #1 403 body="The given token isn't allowed to upload to project 'x'."`)
    const run = await publish(workspaceWith(wheel()), 'v1.0.0', {}, env())
    expect(run.codes).toEqual(['upload-not-allowed'])
    expect(run.problems[0]?.message).toContain('repository: octo-org/demo')
  })
})

test('a folder called like a wheel is a stray', async () => {
  const workspace = workspaceWith(wheel())
  mkdirSync(`${workspace}/dist/demo_pkg-2.0-py3-none-any.whl`)
  expect((await publish(workspace)).codes).toEqual(['stray-file'])
})
