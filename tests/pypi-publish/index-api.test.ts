import type http from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { readProject } from '../../actions/pypi-publish/index-api.ts'
import { readSimplePage } from '../../actions/pypi-publish/simple-html.ts'
import { otherIndex } from '../../actions/pypi-publish/package-index.ts'
import { serve } from '../support/loopback.ts'
import { testHttp } from '../support/world.ts'

const hash = 'ab'.repeat(32)

async function read(type: string, body: string, status = 200) {
  let asked: http.IncomingMessage | undefined
  const { url } = await serve((request, response) => {
    asked = request
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  const client = testHttp()
  try {
    return {
      url,
      project: await readProject(client, otherIndex(`${url}/`, `${url}/simple`), 'Demo.Pkg', 'Basic eDp5'),
      asked
    }
  } finally {
    client.close()
  }
}

const json = 'application/vnd.pypi.simple.v1+json'

describe('a project’s page', () => {
  test('is asked for under its normalized name, JSON preferred', async () => {
    const { asked } = await read(json, '{"files":[]}')
    expect(asked?.url).toBe('/simple/demo-pkg/')
    expect(asked?.headers).toMatchObject({
      authorization: 'Basic eDp5',
      accept: expect.stringMatching(/^application\/vnd\.pypi\.simple\.v1\+json,/)
    })
  })

  test('in JSON gives files, hashes, times and the project’s status', async () => {
    const { project, url } = await read(
      json,
      JSON.stringify({
        'project-status': { status: 'archived' },
        files: [
          {
            filename: 'demo-1.whl',
            url: '../../files/demo-1.whl',
            hashes: { sha256: hash.toUpperCase() },
            'upload-time': '2026-01-02T03:04:05.678901Z'
          },
          { filename: 'demo-2.whl', url: 'https://files.example/demo-2.whl', hashes: {} }
        ]
      })
    )
    expect(project).toEqual({
      status: 'archived',
      notChecked: [],
      files: [
        {
          filename: 'demo-1.whl',
          url: `${url}/files/demo-1.whl`,
          sha256: hash,
          uploaded: Date.UTC(2026, 0, 2, 3, 4, 5, 678)
        },
        { filename: 'demo-2.whl', url: 'https://files.example/demo-2.whl', sha256: undefined, uploaded: undefined }
      ]
    })
  })

  test('in HTML gives the same, hashes from the links', async () => {
    const { project, url } = await read(
      'text/html; charset=utf-8',
      `<!DOCTYPE html><html><head><meta name="pypi:project-status" content="quarantined"></head><body>
      <!-- <a href="old.whl#sha256=${hash}">old.whl</a> -->
      <a href="/p/demo-1.whl#sha256=${hash}" data-requires-python="&gt;=3.9">demo-1.whl</a><br>
      <A HREF='demo%202.tar.gz#md5=00'> demo 2.tar.gz </A>
      <a class=x href=demo-3.whl#sha256=${hash}></a><a name="top">no file</a></body></html>`
    )
    expect(project).toEqual({
      status: 'quarantined',
      notChecked: [],
      files: [
        { filename: 'demo-1.whl', url: `${url}/p/demo-1.whl`, sha256: hash, uploaded: undefined },
        {
          filename: 'demo 2.tar.gz',
          url: `${url}/simple/demo-pkg/demo%202.tar.gz`,
          sha256: undefined,
          uploaded: undefined
        },
        { filename: 'demo-3.whl', url: `${url}/simple/demo-pkg/demo-3.whl`, sha256: hash, uploaded: undefined }
      ]
    })
  })

  test.each([
    [401, 'text/html', '', 'reading the index is not allowed'],
    [500, 'text/html', '', 'answered 500'],
    [200, json, '{"files": 3}', 'is no page of a simple index'],
    [200, json, 'not json', 'is no page of a simple index'],
    [200, 'text/plain', 'hello', 'is no page of a simple index'],
    [
      200,
      'text/html',
      '<html><title>Sign in</title><a href="/reset">Forgot?</a></html>',
      'is no page of a simple index'
    ],
    [200, 'text/html', '', 'is no page of a simple index']
  ])('answered by %i %s %j is an error', async (status, type, body, message) => {
    await expect(read(type, body, status)).rejects.toThrow(message)
  })
})

/** A server with a root and nothing else; `elsewhere` answers projects with a redirect there. */
async function readAbsent(root: readonly [status: number, type: string, body: string], elsewhere?: string) {
  const { url } = await serve((request, response) => {
    const [status, type, body] = request.url === '/simple/' ? root : [404, 'text/html', '<html>Not found</html>']
    if (request.url !== '/simple/' && elsewhere !== undefined) response.writeHead(302, { location: elsewhere }).end()
    else response.writeHead(status, { 'content-type': type }).end(body)
  })
  const client = testHttp({ attempts: 1 })
  try {
    return await readProject(client, otherIndex(`${url}/`, `${url}/simple`), 'demo')
  } finally {
    client.close()
  }
}

describe('a project that an index of one’s own does not have', () => {
  const html = '<html><head><title>Simple Index</title></head><body></body></html>'
  const links = '<html><body><a href="demo-pkg/">Demo.Pkg</a></body></html>'

  test.each([
    ['by its title', [200, 'text/html', html]],
    ['by its links', [200, 'text/html', links]],
    ['by JSON', [200, json, '{"meta":{"api-version":"1.0"},"projects":[]}']]
  ] as const)('is absent when the root is a simple index, known %s', async (_how, root) => {
    expect(await readAbsent(root)).toEqual({ status: 'absent', files: [], notChecked: [] })
  })

  test.each([
    [404, 'text/html', '<html>Not found</html>'],
    [403, 'text/plain', 'no listing'],
    [500, 'text/plain', 'too long']
  ] as const)('is absent with a doubt that is told when the root answers %i', async (status, type, body) => {
    const { notChecked, ...project } = await readAbsent([status, type, body])
    expect(project).toEqual({ status: 'absent', files: [] })
    expect(notChecked).toEqual([expect.stringMatching(new RegExp(`whether check-url is right.*status ${status}`))])
  })

  test.each([
    [200, 'text/html', '<html><title>Sign in</title><a href="/help/">Need help?</a></html>'],
    [200, json, '{"files": []}'],
    [200, 'text/plain', 'hello']
  ] as const)('is not believed when the root is %i %s %j', async (status, type, body) => {
    await expect(readAbsent([status, type, body])).rejects.toThrow('is no simple index')
  })

  test('is not looked for elsewhere, and what it redirects to is told', async () => {
    const { status, notChecked } = await readAbsent([200, 'text/html', html], 'https://pypi.example/simple/demo/')
    expect(status).toBe('absent')
    expect(notChecked).toEqual([expect.stringContaining('https://pypi.example')])
  })

  test('is not believed of a redirect when the root is no index', async () => {
    await expect(readAbsent([404, 'text/html', ''], 'https://pypi.example/simple/demo/')).rejects.toThrow(
      'redirects to https://pypi.example'
    )
  })
})

describe('a hostile page', () => {
  test.each([
    ['open tags', '<a '],
    ['open comments', '<!--'],
    ['comments and closings', '<!-- -'],
    ['open quotes', '<a x="'],
    ['equal signs', '<a ='],
    ['anchors without an end', '<a href=x>'],
    ['entities without an end', '&a'],
    ['white space in a tag', ' ']
  ])('of %s takes no longer than its length', (_what, piece) => {
    const html = `<html><a ${piece.repeat(2_000_000 / piece.length)}`
    const begun = performance.now()
    readSimplePage(html)
    expect(performance.now() - begun).toBeLessThan(3_000)
  })
})
