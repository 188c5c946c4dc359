import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { ask } from './client.ts'

let sandbox: Sandbox
const now = Date.UTC(2026, 5, 1, 12)

beforeEach(async () => {
  sandbox = await startSandbox({ clock: () => now })
  sandbox.github.addRepository({ owner: 'acme', name: 'lib' })
  sandbox.github.addToken({ token: 'ghs_writer', login: 'github-actions[bot]', permissions: { contents: 'write' } })
})
afterEach(() => sandbox.close())

const authorization = 'Bearer ghs_writer'
const release = (tag: string): Parameters<typeof ask>[2] => ({
  method: 'POST',
  headers: { authorization },
  body: JSON.stringify({ tag_name: tag, draft: true })
})

test('GitHub, both indexes and the issuer answer under their real names', async () => {
  const statuses = await Promise.all(
    [
      'https://api.github.com/repos/acme/lib',
      'https://pypi.org/simple/',
      'https://test.pypi.org/simple/',
      'https://token.actions.githubusercontent.com/.well-known/jwks'
    ].map(async (address) => (await ask(sandbox, address, { headers: { authorization } })).status)
  )
  expect(statuses).toEqual([200, 200, 200, 200])
  expect(sandbox.requests.map(({ service }) => service).sort()).toEqual(['github', 'oidc', 'pypi', 'testpypi'])
})

test('the same state answers at the loopback address as an Enterprise Server', async () => {
  await ask(sandbox, 'https://api.github.com/repos/acme/lib/releases', release('v1.0.0'))
  const list = await ask(sandbox, new URL('/api/v3/repos/acme/lib/releases', sandbox.address('github')), {
    headers: { authorization }
  })
  expect(JSON.parse(list.body)).toMatchObject([
    {
      tag_name: 'v1.0.0',
      created_at: '2026-06-01T12:00:00Z',
      upload_url: expect.stringContaining('/api/uploads/') as unknown
    }
  ])
})

test('the state can be saved, compared and loaded', async () => {
  const before = sandbox.save()
  await ask(sandbox, 'https://api.github.com/repos/acme/lib/releases', release('v1.0.0'))
  expect(sandbox.save().github).not.toEqual(before.github)
  expect(sandbox.save().pypi).toEqual(before.pypi)
  expect(Object.keys(before)).toEqual(['github', 'pypi', 'testpypi', 'hex', 'oidc', 'slack', 'otlp'])
})

test('a write is one in the log, and a project that is nowhere is not found', async () => {
  await ask(sandbox, 'https://api.github.com/repos/acme/lib/releases', release('v1.0.0'))
  expect((await ask(sandbox, 'https://pypi.org/simple/nowhere/')).status).toBe(404)
  expect(sandbox.writes().map(({ url, status }) => [url, status])).toEqual([
    ['https://api.github.com/repos/acme/lib/releases', 201]
  ])
})

test('502 partial leaves a starter asset on GitHub', async () => {
  const made = await ask(sandbox, 'https://api.github.com/repos/acme/lib/releases', release('v1.0.0'))
  const read: unknown = JSON.parse(made.body)
  const id = typeof read === 'object' && read !== null && 'id' in read ? String(read.id) : ''
  sandbox.fault('POST uploads.github.com 502 partial')
  const address = `https://uploads.github.com/repos/acme/lib/releases/${id}/assets?name=a.whl`
  const upload = { method: 'POST', headers: { authorization, 'content-type': 'application/zip' }, body: 'bytes' }
  expect((await ask(sandbox, address, upload)).status).toBe(502)
  const assets = await ask(sandbox, `https://api.github.com/repos/acme/lib/releases/${id}/assets`, {
    headers: { authorization }
  })
  expect(JSON.parse(assets.body)).toMatchObject([{ name: 'a.whl', state: 'starter', size: 0 }])
})

test('502 partial is refused for an index, which stores a file whole or not at all', () => {
  expect(() => {
    sandbox.fault('POST upload.pypi.org 502 partial')
  }).toThrow('leaves nothing half-way')
})

test('two sandboxes share nothing', async () => {
  const other = await startSandbox()
  await ask(sandbox, 'https://api.github.com/repos/acme/lib/releases', release('v1.0.0'))
  expect(other.requests).toEqual([])
  expect(other.proxy.port).not.toBe(sandbox.proxy.port)
  await other.close()
})
