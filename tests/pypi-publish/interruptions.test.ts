import { expect, test } from '@jest/globals'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { sdist, wheel } from '../support/distributions.ts'
import { interruptEverywhere } from '../support/interruptions.ts'
import { problemsOf, pypiToken, startRelease } from './release.ts'

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
  const at = (wanted: string): number => interruptions.filter(({ moment }) => moment === wanted).length
  expect(at('before')).toBeGreaterThanOrEqual(7)
  // Two uploads, and the token that trusted publishing mints for them.
  expect(at('after')).toBeGreaterThanOrEqual(3)
  for (const { request, moment, killed, again, endState: state } of interruptions) {
    const where = `${moment} ${request}`
    expect({ where, killed: killed.exitCode }).toEqual({ where, killed: null })
    expect({ where, problems: problemsOf(again), status: again.exitCode }).toEqual({ where, problems: [], status: 0 })
    expect({ where, state }).toEqual({ where, state: wholeState })
  }
}, 240_000)

test('killed while uploads run side by side, a release is completed by the next run', async () => {
  const wheels = ['py3-none-any', 'cp312-cp312-win_amd64', 'cp313-cp313-win_amd64', 'cp314-cp314-win_amd64']
  const files = [...wheels.map((tag) => wheel({ tag })), sdist()]
  for (const kept of [2, 3, 4]) {
    const release = await startRelease({ files })
    const kill = new AbortController()
    let begun = 0
    const stop = release.sandbox.intercept(async ({ method }, moment) => {
      if (method !== 'POST' || moment !== 'after' || ++begun < kept || kill.signal.aborted) return
      kill.abort()
      // The process must be gone before the answer goes out.
      await new Promise((resolve) => setTimeout(resolve, 20))
    })
    const killed = await release.run({ 'pypi-token': pypiToken }, { kill: kill.signal })
    stop()
    expect(killed.exitCode).toBe(null)
    expect(release.published().length).toBeGreaterThanOrEqual(kept)
    const again = await release.run({ 'pypi-token': pypiToken })
    expect({ kept, problems: problemsOf(again), files: release.published().length }).toEqual({
      kept,
      problems: [],
      files: files.length
    })
    await release.sandbox.close()
  }
}, 120_000)
