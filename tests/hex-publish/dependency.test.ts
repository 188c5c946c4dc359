import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import {
  consumerMixExs,
  lockedEntry,
  lockOf,
  manifestBytes,
  metadataOf,
  outerChecksum,
  writeConsumer,
  type Consumer
} from '../support/hex-consumer.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { runAction, temporaryFolder, type ActionRun } from '../support/run-action.ts'

const key = 'maintainer-key-0123456789abcdef'
let sandbox: Sandbox
let workspace: string
beforeEach(async () => {
  sandbox = await startSandbox()
  sandbox.hex.addUser({ username: 'maintainer', keys: [key] })
  workspace = join(temporaryFolder('shop'), 'shop')
})
afterEach(async () => {
  await sandbox.close()
})

/** Puts diwa_schema 0.1.0 on Hex; gives its outer checksum. */
function publish(): string {
  sandbox.hex.addRelease(
    hexTarball({ metadata: { app: 'diwa_schema', name: 'diwa_schema', version: '0.1.0', requirements: [] } })
  )
  return sandbox.hex.releases('diwa_schema')[0]?.checksum ?? ''
}

async function retire(): Promise<void> {
  const address = new URL('api/packages/diwa_schema/releases/0.1.0/retire', sandbox.address('hex'))
  const answer = await fetch(address, {
    method: 'POST',
    headers: { authorization: key, 'content-type': 'application/json', 'user-agent': 'test' },
    body: JSON.stringify({ reason: 'security', message: 'holes in it' })
  })
  expect(answer.status).toBe(204)
}

/** Runs mode verify in the workspace, where there is no mix on PATH. */
function verify(inputs: Readonly<Record<string, string>> = {}): Promise<ActionRun> {
  return runAction('hex-publish', {
    workspace,
    inputs: { mode: 'verify', dependency: 'diwa_schema', ...inputs },
    env: { ...sandbox.environment({ job: 'test' }), PATH: '/nowhere' }
  })
}

/** As `mix deps.get` leaves it when hex.pm has the release with this checksum. */
function fetched(outer: string): Consumer {
  return { mixLock: lockOf(lockedEntry({ outer })), unpacked: { '.hex': manifestBytes({ outer }) } }
}

/** The days from today on, as `bypass-until` has them. */
function daysAhead(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
}

function errorsOf({ annotations }: ActionRun): readonly string[] {
  return annotations
    .filter(({ kind }) => kind === 'error')
    .map(({ properties, message }) => `${properties['title'] ?? ''} ${message}`)
}

describe('mode verify', () => {
  test('proves a dependency from Hex, without a key and without a write', async () => {
    const checksum = publish()
    writeConsumer(workspace, fetched(checksum))
    const run = await verify({ dependency: 'diwa_schema@0.1.0' })
    expect(errorsOf(run)).toEqual([])
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({
      status: 'unchanged',
      name: 'diwa_schema',
      version: '0.1.0',
      checksum,
      'dependency-version': '0.1.0',
      'dependency-checksum': checksum
    })
    expect(run.summary).toContain('comes from Hex')
    expect(run.summary.match(/✅ proved/g)).toHaveLength(5)
    expect(run.summary.match(/➖ not available/g)).toHaveLength(1)
    expect(run.receipt).toMatchObject({
      status: 'unchanged',
      targets: [{ kind: 'hex-dependency', name: 'diwa_schema', version: '0.1.0', status: 'unchanged' }],
      notChecked: [expect.stringContaining('There is no mix on PATH'), expect.stringContaining('changed after')]
    })
    expect(sandbox.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  test('asks the Mix that is on PATH, which sees no input and no key', async () => {
    const checksum = publish()
    writeConsumer(workspace, fetched(checksum))
    const tools = temporaryFolder('tools')
    const lines = [
      `* diwa_schema 0.1.0 (Hex package) (mix)`,
      `  locked at 0.1.0 (diwa_schema) ${checksum.slice(0, 8)}`,
      '  ok'
    ]
    const seen = join(tools, 'seen')
    const script = `#!/bin/sh\n[ "$*" = deps ] || exit 1\nexport > '${seen}'\ncat <<'END'\n${lines.join('\n')}\nEND\n`
    writeFileSync(join(tools, 'mix'), script, { mode: 0o755 })
    const run = await runAction('hex-publish', {
      workspace,
      inputs: { mode: 'verify', dependency: 'diwa_schema', 'api-key': key },
      env: { ...sandbox.environment({ job: 'test' }), PATH: `${tools}:/usr/bin:/bin`, HEX_API_KEY: key }
    })
    expect(run.exitCode).toBe(0)
    expect(run.summary.match(/✅ proved/g)).toHaveLength(6)
    expect(readFileSync(seen, 'utf8')).not.toMatch(/INPUT_|HEX_API_KEY/)
    expect(readFileSync(seen, 'utf8')).not.toContain(key)
  })

  test('fails for a path dependency, although the lock still looks well', async () => {
    writeConsumer(workspace, {
      ...fetched(publish()),
      mixExs: consumerMixExs('{:diwa_schema, path: "../diwa_schema"}')
    })
    const run = await verify()
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ status: 'failed', name: 'diwa_schema' })
    expect(run.outputs).not.toHaveProperty('dependency-version')
    expect(run.outputs).not.toHaveProperty('checksum')
    expect(run.annotations).toMatchObject([
      {
        kind: 'error',
        properties: { file: 'mix.exs', line: '15' },
        message: expect.stringContaining('comes from a path')
      }
    ])
    expect(run.summary).toContain('❌ disproved')
    expect(run.summary).not.toContain('comes from Hex')
  })

  test('fails when the locked release was retired', async () => {
    writeConsumer(workspace, fetched(publish()))
    await retire()
    const run = await verify()
    expect(run.exitCode).toBe(1)
    expect(errorsOf(run).join()).toContain('is retired on hex.pm: security, holes in it')
  })

  test('fails when hex.pm has not the locked release, or has it with another checksum', async () => {
    writeConsumer(workspace)
    const missing = await verify()
    expect(errorsOf(missing).join()).toContain('hex.pm has no diwa_schema 0.1.0')
    publish()
    const other = await verify()
    expect(other.exitCode).toBe(1)
    expect(errorsOf(other).join()).toContain(outerChecksum)
  })

  test('does not ask hex.pm for the public package that has the name of a private one', async () => {
    publish()
    writeConsumer(workspace, {
      mixExs: consumerMixExs('{:diwa_schema, "~> 0.1", organization: "acme"}'),
      mixLock: lockOf(lockedEntry({ repository: 'hexpm:acme' })),
      unpacked: { '.hex': manifestBytes({ repository: 'hexpm:acme' }) }
    })
    const run = await verify({ organization: 'acme' })
    expect(errorsOf(run)).toEqual([])
    expect(run.exitCode).toBe(0)
    expect(sandbox.requests).toEqual([])
    expect(run.receipt).toMatchObject({ targets: [{ name: 'diwa_schema', version: '0.1.0' }] })
    expect(JSON.stringify(run.receipt)).not.toContain('hex.pm/packages')
  })

  test('names the package where it has another name on Hex', async () => {
    sandbox.hex.addRelease(
      hexTarball({ metadata: { app: 'diwa_schema', name: 'diwa', version: '0.1.0', requirements: [] } })
    )
    const outer = sandbox.hex.releases('diwa')[0]?.checksum ?? ''
    writeConsumer(workspace, {
      mixExs: consumerMixExs('{:diwa_schema, "~> 0.1", hex: :diwa}'),
      mixLock: lockOf(lockedEntry({ package: 'diwa', outer })),
      unpacked: {
        '.hex': manifestBytes({ package: 'diwa', outer }),
        'hex_metadata.config': metadataOf('0.1.0').replace('name">>,<<"diwa_schema', 'name">>,<<"diwa')
      }
    })
    const run = await verify()
    expect(errorsOf(run)).toEqual([])
    expect(run.summary).toContain('where it is the package diwa')
    expect(run.receipt).toMatchObject({ targets: [{ url: 'https://hex.pm/packages/diwa/0.1.0' }] })
  })

  test('warns of a dependency that builds for prod do not have', async () => {
    writeConsumer(workspace, {
      ...fetched(publish()),
      mixExs: consumerMixExs('{:diwa_schema, "~> 0.1", only: :test}')
    })
    const run = await verify()
    expect(run.exitCode).toBe(0)
    expect(run.annotations).toMatchObject([{ kind: 'warning', message: expect.stringContaining('only in test') }])
    expect(run.summary).toContain('only in test: a build for prod')
  })

  test('is green where hex.pm cannot be reached, and says that it was not asked', async () => {
    writeConsumer(workspace)
    const run = await runAction('hex-publish', {
      workspace,
      inputs: { mode: 'verify', dependency: 'diwa_schema' },
      env: { PATH: '/nowhere', HTTPS_PROXY: 'http://127.0.0.1:9' }
    })
    expect(run.exitCode).toBe(0)
    expect(run.receipt).toMatchObject({ notChecked: expect.arrayContaining([expect.stringContaining('proof 6')]) })
  }, 120_000)

  test('fails before mix deps.get has run, and says so', async () => {
    writeConsumer(workspace, { fetched: false })
    publish()
    const run = await verify()
    expect(run.exitCode).toBe(1)
    expect(errorsOf(run).join()).toContain('mix deps.get')
  })

  test('fails when deps/NAME is a link to a checkout beside it', async () => {
    writeConsumer(workspace, fetched(publish()))
    mkdirSync(join(workspace, '..', 'diwa'))
    renameSync(join(workspace, 'deps/diwa_schema'), join(workspace, '../diwa/diwa_schema'))
    symlinkSync('../../diwa/diwa_schema', join(workspace, 'deps/diwa_schema'))
    const run = await verify()
    expect(run.exitCode).toBe(1)
    expect(errorsOf(run).join()).toContain('symbolic link')
  })

  test('finds the project in a folder of a monorepo, and names files from the root', async () => {
    const checksum = publish()
    writeConsumer(join(workspace, 'apps', 'shop'), {
      ...fetched(checksum),
      mixExs: consumerMixExs('{:diwa_schema, git: "x"}')
    })
    const run = await verify({ path: 'apps/shop' })
    expect(run.annotations).toMatchObject([{ properties: { file: 'apps/shop/mix.exs' } }])
  })
})

describe('a bypass', () => {
  const byPath: Consumer = {
    mixExs: consumerMixExs('{:diwa_schema, path: "../diwa_schema"}'),
    mixLock: lockOf(),
    fetched: false
  }

  test('is green and loud: a warning, the summary and the receipt say it, and nothing claims Hex', async () => {
    writeConsumer(workspace, byPath)
    const run = await verify({ 'bypass-reason': 'hotfix of the orders table', 'bypass-until': daysAhead(3) })
    expect(run.exitCode).toBe(0)
    expect(run.outputs['status']).toBe('unchanged')
    expect(run.outputs).not.toHaveProperty('dependency-version')
    expect(run.annotations.filter(({ kind }) => kind === 'warning')[0]?.message).toContain('hotfix of the orders table')
    expect(run.summary).toContain(`let through by a bypass until ${daysAhead(3)}`)
    expect(run.summary).not.toMatch(/✅ .*comes from Hex/)
    expect(run.receipt).toMatchObject({
      notChecked: expect.arrayContaining([expect.stringContaining('that diwa_schema comes from Hex: bypassed')])
    })
  })

  test('covers the old line of a release that was retired, and no line of what was replaced', async () => {
    const checksum = publish()
    await retire()
    const mixExs = consumerMixExs('{:diwa_schema, path: "../diwa_schema"}')
    const bypass = { 'bypass-reason': 'hotfix', 'bypass-until': daysAhead(3) }
    writeConsumer(workspace, { ...fetched(checksum), mixExs })
    expect((await verify(bypass)).exitCode).toBe(0)
    writeConsumer(workspace, { mixExs })
    const other = await verify(bypass)
    expect(other.exitCode).toBe(1)
    expect(errorsOf(other).join()).toContain(outerChecksum)
    writeConsumer(workspace, fetched(checksum))
    const retired = await verify(bypass)
    expect(retired.exitCode).toBe(1)
    expect(errorsOf(retired).join()).toContain('is retired')
    expect(errorsOf(retired).join()).toContain('covers nothing else')
  })

  test('is over after its last day', async () => {
    writeConsumer(workspace, byPath)
    const run = await verify({ 'bypass-reason': 'hotfix', 'bypass-until': daysAhead(-1) })
    expect(run.exitCode).toBe(1)
    expect(errorsOf(run).join()).toContain(`over since the end of ${daysAhead(-1)}`)
  })

  test.each([
    ['a reason alone', { 'bypass-reason': 'hotfix' }],
    ['a day alone', { 'bypass-until': daysAhead(1) }],
    ['no day of the calendar', { 'bypass-reason': 'hotfix', 'bypass-until': '2026-02-30' }],
    ['a day far ahead', { 'bypass-reason': 'hotfix', 'bypass-until': daysAhead(33) }]
  ])('is not taken with %s', async (_, inputs) => {
    writeConsumer(workspace, byPath)
    const run = await verify(inputs)
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('dependency-bypass')
    expect(sandbox.requests).toEqual([])
  })
})

test.each([
  ['dependency-name', { dependency: '' }],
  ['dependency-name', { dependency: 'Diwa' }],
  ['dependency-name', { dependency: 'diwa_schema@0.1' }],
  ['dependency-name', { dependency: '../diwa' }],
  ['dependency-folder', { 'dependency-folder': '../other/priv' }],
  ['dependency-folder', { 'dependency-folder': '/etc' }],
  ['organization-name', { organization: 'hexpm' }]
])('%s is told for %j', async (code, inputs) => {
  writeConsumer(workspace)
  const run = await verify(inputs)
  expect(run.exitCode).toBe(1)
  expect(errorsOf(run)).toEqual([
    expect.stringMatching(new RegExp(`\\b${code}\\b.* Input (?:dependency|organization)`, 's'))
  ])
})
