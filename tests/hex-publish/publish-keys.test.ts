import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hexTarball } from '../support/hex-tarball.ts'
import { publishInProcess, type InProcessRun } from './in-process.ts'
import { apiKey, ready, startRelease, writes, type Release } from './release.ts'

let release: Release
beforeEach(async () => {
  release = await startRelease()
})
afterEach(async () => {
  await release.sandbox.close()
})

const secret = 'ca11ab1e0ca11ab1e0ca11ab1e0ca11a'
const older = hexTarball({ metadata: { version: '0.0.9' } })

async function publishWith(
  permissions: readonly { readonly domain: string; readonly resource?: string }[],
  inputs: Readonly<Record<string, string>> = {}
): Promise<InProcessRun> {
  release.sandbox.hex.addKey({ secret, user: 'maintainer', permissions })
  return publishInProcess(release.sandbox, release.workspace, { ...ready, 'api-key': secret, ...inputs })
}

describe('a key of an owner', () => {
  test.each([[[{ domain: 'api' }]], [[{ domain: 'api', resource: 'write' }]]])(
    'with %j publishes a new package',
    async (permissions) => {
      const run = await publishWith(permissions)
      expect([run.status, run.codes]).toEqual(['published', []])
    }
  )

  test('for the package alone publishes a new version of it, and its docs', async () => {
    release.sandbox.hex.addRelease(older)
    const run = await publishWith([{ domain: 'package', resource: 'hexpm/demo_schema' }])
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(release.published().at(-1)).toMatch(/^0\.1\.0 .* docs$/)
  })

  test('for the package alone cannot create it, which is told before anything is sent', async () => {
    const run = await publishWith([{ domain: 'package', resource: 'hexpm/demo_schema' }])
    expect(run.codes).toEqual(['hex-key-new-package'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test.each([
    [[{ domain: 'api', resource: 'read' }]],
    [[{ domain: 'package', resource: 'hexpm/ecto_sql' }]],
    [[{ domain: 'repositories' }]],
    [[{ domain: 'docs', resource: 'acme' }]]
  ])('with %j alone is refused before anything is sent', async (permissions) => {
    release.sandbox.hex.addRelease(older)
    const run = await publishWith(permissions)
    expect(run.codes).toEqual(['hex-key-not-allowed'])
    expect(run.problems[0]?.hint).toContain('hex.pm/dashboard/keys')
    expect(writes(release.sandbox)).toEqual([])
  })

  test('that ends soon publishes, with a warning', async () => {
    release.sandbox.hex.addKey({ secret, user: 'maintainer', expires: Date.now() + 3 * 24 * 3_600_000 })
    const run = await publishInProcess(release.sandbox, release.workspace, { ...ready, 'api-key': secret })
    expect(run.status).toBe('published')
    expect(run.told).toMatch(/The API key “key-\d+” ends .*, in [23] days/)
  })

  test('that has ended is refused before anything is sent', async () => {
    release.sandbox.hex.addKey({ secret, user: 'maintainer', expires: Date.now() - 1_000 })
    const run = await publishInProcess(release.sandbox, release.workspace, { ...ready, 'api-key': secret })
    expect(run.codes).toEqual(['hex-key-revoked'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test('is told in a dry run too when it cannot publish', async () => {
    const run = await publishWith([{ domain: 'api', resource: 'read' }], { 'dry-run': 'true' })
    expect(run.codes).toEqual(['hex-key-not-allowed'])
  })

  test('that can no longer publish does not matter where nothing is to be sent', async () => {
    await publishInProcess(release.sandbox, release.workspace)
    const run = await publishWith([{ domain: 'api', resource: 'read' }])
    expect([run.status, run.codes]).toEqual(['unchanged', []])
  })
})

describe('an OAuth token', () => {
  test('of a user cannot publish, as Hex wants a one-time password, and a dry run says that this is not checked', async () => {
    release.sandbox.hex.addKey({ secret, user: 'maintainer', kind: 'oauth' })
    const bearer = { ...ready, 'api-key': `Bearer ${secret}` }
    const planned = await publishInProcess(release.sandbox, release.workspace, { ...bearer, 'dry-run': 'true' })
    expect(planned.receipt.notChecked.join()).toContain('one-time password')
    const run = await publishInProcess(release.sandbox, release.workspace, bearer)
    expect(run.codes).toEqual(['hex-two-factor'])
    expect(release.published()).toEqual([])
  })
})

describe('a key that is not the owner’s', () => {
  test('of nobody is refused', async () => {
    const run = await publishInProcess(release.sandbox, release.workspace, { ...ready, 'api-key': secret })
    expect(run.codes).toEqual(['hex-key-refused'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test('of somebody else is told with the owners', async () => {
    release.sandbox.hex.addRelease(older)
    release.sandbox.hex.addUser({ username: 'somebody', keys: [secret] })
    const run = await publishInProcess(release.sandbox, release.workspace, { ...ready, 'api-key': secret })
    expect(run.codes).toEqual(['hex-not-owner'])
    expect(run.problems[0]?.message).toContain('maintainer')
    expect(writes(release.sandbox)).toEqual([])
  })

  test('of an account whose mail address is not verified is told by Hex, with what to do', async () => {
    release.sandbox.hex.addUser({ username: 'new', keys: [secret], verified: false })
    const run = await publishInProcess(release.sandbox, release.workspace, { ...ready, 'api-key': secret })
    expect(run.codes).toEqual(['hex-account'])
    expect(release.published()).toEqual([])
  })
})

describe('a package of an organization', () => {
  const private_ = { ...ready, organization: 'acme', docs: 'false', 'docs-folder': '' }
  const reference = { name: 'demo_schema', organization: 'acme' }
  const permitted = [{ domain: 'api' }, { domain: 'repository', resource: 'acme' }]
  beforeEach(() => {
    release.sandbox.hex.addOrganization({ name: 'acme', members: [{ username: 'maintainer', role: 'write' }] })
  })

  test('is published there and nowhere else, and awaited where the key may read the registry', async () => {
    release.sandbox.hex.addKey({ secret, organization: 'acme', permissions: permitted })
    const run = await publishInProcess(release.sandbox, release.workspace, { ...private_, 'api-key': secret })
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(release.published(reference)).toHaveLength(1)
    expect(release.published()).toEqual([])
    expect(run.receipt.targets[0]?.name).toBe('acme/demo_schema')
    expect(run.receipt.notChecked.join()).not.toContain('resolvers')
    expect(release.sandbox.requests.at(-1)?.url).toContain('repo.hex.pm/repos/acme/tarballs/')
    expect(run.told).toContain('organization: acme')
  })

  test('is published by a key that may not read the registry, and that is not checked then', async () => {
    release.sandbox.hex.addKey({ secret, organization: 'acme', permissions: [{ domain: 'api' }] })
    const run = await publishInProcess(release.sandbox, release.workspace, { ...private_, 'api-key': secret })
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(run.receipt.notChecked.join()).toContain('may not read the registry of acme')
    expect(run.waited).toBe(0)
  })

  test('is left alone by the next run', async () => {
    release.sandbox.hex.addKey({ secret, organization: 'acme', permissions: permitted })
    const given = { ...private_, 'api-key': secret }
    await publishInProcess(release.sandbox, release.workspace, given)
    const before = writes(release.sandbox).length
    const run = await publishInProcess(release.sandbox, release.workspace, given)
    expect(run.status).toBe('unchanged')
    expect(writes(release.sandbox)).toHaveLength(before)
  })

  test('is not shown without a key, which a dry run says', async () => {
    const run = await publishInProcess(release.sandbox, release.workspace, {
      ...private_,
      'api-key': '',
      'dry-run': 'true'
    })
    expect([run.status, run.codes]).toEqual(['planned', []])
    expect(run.receipt.notChecked.join()).toContain('not shown without a key')
  })

  test('is not created where a public one has its name', async () => {
    release.sandbox.hex.addRelease(older)
    const run = await publishInProcess(release.sandbox, release.workspace, private_)
    expect(run.codes).toEqual(['public-package-exists'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test('is warned of where a public one has got its name since', async () => {
    release.sandbox.hex.addRelease(older, { organization: 'acme' })
    release.sandbox.hex.addRelease(older)
    const run = await publishInProcess(release.sandbox, release.workspace, private_)
    expect(run.status).toBe('published')
    expect(run.told).toContain('beside the private one of acme')
  })

  test('does not become public because organization was forgotten', async () => {
    release.sandbox.hex.addRelease(older, { organization: 'acme' })
    for (const key of [apiKey, secret]) {
      release.sandbox.hex.addKey({ secret, organization: 'acme' })
      const run = await publishInProcess(release.sandbox, release.workspace, { ...ready, 'api-key': key })
      expect(run.codes).toEqual(['private-package-exists'])
      expect(run.problems[0]?.hint).toContain('organization: acme')
    }
    expect(writes(release.sandbox)).toEqual([])
  })

  test('of an organization that has not paid is told by Hex', async () => {
    release.sandbox.hex.addOrganization({ name: 'acme', billing: false })
    release.sandbox.hex.addKey({ secret, organization: 'acme', permissions: permitted })
    const run = await publishInProcess(release.sandbox, release.workspace, { ...private_, 'api-key': secret })
    expect(run.codes).toEqual(['hex-billing'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test.each([
    ['package: [organization: "other", files: ["lib"]]', 'other'],
    ['package: [files: ["lib"]]', 'the public repository']
  ])('is not published where mix.exs says %s', async (setting, told) => {
    writeFileSync(join(release.workspace, 'mix.exs'), mixProject(setting))
    const run = await publishInProcess(release.sandbox, release.workspace, private_)
    expect(run.codes).toEqual(['organization-mismatch'])
    expect(run.problems[0]).toMatchObject({ file: 'mix.exs', message: expect.stringContaining(told) })
    expect(writes(release.sandbox)).toEqual([])
  })

  test('is published where mix.exs says the same, and what it computes is not checked', async () => {
    writeFileSync(join(release.workspace, 'mix.exs'), mixProject('package: [organization: "acme"]'))
    const same = await publishInProcess(release.sandbox, release.workspace, { ...private_, 'dry-run': 'true' })
    expect(same.codes).toEqual([])
    expect(same.receipt.notChecked.join()).not.toContain('same organization')
    writeFileSync(join(release.workspace, 'mix.exs'), mixProject('package: [organization: System.get_env("ORG")]'))
    const computed = await publishInProcess(release.sandbox, release.workspace, { ...private_, 'dry-run': 'true' })
    expect(computed.codes).toEqual([])
    expect(computed.receipt.notChecked.join()).toContain('whether mix.exs means the same organization')
  })

  test('is not for a member who may only read', async () => {
    release.sandbox.hex.addOrganization({ name: 'acme', members: [{ username: 'maintainer', role: 'read' }] })
    const run = await publishInProcess(release.sandbox, release.workspace, private_)
    expect(run.codes).toEqual(['hex-not-owner'])
    expect(writes(release.sandbox)).toEqual([])
  })
})

function mixProject(setting: string): string {
  return `defmodule DemoSchema.MixProject do
  use Mix.Project

  def project do
    [app: :demo_schema, version: "0.1.0", ${setting}]
  end
end
`
}
