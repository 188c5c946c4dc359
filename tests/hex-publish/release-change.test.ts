import { describe, expect, test } from '@jest/globals'
import {
  checkRetirementMessage,
  isRetiredAs,
  retire,
  revert,
  unretire
} from '../../actions/hex-publish/release-change.ts'
import { problemsOf, refusal, releaseJson, scriptedHex, type Answer } from './scripted-hex.ts'

const demo = { name: 'demo' }
const get = 'GET /packages/demo/releases/1.2.3'
const retiring = 'POST /packages/demo/releases/1.2.3/retire'
const unretiring = 'DELETE /packages/demo/releases/1.2.3/retire'
const reverting = 'DELETE /packages/demo/releases/1.2.3'

const done: Answer = { status: 204 }
const retirement = { reason: 'security', message: 'Use 1.2.4' } as const
const retired: Answer = { status: 200, json: releaseJson({ retirement }) }
const plain: Answer = { status: 200, json: releaseJson() }
const absent = refusal(404, 'Page not found')

describe('retiring', () => {
  test('sends reason and message as JSON, and reads them back', async () => {
    const { api, world, asked, lines } = await scriptedHex({ [retiring]: done, [get]: retired })
    await retire(api, demo, '1.2.3', retirement, world.clock)
    expect(lines()).toEqual([retiring, get])
    expect(asked[0]?.headers['content-type']).toBe('application/json')
    expect(JSON.parse(String(asked[0]?.body))).toEqual(retirement)
  })

  test('without a message sends none', async () => {
    const { api, world, asked } = await scriptedHex({
      [retiring]: done,
      [get]: { status: 200, json: releaseJson({ retirement: { reason: 'renamed', message: null } }) }
    })
    await retire(api, demo, '1.2.3', { reason: 'renamed' }, world.clock)
    expect(JSON.parse(String(asked[0]?.body))).toEqual({ reason: 'renamed' })
  })

  test('is repeated when the answer was lost, which does no harm', async () => {
    const { api, world, lines } = await scriptedHex({ [retiring]: ['reset', done], [get]: retired })
    await retire(api, demo, '1.2.3', retirement, world.clock)
    expect(lines()).toEqual([retiring, retiring, get])
  })

  test('that Hex does not show afterwards is an error', async () => {
    const { api, world } = await scriptedHex({ [retiring]: done, [get]: plain })
    const problems = await problemsOf(retire(api, demo, '1.2.3', retirement, world.clock))
    expect(problems.map(({ code }) => code)).toEqual(['hex-not-read-back'])
  })

  test.each([
    [absent, 'hex-not-found'],
    [
      refusal(422, 'Validation error(s)', { retirement: { message: 'should be at least 3 character(s)' } }),
      'hex-retirement'
    ],
    [refusal(401, 'missing authentication information'), 'hex-key-missing']
  ])('that is refused is told: %j', async (answer, code) => {
    const { api, world, lines } = await scriptedHex({ [retiring]: answer })
    const problems = await problemsOf(retire(api, demo, '1.2.3', retirement, world.clock))
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(lines()).toEqual([retiring])
  })
})

describe('a retirement’s message', () => {
  test.each(['abc', 'x'.repeat(140), '👩‍👩‍👧'.repeat(140)])(
    'may have 3 to 140 characters, as people count: %j',
    (message) => {
      expect(checkRetirementMessage(message)).toEqual([])
    }
  )

  test.each(['ab', 'x'.repeat(141), '👩‍👩‍👧👩‍👩‍👧'])('may not be shorter or longer: %j', (message) => {
    expect(checkRetirementMessage(message).map(({ code }) => code)).toEqual(['hex-retirement'])
  })
})

test.each([
  [undefined, false],
  [{ reason: 'security', message: 'Use 1.2.4' }, true],
  [{ reason: 'security' }, false],
  [{ reason: 'other', message: 'Use 1.2.4' }, false]
])('a release with the retirement %j is retired as wanted: %s', (there, same) => {
  expect(isRetiredAs(there === undefined ? {} : { retirement: there }, retirement)).toBe(same)
})

describe('taking a retirement back', () => {
  test('is read back', async () => {
    const { api, world, lines } = await scriptedHex({ [unretiring]: done, [get]: [retired, plain] })
    await unretire(api, demo, '1.2.3', world.clock)
    expect(lines()).toEqual([unretiring, get, get])
  })

  test('that does not show is an error', async () => {
    const { api, world } = await scriptedHex({ [unretiring]: done, [get]: retired })
    const problems = await problemsOf(unretire(api, demo, '1.2.3', world.clock))
    expect(problems.map(({ code }) => code)).toEqual(['hex-not-read-back'])
  })
})

describe('reverting', () => {
  test('deletes the release, and reads that it is gone', async () => {
    const { api, world, lines } = await scriptedHex({ [reverting]: done, [get]: absent })
    expect(await revert(api, demo, '1.2.3', world.clock)).toBe('reverted')
    expect(lines()).toEqual([reverting, get])
  })

  test('what is gone already is no error', async () => {
    const { api, world } = await scriptedHex({ [reverting]: absent, [get]: absent })
    expect(await revert(api, demo, '1.2.3', world.clock)).toBe('absent')
  })

  test('whose answer was lost is settled by the second one', async () => {
    const { api, world, lines } = await scriptedHex({ [reverting]: ['reset', absent], [get]: absent })
    await revert(api, demo, '1.2.3', world.clock)
    expect(lines()).toEqual([reverting, reverting, get])
  })

  test('that is answered 404 while the release is there is no success', async () => {
    const { api, world } = await scriptedHex({ [reverting]: absent, [get]: plain })
    const problems = await problemsOf(revert(api, demo, '1.2.3', world.clock))
    expect(problems.map(({ code }) => code)).toEqual(['hex-not-read-back'])
  })

  test.each([
    [{ inserted_at: 'can only delete a release up to one hour after publication' }, 'hex-window-closed'],
    [{ name: 'you cannot delete this package because other packages depend on it' }, 'hex-name-refused']
  ])('that Hex refuses is told: %j', async (errors, code) => {
    const { api, world, lines } = await scriptedHex({ [reverting]: refusal(422, 'Validation error(s)', errors) })
    const problems = await problemsOf(revert(api, demo, '1.2.3', world.clock))
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(lines()).toEqual([reverting])
  })
})
