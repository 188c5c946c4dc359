import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import { serve } from '../support/loopback.ts'
import { testHttp } from '../support/world.ts'

test.each([
  ['ended too soon', ['abc'], 'it ended after 3 of 10 bytes'],
  ['went on too long', ['abcdefgh', 'ijkl'], 'it is longer than the 10 bytes it had before']
])('a body that %s fails the request at once, and is not waited for', async (_, chunks, words) => {
  let complete = 0
  const { url } = await serve((request, response) => {
    request.on('error', () => undefined).resume()
    request.on('end', () => {
      complete++
      response.end()
    })
  })
  const open = (): Readable => Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
  const sent = testHttp()({ method: 'POST', url, body: { type: 'a/b', length: 10, open } })
  await expect(sent).rejects.toMatchObject({ kind: 'body', message: expect.stringContaining(words) })
  expect(complete).toBe(0)
})
