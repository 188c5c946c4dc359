import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startGateway, type Gateway } from '../../../sandbox/gateway.ts'
import { npmAuthorization, pipSetting } from '../../../sandbox/machine-index.ts'
import type { Service } from '../../../sandbox/service.ts'
import { machineUpstream } from '../../../sandbox/upstream.ts'
import { ask } from './client.ts'

/** The machine's own index: an ordinary server somewhere else, that wants credentials. */
let machine: Server
let base: string
let asked: IncomingMessage[]
let gateway: Gateway
const wheel = Buffer.from([80, 75, 3, 4, 0, 255, 254])

/** Indexes that know the one project `here`, and nothing for reads of any other. */
const index = (name: string, hosts: readonly string[]): Service<null> => ({
  name,
  hosts,
  handle: (request) => {
    if (request.method !== 'GET') return { status: 200, body: 'uploaded' }
    return request.url.pathname === '/simple/here/' ? { status: 200, body: 'from the sandbox' } : undefined
  },
  save: () => null,
  load: () => undefined
})

beforeEach(async () => {
  asked = []
  machine = createServer((request, response) => {
    asked.push(request)
    const pages: Readonly<Record<string, [type: string, body: string | Buffer]>> = {
      '/root/simple/six/': [
        'text/html',
        `<!DOCTYPE html><a data-core-metadata="sha256=aa" href="../../files/six-1.0-py3-none-any.whl#sha256=bb">six</a>
         <a href='https://files.pythonhosted.org/packages/aa/bb/six-1.0.tar.gz#sha256=cc'>six</a>`
      ],
      '/root/simple/json/': [
        'application/vnd.pypi.simple.v1+json',
        gzipSync(JSON.stringify({ name: 'json', files: [{ filename: 'json-1.zip', url: `${base}/files/json-1.zip` }] }))
      ],
      '/root/files/six-1.0-py3-none-any.whl': ['application/octet-stream', wheel],
      '/root/files/six-1.0-py3-none-any.whl.metadata': ['text/plain', 'Name: six'],
      '/npm/left-pad': [
        'application/json',
        JSON.stringify({
          repository: { url: 'https://code.example/left-pad.git' },
          versions: { '1.0.0': { dist: { tarball: `${base}/npm/left-pad/-/left-pad-1.0.0.tgz` } } }
        })
      ],
      '/npm/left-pad/-/left-pad-1.0.0.tgz': ['application/octet-stream', wheel]
    }
    if (request.url === '/root/simple/moved/') {
      response.writeHead(301, { location: '/root/simple/six/' }).end()
      return
    }
    const page = pages[request.url ?? '']
    const isGzip = Buffer.isBuffer(page?.[1]) && page[1][0] === 0x1f
    response.writeHead(page === undefined ? 404 : 200, {
      'content-type': page?.[0] ?? 'text/plain',
      etag: '"original"',
      ...(isGzip && { 'content-encoding': 'gzip' })
    })
    response.end(page?.[1] ?? 'nothing here')
  })
  await new Promise<void>((resolve) => machine.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${String((machine.address() as AddressInfo).port)}`
  const upstream = await machineUpstream({
    npmHost: 'npm.example',
    python: () =>
      Promise.resolve({
        indexes: [{ base: new URL(`${base}/root/simple/`), authorization: 'Basic bWFjaGluZTpzZWNyZXQ=' }]
      }),
    npm: () => Promise.resolve({ base: new URL(`${base}/npm/`) })
  })
  gateway = await startGateway(
    [
      index('pypi', ['pypi.org', 'upload.pypi.org', 'files.pythonhosted.org']),
      index('testpypi', ['test.pypi.org', 'test-files.pythonhosted.org'])
    ],
    { upstream }
  )
})
afterEach(async () => {
  await gateway.close()
  machine.closeAllConnections()
  await new Promise((resolve) => machine.close(resolve))
})

const linksOf = (page: string): string[] => [...page.matchAll(/href="([^"]*)"/g)].map((found) => found[1] ?? '')

describe("a read that the sandbox has nothing for passes to the machine's index", () => {
  test('a simple page, with links that come through the sandbox and keep their hashes', async () => {
    const page = await ask(gateway, 'https://pypi.org/simple/six/', { headers: { accept: 'text/html' } })
    const [first = '', second] = linksOf(page.body)
    expect(first).toMatch(
      /^https:\/\/files\.pythonhosted\.org\/upstream\/[0-9a-f]{32}\/six-1\.0-py3-none-any\.whl#sha256=bb$/
    )
    expect(second).toBe('https://files.pythonhosted.org/packages/aa/bb/six-1.0.tar.gz#sha256=cc')
    expect(page.body).toContain('data-core-metadata="sha256=aa"')
    expect(page.headers.etag).toBeUndefined()
    expect(asked[0]?.headers.accept).toBe('text/html')
    expect(gateway.requests[0]?.outcome).toBe('passed')
  })

  test('then the file, and the metadata beside it', async () => {
    const [link = ''] = linksOf((await ask(gateway, 'https://pypi.org/simple/six/')).body)
    const address = link.replace(/#.*/, '')
    expect(
      Buffer.from((await ask(gateway, address)).body, 'utf8')
        .subarray(0, 2)
        .toString()
    ).toBe('PK')
    expect((await ask(gateway, `${address}.metadata`)).body).toBe('Name: six')
    expect(asked.map(({ url }) => url)).toEqual([
      '/root/simple/six/',
      '/root/files/six-1.0-py3-none-any.whl',
      '/root/files/six-1.0-py3-none-any.whl.metadata'
    ])
  })

  test('JSON, also when the index compresses unasked', async () => {
    const page = await ask(gateway, 'https://pypi.org/simple/json/')
    expect(page.body).toMatch(/"url":"https:\/\/files\.pythonhosted\.org\/upstream\/[0-9a-f]{32}\/json-1\.zip"/)
  })

  test('at the loopback address with loopback links', async () => {
    const [link = ''] = linksOf((await ask(gateway, new URL('/simple/six/', gateway.address('pypi')))).body)
    expect(link.startsWith(`${gateway.address('pypi').origin}/upstream/`)).toBe(true)
    expect((await ask(gateway, link)).status).toBe(200)
  })

  test('through a redirect', async () => {
    expect(linksOf((await ask(gateway, 'https://pypi.org/simple/moved/')).body)).toHaveLength(2)
  })

  test("with the machine's credentials, and never the client's", async () => {
    await ask(gateway, 'https://pypi.org/simple/six/', { headers: { authorization: 'Basic Y2xpZW50' } })
    expect(asked[0]?.headers.authorization).toBe('Basic bWFjaGluZTpzZWNyZXQ=')
  })

  test("npm's documents and tarballs, leaving other addresses in them alone", async () => {
    const page = await ask(gateway, 'https://npm.example/left-pad')
    expect(JSON.parse(page.body)).toEqual({
      repository: { url: 'https://code.example/left-pad.git' },
      versions: { '1.0.0': { dist: { tarball: 'https://npm.example/left-pad/-/left-pad-1.0.0.tgz' } } }
    })
    expect((await ask(gateway, 'https://npm.example/left-pad/-/left-pad-1.0.0.tgz')).status).toBe(200)
  })
})

describe('what never passes', () => {
  test('a project that the sandbox has', async () => {
    expect((await ask(gateway, 'https://pypi.org/simple/here/')).body).toBe('from the sandbox')
    expect(asked).toEqual([])
  })

  test('a write, to the index or to npm', async () => {
    await ask(gateway, 'https://upload.pypi.org/legacy/', { method: 'POST', body: 'x' })
    const published = await ask(gateway, 'https://npm.example/left-pad', { method: 'PUT', body: '{}' })
    expect(published.status).toBe(403)
    expect(gateway.requests.map(({ outcome }) => outcome)).toEqual(['answered', 'blocked'])
    expect(asked).toEqual([])
  })

  test('a read of TestPyPI', async () => {
    expect((await ask(gateway, 'https://test.pypi.org/simple/six/')).status).toBe(404)
    expect(asked).toEqual([])
  })

  test('an address under /upstream/ that no page named', async () => {
    expect((await ask(gateway, 'https://files.pythonhosted.org/upstream/00/x.whl')).status).toBe(404)
    expect(asked).toEqual([])
  })
})

test('a project that is nowhere is not found', async () => {
  expect((await ask(gateway, 'https://pypi.org/simple/nowhere/')).status).toBe(404)
  expect(gateway.requests[0]?.outcome).toBe('answered')
})

test('an index that is down is a 502 that says so', async () => {
  machine.closeAllConnections()
  await new Promise((resolve) => machine.close(resolve))
  const answered = await ask(gateway, 'https://pypi.org/simple/six/')
  expect(answered.status).toBe(502)
  expect(answered.body).toContain("the machine's own index could not be read")
  await new Promise<void>((resolve) => machine.listen(0, '127.0.0.1', resolve))
})

test("pip's settings: the environment wins over a command's section, that over the global one", () => {
  const listed =
    "global.index-url='https://a/simple'\ninstall.index-url='https://b/simple'\nglobal.extra-index-url='\\nhttps://c\\nhttps://d'"
  expect(pipSetting(listed, 'index-url')).toBe('https://b/simple')
  expect(pipSetting(`${listed}\n:env:.index-url='https://e'`, 'index-url')).toBe('https://e')
  expect(pipSetting(listed, 'extra-index-url')).toBe('\nhttps://c\nhttps://d')
  expect(pipSetting(listed, 'cert')).toBeUndefined()
})

test("npm's credentials are those of the registry, with variables filled in", () => {
  const npmrc = '//other.example/:_authToken=no\n//npm.example/path/:_authToken = ${NPM_TOKEN}\n'
  expect(npmAuthorization(npmrc, new URL('https://npm.example/path/'), { NPM_TOKEN: 't1' })).toBe('Bearer t1')
  expect(npmAuthorization(npmrc, new URL('https://npm.example/'), { NPM_TOKEN: 't1' })).toBeUndefined()
})
