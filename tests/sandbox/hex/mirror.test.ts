import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startGateway, type Gateway } from '../../../sandbox/gateway.ts'
import { createHex, type HexService } from '../../../sandbox/hex/service.ts'
import { hexMirror } from '../../../sandbox/machine-index.ts'
import { machineUpstream } from '../../../sandbox/upstream.ts'
import { ask } from '../core/client.ts'
import { tarball } from './stage.ts'

let hex: HexService
let mirror: Server
let asked: IncomingMessage[]
let gateway: Gateway
let closeUpstream: () => void
/** What the mirror answers, by path; 404 otherwise. */
let objects: Readonly<Record<string, Buffer>>

beforeEach(async () => {
  asked = []
  const elsewhere = createHex()
  elsewhere.addRelease(tarball({ name: 'theirs', app: 'theirs' }))
  elsewhere.addRelease(tarball({ version: '9.0.0' }))
  objects = Object.fromEntries(
    ['/packages/theirs', '/tarballs/theirs-1.0.0.tar', '/packages/demo', '/tarballs/demo-9.0.0.tar'].map((path) => {
      const url = new URL(path, 'https://repo.hex.pm')
      const answer = elsewhere.handle({ method: 'GET', url, headers: {}, now: 0, body: Buffer.alloc(0) })
      return [`/hex${path}`, Buffer.from(answer?.body ?? '')] as const
    })
  )
  mirror = createServer((incoming, outgoing) => {
    asked.push(incoming)
    const object = objects[incoming.url ?? '']
    outgoing.writeHead(object === undefined ? 404 : 200, { etag: '"theirs"' }).end(object)
  })
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve))
  hex = createHex()
  const base = new URL(`http://127.0.0.1:${String((mirror.address() as AddressInfo).port)}/hex/`)
  const upstream = await machineUpstream({
    npmHost: 'npm.invalid',
    hex: () => ({ base, authorization: 'Basic bWFjaGluZQ==' }),
    reseal: hex.reseal
  })
  closeUpstream = () => {
    upstream.close()
  }
  gateway = await startGateway([hex], { upstream })
})

afterEach(async () => {
  await gateway.close()
  closeUpstream()
  mirror.close()
})

const outcomes = (): readonly string[] => gateway.requests.map(({ outcome, status }) => `${outcome} ${String(status)}`)

test('a package that the sandbox lacks is the mirror’s, signed with the sandbox’s key', async () => {
  const address = new URL('/repo/packages/theirs', gateway.address('hex'))
  const object = Buffer.from(await (await fetch(address)).arrayBuffer())
  expect(object.equals(objects['/hex/packages/theirs'] ?? Buffer.alloc(0))).toBe(false)
  expect(object).toEqual(hex.reseal(objects['/hex/packages/theirs'] ?? Buffer.alloc(0)))
  expect(outcomes()).toEqual(['passed 200'])
})

test('a tarball comes as it is, with its ETag, and the machine’s credentials go to the mirror alone', async () => {
  const headers = { authorization: 'of the client' }
  const answer = await ask(gateway, 'https://repo.hex.pm/tarballs/theirs-1.0.0.tar', { headers })
  expect([answer.status, answer.headers.etag]).toEqual([200, '"theirs"'])
  expect(asked.map(({ headers: sent }) => sent.authorization)).toEqual(['Basic bWFjaGluZQ=='])
})

test('a package that the sandbox has is never mixed with the real one', async () => {
  hex.addRelease(tarball())
  expect((await ask(gateway, 'https://repo.hex.pm/packages/demo')).status).toBe(200)
  expect((await ask(gateway, 'https://repo.hex.pm/tarballs/demo-9.0.0.tar')).status).toBe(404)
  expect(asked).toEqual([])
})

test('a package without a release here is the real one', async () => {
  hex.addPackage({ name: 'theirs' })
  expect((await ask(gateway, 'https://repo.hex.pm/packages/theirs')).status).toBe(200)
})

test.each(['/packages/nowhere', '/tarballs/nowhere-1.0.0.tar', '/docs/nowhere-1.0.0.tar.gz'])(
  '%s, which nobody has, is not found in the service’s own words',
  async (path) => {
    const answer = await ask(gateway, `https://repo.hex.pm${path}`)
    expect([answer.status, answer.body]).toEqual([404, 'Not Found'])
    expect(asked).toHaveLength(1)
  }
)

test.each([
  ['the API', 'https://hex.pm/api/packages/theirs'],
  ['the list of names', 'https://repo.hex.pm/names'],
  ['a private package', 'https://repo.hex.pm/repos/acme/packages/theirs'],
  ['an address that no mirror has', 'https://repo.hex.pm/installs/other']
])('%s never passes', async (_, address) => {
  await ask(gateway, address)
  expect(asked).toEqual([])
})

test('a mirror that cannot be reached has nothing, and the log says why', async () => {
  mirror.close()
  mirror.closeAllConnections()
  const answer = await ask(gateway, 'https://repo.hex.pm/packages/theirs')
  expect([answer.status, answer.body]).toEqual([404, 'Not Found'])
  expect(gateway.requests[0]?.note).toMatch(/could not be read: .*ECONNREFUSED/)
})

test('what is no registry object is not signed', async () => {
  objects = { '/hex/packages/theirs': Buffer.from('<html>captive portal</html>') }
  const answer = await ask(gateway, 'https://repo.hex.pm/packages/theirs')
  expect(answer.status).toBe(404)
  expect(gateway.requests[0]?.note).toMatch(/no registry object/)
})

describe('the machine’s mirror', () => {
  test.each([
    [{}, 'https://repo.hex.pm/'],
    [{ HEX_CDN: 'https://cdn.example/hex' }, 'https://cdn.example/hex/'],
    [{ HEX_MIRROR: 'https://mirror.example', HEX_CDN: 'https://cdn.example' }, 'https://mirror.example/'],
    [{ HEX_MIRROR_URL: 'https://first.example', HEX_MIRROR: 'https://mirror.example' }, 'https://first.example/'],
    [{ HEX_MIRROR_URL: '', HEX_MIRROR: 'no address' }, 'https://repo.hex.pm/']
  ])('with %j is %s', (environment, address) => {
    expect(hexMirror(environment).base.href).toBe(address)
  })

  test('keeps its user name and password out of the address', () => {
    const { base, authorization } = hexMirror({ HEX_MIRROR: 'https://me:word@mirror.example/hex' })
    expect([base.href, authorization]).toEqual([
      'https://mirror.example/hex/',
      `Basic ${Buffer.from('me:word').toString('base64')}`
    ])
  })
})
