import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hexTarball, validFiles } from '../support/hex-tarball.ts'
import type { ActionRun } from '../support/run-action.ts'
import { apiKey, codesOf, ready, startRelease, tarballName, type Release } from './release.ts'

let release: Release
beforeEach(async () => {
  release = await startRelease()
  release.sandbox.watchSecret('api-key', apiKey)
})
afterEach(async () => {
  await release.sandbox.close()
})

/** Everything that the run left, in every form in which the key could stand there. */
function expectNoKey(run: ActionRun): void {
  const everything = `${run.everything}\n${JSON.stringify(run.outputs)}\n${JSON.stringify(run.receipt)}\n${run.summary}`
  for (const form of [apiKey, apiKey.toUpperCase(), Buffer.from(apiKey).toString('base64'), encodeURIComponent(apiKey)])
    expect(everything).not.toContain(form)
  expect(run.masks).toContain(apiKey)
}

describe('the key', () => {
  test('goes to the API of hex.pm and to nobody else, nor into an address', async () => {
    const run = await release.run()
    expect(run.outputs['status']).toBe('published')
    const carrying = release.sandbox.requests.filter(({ secrets }) => secrets.includes('api-key'))
    expect([...new Set(carrying.map(({ url }) => new URL(url).host))]).toEqual(['hex.pm'])
    expect(release.sandbox.requests.every(({ url }) => !url.includes(apiKey))).toBe(true)
    expect(release.sandbox.requests.some(({ url }) => new URL(url).host === 'repo.hex.pm')).toBe(true)
    expectNoKey(run)
  })

  test('is in nothing that a release, a rerun, a dry run or a refusal leaves', async () => {
    for (const inputs of [ready, ready, { ...ready, 'dry-run': 'true' }, { ...ready, tarball: 'nowhere' }])
      expectNoKey(await release.run(inputs, { env: { RUNNER_DEBUG: '1' } }))
  })

  test.each([
    ['POST hex.pm/api/packages/demo_schema/releases', 401],
    ['POST hex.pm/api/packages/demo_schema/releases', 422],
    ['POST hex.pm/api/packages/demo_schema/releases/0.1.0/docs', 403],
    ['GET hex.pm/api/packages/demo_schema', 418],
    ['GET hex.pm/api/auth', 401],
    ['GET repo.hex.pm/packages/demo_schema', 418]
  ])('is in nothing that a run leaves when %s echoes it in a %i', async (request, status) => {
    const words = `invalid API key ${apiKey} (authorization: ${apiKey})`
    const body = JSON.stringify(JSON.stringify({ status, message: words, errors: { tar: words } }))
    release.sandbox.fault(`${request} #1+ ${status} body=${body}`)
    const run = await release.run({ ...ready, wait: '1' })
    expect(run.exitCode).toBe(1)
    expect(release.sandbox.faults[0]?.struck).toBeGreaterThan(0)
    expectNoKey(run)
  })

  test('is in nothing that a run leaves when Hex sends it as a message to its clients', async () => {
    release.sandbox.hex.setSettings({ hexMessage: `"your key ${apiKey} is old"; level=warn` })
    const run = await release.run()
    const said = run.annotations.filter(({ message }) => message.includes('your key *** is old'))
    expect(said.map(({ kind }) => kind)).toEqual(['warning'])
    expectNoKey(run)
  })

  test('in the package that it publishes stops the run, which does not show it', async () => {
    const leaky = hexTarball({ files: { ...validFiles, 'lib/leak.ex': `defmodule Leak do\n  @k "${apiKey}"\nend\n` } })
    writeFileSync(join(release.workspace, tarballName), leaky)
    const run = await release.run()
    expect(run.exitCode).toBe(1)
    expect(release.sandbox.writes()).toEqual([])
    expectNoKey(run)
  })

  test('behind "Bearer" is masked by itself', async () => {
    const run = await release.run({ ...ready, 'api-key': `Bearer ${apiKey}` })
    expect(run.exitCode).toBe(1)
    expectNoKey(run)
  })
})

describe('what a server says', () => {
  test('cannot give the runner commands, nor markup to the summary', async () => {
    const message = '\n::set-output name=x::y\n::error::owned\n##[error]owned <img src=x> [click](https://evil.example)'
    const body = JSON.stringify(JSON.stringify({ status: 403, message }))
    release.sandbox.fault(`POST hex.pm/api/packages/demo_schema/releases #1+ 403 body=${body}`)
    const run = await release.run()
    expect(codesOf(run)).toEqual(['hex-forbidden'])
    expect(run.stdout).not.toMatch(/^\s*::(set-output|error::)/m)
    expect(run.summary).not.toContain('<img')
    expect(run.summary).not.toContain('](https://evil.example)')
  })

  test('about the release’s pages is no link when it is no address', async () => {
    await release.run()
    const page = JSON.stringify(
      JSON.stringify({
        version: '0.1.0',
        checksum: release.sandbox.hex.releases('demo_schema')[0]?.checksum,
        has_docs: true,
        inserted_at: '2026-01-01T00:00:00Z',
        updated_at: '2026-01-01T00:00:00Z',
        url: 'https://hex.pm/api/x',
        html_url: 'javascript:alert(1)',
        docs_html_url: 'data:text/html,x'
      })
    )
    release.sandbox.fault(`GET hex.pm/api/packages/demo_schema/releases/0.1.0 #1+ 200 body=${page}`)
    const run = await release.run()
    expect(run.outputs['status']).toBe('unchanged')
    expect(run.outputs['url']).toBe('https://hex.pm/packages/demo_schema/0.1.0')
    expect(run.outputs['docs-url']).toBeUndefined()
    expect(run.summary).not.toContain('](javascript:')
    expect(run.summary).not.toContain('](data:')
  })
})
