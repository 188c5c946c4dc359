import { expect, test } from '@jest/globals'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { sdist, wheel } from '../support/distributions.ts'
import { interruptEverywhere } from '../support/interruptions.ts'
import { problemsOf, startRelease } from './release.ts'

/** What is on the indexes, without times. */
function endState(sandbox: Sandbox): unknown {
  return [sandbox.pypi, sandbox.testpypi].map((index) =>
    index.projects().map((name) =>
      index.releases(name).map(({ version, files }) => ({
        name,
        version,
        files: files.map(({ filename, sha256 }) => `${filename} ${sha256}`).sort()
      }))
    )
  )
}

test('killed at any request and run again, a release ends as if it had never been interrupted', async () => {
  const { whole, wholeState, interruptions } = await interruptEverywhere(async () => {
    const release = await startRelease({ identity: true, files: [wheel(), sdist()] })
    return { sandbox: release.sandbox, run: (kill) => release.run({}, kill === undefined ? {} : { kill }) }
  }, endState)

  expect(whole.outputs['status']).toBe('published')
  expect(interruptions.length).toBeGreaterThanOrEqual(2 * 7)
  for (const { request, moment, killed, again, endState: state } of interruptions) {
    const where = `${moment} ${request}`
    expect({ where, killed: killed.exitCode }).toEqual({ where, killed: null })
    expect({ where, problems: problemsOf(again), status: again.exitCode }).toEqual({ where, problems: [], status: 0 })
    expect({ where, state }).toEqual({ where, state: wholeState })
  }
}, 240_000)
