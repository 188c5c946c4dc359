import { describe, expect, test } from '@jest/globals'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { interruptEverywhere } from '../support/interruptions.ts'
import { codesOf, problemsOf, setStage } from './change-stage.ts'

/** What Hex has, without times. */
function endState(sandbox: Sandbox): unknown {
  return sandbox.hex.state.packages.map(({ name, repository, releases }) => ({
    name,
    repository,
    releases: releases.map(({ version, outerChecksum, retirement }) => ({ version, outerChecksum, retirement }))
  }))
}

function markRetired({ hex }: Sandbox): void {
  for (const { name, releases } of hex.state.packages) {
    for (const release of releases) {
      if (name === 'demo_schema' && release.version === '0.1.0') release.retirement = { reason: 'other', message: null }
    }
  }
}

const retire = { mode: 'retire', reason: 'security', message: 'use 0.1.1' }
const unretire = { mode: 'unretire' }
const revert = { mode: 'revert', confirm: '0.1.0' }

describe('killed at any request and run again, it ends as if it had never been interrupted:', () => {
  test.each([
    ['retire', retire],
    ['unretire', unretire],
    ['revert', revert],
    ['revert of a last release', { ...revert, package: 'lonely' }]
  ])(
    '%s',
    async (_name, inputs) => {
      const { whole, wholeState, interruptions } = await interruptEverywhere(async () => {
        const stage = await setStage()
        if (inputs.mode === 'unretire') markRetired(stage.sandbox)
        return { sandbox: stage.sandbox, run: (kill) => stage.run(inputs, kill) }
      }, endState)

      expect(whole.outputs['status']).toBe('published')
      expect(interruptions.some(({ request }) => /^(POST|DELETE) /.test(request))).toBe(true)
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

describe('a fault that passes does no harm:', () => {
  test.each([
    [retire, 'POST hex.pm/api/*/retire #1 reset-before'],
    [retire, 'POST hex.pm/api/*/retire #1 reset-after'],
    [retire, 'POST hex.pm/api/*/retire #1 502 html after'],
    [retire, 'POST hex.pm/api/*/retire #1-2 503'],
    [retire, 'POST hex.pm/api/*/retire #1 429 retry-after=1'],
    [retire, 'GET hex.pm/api/* #1 503'],
    [retire, 'GET hex.pm/api/* #2 reset-before'],
    [revert, 'DELETE hex.pm/api/* #1 reset-after'],
    [revert, 'DELETE hex.pm/api/* #1 500 after'],
    [revert, 'GET hex.pm/api/packages/demo_schema/releases/0.1.0 #2 truncate']
  ])(
    '%j with %s',
    async (inputs, rule) => {
      const stage = await setStage()
      stage.sandbox.fault(rule)
      const run = await stage.run(inputs)
      expect({ problems: problemsOf(run), status: run.outputs['status'] }).toEqual({
        problems: [],
        status: 'published'
      })
      expect(stage.sandbox.faults.every(({ struck }) => struck > 0)).toBe(true)
      await stage.sandbox.close()
    },
    60_000
  )
})

test('an outage that does not pass is told as one, once, and nothing was written', async () => {
  const stage = await setStage()
  stage.sandbox.fault('GET hex.pm/api/* #1-99 503')
  const run = await stage.run(retire)
  expect(run.exitCode).toBe(1)
  expect(codesOf(run)).toEqual(['hex-outage'])
  expect(stage.writes()).toEqual([])
  await stage.sandbox.close()
}, 60_000)
