import { expect, test } from '@jest/globals'
import { connect, type Releases } from '../../actions/changelog-release/releases.ts'
import { parseRelease, type RemoteRelease } from '../../actions/changelog-release/remote-release.ts'
import { serve } from '../support/loopback.ts'
import { testWorld } from '../support/world.ts'

const bytes = { type: 'text/plain', bytes: Buffer.from('x') }

function releasesAt(apiUrl: string): Releases {
  const connection = { apiUrl, graphqlUrl: `${apiUrl}/graphql`, serverUrl: apiUrl, repository: 'o/r', token: 't0ken' }
  return connect(connection, testWorld())
}

const answer = (tag: string, uploadUrl: string): Record<string, unknown> => ({
  id: 1,
  tag_name: tag,
  html_url: 'https://github.com/o/r/releases/1',
  upload_url: uploadUrl,
  draft: false,
  prerelease: false
})

const releaseWith = (uploadUrl: string): RemoteRelease => parseRelease(answer('v1.0.0', uploadUrl))

test.each([
  ['https://api.github.com', 'https://evil.example/repos/o/r/releases/1/assets{?name,label}'],
  ['https://api.github.com', 'https://uploads.github.com.evil.example/repos/o/r/releases/1/assets'],
  ['https://api.github.com', 'http://uploads.github.com/repos/o/r/releases/1/assets'],
  ['https://api.github.com', 'https://uploads.github.com:8443/repos/o/r/releases/1/assets'],
  ['https://ghe.example/api/v3', 'https://uploads.ghe.example/repos/o/r/releases/1/assets'],
  ['https://api.github.com', 'no address']
])('the token of %s is not sent to %s', async (apiUrl, uploadUrl) => {
  const upload = async (): Promise<unknown> => releasesAt(apiUrl).upload(releaseWith(uploadUrl), 'a', undefined, bytes)
  await expect(upload()).rejects.toMatchObject({ problems: [{ code: 'github-upload-host' }] })
})

test('another loopback server gets neither the token nor the file', async () => {
  const seen: unknown[] = []
  const other = await serve((request, response) => {
    seen.push(request.headers)
    response.writeHead(201).end('{}')
  })
  const upload = async (): Promise<unknown> =>
    releasesAt('http://127.0.0.1:1').upload(releaseWith(`${other.url}/assets`), 'a', undefined, bytes)
  await expect(upload()).rejects.toMatchObject({ problems: [{ code: 'github-upload-host' }] })
  expect(seen).toEqual([])
})

test('a server that compares tags without case gives no release of another tag', async () => {
  const { url } = await serve((request, response) => {
    response.end(JSON.stringify(answer('V1.0.0', `${request.headers.host ?? ''}/assets`)))
  })
  expect(await releasesAt(url).published('v1.0.0')).toBeUndefined()
  expect(await releasesAt(url).published('V1.0.0')).toMatchObject({ tag: 'V1.0.0' })
})

test('nor the tag of another name', async () => {
  const { url } = await serve((_, response) => {
    response.end(JSON.stringify({ ref: 'refs/tags/V1.0.0', object: { type: 'commit', sha: 'abc' } }))
  })
  expect(await releasesAt(url).tagObjects('v1.0.0')).toEqual([])
  expect(await releasesAt(url).tagObjects('V1.0.0')).toEqual(['abc'])
})
