import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { instrument } from '../../rehearse/instrument.ts'
import { leafJobs, planWorkflow, type PlannedWorkflow } from '../../rehearse/plan.ts'
import { mapping, plain, type Plain } from '../../rehearse/workflow.ts'
import { workflowOf } from './workflow-of.ts'
import { temporaryFolder } from '../support/run-action.ts'

function planOf(text: string, files: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder('plan')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return planWorkflow(workflowOf(text), { repositoryFolder: folder, folderOf: () => undefined })
}

function valueAt(text: string, ...path: readonly string[]): Plain | undefined {
  return path.reduce<Plain | undefined>((value, key) => mapping(value)[key], plain(parse(text)))
}

const copyOf = (plan: PlannedWorkflow) =>
  instrument(plan, (job) => ({ fixed: { PROXY: job.key }, defaults: { HOME: `/home/${job.key}` } }))

describe('copies of a workflow for act', () => {
  test('each job gets variables of its own, and keeps the ones it has', () => {
    const { plan } = planOf(`
on: push
jobs:
  a: {runs-on: x, env: {MINE: '1', HOME: /mine, PROXY: mine}, steps: [{run: 'true'}]}
  b: {runs-on: x, steps: [{run: 'true'}]}`)
    const copy = copyOf(plan).main
    expect(valueAt(copy, 'jobs', 'a', 'env')).toEqual({ MINE: '1', HOME: '/mine', PROXY: 'a' })
    expect(valueAt(copy, 'jobs', 'b', 'env')).toEqual({ PROXY: 'b', HOME: '/home/b' })
  })

  test('jobs that share their variables by an alias do not share the added ones', () => {
    const { plan } = planOf(`
on: push
jobs:
  a: {runs-on: x, env: &shared {ONE: '1'}, steps: [{run: 'true'}]}
  b: {runs-on: x, env: *shared, steps: [{run: 'true'}]}`)
    const copy = copyOf(plan).main
    expect(valueAt(copy, 'jobs', 'a', 'env', 'PROXY')).toBe('a')
    expect(valueAt(copy, 'jobs', 'b', 'env')).toEqual({ ONE: '1', PROXY: 'b', HOME: '/home/b' })
  })

  test('permissions leave the copy, since act refuses scopes that it does not know', () => {
    const { plan } = planOf(`
on: push
permissions: {artifact-metadata: write}
jobs: {a: {runs-on: x, permissions: {models: read}, steps: []}}`)
    expect(copyOf(plan).main).not.toContain('permissions')
    expect(leafJobs(plan)[0]?.permissions).toEqual({ metadata: 'read', models: 'read' })
  })

  test('a workflow that two jobs call becomes two copies with jobs of their own', () => {
    const { plan, problems } = planOf(
      `
on: push
name: Outer
jobs:
  one: {uses: ./.github/workflows/called.yml}
  two: {uses: ./.github/workflows/called.yml, permissions: {contents: write}}`,
      { '.github/workflows/called.yml': 'on: workflow_call\njobs: {inner: {runs-on: x, steps: []}}' }
    )
    expect(problems).toEqual([])
    expect(leafJobs(plan).map(({ key, permissions }) => [key, permissions['contents']])).toEqual([
      ['one/inner', 'read'],
      ['two/inner', 'write']
    ])
    const copies = copyOf(plan)
    expect(valueAt(copies.main, 'jobs', 'one', 'uses')).toBe('rehearsal/workflows/.github/workflows/one.yml@local')
    expect(parse(copies.called.get('two.yml') ?? '')).toMatchObject({
      name: 'Outer',
      jobs: { inner: { env: { PROXY: 'two/inner' } } }
    })
  })

  test('a called job says nothing of permissions when neither it nor its callers do', () => {
    const { plan } = planOf(
      'on: push\njobs: {silent: {uses: ./w.yml}, said: {uses: ./w.yml, permissions: {contents: read}}}',
      { 'w.yml': 'on: workflow_call\njobs: {inner: {runs-on: x, steps: []}}' }
    )
    expect(leafJobs(plan).map(({ key, permissionsSaid }) => [key, permissionsSaid])).toEqual([
      ['silent/inner', false],
      ['said/inner', true]
    ])
  })

  test('a called workflow that asks for more than its caller has is refused', () => {
    const { problems } = planOf('on: push\njobs: {call: {uses: ./w.yml}}', {
      'w.yml': 'on: workflow_call\njobs: {inner: {runs-on: x, permissions: {contents: write}, steps: []}}'
    })
    expect(problems.map(({ code }) => code)).toEqual(['rehearse-permissions'])
  })

  test('a job in a container is left out, and so is told each that needs it', () => {
    const { plan } = planOf(`
on: push
jobs:
  wheel: {runs-on: x, container: quay.io/pypa/manylinux, steps: [{run: 'true'}]}
  publish: {runs-on: x, needs: wheel, steps: [{run: 'true'}]}
  lint: {runs-on: x, steps: [{run: 'true'}]}`)
    expect(plan.jobs.map(({ notRehearsed }) => notRehearsed)).toEqual([
      'it runs in the container quay.io/pypa/manylinux, and there is no Docker here',
      'it needs wheel, which was not rehearsed',
      undefined
    ])
    expect(valueAt(copyOf(plan).main, 'jobs', 'wheel', 'if')).toBe(false)
  })

  test('a workflow of elsewhere that is not at hand becomes one that takes its inputs and does nothing', () => {
    const { plan } = planOf(`
on: push
jobs: {scan: {uses: some/where/.github/workflows/scan.yml@v1, with: {deep: true, name: x}, secrets: {KEY: y}}}`)
    expect(plan.jobs[0]?.notRehearsed).toContain('some/where/.github/workflows/scan.yml@v1 is not at hand')
    const copy = copyOf(plan).called.get('scan.yml') ?? ''
    expect(valueAt(copy, 'on', 'workflow_call', 'inputs')).toEqual({
      deep: { type: 'boolean' },
      name: { type: 'string' }
    })
  })

  test('a local action that act cannot run is left out', () => {
    const { plan } = planOf('on: push\njobs: {a: {runs-on: x, steps: [{uses: ./bad, with: {a: b}}, {uses: ./good}]}}')
    const copy = instrument(plan, () => ({ fixed: {}, defaults: {} }), new Set(['./bad'])).main
    expect(valueAt(copy, 'jobs', 'a', 'steps')).toEqual([
      { uses: 'rehearsal/docker-step@local', with: { a: 'b' } },
      { uses: './good' }
    ])
  })

  test('steps in Docker and $/paths are given to act in words that it knows', () => {
    const { plan } = planOf(`
on: push
jobs: {a: {runs-on: '\${{ inputs.where }}', steps: [{uses: 'docker://alpine'}, {uses: $/tools/x}, {run: 'true'}]}}`)
    const copy = copyOf(plan).main
    expect(valueAt(copy, 'jobs', 'a', 'runs-on')).toBe('self-hosted')
    expect(valueAt(copy, 'jobs', 'a', 'steps')).toEqual([
      { uses: 'rehearsal/docker-step@local' },
      { uses: './tools/x' },
      { run: 'true' }
    ])
  })
})
