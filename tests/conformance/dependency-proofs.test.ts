// needs: elixir, mix
// Mix itself resolves, locks and unpacks, with the stand-in for Hex's archive; then we prove where it came from.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import {
  proveHexDependency,
  type DependencyProof,
  type MixDepsRun
} from '../../actions/shared/hex/dependency-proofs.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { consumerMixExs } from '../support/hex-consumer.ts'
import { mix, ran } from '../support/hex/mix.ts'
import { installHexStandIn } from '../support/hex/stand-in.ts'

let home: string
let work: string
let sandbox: Sandbox
let env: Record<string, string>

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'proofs-'))
  env = { ...(await installHexStandIn({ folder: home })).env }
}, 120_000)
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})
beforeEach(async () => {
  sandbox = await startSandbox()
  sandbox.hex.addUser({ username: 'maintainer' })
  work = mkdtempSync(join(tmpdir(), 'proofs-'))
})
afterEach(async () => {
  await sandbox.close()
  rmSync(work, { recursive: true, force: true })
})

const packageMixExs = (version: string): string => `defmodule DiwaSchema.MixProject do
  use Mix.Project
  def project, do: [app: :diwa_schema, version: "${version}", deps: []]
end
`
const migration = 'defmodule CreateOrders do\nend\n'

function release(version: string): void {
  sandbox.hex.addRelease(
    hexTarball({
      metadata: { app: 'diwa_schema', name: 'diwa_schema', version, requirements: [] },
      files: {
        'mix.exs': packageMixExs(version),
        'lib/diwa_schema.ex': 'defmodule DiwaSchema do\nend\n',
        'priv/repo/migrations/20260101000000_create_orders.exs': migration
      }
    })
  )
}

/** Writes the consumer's mix.exs. */
function define(...dependencies: readonly string[]): string {
  const folder = join(work, 'shop')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'mix.exs'), consumerMixExs(...dependencies))
  return folder
}

function prove(variables: Readonly<Record<string, string>> = {}): Promise<DependencyProof> {
  const folder = join(work, 'shop')
  return proveHexDependency({
    project: folder,
    shownProject: '.',
    name: 'diwa_schema',
    folder: 'priv/repo/migrations',
    now: Date.now(),
    env: {},
    mixDeps: async (): Promise<MixDepsRun> =>
      ran('mix', ['deps'], { folder, env: { ...sandbox.environment({ job: 'test' }), ...env, ...variables } })
  })
}

const inSandbox = (): Record<string, string> => ({ ...sandbox.environment({ job: 'test' }), ...env })
const states = ({ proofs }: DependencyProof): readonly string[] =>
  proofs.map(({ number, state }) => `${number} ${state}`)

describe('what mix deps.get leaves', () => {
  test('is proved in all five places, with the checksum that Hex has', async () => {
    release('0.1.0')
    await mix(['deps.get'], { folder: define('{:diwa_schema, "~> 0.1"}'), env: inSandbox() })
    const proof = await prove()
    expect(proof.proofs.filter(({ number, state }) => number < 6 && state !== 'proved')).toEqual([])
    expect(proof).toMatchObject({
      fromHex: true,
      version: '0.1.0',
      outerChecksum: sandbox.hex.releases('diwa_schema')[0]?.checksum
    })
  }, 120_000)

  test('proves nothing any more after a change to path:, which Mix itself does not mind', async () => {
    release('0.1.0')
    const folder = define('{:diwa_schema, "~> 0.1"}')
    await mix(['deps.get'], { folder, env: inSandbox() })
    cpSync(join(folder, 'deps', 'diwa_schema'), join(work, 'diwa_schema'), { recursive: true })
    define('{:diwa_schema, path: "../diwa_schema"}')
    expect((await ran('mix', ['deps.get', '--check-locked'], { folder, env: inSandbox() })).exitCode).toBe(0)
    const proof = await prove()
    expect(states(proof)).toEqual(['1 proved', '2 disproved', '3 disproved', '4 proved', '5 proved', '6 not available'])
    expect(proof.fromHex).toBe(false)
  }, 120_000)

  test('is decided by Mix where mix.exs asks the environment', async () => {
    release('0.1.0')
    const folder = define(
      'if(System.get_env("LOCAL"), do: {:diwa_schema, path: "../diwa_schema"}, else: {:diwa_schema, "~> 0.1"})'
    )
    await mix(['deps.get'], { folder, env: inSandbox() })
    cpSync(join(folder, 'deps', 'diwa_schema'), join(work, 'diwa_schema'), { recursive: true })
    expect(await prove()).toMatchObject({ conditional: true, fromHex: true })
    const local = await prove({ LOCAL: '1' })
    expect(local).toMatchObject({ conditional: true, fromHex: false })
    expect(states(local).slice(1, 3)).toEqual(['2 disproved', '3 disproved'])
  }, 120_000)

  test('is stale when the lock went on to another release', async () => {
    release('0.1.0')
    const folder = define('{:diwa_schema, "~> 0.1"}')
    await mix(['deps.get'], { folder, env: inSandbox() })
    cpSync(join(folder, 'deps'), join(work, 'cached'), { recursive: true })
    release('0.1.1')
    await mix(['deps.update', 'diwa_schema'], { folder, env: inSandbox() })
    expect(await prove()).toMatchObject({ fromHex: true, version: '0.1.1' })
    rmSync(join(folder, 'deps'), { recursive: true })
    cpSync(join(work, 'cached'), join(folder, 'deps'), { recursive: true })
    const proof = await prove()
    expect(states(proof).slice(3, 5)).toEqual(['4 disproved', '5 disproved'])
    expect(proof.fromHex).toBe(false)
  }, 120_000)

  test('is not asked of a Mix that has no Hex', async () => {
    release('0.1.0')
    await mix(['deps.get'], { folder: define('{:diwa_schema, "~> 0.1"}'), env: inSandbox() })
    const proof = await prove({ MIX_HOME: join(work, 'empty') })
    expect(states(proof)).toEqual([
      '1 proved',
      '2 proved',
      '3 not available',
      '4 proved',
      '5 proved',
      '6 not available'
    ])
    expect(proof.fromHex).toBe(true)
  }, 120_000)
})
