import { describe, expect, test } from '@jest/globals'
import { assumptions, type Ground } from '../../rehearse/assumptions.ts'
import { leafJobs, planWorkflow } from '../../rehearse/plan.ts'
import { workflowOf } from './workflow-of.ts'

function told(jobs: string, ground: Partial<Ground> = {}): readonly string[] {
  const workflow = workflowOf(`on: push\npermissions: {id-token: write}\njobs: ${jobs}`)
  const { plan } = planWorkflow(workflow, { repositoryFolder: '/', folderOf: () => undefined })
  const facts = { owner: 'octo-org', name: 'lib', workflowPath: '.github/workflows/release.yml' }
  return assumptions(
    { requests: [], facts, ownerIsMadeUp: false, variables: [], secrets: [], ...ground },
    leafJobs(plan)
  )
}

const minted = [{ method: 'POST', status: 200, service: 'pypi', url: 'https://pypi.org/_/oidc/mint-token' }]

describe('what a rehearsal takes for granted', () => {
  test('a publisher without an environment is registered with that field empty', () => {
    expect(told('{a: {runs-on: ubuntu-latest, steps: []}}', { requests: minted })).toEqual([
      'a trusted publisher on PyPI was assumed; register octo-org/lib, workflow release.yml, no environment (leave the field empty)'
    ])
  })

  test('a publisher is registered with its environment, and an owner that is made up is told', () => {
    const jobs = '{a: {runs-on: ubuntu-latest, environment: pypi, steps: []}}'
    expect(told(jobs, { requests: minted, ownerIsMadeUp: true })).toEqual([
      'the repository has no remote "origin" on GitHub, so its owner octo-org is made up',
      'a trusted publisher on PyPI was assumed; register octo-org/lib (with your own owner), workflow release.yml, environment pypi'
    ])
  })

  test('a runner of the user’s own is told', () => {
    expect(told('{a: {runs-on: [self-hosted, gpu], steps: []}, b: {runs-on: windows-latest, steps: []}}')).toEqual([
      'job a asks for a runner of your own (self-hosted, gpu); it ran on this machine'
    ])
  })

  test('an absent workflow’s place is no runner of the user’s own', () => {
    expect(told('{a: {uses: far/away/.github/workflows/x.yml@v1}}')).toEqual([])
  })
})
