// needs: escript, rebar3
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { hexTarball } from '../support/hex-tarball.ts'

/**
 * The sandbox's Hex against hex_core 0.7.1, the library of Hex's own clients, as Debian's rebar3 brings it along: it
 * publishes, reads, retires and deletes in Erlang's term format, verifies the registry's signature and unpacks.
 */

let sandbox: Sandbox
let folder = ''
let now = Date.UTC(2026, 10, 21)

beforeEach(async () => {
  now = Date.UTC(2026, 10, 21)
  sandbox = await startSandbox({ clock: () => now })
  sandbox.hex.addUser({ username: 'owner', keys: ['secret'] })
  folder = mkdtempSync(join(tmpdir(), 'hex-core-'))
})

afterEach(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

type Said = readonly [status: number, answer: unknown] | { readonly failed: string }

/** Runs the steps in one Erlang VM. */
async function talk(...steps: readonly string[]): Promise<readonly Said[]> {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const address = sandbox.address('hex').href
  const { stdout } = await promisify(execFile)(
    'escript',
    [
      join(import.meta.dirname, 'hex-core', 'talk.escript'),
      `${address}api`,
      `${address}repo`,
      file('public_key.pem', sandbox.hex.publicKey),
      file('steps', steps.map((step) => `${step}.\n`).join(''))
    ],
    { env: { ...process.env, HEX_API_KEY: 'secret' } }
  )
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Said)
}

const metadata = (version: string): string => `#{
  <<"name">> => <<"lib">>, <<"app">> => <<"lib">>, <<"version">> => <<"${version}">>,
  <<"description">> => <<"Ein schönes Paket"/utf8>>, <<"licenses">> => [<<"MIT">>],
  <<"links">> => #{<<"GitHub">> => <<"https://github.com/acme/lib">>},
  <<"files">> => [<<"src/lib.erl">>], <<"build_tools">> => [<<"rebar3">>],
  <<"requirements">> => #{<<"base">> =>
    #{<<"app">> => <<"base">>, <<"optional">> => false, <<"requirement">> => <<"~> 1.0">>}}}`
const files = '[{"src/lib.erl", <<"-module(lib).\\n">>}]'

test('hex_core makes a package, publishes it, and reads back what it sent', async () => {
  sandbox.hex.addPackage({ name: 'base' })
  const [created, again, replaced, release, shown, owners] = await talk(
    `{create_and_publish, ${metadata('1.0.0')}, ${files}, [{replace, false}]}`,
    `{create_and_publish, ${metadata('1.0.0')}, ${files}, [{replace, false}]}`,
    `{create_and_publish, ${metadata('1.0.0')}, ${files}, [{replace, true}]}`,
    '{release, <<"lib">>, <<"1.0.0">>}',
    '{package, <<"lib">>}',
    '{owners, <<"lib">>}'
  )
  const checksum = sandbox.hex.releases('lib')[0]?.checksum
  expect(created).toEqual([201, expect.objectContaining({ version: '1.0.0', checksum, has_docs: false })])
  expect(again).toEqual([
    422,
    {
      status: 422,
      message: 'Validation error(s)',
      errors: { inserted_at: 'must include the --replace flag to update an existing release' }
    }
  ])
  expect(replaced).toEqual([200, expect.objectContaining({ checksum })])
  expect(release).toEqual([
    200,
    expect.objectContaining({
      checksum,
      // To the second in this format.
      inserted_at: '2026-11-21T00:00:00Z',
      retirement: null,
      requirements: { base: { app: 'base', optional: false, requirement: '~> 1.0' } },
      meta: { app: 'lib', build_tools: ['rebar3'], elixir: null }
    })
  ])
  expect(shown).toEqual([
    200,
    expect.objectContaining({ meta: expect.objectContaining({ description: 'Ein schönes Paket' }) })
  ])
  expect(owners).toEqual([200, [expect.objectContaining({ username: 'owner', level: 'full' })]])
})

test('hex_core verifies the registry, and finds the release with its checksums and requirements', async () => {
  sandbox.hex.addPackage({ name: 'base' })
  const other = hexTarball({ metadata: { name: 'other', requirements: [] } })
  sandbox.hex.addRelease(other)
  const [, , resolved, fetched, names, versions, missing] = await talk(
    `{create_and_publish, ${metadata('1.0.0')}, ${files}, []}`,
    '{retire, <<"lib">>, <<"1.0.0">>, #{<<"reason">> => <<"renamed">>, <<"message">> => <<"see other">>}}',
    '{resolve, <<"lib">>}',
    '{fetch, <<"other">>, <<"0.1.0">>}',
    'names',
    'versions',
    '{resolve, <<"nowhere">>}'
  )
  expect(resolved).toEqual([
    200,
    [
      {
        version: '1.0.0',
        inner_checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        outer_checksum: sandbox.hex.releases('lib')[0]?.checksum,
        dependencies: [{ package: 'base', requirement: '~> 1.0' }],
        retired: { reason: 'RETIRED_RENAMED', message: 'see other' }
      }
    ]
  ])
  expect(fetched).toEqual([200, createHash('sha256').update(other).digest('hex').toUpperCase()])
  expect(names).toEqual([200, [{ name: 'lib' }, { name: 'other' }].map((each) => expect.objectContaining(each))])
  expect(versions).toEqual([
    200,
    [
      { name: 'lib', versions: ['1.0.0'], retired: [0] },
      { name: 'other', versions: ['0.1.0'], retired: [] }
    ].map((each) => expect.objectContaining(each))
  ])
  expect(missing).toEqual([404, expect.anything()])
})

test('hex_core retires, takes back and deletes, and is told what it may not', async () => {
  sandbox.hex.addPackage({ name: 'base' })
  sandbox.hex.addKey({ secret: 'reader', user: 'owner', permissions: [{ domain: 'api', resource: 'read' }] })
  const said = await talk(
    `{create_and_publish, ${metadata('1.0.0')}, ${files}, []}`,
    '{retire, <<"lib">>, <<"1.0.0">>, #{<<"reason">> => <<"ugly">>}}',
    '{retire, <<"lib">>, <<"1.0.0">>, #{<<"reason">> => <<"other">>}}',
    '{unretire, <<"lib">>, <<"1.0.0">>}',
    '{key, <<"reader">>, {delete, <<"lib">>, <<"1.0.0">>}}',
    '{key, <<"unknown">>, me}',
    'me',
    'keys',
    '{delete, <<"lib">>, <<"1.0.0">>}',
    '{release, <<"lib">>, <<"1.0.0">>}',
    '{release, <<"lib">>, <<"v1">>}'
  )
  const refused = (status: number, message: string, errors?: unknown): unknown => [
    status,
    { status, message, ...(errors !== undefined && { errors }) }
  ]
  expect(said.slice(1)).toEqual([
    refused(422, 'Validation error(s)', { retirement: { reason: 'is invalid' } }),
    [204, null],
    [204, null],
    refused(401, 'key not authorized for this action'),
    refused(401, 'invalid API key'),
    [200, expect.objectContaining({ username: 'owner', email: 'owner@example.com', organizations: [] })],
    [200, expect.arrayContaining([expect.objectContaining({ authing_key: true })])],
    [204, null],
    refused(404, 'Page not found'),
    refused(400, 'invalid version: v1')
  ])
  expect(sandbox.hex.releases('lib')).toEqual([])
})
