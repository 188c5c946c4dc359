import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { wheel, writeFiles } from '../support/distributions.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { publishInProcess, type InProcessRun } from './in-process.ts'
import { distributions, pypiToken, requestToken } from './release.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
  sandbox.pypi.addToken({ token: pypiToken })
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
afterEach(async () => {
  await sandbox.close()
})

const workspace = temporaryFolder('faults')
writeFiles(`${workspace}/dist`, ...distributions())
const inventory = distributions()
  .map(({ filename, bytes }) => `${filename} ${createHash('sha256').update(bytes).digest('hex')}`)
  .sort()

function published(): string[] {
  return sandbox.pypi
    .releases('demo-pkg')
    .flatMap(({ files }) => files.map(({ filename, sha256 }) => `${filename} ${sha256}`))
    .sort()
}

/** By token to PyPI. */
async function publish(inputs: Readonly<Record<string, string>> = { 'pypi-token': pypiToken }): Promise<InProcessRun> {
  return publishInProcess(sandbox, inputs, { GITHUB_REF: 'refs/tags/v1.0.0', GITHUB_WORKSPACE: workspace })
}

/** By trusted publishing to PyPI. */
async function publishAsJob(): Promise<InProcessRun> {
  return publishInProcess(
    sandbox,
    {},
    {
      GITHUB_REF: 'refs/tags/v1.0.0',
      GITHUB_WORKSPACE: workspace,
      ACTIONS_ID_TOKEN_REQUEST_URL: sandbox.oidc.requestUrl(),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken
    }
  )
}

/** To the same server by its loopback address, as an index of one's own, of which nothing is known. */
async function publishElsewhere(): Promise<InProcessRun> {
  const address = sandbox.address('pypi').href
  return publish({
    index: `${address}legacy/`,
    'check-url': `${address}simple/`,
    user: '__token__',
    password: pypiToken
  })
}

function posts(): number {
  return sandbox.requests.filter(({ method, url }) => method === 'POST' && url.includes('/legacy/')).length
}

describe('on PyPI, where an upload may be repeated', () => {
  test.each([
    'POST upload.pypi.org/legacy/ #1 reset-before',
    'POST upload.pypi.org/legacy/ #2 reset-body',
    'POST upload.pypi.org/legacy/ #1 reset-after',
    'POST upload.pypi.org/legacy/ #3 502 html after',
    'POST upload.pypi.org/legacy/ #1-3 503 html',
    'POST upload.pypi.org/legacy/ #2 429 retry-after=7',
    'POST upload.pypi.org/legacy/ #2 stall 300ms',
    'POST upload.pypi.org/legacy/ #1 408',
    'GET pypi.org/simple/* #1 503',
    'GET pypi.org/simple/* #1 reset-before',
    'GET pypi.org/simple/* #2 truncate'
  ])('%s does no harm', async (rule) => {
    sandbox.fault(rule)
    const run = await publish()
    expect(run.problems).toEqual([])
    expect(run.status).toBe('published')
    expect(published()).toEqual(inventory)
    expect(sandbox.faults[0]?.struck).toBeGreaterThan(0)
  })

  test('Retry-After is waited for', async () => {
    sandbox.fault('POST upload.pypi.org/legacy/ #1 429 retry-after=7')
    expect((await publish()).waited).toBeGreaterThanOrEqual(7_000)
  })

  test('a page that lags behind is looked at again until it shows the files', async () => {
    sandbox.fault('GET pypi.org/simple/* #1-2 stale')
    const run = await publish()
    expect(run.status).toBe('published')
    expect(sandbox.requests.filter(({ url }) => url.includes('/simple/'))).toHaveLength(4)
  })

  test('a page that never shows the files is not called published', async () => {
    sandbox.fault('GET pypi.org/simple/* #1+ stale')
    const run = await publish()
    expect(run.status).toBe('failed')
    expect(new Set(run.codes)).toEqual(new Set(['not-read-back']))
    expect(run.waited).toBeGreaterThanOrEqual(295_000)
    expect(run.waited).toBeLessThanOrEqual(300_000)
  })

  test('an index that cannot be read stops the run before anything is uploaded', async () => {
    sandbox.fault('GET pypi.org/simple/* #1+ 503')
    const run = await publish()
    expect(run.codes).toEqual(['index-unreadable'])
    expect(posts()).toBe(0)
  })

  test('a page that is no index stops the run before anything is uploaded', async () => {
    sandbox.fault('GET pypi.org/simple/* #1 200 body="plain words"')
    expect((await publish()).codes).toEqual(['index-unreadable'])
    expect(posts()).toBe(0)
  })

  test('an index that cannot be read any more after the upload is waited for no longer than that', async () => {
    sandbox.fault('GET pypi.org/simple/* #2+ 503')
    const run = await publish()
    expect(run.codes).toEqual(['index-unreadable'])
    expect(run.waited).toBeLessThanOrEqual(300_000)
    expect(run.problems[0]?.hint).not.toContain('Nothing')
    expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['uploaded', 'uploaded', 'uploaded'])
    expect(run.report.summary.map(({ markdown }) => markdown).join('\n')).toContain('sent, not read back')
  })

  test('an outage is met with five tries a file, not with tries of tries', async () => {
    sandbox.fault('POST upload.pypi.org/legacy/ #1+ 503 html')
    const run = await publish()
    expect(run.codes).toEqual(['upload-outage'])
    expect(posts()).toBe(5)
  })

  test('an answer that was lost the last time is settled by the index', async () => {
    sandbox.fault('POST upload.pypi.org/legacy/ #1-4 503 html')
    sandbox.fault('POST upload.pypi.org/legacy/ #5 502 html after')
    const run = await publish()
    expect([run.codes, run.status]).toEqual([[], 'published'])
  })

  test('a project’s page that leads to another host stops the run before anything is uploaded', async () => {
    sandbox.fault('GET pypi.org/simple/* #1 302 location=https://portal.example/login')
    expect((await publish()).codes).toEqual(['index-unreadable'])
    expect(posts()).toBe(0)
  })

  test('a login page in place of the index stops the run before anything is uploaded', async () => {
    sandbox.fault('GET pypi.org/simple/* #1 200 html body="<html><title>Sign in</title><a href=/help>Help</a></html>"')
    expect((await publish()).codes).toEqual(['index-unreadable'])
    expect(posts()).toBe(0)
  })

  test('an outage that does not end is told, with what is missing', async () => {
    sandbox.fault('POST upload.pypi.org/legacy/ #2+ 503 html')
    const run = await publish()
    expect(run.codes).toContain('upload-outage')
    expect(published()).toHaveLength(1)
    expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['uploaded', 'unknown', 'missing'])
  })

  test('a redirect to another host is not followed', async () => {
    sandbox.fault('POST upload.pypi.org/legacy/ #1 308 location=https://evil.example/legacy/')
    const run = await publish()
    expect(run.codes).toEqual(['http-refused'])
    expect(sandbox.requests.every(({ url }) => !url.includes('evil.example'))).toBe(true)
  })
})

describe('on an index of which nothing is known', () => {
  test.each([
    'POST pypi/legacy/ #1 reset-after',
    'POST pypi/legacy/ #2 502 after',
    'POST pypi/legacy/ #3 504 after html'
  ])('%s is settled by reading the index, not by a second upload', async (rule) => {
    sandbox.fault(rule)
    const run = await publishElsewhere()
    expect(run.problems).toEqual([])
    expect(published()).toEqual(inventory)
    expect(posts()).toBe(3)
  })

  test.each([
    'POST pypi/legacy/ #1 reset-before',
    'POST pypi/legacy/ #2 reset-body',
    'POST pypi/legacy/ #1 503',
    'POST pypi/legacy/ #2 429 retry-after=2'
  ])('%s is tried again once the index shows that nothing arrived', async (rule) => {
    sandbox.fault(rule)
    const run = await publishElsewhere()
    expect(run.problems).toEqual([])
    expect(published()).toEqual(inventory)
    expect(posts()).toBe(4)
  })

  test('"already exists" is believed only when the index shows the same bytes', async () => {
    sandbox.fault('POST pypi/legacy/ #1 409 after')
    expect((await publishElsewhere()).status).toBe('published')
  })

  test('"already exists" with nothing to be seen there is an error that does not speak of other bytes', async () => {
    sandbox.fault('POST pypi/legacy/ #1 409')
    const run = await publishElsewhere()
    expect(run.codes).toEqual(['upload-unsettled'])
    expect(run.problems[0]?.message).not.toContain('other bytes')
    expect(run.problems[0]?.hint).toContain('Run the job again')
    expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['unknown', 'missing', 'missing'])
  })

  test('"already exists" is settled by a page that lags behind', async () => {
    sandbox.fault('POST pypi/legacy/ #1 409 after')
    sandbox.fault('GET pypi/simple/demo-pkg/ #2-4 stale')
    const run = await publishElsewhere()
    expect([run.codes, run.status]).toEqual([[], 'published'])
  })

  test('"already exists" with other bytes names them', async () => {
    const other = wheel({ tag: 'cp312-cp312-win_amd64', files: { 'demo_pkg/other.py': 'x = 1' } })
    const stop = sandbox.intercept((request, moment) => {
      if (moment === 'before' || !request.url.pathname.includes('/simple/')) return
      sandbox.pypi.addFile(other.filename, other.bytes)
      stop()
    })
    sandbox.fault('POST pypi/legacy/ #1 409')
    const run = await publishElsewhere()
    expect(run.codes).toEqual(['upload-exists'])
    expect(run.problems[0]?.message).toContain('other bytes')
  })

  test('rules that only PyPI has are warnings', async () => {
    const own = temporaryFolder('own-rules')
    const version = '1.0.0+cu121'
    writeFiles(
      `${own}/dist`,
      wheel({ version, tag: 'cp312-cp312-linux_x86_64', filename: 'demo_pkg-1.0.0+cu121-cp312-cp312-linux_x86_64.whl' })
    )
    const address = sandbox.address('pypi').href
    const run = await publishInProcess(
      sandbox,
      { index: `${address}legacy/`, 'check-url': `${address}simple/`, 'dry-run': 'true' },
      { GITHUB_REF: `refs/tags/v${version}`, GITHUB_WORKSPACE: own }
    )
    expect(run.problems).toEqual([])
    expect(run.status).toBe('planned')
    const summary = run.report.summary.map(({ markdown }) => markdown).join('\n')
    expect(summary).toContain('Warnings (2)')
    expect(summary).toContain('linux\\_x86\\_64')
  })

  test('without user and password it is said that there are none', async () => {
    const address = sandbox.address('pypi').href
    const run = await publish({ index: `${address}legacy/`, 'check-url': `${address}simple/` })
    expect(run.log.join('\n')).toContain('go without credentials')
    expect(run.status).toBe('failed')
  })

  test('a second run makes no write', async () => {
    await publishElsewhere()
    const run = await publishElsewhere()
    expect(run.status).toBe('unchanged')
    expect(posts()).toBe(3)
  })

  test('user and password go to the upload URL', async () => {
    sandbox.watchSecret('password', pypiToken)
    await publishElsewhere()
    const carrying = sandbox.requests.filter(({ secrets }) => secrets.includes('password'))
    expect(carrying.filter(({ method }) => method === 'POST')).toHaveLength(3)
  })
})

describe('in the exchange of identities', () => {
  test.each([
    'GET pipelines.actions.githubusercontent.com/* #1 503',
    'GET upload.pypi.org/_/oidc/audience #1 reset-before',
    'POST upload.pypi.org/_/oidc/mint-token #1 503 html',
    'POST upload.pypi.org/_/oidc/mint-token #1 502 html after',
    'POST upload.pypi.org/_/oidc/mint-token #1 reset-after',
    'POST upload.pypi.org/_/oidc/mint-token #1 stall 200ms'
  ])('%s does no harm', async (rule) => {
    sandbox.fault(rule)
    const run = await publishAsJob()
    expect(run.problems).toEqual([])
    expect(published()).toEqual(inventory)
  })

  test('each try presents an identity of its own', async () => {
    sandbox.fault('POST upload.pypi.org/_/oidc/mint-token #1-2 502 html after')
    await publishAsJob()
    const identities = sandbox.requests.filter(({ url }) => url.includes('idtoken'))
    const exchanges = sandbox.requests.filter(({ url }) => url.includes('mint-token'))
    expect(exchanges).toHaveLength(3)
    // One more, with which inspect has seen what the job would present.
    expect(identities).toHaveLength(4)
  })

  test('identities and tokens are masked', async () => {
    const { masks } = await publishAsJob()
    expect(masks.some((mask) => mask.startsWith('pypi-'))).toBe(true)
    expect(masks.filter((mask) => mask.startsWith('eyJ')).length).toBeGreaterThanOrEqual(2)
    expect(masks).toContain(requestToken)
  })

  test('a permission that GitHub does not grant is told before anything is uploaded', async () => {
    sandbox.fault('GET pipelines.actions.githubusercontent.com/* #1+ 403')
    const run = await publishAsJob()
    expect(run.codes).toEqual(['identity-refused'])
    expect(sandbox.requests.every(({ method }) => method === 'GET')).toBe(true)
  })
})
