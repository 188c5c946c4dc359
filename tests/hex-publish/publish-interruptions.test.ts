import { describe, expect, test } from '@jest/globals'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { interruptEverywhere } from '../support/interruptions.ts'
import { problemsOf, ready, sha256, startRelease } from './release.ts'

/** What Hex has and what resolvers see, without times. */
function endState({ hex }: Sandbox): unknown {
  return {
    packages: hex.state.packages.map(({ name, repository, releases }) => ({
      name,
      repository,
      releases: releases.map(({ version, outerChecksum, docs, hasDocs }) => ({
        version,
        outerChecksum,
        hasDocs,
        docs: docs === null ? null : sha256(docs)
      }))
    })),
    registry: hex.state.registry
      .map(({ name, releases }) => ({
        name,
        releases: releases.map(({ version, outerChecksum }) => ({ version, outerChecksum }))
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

/** A release that is replaced leaves its docs. */
function addDocs({ hex }: Sandbox, docs: Buffer): void {
  const release = hex.state.packages.find(({ name }) => name === 'demo_schema')?.releases[0]
  if (release !== undefined) Object.assign(release, { docs, hasDocs: true })
}

const older = hexTarball({ metadata: { version: '0.0.9' } })
const other = hexTarball({ files: { 'README.md': 'other' } })

describe('killed at any request and run again, it ends as if it had never been interrupted:', () => {
  test.each([
    ['a release with its docs', {}, older, ['POST hex.pm/api/packages/demo_schema/releases', '/releases/0.1.0/docs']],
    ['a release that replaces another', { replace: 'true' }, other, ['POST hex.pm/api/packages/demo_schema/releases']],
    ['docs alone', { mode: 'docs', tarball: '', package: 'demo_schema', version: '0.1.0' }, hexTarball(), ['/docs']]
  ] as const)(
    '%s',
    async (_what, inputs, before, written) => {
      const { whole, wholeState, interruptions } = await interruptEverywhere(async () => {
        const { sandbox, run } = await startRelease()
        sandbox.hex.addRelease(before)
        if ('replace' in inputs) addDocs(sandbox, Buffer.from('docs of the release before'))
        return { sandbox, run: (kill) => run({ ...ready, ...inputs }, kill === undefined ? {} : { kill }) }
      }, endState)

      expect(problemsOf(whole)).toEqual([])
      expect(whole.outputs['status']).toBe('published')
      for (const request of written) {
        expect(interruptions.map((each) => each.request)).toContainEqual(expect.stringContaining(request))
      }
      for (const { request, moment, killed, again, endState: state } of interruptions) {
        const where = `${moment} ${request}`
        expect({ where, killed: killed.exitCode }).toEqual({ where, killed: null })
        expect({ where, problems: problemsOf(again), status: again.exitCode }).toEqual({
          where,
          problems: [],
          status: 0
        })
        expect({ where, state }).toEqual({ where, state: wholeState })
      }
    },
    300_000
  )
})
