import { expect, test } from '@jest/globals'
import { createCredentials } from '../../actions/pypi-publish/credentials.ts'
import { readDistribution } from '../../actions/pypi-publish/distribution.ts'
import { otherIndex } from '../../actions/pypi-publish/package-index.ts'
import { upload } from '../../actions/pypi-publish/upload.ts'
import type { Http, HttpRequest } from '../../actions/shared/http.ts'
import { wheel, writeFiles } from '../support/distributions.ts'
import { serve } from '../support/loopback.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { testWorld } from '../support/world.ts'

/** Uploads a wheel to a server that answers each POST with the next status; gives what was asked of the client. */
async function uploadTo(...statuses: readonly number[]) {
  const [path = ''] = writeFiles(temporaryFolder('upload'), wheel())
  const { distribution } = await readDistribution(path, 'demo.whl')
  if (distribution === undefined) throw new Error('the wheel could not be read')
  const waiting = [...statuses]
  const { url } = await serve((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'POST') response.writeHead(waiting.shift() ?? 200).end()
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Links for demo-pkg</title>')
    })
  })
  const world = testWorld()
  const asked: HttpRequest[] = []
  const http: Http = Object.assign(
    (request: HttpRequest) => {
      asked.push(request)
      return world.http(request)
    },
    { close: world.http.close }
  )
  const destination = { index: otherIndex(`${url}/`, `${url}/simple/`), credentials: { kind: 'none' } } as const
  const watched = { ...world, http }
  const credentials = createCredentials(destination.credentials, destination.index, watched)
  let problems: readonly string[] = []
  try {
    await upload({ destination, credentials, world: watched }, distribution, 'dist/demo.whl')
  } catch (error) {
    problems = [String(error)]
  } finally {
    world.http.close()
  }
  return { problems, posts: asked.filter(({ method }) => method === 'POST'), slept: world.clock.slept, distribution }
}

test('an upload waits longer than the ten minutes that PyPI gives its transaction, and not for ever', async () => {
  const { posts, distribution } = await uploadTo(200)
  expect(posts).toHaveLength(1)
  expect(posts[0]?.idleTimeout).toBeGreaterThan(600_000)
  expect(posts[0]?.timeout).toBeGreaterThan(600_000)
  expect(posts[0]?.timeout).toBeLessThan(700_000 + distribution.size)
})

test('an upload has one level of tries', async () => {
  const { posts, problems, slept } = await uploadTo(503, 503, 503, 503, 503, 503, 503)
  expect(problems).toHaveLength(1)
  expect(posts).toHaveLength(5)
  expect(posts.every(({ repeat }) => repeat === 'never')).toBe(true)
  expect(slept.reduce((sum, each) => sum + each, 0)).toBeLessThan(15 * 60_000)
})
