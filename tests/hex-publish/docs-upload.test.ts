import { describe, expect, test } from '@jest/globals'
import { uploadDocs } from '../../actions/hex-publish/docs-upload.ts'
import { problemsOf, refusal, releaseJson, scriptedHex, type Answer, type Script } from './scripted-hex.ts'

const demo = { name: 'demo' }
const docs = Buffer.from('a gzipped tar')
const post = 'POST /packages/demo/releases/1.2.3/docs'
const get = 'GET /packages/demo/releases/1.2.3'

const sent: Answer = { status: 201, headers: { location: 'https://repo.hex.pm/docs/demo-1.2.3.tar.gz' } }
const shown: Answer = { status: 200, json: releaseJson({ has_docs: true }) }
const notShown: Answer = { status: 200, json: releaseJson({ has_docs: false }) }

async function upload(script: Script, replaces = false) {
  const { api, world, asked, lines } = await scriptedHex(script)
  const uploading = uploadDocs(api, demo, '1.2.3', docs, { replaces, clock: world.clock, log: world.log })
  const problems = await problemsOf(uploading)
  return {
    outcome: problems.length === 0 ? await uploading : undefined,
    codes: problems.map(({ code }) => code),
    posts: asked.filter(({ line }) => line.startsWith('POST')),
    lines: lines(),
    slept: world.clock.slept
  }
}

test('documentation is sent once', async () => {
  const { outcome, posts, lines } = await upload({ [post]: sent })
  expect(outcome).toBe('sent')
  expect(lines).toEqual([post])
  expect(posts[0]?.body.equals(docs)).toBe(true)
  expect(posts[0]?.headers['content-type']).toBe('application/octet-stream')
})

test.each([
  [1024 * 1024, undefined],
  [1024 * 1024 + 1, '100-continue']
])('documentation of %d bytes is sent with expect: %s', async (size, expected) => {
  const { api, world, asked } = await scriptedHex({ [post]: sent })
  const sending = { replaces: false, clock: world.clock, log: world.log }
  expect(await uploadDocs(api, demo, '1.2.3', Buffer.alloc(size), sending)).toBe('sent')
  expect(asked[0]?.headers.expect).toBe(expected)
  expect(asked[0]?.body).toHaveLength(size)
})

test('a good status that is not Hex’s is not taken for one', async () => {
  const page: Answer = { status: 200, body: '<html>Sign in</html>' }
  expect((await upload({ [post]: page, [get]: shown }, true)).codes).toEqual(['hex-answer'])
})

describe('documentation whose upload ends open', () => {
  test.each([['reset' as const], [{ status: 504 }], [refusal(500, 'Internal server error')]])(
    'is there if Hex shows some where none was: %j',
    async (answer) => {
      const { outcome, posts } = await upload({ [post]: answer, [get]: shown })
      expect(outcome).toBe('reconciled')
      expect(posts).toHaveLength(1)
    }
  )

  test('is sent again if Hex shows none', async () => {
    const { outcome, posts } = await upload({ [post]: ['reset', sent], [get]: [notShown, shown] })
    expect(outcome).toBe('sent')
    expect(posts).toHaveLength(2)
  })

  test('is sent again where there was some before, as Hex replaces it', async () => {
    const { outcome, posts } = await upload({ [post]: ['reset', sent], [get]: shown }, true)
    expect(outcome).toBe('sent')
    expect(posts).toHaveLength(2)
  })

  test('is sent again where reading back does not work either', async () => {
    const { outcome, posts } = await upload({ [post]: ['reset', sent], [get]: [refusal(404, null), shown] })
    expect(outcome).toBe('sent')
    expect(posts).toHaveLength(2)
  })

  test('is told after four tries', async () => {
    const { codes, posts } = await upload({ [post]: { status: 503 }, [get]: notShown })
    expect(codes).toEqual(['hex-outage'])
    expect(posts).toHaveLength(4)
  })
})

test.each([
  [refusal(404, 'Page not found'), 'hex-not-found'],
  [refusal(401, 'invalid API key'), 'hex-key-refused'],
  [refusal(403, 'account not authorized for this action'), 'hex-not-owner'],
  [refusal(422, 'Validation error(s)', { tar: 'too big' }), 'hex-too-large']
])('a refusal is told at once: %j', async (answer, code) => {
  const { codes, lines } = await upload({ [post]: answer, [get]: shown })
  expect(codes).toEqual([code])
  expect(lines).toEqual([post])
})

test('a rate limit is waited for', async () => {
  const date = new Date()
  const reset = String(Math.floor(date.getTime() / 1000) + 40)
  const limited: Answer = {
    ...refusal(429, 'API rate limit exceeded for user 7'),
    headers: { date: date.toUTCString(), 'x-ratelimit-reset': reset }
  }
  const { outcome, slept } = await upload({ [post]: [limited, sent], [get]: [notShown, shown] })
  expect(outcome).toBe('sent')
  expect(slept[0]).toBe(41_000)
})
