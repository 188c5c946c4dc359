import { expect, test } from '@jest/globals'
import { refusedKey } from '../../actions/hex-publish/publish/early-key-check.ts'
import { refusal, scriptedHex, type Answer } from './scripted-hex.ts'

const auth = 'GET /auth?domain=api&resource=read'

test.each([
  [refusal(401, 'invalid API key'), ['hex-key-refused']],
  [refusal(403, 'email not verified'), ['hex-account']],
  [refusal(500, 'Internal server error'), []],
  [refusal(404, 'Page not found'), []]
])('nothing is built for a key that Hex refuses, and an outage is no refusal: %j', async (answer: Answer, codes) => {
  const { api } = await scriptedHex({ [auth]: answer })
  expect((await refusedKey(api)).map(({ code }) => code)).toEqual(codes)
})
