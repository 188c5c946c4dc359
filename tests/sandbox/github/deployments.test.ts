import { describe, expect, test } from '@jest/globals'
import { setStage, type Stage } from './stage.ts'
import { repository } from './talk.ts'

function stageFor(access: 'read' | 'write' = 'write'): Stage & { readonly sha: string } {
  const stage = setStage()
  const sha = stage.github.commitFiles(repository, 'main', { 'one.sql': 'select 1;\n' })
  stage.github.addToken({
    token: 'ghs_job',
    login: 'github-actions[bot]',
    permissions: { deployments: access, statuses: 'write' }
  })
  return { ...stage, sha, ci: stage.speak({ token: 'ghs_job' }) }
}

describe('a deployment', () => {
  test('is found by its commit and environment, the newest first', () => {
    const { ci, sha } = stageFor()
    const ids = ['staging', 'production', 'production'].map((environment) =>
      ci.post('/deployments', { ref: 'main', environment }).at('id')
    )
    const found = ci.get(`/deployments?sha=${sha}&environment=production`).json as readonly { readonly id: number }[]
    expect(found.map(({ id }) => id)).toEqual([ids[2], ids[1]])
    expect(ci.get(`/deployments?sha=${'f'.repeat(40)}`).json).toEqual([])
  })

  test('knows its environment for production by its name, unless told', () => {
    const { ci } = stageFor()
    expect(ci.post('/deployments', { ref: 'main' }).at('production_environment')).toBe(true)
    expect(ci.post('/deployments', { ref: 'main', environment: 'live' }).at('production_environment')).toBe(false)
    const told = ci.post('/deployments', { ref: 'main', environment: 'live', production_environment: true })
    expect(told.at('production_environment')).toBe(true)
  })

  test('asks that the statuses of its commit are successes, unless it is told to ask for none', () => {
    const { ci, sha } = stageFor()
    ci.post(`/statuses/${sha}`, { state: 'pending', context: 'guard' })
    const refused = ci.post('/deployments', { ref: 'main' })
    expect([refused.status, refused.at('message')]).toEqual([409, 'Conflict: Commit status checks failed for main.'])
    expect(ci.post('/deployments', { ref: 'main', required_contexts: [] }).status).toBe(201)
    ci.post(`/statuses/${sha}`, { state: 'success', context: 'guard' })
    expect(ci.post('/deployments', { ref: 'main' }).status).toBe(201)
  })

  test('needs a ref that is there, and permission to write', () => {
    expect(stageFor().ci.post('/deployments', { ref: 'nowhere' }).at('message')).toBe('No ref found for: nowhere')
    expect(stageFor('read').ci.post('/deployments', { ref: 'main' }).status).toBe(403)
  })
})

describe('the status of a deployment', () => {
  test('makes earlier ones of the environment inactive when it is a success, but not of production', () => {
    const { ci } = stageFor()
    const states = (environment: string): readonly unknown[] => {
      const [earlier, later] = [1, 2].map(() => String(ci.post('/deployments', { ref: 'main', environment }).at('id')))
      for (const id of [earlier, later]) ci.post(`/deployments/${id}/statuses`, { state: 'success' })
      return [earlier, later].map((id) => ci.get(`/deployments/${id}/statuses`).at('0.state'))
    }
    expect(states('staging')).toEqual(['inactive', 'success'])
    expect(states('production')).toEqual(['success', 'success'])
  })

  test.each([
    ['a state that does not exist', { state: 'green' }, 'state is not included in the list'],
    [
      'a description of 141 characters',
      { state: 'success', description: 'x'.repeat(141) },
      'description is too long (maximum is 140 characters)'
    ]
  ])('is refused with %s', (_, body, message) => {
    const { ci } = stageFor()
    const id = String(ci.post('/deployments', { ref: 'main' }).at('id'))
    const refused = ci.post(`/deployments/${id}/statuses`, body)
    expect([refused.status, refused.at('errors.0.message')]).toEqual([422, message])
  })
})
