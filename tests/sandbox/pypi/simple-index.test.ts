import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import type { SandboxResponse } from '../../../sandbox/service.ts'
import { coreMetadata, sdist, wheel } from '../../support/distributions.ts'
import { indexClient, now, type IndexClient } from './index-client.ts'

const simpleJson = 'application/vnd.pypi.simple.v1+json'
const simpleHtml = 'application/vnd.pypi.simple.v1+html'
const page = 'https://pypi.org/simple/demo-pkg/'

function filled(): IndexClient {
  const client = indexClient()
  client.upload(wheel(), { fields: { requires_python: '>=3.9' } })
  client.upload(sdist())
  return client
}

function json(answer: SandboxResponse | undefined): Record<string, unknown> {
  const value: unknown = JSON.parse(String(answer?.body))
  return Object.fromEntries(Object.entries(value ?? {}))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('the page of a project', () => {
  test('is JSON for who asks for it, with everything PEP 691, 700, 714 and 792 name', () => {
    const answer = filled().get(page, { accept: simpleJson })
    expect(answer?.headers).toMatchObject({ 'content-type': simpleJson, vary: 'Accept', 'x-pypi-last-serial': '3' })
    const { filename, bytes } = wheel()
    const metadata = { sha256: sha256(coreMetadata({})) }
    expect(json(answer)).toEqual({
      meta: { 'api-version': '1.4', '_last-serial': 3 },
      name: 'demo-pkg',
      'project-status': { status: 'active' },
      versions: ['1.0.0'],
      files: [
        {
          filename,
          url: expect.stringMatching(
            /^https:\/\/files\.pythonhosted\.org\/packages\/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{60}\/demo_pkg-1\.0\.0-py3-none-any\.whl$/
          ),
          hashes: { sha256: sha256(bytes) },
          'requires-python': '>=3.9',
          size: bytes.length,
          'upload-time': '2026-11-21T10:00:00.000000Z',
          yanked: false,
          'data-dist-info-metadata': metadata,
          'core-metadata': metadata,
          provenance: null
        },
        expect.objectContaining({ filename: 'demo_pkg-1.0.0.tar.gz', 'core-metadata': false })
      ]
    })
  })

  test('is HTML otherwise, escaped', () => {
    const html = String(filled().get(page)?.body)
    expect(html).toContain('<meta name="pypi:repository-version" content="1.4">')
    expect(html).toContain('<meta name="pypi:project-status" content="active">')
    expect(html).toMatch(
      /demo_pkg-1\.0\.0-py3-none-any\.whl#sha256=[0-9a-f]{64}" data-requires-python="&gt;=3\.9" data-dist-info-metadata="sha256=[0-9a-f]{64}" data-core-metadata="sha256=[0-9a-f]{64}">demo_pkg/
    )
  })

  test.each([
    [undefined, 'text/html; charset=UTF-8'],
    ['*/*', 'text/html; charset=UTF-8'],
    ['image/png', 'text/html; charset=UTF-8'],
    [`${simpleJson}, ${simpleHtml}; q=0.1, text/html; q=0.01`, simpleJson],
    [`${simpleHtml}, text/html;q=0.5`, `${simpleHtml}; charset=UTF-8`],
    [`text/html;q=0, ${simpleJson};q=0.1`, simpleJson]
  ])('for a client that accepts %p is %s', (accept, type) => {
    expect(filled().get(page, accept === undefined ? {} : { accept })?.headers).toMatchObject({ 'content-type': type })
  })

  test('is answered with 304 to who has it', () => {
    const { get, upload } = filled()
    const etag = String(get(page)?.headers?.['etag'])
    expect(get(page, { 'if-none-match': etag })?.status).toBe(304)
    expect(get(page, { 'if-none-match': `W/${etag}` })?.status).toBe(304)
    upload(wheel({ version: '1.1.0' }), { fields: { version: '1.1.0' } })
    expect(get(page, { 'if-none-match': etag })?.status).toBe(200)
  })

  test('is found by any spelling of the name, through its own address', () => {
    const { get } = filled()
    for (const name of ['Demo_Pkg', 'demo.pkg', 'DEMO--PKG'])
      expect(get(`https://pypi.org/simple/${name}/`)).toMatchObject({ status: 301, headers: { location: page } })
    expect(get('https://pypi.org/simple/demo-pkg')).toMatchObject({ status: 301, headers: { location: page } })
  })

  test('lists versions in their order, not that of their letters', () => {
    const { upload, get } = indexClient()
    for (const version of ['1.10.0', '1.9.0', '1.9.0rc1']) upload(wheel({ version }), { fields: { version } })
    expect(json(get(page, { accept: simpleJson }))['versions']).toEqual(['1.9.0rc1', '1.9.0', '1.10.0'])
  })

  test('tells why a release was yanked', () => {
    const { index, get } = filled()
    index.yank('demo-pkg', '1.0', 'broken "build"')
    expect(json(get(page, { accept: simpleJson }))).toMatchObject({ files: [{ yanked: 'broken "build"' }, {}] })
    expect(get(page)?.body).toContain('data-yanked="broken &#34;build&#34;"')
    index.yank('demo-pkg', '1.0', false)
    expect(get(page)?.body).not.toContain('data-yanked')
  })

  test('shows no files of a project in quarantine, and the list does not name it', () => {
    const { index, get } = filled()
    index.setProject('demo-pkg', { status: 'quarantined' })
    expect(json(get(page, { accept: simpleJson }))).toMatchObject({
      'project-status': { status: 'quarantined' },
      files: []
    })
    expect(json(get('https://pypi.org/simple/', { accept: simpleJson }))).toMatchObject({ projects: [] })
  })

  test('leads to the loopback address when asked there', () => {
    const answer = filled().get('http://127.0.0.1:8000/simple/demo-pkg/', { accept: simpleJson })
    expect(json(answer)).toMatchObject({
      files: [{ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:8000\/packages\//) }, {}]
    })
  })
})

test('the list names every project', () => {
  const { get, index } = filled()
  index.addFile(
    'Abc-1.0.0-py3-none-any.whl',
    wheel({ name: 'Abc', entries: (all) => all.map((e) => ({ ...e, name: String(e.name).replace('abc-', 'Abc-') })) })
      .bytes
  )
  expect(json(get('https://pypi.org/simple/', { accept: simpleJson }))).toMatchObject({
    projects: [{ name: 'Abc' }, { name: 'demo-pkg' }]
  })
  expect(get('https://pypi.org/simple/')?.body).toContain('<a href="/simple/abc/">Abc</a>')
})

describe('a file', () => {
  test('comes byte for byte, and a wheel with its metadata beside it', () => {
    const { get } = filled()
    const files = json(get(page, { accept: simpleJson }))['files'] as { readonly url: string }[]
    const [first, second] = files.map(({ url }) => url)
    expect(get(first ?? '')?.body).toEqual(wheel().bytes)
    expect(get(`${first ?? ''}.metadata`)?.body).toEqual(coreMetadata({}))
    expect(get(second ?? '')?.body).toEqual(sdist().bytes)
    expect(get(`${second ?? ''}.metadata`)?.status).toBe(404)
  })
})

describe('a read of what is not here is left to another index:', () => {
  test.each([
    'https://pypi.org/simple/other/',
    'https://pypi.org/simple/other',
    'https://pypi.org/pypi/other/json',
    'https://pypi.org/pypi/other/1.0/json',
    'https://pypi.org/project/other/',
    `https://files.pythonhosted.org/packages/aa/bb/${'c'.repeat(60)}/other-1.0.tar.gz`
  ])('%s', (address) => {
    expect(filled().get(address)).toBeUndefined()
  })

  test('but never a write', () => {
    const { post } = indexClient()
    expect(post('https://pypi.org/simple/other/', '').status).toBe(405)
    expect(post('https://pypi.org/pypi', '').status).toBe(404)
    expect(post('https://files.pythonhosted.org/packages/x', '').status).toBe(404)
  })

  test('where no other index is asked the words are those of PyPI', () => {
    const { index } = indexClient()
    const answer = (address: string): SandboxResponse | undefined =>
      index.notFound?.({ method: 'GET', url: new URL(address), headers: {}, now, body: Buffer.alloc(0) })
    expect(answer('https://pypi.org/simple/x/')).toMatchObject({ status: 404, body: '404 Not Found' })
    expect(answer('https://pypi.org/pypi/x/json')).toMatchObject({ status: 404, body: '{"message": "Not Found"}' })
  })
})

describe('the JSON of a project', () => {
  const address = 'https://pypi.org/pypi/demo-pkg/json'

  test('has the latest release, its files, and every release', () => {
    const { upload, get } = filled()
    upload(wheel({ version: '2.0.0b1' }), {
      fields: { version: '2.0.0b1', summary: 'beta', requires_dist: ['a', 'b'] }
    })
    const latest = json(get(address))
    expect(latest).toMatchObject({
      info: {
        name: 'demo-pkg',
        version: '1.0.0',
        summary: null,
        yanked: false,
        project_url: 'https://pypi.org/project/demo-pkg/'
      },
      urls: [
        { filename: 'demo_pkg-1.0.0-py3-none-any.whl', packagetype: 'bdist_wheel', python_version: 'py3' },
        { packagetype: 'sdist', python_version: 'source' }
      ],
      releases: { '1.0.0': [{}, {}], '2.0.0b1': [{ digests: { sha256: sha256(wheel({ version: '2.0.0b1' }).bytes) } }] }
    })
    const beta = json(get('https://pypi.org/pypi/demo-pkg/2.0.0b1/json'))
    expect(beta).toMatchObject({ info: { version: '2.0.0b1', summary: 'beta', requires_dist: ['a', 'b'] } })
    expect(beta).not.toHaveProperty('releases')
  })

  test('finds a version by any spelling, and says when there is none', () => {
    const { get } = filled()
    expect(json(get('https://pypi.org/pypi/demo-pkg/1.0/json'))).toMatchObject({ info: { version: '1.0.0' } })
    expect(get('https://pypi.org/pypi/demo-pkg/3.0/json')?.status).toBe(404)
  })

  test('prefers a release that was not yanked', () => {
    const { upload, get, index } = filled()
    upload(wheel({ version: '1.1.0' }), { fields: { version: '1.1.0' } })
    index.yank('demo-pkg', '1.1.0', true)
    expect(json(get(address))).toMatchObject({ info: { version: '1.0.0' } })
  })

  test('has a new address at the former host', () => {
    expect(filled().get('https://pypi.python.org/pypi/demo-pkg/json')).toMatchObject({
      status: 301,
      headers: { location: address }
    })
  })
})

test('the page for people shows files and description, escaped', () => {
  const { upload, get } = indexClient()
  upload(wheel(), { fields: { description: '<script>' } })
  const html = String(get('https://pypi.org/project/demo-pkg/1.0.0/')?.body)
  expect(html).toContain('demo_pkg-1.0.0-py3-none-any.whl')
  expect(html).toContain('&lt;script&gt;')
})

describe('the state', () => {
  test('saved and loaded into another index answers alike', () => {
    const client = filled()
    const other = indexClient()
    other.index.load(client.index.save())
    expect(other.get(page, { accept: simpleJson })).toEqual(client.get(page, { accept: simpleJson }))
    expect(other.upload(wheel())).toMatchObject({ status: 200 })
  })

  test('once saved does not follow what happens later', () => {
    const { index, upload } = filled()
    const saved = index.save()
    upload(wheel({ version: '1.1.0' }), { fields: { version: '1.1.0' } })
    index.yank('demo-pkg', '1.0.0', true)
    expect(saved.projects[0]?.releases).toHaveLength(1)
    expect(saved.projects[0]?.releases[0]?.yanked).toBe(false)
  })
})
