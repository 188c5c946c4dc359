import { expect, test } from '@jest/globals'
import { checkFaults } from '../../rehearse/faults.ts'

test('rules that are wrong are told together, before anything starts', async () => {
  const rules = ['GET nowhere.example 503', 'GET pypi 503', 'get pypi 503']
  const error: unknown = await checkFaults(rules).catch((one: unknown) => one)
  expect(error).toMatchObject({
    problems: [
      { message: expect.stringContaining('"nowhere.example"') },
      { message: expect.stringContaining('"get" is no method') }
    ]
  })
})

test('rules that can strike pass', async () => {
  await expect(checkFaults(['GET pypi 503', 'POST uploads.github.com 502 partial'])).resolves.toBeUndefined()
})
