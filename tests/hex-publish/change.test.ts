import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  codesOf,
  key,
  organizationKey,
  problemsOf,
  setStage,
  strangersKey,
  tarball,
  type Stage
} from './change-stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage()
})
afterEach(() => stage.sandbox.close())

const retire = { mode: 'retire', reason: 'security', message: 'use 0.1.1' }
const unretire = { mode: 'unretire' }
const revert = { mode: 'revert', confirm: '0.1.0' }

function retirement(version = '0.1.0'): unknown {
  return stage.sandbox.hex.releases('demo_schema').find((each) => each.version === version)?.retirement
}

function versions(name = 'demo_schema'): readonly string[] {
  return stage.sandbox.hex.releases(name).map(({ version }) => version)
}

describe('retire', () => {
  test('marks the release with reason and message, and nothing else', async () => {
    const run = await stage.run(retire)
    expect(problemsOf(run)).toEqual([])
    expect(run.exitCode).toBe(0)
    expect(retirement()).toEqual({ reason: 'security', message: 'use 0.1.1' })
    expect(retirement('0.0.9')).toBe(undefined)
    expect(run.outputs).toMatchObject({
      status: 'published',
      name: 'demo_schema',
      version: '0.1.0',
      checksum: stage.sandbox.hex.releases('demo_schema')[0]?.checksum,
      url: 'https://hex.pm/packages/demo_schema/0.1.0'
    })
    expect(run.summary).toContain('is retired')
    expect(run.summary).toContain('security (use 0.1.1)')
    expect(run.receipt).toMatchObject({
      action: 'hex-publish',
      status: 'published',
      targets: [{ kind: 'hex-retire', name: 'demo_schema', version: '0.1.0', status: 'published' }]
    })
  })

  test('changes nothing where it is retired so', async () => {
    await stage.run(retire)
    const before = stage.writes()
    const again = await stage.run(retire)
    expect([again.exitCode, again.outputs['status']]).toEqual([0, 'unchanged'])
    expect(stage.writes()).toEqual(before)
  })

  test('replaces another reason and message, and shows the old ones', async () => {
    await stage.run({ ...retire, reason: 'invalid', message: 'does not compile' })
    const again = await stage.run(retire)
    expect(retirement()).toEqual({ reason: 'security', message: 'use 0.1.1' })
    expect(again.summary).toContain('invalid (does not compile)')
  })

  test('needs no window: an old release is retired too', async () => {
    const run = await stage.run({ ...retire, version: '0.0.9' })
    expect(run.exitCode).toBe(0)
    expect(retirement('0.0.9')).toMatchObject({ reason: 'security' })
  })

  test('shows in a dry run what would change, without a key, and changes nothing', async () => {
    const run = await stage.run({ ...retire, 'dry-run': 'true', 'api-key': '' })
    expect(problemsOf(run)).toEqual([])
    expect(run.outputs['status']).toBe('planned')
    expect(run.summary).toContain('would be retired')
    expect(run.summary).toContain('Not checked')
    expect(stage.writes()).toEqual([])
    expect(retirement()).toBe(undefined)
  })

  test('tells a version that is not there with those that are', async () => {
    const run = await stage.run({ ...retire, version: '0.2.0' })
    expect(run.exitCode).toBe(1)
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^release-not-there: .*0\.1\.0, 0\.0\.9/)])
    expect(stage.writes()).toEqual([])
  })
})

describe('unretire', () => {
  test('takes the mark away', async () => {
    await stage.run(retire)
    const run = await stage.run(unretire)
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'published'])
    expect(retirement()).toBe(undefined)
    expect(run.summary).toContain('is no longer retired')
  })

  test('changes nothing where there is none', async () => {
    const run = await stage.run(unretire)
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'unchanged'])
    expect(stage.writes()).toEqual([])
  })
})

describe('revert', () => {
  test('deletes the release inside its window, and says what that means', async () => {
    const { checksum = '' } = stage.sandbox.hex.releases('demo_schema')[0] ?? {}
    const run = await stage.run(revert)
    expect(problemsOf(run)).toEqual([])
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'published'])
    expect(versions()).toEqual(['0.0.9'])
    expect(run.summary).toContain('is reverted')
    expect(run.summary).toContain(checksum)
    expect(run.summary).toMatch(/one hour after it was published/)
    expect(run.outputs).not.toHaveProperty('url')
    expect(run.receipt).toMatchObject({ targets: [{ kind: 'hex-revert' }] })
  })

  test('changes nothing where the release is gone already', async () => {
    await stage.run(revert)
    const before = stage.writes()
    const again = await stage.run(revert)
    expect([again.exitCode, again.outputs['status']]).toEqual([0, 'unchanged'])
    expect(again.summary).toContain('is not there')
    expect(stage.writes()).toEqual(before)
  })

  test('is refused once the window is closed, before anything is sent, with its end', async () => {
    const run = await stage.run({ ...revert, version: '0.0.9', confirm: '0.0.9' })
    expect(codesOf(run)).toEqual(['hex-window-closed'])
    expect(run.summary).toContain('was left as it is')
    expect(problemsOf(run)[0]).toMatch(/it was until \d{4}-\d\d-\d\d/)
    expect(stage.writes()).toEqual([])
    expect(versions()).toContain('0.0.9')
  })

  test.each([
    ['a key that may not see the organization', { organization: 'acme', 'api-key': strangersKey }, 'hex-not-owner'],
    ['an organization that is misspelt', { organization: 'acmee' }, 'hex-not-owner']
  ])('is not taken for done with %s', async (_what, inputs, code) => {
    const run = await stage.run({ ...revert, ...inputs })
    expect(codesOf(run)).toEqual([code])
    expect(stage.sandbox.hex.releases({ name: 'demo_schema', organization: 'acme' })).toHaveLength(1)
  })

  test('of a release that a replica does not show yet is not taken for done', async () => {
    stage.sandbox.fault('GET hex.pm/api/packages/demo_schema/releases/0.1.0 #1 404 body="{}"')
    const run = await stage.run(revert)
    expect([run.outputs['status'], codesOf(run)]).toEqual(['published', []])
    expect(versions()).not.toContain('0.1.0')
  })

  test('of a package that Hex does not have says that nobody knows whether it ever did', async () => {
    const run = await stage.run({ ...revert, package: 'demo_schem' })
    expect(run.outputs['status']).toBe('unchanged')
    expect(run.summary).toContain('was ever on Hex')
  })

  test('is refused without the version as its confirmation', async () => {
    const run = await stage.run({ mode: 'revert', confirm: 'true' })
    expect(codesOf(run)).toEqual(['revert-not-confirmed'])
    expect(versions()).toContain('0.1.0')
  })

  test('of the last release says beforehand that the package goes with it, and afterwards that it went', async () => {
    const planned = await stage.run({ ...revert, package: 'lonely', 'dry-run': 'true' })
    expect(planned.summary).toContain('the package lonely is deleted with it')
    const run = await stage.run({ ...revert, package: 'lonely' })
    expect(run.exitCode).toBe(0)
    expect(run.summary).toContain('was deleted with it')
    expect(stage.sandbox.hex.state.packages.map(({ name }) => name)).not.toContain('lonely')
  })

  test('of the last release of a package that others depend on is told as Hex refuses it', async () => {
    stage.sandbox.hex.addRelease(tarball('consumer', '1.0.0', [{ name: 'lonely', requirement: '~> 0.1.0' }]))
    const run = await stage.run({ ...revert, package: 'lonely' })
    expect(run.exitCode).toBe(1)
    expect(problemsOf(run)).toEqual([expect.stringMatching(/^hex-name-refused: .*depend on it[\s\S]*mode: retire/)])
    expect(versions('lonely')).toEqual(['0.1.0'])
  })

  test('of a private release has no window', async () => {
    const run = await stage.run({ ...revert, organization: 'acme', 'api-key': organizationKey })
    expect(problemsOf(run)).toEqual([])
    expect(stage.sandbox.hex.releases({ name: 'demo_schema', organization: 'acme' })).toEqual([])
    expect(versions()).toContain('0.1.0')
  })
})

describe('the key', () => {
  test('of somebody who does not own the package is refused before anything is sent', async () => {
    const run = await stage.run({ ...retire, 'api-key': strangersKey })
    expect(codesOf(run)).toEqual(['hex-not-owner'])
    expect(stage.writes()).toEqual([])
  })

  test('that Hex does not know is told once', async () => {
    const run = await stage.run({ ...retire, 'api-key': 'ffffffffffffffffffffffffffffffff' })
    expect(codesOf(run)).toEqual(['hex-key-refused'])
    expect(stage.writes()).toEqual([])
  })

  test('for this package alone is enough', async () => {
    const secret = '1234567890abcdef1234567890abcdef'
    stage.sandbox.hex.addKey({
      secret,
      user: 'maintainer',
      permissions: [{ domain: 'package', resource: 'hexpm/demo_schema' }]
    })
    const run = await stage.run({ ...retire, 'api-key': secret })
    expect(problemsOf(run)).toEqual([])
    expect(retirement()).toMatchObject({ reason: 'security' })
  })

  test('for another package is not', async () => {
    const secret = '1234567890abcdef1234567890abcdef'
    stage.sandbox.hex.addKey({
      secret,
      user: 'maintainer',
      permissions: [{ domain: 'package', resource: 'hexpm/lonely' }]
    })
    const run = await stage.run({ ...retire, 'api-key': secret })
    expect(codesOf(run)).toEqual(['hex-key-not-allowed'])
    expect(retirement()).toBe(undefined)
  })

  test('that ends soon is warned of', async () => {
    const secret = '1234567890abcdef1234567890abcdef'
    stage.sandbox.hex.addKey({ secret, user: 'maintainer', expires: Date.now() + 3 * 24 * 3_600_000 })
    const run = await stage.run({ ...retire, 'api-key': secret })
    expect(run.exitCode).toBe(0)
    expect(run.annotations).toContainEqual(
      expect.objectContaining({ kind: 'warning', message: expect.stringContaining('hex-key-expires') })
    )
  })

  test('is missing: nothing is written, and the error says which input', async () => {
    const run = await stage.run({ ...retire, 'api-key': '' })
    expect(codesOf(run)).toEqual(['api-key-missing'])
    expect(stage.writes()).toEqual([])
  })

  test.each([retire, unretire, revert, { ...retire, version: '0.2.0' }, { ...revert, confirm: 'no' }])(
    'is nowhere in what %j leaves',
    async (inputs) => {
      const run = await stage.run(inputs)
      expect(run.everything).not.toContain(key)
      expect(run.masks).toContain(key)
    }
  )
})
