// needs: elixir, mix, rebar3, escript
// What the action published, as those read it who depend on it: rebar3, Mix, and the hex_core inside rebar3.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { rebarConfig } from '../../sandbox/hex/rebar-config.ts'
import { startRelease, type Release } from '../hex-publish/release.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { mix, ran } from '../support/hex/mix.ts'
import { installHexStandIn } from '../support/hex/stand-in.ts'
import { temporaryFolder, type ActionRun } from '../support/run-action.ts'

const migration = 'priv/repo/migrations/20260101000000_create_orders.exs'
let release: Release
let run: ActionRun
let checksum: string

beforeAll(async () => {
  release = await startRelease({
    tarball: hexTarball({
      metadata: { requirements: [] },
      files: {
        'mix.exs':
          'defmodule DemoSchema.MixProject do\n  use Mix.Project\n  def project, do: [app: :demo_schema, version: "0.1.0", deps: []]\nend\n',
        'rebar.config': '{erl_opts, []}.\n',
        'src/demo_schema.app.src': '{application, demo_schema, [{vsn, "0.1.0"}]}.\n',
        [migration]: 'defmodule CreateOrders do\nend\n'
      }
    })
  })
  run = await release.run()
  checksum = run.outputs['checksum'] ?? ''
}, 60_000)
afterAll(async () => {
  await release.sandbox.close()
})

function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('consumer')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

describe('a release that the action published', () => {
  test('is out, and its output is the checksum that Hex shows', () => {
    expect({ exitCode: run.exitCode, status: run.outputs['status'] }).toEqual({ exitCode: 0, status: 'published' })
    expect(release.published()).toEqual([`0.1.0 ${checksum} docs`])
  })

  test('is resolved by rebar3 through the signed registry, and locked with that checksum', async () => {
    const { sandbox } = release
    const folder = project({
      'home/.config/rebar3/rebar.config': rebarConfig({ caFile: sandbox.caFile, publicKey: sandbox.hex.publicKey }),
      'app/rebar.config': '{deps, [{demo_schema, "~> 0.1.0"}]}.\n',
      'app/src/app.app.src': '{application, app, [{vsn, "1.0.0"}, {applications, [kernel, stdlib]}]}.\n'
    })
    const env = { ...sandbox.environment(), HOME: join(folder, 'home') }
    const { exitCode, output } = await ran('rebar3', ['get-deps'], { folder: join(folder, 'app'), env })
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' })
    const lock = readFileSync(join(folder, 'app', 'rebar.lock'), 'utf8')
    expect(lock.slice(lock.indexOf('pkg_hash_ext'))).toContain(`<<"${checksum.toUpperCase()}">>`)
  }, 60_000)

  test('is resolved by Mix, locked with that checksum and unpacked with its migrations', async () => {
    const folder = project({
      'mix.exs':
        'defmodule App.MixProject do\n  use Mix.Project\n  def project, do: [app: :app, version: "1.0.0", deps: [{:demo_schema, "~> 0.1.0"}]]\nend\n'
    })
    const { env } = await installHexStandIn({ folder: temporaryFolder('mix-home') })
    await mix(['deps.get'], { folder, env: { ...release.sandbox.environment(), ...env } })
    expect(readFileSync(join(folder, 'mix.lock'), 'utf8')).toMatch(
      new RegExp(`^ {2}"demo_schema": \\{:hex, :demo_schema, "0\\.1\\.0", .*"hexpm", "${checksum}"\\},$`, 'm')
    )
    expect(readFileSync(join(folder, 'deps', 'demo_schema', migration), 'utf8')).toContain('CreateOrders')
  }, 120_000)

  test('is unpacked by hex_core, which finds the same checksum', () => {
    const folder = temporaryFolder('hex-core')
    const [published] = release.sandbox.hex.releases('demo_schema')
    writeFileSync(join(folder, '0.tar'), published?.tarball ?? '')
    const script = join(import.meta.dirname, 'hex-core', 'unpack.escript')
    const read: unknown = JSON.parse(execFileSync('escript', [script, 'rebar3', folder], { encoding: 'utf8' }))
    // Binaries are told as their bytes, so that no spelling comes between.
    const told = (text: string): string => `:${Buffer.from(text).toString('hex')}`
    expect(read).toMatchObject({ package: { name: told('demo_schema'), version: told('0.1.0') } })
    expect(JSON.stringify(read).toLowerCase()).toContain(checksum)
  }, 60_000)
})
