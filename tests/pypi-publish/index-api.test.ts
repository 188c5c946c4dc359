import type http from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { readProject } from '../../actions/pypi-publish/index-api.ts'
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

  test('that is not there is an empty project', async () => {
    expect((await read('text/plain', 'no', 404)).project).toEqual({ status: 'absent', files: [] })
  })

  test.each([
    [401, 'text/html', '', 'reading the index is not allowed'],
    [500, 'text/html', '', 'answered 500'],
    [200, json, '{"files": 3}', 'is no page of a simple index'],
    [200, json, 'not json', 'is no page of a simple index'],
    [200, 'text/plain', 'hello', 'is no page of a simple index']
  ])('answered by %i %s %j is an error', async (status, type, body, message) => {
    await expect(read(type, body, status)).rejects.toThrow(message)
  })
})
