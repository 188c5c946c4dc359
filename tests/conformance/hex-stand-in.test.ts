// needs: elixir, mix
// The stand-in for Hex is an archive of our own: Mix must take it for Hex, and what it writes must be what Hex writes.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { readTarball } from '../../actions/hex-publish/tarball.ts'
import { readHexManifest, type HexManifest } from '../../actions/shared/hex/hex-manifest.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { mix, ran, type Ran } from '../support/hex/mix.ts'
import { archiveName, installHexStandIn } from '../support/hex/stand-in.ts'

let home = ''
let work = ''
let sandbox: Sandbox
let env: Record<string, string> = {}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'hex-stand-in-'))
  env = (await installHexStandIn({ folder: home })).env
})

afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

beforeEach(async () => {
  sandbox = await startSandbox()
  sandbox.hex.addUser({ username: 'maintainer' })
  work = mkdtempSync(join(tmpdir(), 'hex-stand-in-'))
})

afterEach(async () => {
  await sandbox.close()
  rmSync(work, { recursive: true, force: true })
})

interface Dependency {
  readonly name: string
  readonly requirement: string
  readonly optional?: boolean
}

/** Publishes a package of one module; gives its outer checksum. */
function release(name: string, version: string, dependencies: readonly Dependency[] = []): string {
  const requirements = dependencies.map(({ name: app, requirement, optional = false }) => ({
    ...{ app, name: app, optional, repository: 'hexpm', requirement }
  }))
  const module = name.replaceAll('_', '')
  const bytes = hexTarball({
    metadata: { app: name, name, version, requirements },
    files: {
      'mix.exs': project(name, version, dependencies),
      [`lib/${name}.ex`]: `defmodule M${module} do\n  def version, do: "${version}"\nend\n`
    }
  })
  sandbox.hex.addRelease(bytes)
  return createHash('sha256').update(bytes).digest('hex')
}

function project(app: string, version: string, dependencies: readonly Dependency[], extra = ''): string {
  const deps = dependencies.map(
    ({ name, requirement, optional = false }) => `{:${name}, "${requirement}"${optional ? ', optional: true' : ''}}`
  )
  return `defmodule M${app.replaceAll('_', '')}.MixProject do
  use Mix.Project
  def project, do: [app: :${app}, version: "${version}", elixir: "~> 1.14", deps: [${deps.join(', ')}]${extra}]
end
`
}

/** Makes the application that the commands run in. */
function application(dependencies: readonly Dependency[]): void {
  write({ 'mix.exs': project('consumer', '1.0.0', dependencies) })
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), text)
  }
}

const environment = (): Record<string, string> => ({ ...sandbox.environment(), ...env })
const inWork = (...args: string[]): Promise<Ran> => ran('mix', args, { folder: work, env: environment() })
const getDependencies = (): Promise<string> => mix(['deps.get'], { folder: work, env: environment() })
const lock = (): string => readFileSync(join(work, 'mix.lock'), 'utf8')
const versions = (): Record<string, string> => {
  const entries = lock().matchAll(/^ {2}"(?<app>\w+)": \{:hex, :\w+, "(?<version>[^"]+)"/gm)
  return Object.fromEntries([...entries].map(({ groups }) => [groups?.['app'] ?? '', groups?.['version'] ?? '']))
}

describe('the archive', () => {
  test('says in its version and in mix hex.info that it is a stand-in', async () => {
    expect((await inWork('archive')).output).toContain(archiveName)
    const { output } = await inWork('hex.info')
    expect(output).toMatch(/^Hex: {4}\d+\.\d+\.\d+-stand-in$/m)
    expect(output).toContain('This is a stand-in for Hex')
  })

  test('refuses a registry that the caller has not said to be unsafe, because it checks no signature', async () => {
    release('one', '1.0.0')
    application([{ name: 'one', requirement: '~> 1.0' }])
    const refused = await ran('mix', ['deps.get'], {
      folder: work,
      env: { ...sandbox.environment(), ...env, HEX_UNSAFE_REGISTRY: '' }
    })
    expect(refused.exitCode).toBe(1)
    expect(refused.output).toContain('cannot check the registry')
    expect(sandbox.requests).toEqual([])
  })
})

describe('mix deps.get', () => {
  test('fetches under the real host name and locks in the eight fields of Hex', async () => {
    const other = release('two', '1.4.2')
    const outer = release('one', '1.0.0', [{ name: 'two', requirement: '< 2.0.0 and >= 1.1.0' }])
    application([{ name: 'one', requirement: '~> 1.0' }])
    await getDependencies()

    const inner = (name: string): string => manifestOf(name).innerChecksum ?? 'none'
    expect(lock()).toBe(`%{
  "one": {:hex, :one, "1.0.0", "${inner('one')}", [:mix], [{:two, ">= 1.1.0 and < 2.0.0", [hex: :two, repo: "hexpm", optional: false]}], "hexpm", "${outer}"},
  "two": {:hex, :two, "1.4.2", "${inner('two')}", [:mix], [], "hexpm", "${other}"},
}
`)
    expect(sandbox.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(
      expect.arrayContaining([
        'GET https://repo.hex.pm/packages/one',
        'GET https://repo.hex.pm/tarballs/one-1.0.0.tar',
        'GET https://repo.hex.pm/tarballs/two-1.4.2.tar'
      ])
    )
    expect(manifestOf('one')).toMatchObject({
      name: 'one',
      version: '1.0.0',
      repository: 'hexpm',
      outerChecksum: outer
    })
    const { output } = await inWork('deps')
    expect(output).toContain(`* one (Hex package) (mix)\n  locked at 1.0.0 (one) ${outer.slice(0, 8)}`)
  })

  test('makes dependencies that compile and run', async () => {
    release('one', '1.0.0')
    application([{ name: 'one', requirement: '~> 1.0' }])
    await getDependencies()
    expect((await inWork('run', '-e', 'IO.puts("runs " <> Mone.version())')).output).toContain('runs 1.0.0')
  })

  test('takes the highest version that fits everybody, and steps back where the highest does not', async () => {
    release('two', '1.9.0')
    release('two', '2.1.0')
    release('one', '1.0.0', [{ name: 'two', requirement: '~> 1.0' }])
    release('one', '1.5.0', [{ name: 'two', requirement: '~> 2.0' }])
    release('one', '1.6.0-rc.1')
    application([
      { name: 'one', requirement: '~> 1.0' },
      { name: 'two', requirement: '>= 1.0.0' }
    ])
    await getDependencies()
    expect(versions()).toEqual({ one: '1.5.0', two: '2.1.0' })

    rmSync(join(work, 'mix.lock'))
    application([
      { name: 'one', requirement: '~> 1.0' },
      { name: 'two', requirement: '~> 1.0' }
    ])
    await getDependencies()
    expect(versions()).toEqual({ one: '1.0.0', two: '1.9.0' })
  })

  test('lets an optional dependency restrict a version, and bring none in', async () => {
    release('two', '1.0.0')
    release('two', '2.0.0')
    release('three', '1.0.0')
    release('one', '1.0.0', [
      { name: 'two', requirement: '~> 1.0', optional: true },
      { name: 'three', requirement: '~> 1.0', optional: true }
    ])
    application([
      { name: 'one', requirement: '~> 1.0' },
      { name: 'two', requirement: '>= 0.0.0' }
    ])
    await getDependencies()
    expect(versions()).toEqual({ one: '1.0.0', two: '1.0.0' })
  })

  test('keeps what is locked until it is told to update', async () => {
    release('one', '1.0.0')
    application([{ name: 'one', requirement: '~> 1.0' }])
    await getDependencies()
    const before = lock()
    release('one', '1.1.0')
    rmSync(join(work, 'deps'), { recursive: true })
    await getDependencies()
    expect(lock()).toBe(before)
    expect((await inWork('deps.update', 'one')).output).toContain('one 1.0.0 => 1.1.0')
    expect(versions()).toEqual({ one: '1.1.0' })
  })

  test('tells who asks for what when no versions fit', async () => {
    release('two', '1.0.0')
    release('two', '2.0.0')
    release('one', '1.0.0', [{ name: 'two', requirement: '~> 1.0' }])
    application([
      { name: 'one', requirement: '~> 1.0' },
      { name: 'two', requirement: '~> 2.0' }
    ])
    const conflict = await inWork('deps.get')
    expect(conflict.exitCode).toBe(1)
    expect(conflict.output).toContain('mix.exs depends on two ~> 2.0 and one 1.0.0 depends on two ~> 1.0')
    application([{ name: 'nobody', requirement: '~> 1.0' }])
    expect((await inWork('deps.get')).output).toContain('No package with name nobody (from: mix.exs) in registry')
  })

  test('unpacks nothing of a tarball that is not the one the registry vouches for', async () => {
    release('one', '1.0.0')
    application([{ name: 'one', requirement: '~> 1.0' }])
    sandbox.fault('GET repo.hex.pm/tarballs/one-1.0.0.tar 200 "body=another tarball"')
    const refused = await inWork('deps.get')
    expect(refused.exitCode).toBe(1)
    expect(refused.output).toContain('Checksum mismatch against registry (outer)')
    expect(() => readFileSync(join(work, 'deps', 'one', 'mix.exs'))).toThrow('ENOENT')
  })
})

describe('mix hex.build', () => {
  const packaged = ', description: "A päckage", package: [licenses: ["MIT"], links: %{"Home" => "https://example.com"}]'

  test('makes the same bytes of the same files, which our reader takes', async () => {
    write({
      'mix.exs': project('made', '0.2.0', [{ name: 'one', requirement: '~> 1.0' }], packaged),
      'lib/made.ex': 'defmodule Made do\nend\n',
      'priv/repo/migrations/20260101000000_x.exs': ':ok\n',
      [`lib/${'long'.repeat(20)}/${'name'.repeat(20)}.ex`]: ':ok\n'
    })
    const { output } = await inWork('hex.build', '--output', 'made.tar')
    const bytes = readFileSync(join(work, 'made.tar'))
    expect(output).toContain(`Package checksum: ${createHash('sha256').update(bytes).digest('hex')}`)

    const { tarball, problems, warnings } = await readTarball(bytes, 'made.tar')
    expect([...problems, ...warnings]).toEqual([])
    expect(tarball?.metadata).toMatchObject({
      ...{ name: 'made', version: '0.2.0', description: 'A päckage', licenses: ['MIT'], buildTools: ['mix'] },
      requirements: [{ name: 'one', requirement: '~> 1.0', optional: false }]
    })
    expect(tarball?.entries.map(({ path }) => path)).toContain('priv/repo/migrations/20260101000000_x.exs')

    await inWork('hex.build')
    expect(readFileSync(join(work, 'made-0.2.0.tar'))).toEqual(bytes)
  })

  test('refuses dependencies that are no Hex packages, with the words of Hex', async () => {
    write({ 'mix.exs': project('made', '0.2.0', [], packaged).replace('deps: []', 'deps: [{:near, path: "../near"}]') })
    const refused = await inWork('hex.build')
    expect(refused.exitCode).toBe(1)
    expect(refused.output).toContain(
      'Dependencies excluded from the package (only Hex packages can be dependencies): near'
    )
  })

  test('names every field that is missing', async () => {
    write({ 'mix.exs': project('made', '0.2.0', []), 'lib/made.ex': '' })
    expect((await inWork('hex.build')).output).toContain('Missing metadata fields: description, licenses, links')
  })

  test('makes what the registry takes and mix deps.get fetches', async () => {
    write({ 'mix.exs': project('made', '0.2.0', [], packaged), 'lib/made.ex': 'defmodule Made do\nend\n' })
    await mix(['hex.build', '--output', 'made.tar'], { folder: work, env: environment() })
    const bytes = readFileSync(join(work, 'made.tar'))
    sandbox.hex.addRelease(bytes)
    rmSync(join(work, 'lib'), { recursive: true })
    application([{ name: 'made', requirement: '~> 0.2.0' }])
    await getDependencies()
    expect(lock()).toContain(createHash('sha256').update(bytes).digest('hex'))
    expect((await inWork('run', '-e', 'IO.puts(inspect(Made.module_info(:module)))')).output).toContain('Made')
  })
})

function manifestOf(name: string): HexManifest {
  const read = readHexManifest(readFileSync(join(work, 'deps', name, '.hex')))
  if ('fault' in read) throw new Error(read.fault)
  return read.manifest
}
