import { describe, expect, test } from '@jest/globals'
import { dispatchInputs, filterPattern, scheduleOf, triggerProblems } from '../../rehearse/triggers.ts'
import { workflowOf } from './workflow-of.ts'

const jobs = 'jobs: {a: {runs-on: x, steps: []}}'

describe('what starts a workflow', () => {
  test.each([
    ['push', 'refs/tags/v1.2.3', true],
    ['[push, pull_request]', 'refs/tags/v1.2.3', true],
    ["{push: {tags: ['v*.*.*']}}", 'refs/tags/v1.2.3', true],
    ["{push: {tags: ['v*.*.*']}}", 'refs/tags/1.2.3', false],
    ["{push: {tags: ['v*', '!v*-rc*']}}", 'refs/tags/v1.0.0-rc.1', false],
    ["{push: {tags: ['!v1*', 'v*']}}", 'refs/tags/v1.0.0', true],
    ["{push: {tags-ignore: ['*-dev']}}", 'refs/tags/v1-dev', false],
    // Filtering branches only leaves tags out.
    ['{push: {branches: [main]}}', 'refs/tags/v1.0.0', false],
    ["{push: {paths: ['src/**']}}", 'refs/tags/v1.0.0', true],
    ['workflow_dispatch', 'refs/tags/v1.0.0', false],
    ["{push: {tags: ['release/**']}}", 'refs/tags/release/a/b', true],
    ["{push: {tags: ['v*']}}", 'refs/tags/v1/2', false]
  ])('on: %s for a push of %s: %s', (on, ref, starts) => {
    const problems = triggerProblems(workflowOf(`on: ${on}\n${jobs}`), 'push', ref)
    expect(problems.length === 0).toBe(starts)
  })

  test.each([
    ['pull_request', '[opened, synchronize]', true],
    ['pull_request', '[labeled]', false],
    ['pull_request_review', '[submitted]', true],
    ['pull_request_review', '[dismissed]', false]
  ] as const)('%s of the types %s: %s', (event, types, starts) => {
    const workflow = workflowOf(`on: {${event}: {types: ${types}}}\n${jobs}`)
    expect(triggerProblems(workflow, event, 'refs/heads/main').length === 0).toBe(starts)
  })

  test('a schedule is the first, or the one that is asked for', () => {
    const workflow = workflowOf(`on: {schedule: [{cron: '1 2 * * *'}, {cron: '3 4 * * 1'}]}\n${jobs}`)
    expect(triggerProblems(workflow, 'schedule', 'refs/heads/main')).toEqual([])
    expect(scheduleOf(workflow, undefined)).toEqual({ cron: '1 2 * * *' })
    expect(scheduleOf(workflow, '3 4 * * 1')).toEqual({ cron: '3 4 * * 1' })
    expect(scheduleOf(workflow, '0 0 * * *')).toMatchObject({
      problems: [{ message: 'on.schedule has no cron "0 0 * * *"; it has 1 2 * * *, 3 4 * * 1' }]
    })
  })

  test('nothing starts on a schedule that has none', () => {
    expect(triggerProblems(workflowOf(`on: push\n${jobs}`), 'schedule', 'refs/heads/main')).toHaveLength(1)
    expect(scheduleOf(workflowOf(`on: {schedule: []}\n${jobs}`), undefined)).toMatchObject({
      problems: [{ message: 'on.schedule has no cron' }]
    })
  })

  test('the refusal shows the filter', () => {
    const [problem] = triggerProblems(workflowOf(`on: {push: {tags: ['v*']}}\n${jobs}`), 'push', 'refs/tags/1.0')
    expect(problem?.message).toBe('a push of refs/tags/1.0 does not start the workflow; on.push has tags: [v*]')
  })

  test('? and + repeat the character before them', () => {
    expect(filterPattern('v1?.0').test('v.0')).toBe(true)
    expect(filterPattern('v[0-9]+').test('v2026')).toBe(true)
    expect(filterPattern('v[0-9]+').test('vv')).toBe(false)
    expect(filterPattern('\\*').test('*')).toBe(true)
  })
})

describe('inputs of a manual start', () => {
  const workflow = workflowOf(`
on:
  workflow_dispatch:
    inputs:
      dry-run: {type: boolean, default: true}
      index: {type: choice, options: [pypi, testpypi], default: testpypi}
      reason: {required: true}
${jobs}`)

  test('defaults are filled in, as text', () => {
    expect(dispatchInputs(workflow, new Map([['reason', 'why']]))).toEqual({
      inputs: { 'dry-run': 'true', index: 'testpypi', reason: 'why' }
    })
  })

  test('everything wrong is told at once', () => {
    const read = dispatchInputs(
      workflow,
      new Map([
        ['dry-run', 'yes'],
        ['index', 'npm'],
        ['resaon', 'x']
      ])
    )
    if (!('problems' in read)) throw new Error('accepted')
    expect(read.problems.map(({ message }) => message)).toEqual([
      'unexpected input resaon',
      'input dry-run is "yes"',
      'input index is "npm"',
      'required input reason was not given'
    ])
  })
})
