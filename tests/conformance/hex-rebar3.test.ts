// needs: rebar3
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startGateway, type Gateway } from '../../sandbox/gateway.ts'
import { rebarConfig } from '../../sandbox/hex/rebar-config.ts'
import { createHex, type HexService } from '../../sandbox/hex/service.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { machineUpstream } from '../../sandbox/upstream.ts'
import { hexTarball } from '../support/hex-tarball.ts'

/**
 * rebar3 resolves and fetches from the sandbox: under the real host names through the proxy, with TLS and the
 * registry's signature verified, and at the plain loopback address. What it locks is what was published.
 */

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hex-rebar3-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

interface Outcome {
  readonly exitCode: number
  readonly output: string
}

/** A project with these dependencies, in which `rebar3 get-deps` runs with these settings and variables. */
function getDeps(
  dependencies: string,
  settings: string,
  variables: Readonly<Record<string, string>>
): Promise<Outcome> {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('home/.config/rebar3/rebar.config', settings)
  write('app/rebar.config', `{deps, [${dependencies}]}.\n`)
  write('app/src/app.app.src', '{application, app, [{vsn, "1.0.0"}, {applications, [kernel, stdlib]}]}.\n')
  const env = { PATH: process.env['PATH'], HOME: join(folder, 'home'), ...variables }
  return new Promise((resolve) => {
    execFile('rebar3', ['get-deps'], { cwd: join(folder, 'app'), env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr })
    })
  })
}

/** `pkg_hash_ext` of rebar.lock: the outer checksums, in capitals. */
function lockedChecksums(): Readonly<Record<string, string>> {
  const lock = readFileSync(join(folder, 'app', 'rebar.lock'), 'utf8')
  const outer = lock.slice(lock.indexOf('pkg_hash_ext'))
  return Object.fromEntries(
    [...outer.matchAll(/<<"(\w+)">>, <<"([0-9A-F]{64})">>/g)].map(([, name = '', sum = '']) => [name, sum])
  )
}

const checksum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').toUpperCase()

function library(name: string, requirements: readonly string[] = [], version = '1.0.0'): Buffer {
  return hexTarball({
    metadata: {
      name,
      app: name,
      version,
      build_tools: ['rebar3'],
      requirements: requirements.map((each) => ({
        name: each,
        app: each,
        optional: false,
        repository: 'hexpm',
        requirement: '~> 1.0'
      }))
    },
    files: {
      'rebar.config': '{deps, []}.\n',
      [`src/${name}.app.src`]: `{application, ${name}, [{vsn, "${version}"}, {applications, [kernel, stdlib]}]}.\n`
    }
  })
}

describe('from the sandbox', () => {
  let sandbox: Sandbox

  beforeEach(async () => {
    sandbox = await startSandbox()
    sandbox.hex.addUser({ username: 'owner', keys: ['secret'] })
    sandbox.hex.addRelease(library('base'))
    sandbox.hex.addRelease(library('base', [], '1.2.0'))
    sandbox.hex.addRelease(library('base', [], '2.0.0'))
  })

  afterEach(async () => {
    await sandbox.close()
  })

  async function publish(bytes: Buffer): Promise<void> {
    const answer = await fetch(new URL('/api/packages/lib/releases?replace=false', sandbox.address('hex')), {
      method: 'POST',
      headers: { authorization: 'secret', 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes)
    })
    expect(answer.status).toBe(201)
  }

  test('rebar3 resolves under the real host names and locks the checksum of what was published', async () => {
    const lib = library('lib', ['base'])
    await publish(lib)
    const settings = rebarConfig({ caFile: sandbox.caFile, publicKey: sandbox.hex.publicKey })
    const { exitCode, output } = await getDeps('{lib, "~> 1.0"}', settings, sandbox.environment())
    expect(exitCode === 0 ? 'succeeded' : output).toBe('succeeded')
    expect(lockedChecksums()).toEqual({ lib: checksum(lib), base: checksum(library('base', [], '1.2.0')) })
    expect(sandbox.requests.map(({ url, outcome }) => `${outcome} ${url}`)).toContain(
      'answered https://repo.hex.pm/tarballs/lib-1.0.0.tar'
    )
  })

  test('rebar3 resolves at the loopback address', async () => {
    const lib = library('lib', ['base'])
    await publish(lib)
    const url = new URL('/repo', sandbox.address('hex')).href
    const settings = rebarConfig({ caFile: sandbox.caFile, publicKey: sandbox.hex.publicKey })
    const { exitCode, output } = await getDeps('{lib, "~> 1.0"}', settings, { HEX_CDN: url })
    expect(exitCode === 0 ? 'succeeded' : output).toBe('succeeded')
    expect(lockedChecksums()['lib']).toBe(checksum(lib))
  })

  test('rebar3 refuses the registry when it expects another key', async () => {
    const other = createHex().publicKey
    const settings = rebarConfig({ caFile: sandbox.caFile, publicKey: other })
    const { exitCode } = await getDeps('{base, "~> 1.0"}', settings, sandbox.environment())
    expect(exitCode).not.toBe(0)
  })

  test('rebar3 does not see what the registry does not show yet', async () => {
    sandbox.hex.setSettings({ registryDelay: 3_600_000 })
    await publish(library('lib'))
    const settings = rebarConfig({ caFile: sandbox.caFile, publicKey: sandbox.hex.publicKey })
    const { exitCode, output } = await getDeps('{lib, "~> 1.0"}', settings, sandbox.environment())
    expect(exitCode).not.toBe(0)
    expect(output).toMatch(/lib/)
  })
})

describe('from the machine’s own mirror', () => {
  let gateway: Gateway
  let hex: HexService
  let real: HexService
  let close: () => void

  beforeEach(async () => {
    hex = createHex()
    // A mirror of somebody else, with a key of its own.
    real = createHex()
    real.addRelease(library('base'))
    real.addRelease(library('lib', [], '1.9.0'))
    const mirror = createServer((incoming, outgoing) => {
      const url = new URL(`https://repo.hex.pm${(incoming.url ?? '').replace(/^\/mirror/, '')}`)
      const head = { method: 'GET', url, headers: incoming.headers, now: Date.now(), body: Buffer.alloc(0) }
      const { status, headers, body } = real.handle(head) ?? { status: 404 }
      outgoing.writeHead(status, { ...headers } as Record<string, string>).end(body)
    })
    await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve))
    const base = new URL(`http://127.0.0.1:${(mirror.address() as AddressInfo).port}/mirror/`)
    const upstream = await machineUpstream({ npmHost: 'npm.invalid', hex: () => ({ base }), reseal: hex.reseal })
    gateway = await startGateway([hex], { upstream })
    close = () => {
      upstream.close()
      mirror.close()
    }
  })

  afterEach(async () => {
    await gateway.close()
    close()
  })

  test('rebar3 gets what the sandbox lacks, under the sandbox’s key, and never mixes it with what it has', async () => {
    hex.setSettings({ othersExist: true })
    const lib = library('lib', ['base'])
    hex.addRelease(lib)
    const settings = rebarConfig({ caFile: gateway.caFile, publicKey: hex.publicKey })
    const { exitCode, output } = await getDeps('{lib, "~> 1.0"}', settings, gateway.environment())
    expect(exitCode === 0 ? 'succeeded' : output).toBe('succeeded')
    expect(lockedChecksums()).toEqual({ lib: checksum(lib), base: checksum(library('base')) })
    expect(gateway.requests.map(({ url, outcome }) => `${outcome} ${url}`).toSorted()).toEqual([
      'answered https://repo.hex.pm/packages/lib',
      'answered https://repo.hex.pm/tarballs/lib-1.0.0.tar',
      'passed https://repo.hex.pm/packages/base',
      'passed https://repo.hex.pm/tarballs/base-1.0.0.tar'
    ])
  })
})
