import { describe, expect, test } from '@jest/globals'
import { eventPayload } from '../../rehearse/event.ts'
import { pushOfTag as facts } from './run-facts.ts'

describe('the event', () => {
  test('of a pushed tag says that it is new, and what it points at', () => {
    expect(eventPayload(facts)).toMatchObject({
      ref: 'refs/tags/v1.0.0',
      before: '0'.repeat(40),
      after: facts.sha,
      created: true,
      deleted: false,
      head_commit: { id: facts.sha, message: 'Release\n\nit', timestamp: '2026-01-02T00:00:00.000Z' },
      repository: { full_name: 'octo-org/lib', default_branch: 'main', owner: { login: 'octo-org' } },
      sender: { login: 'octo-org' }
    })
  })

  test('names the repository and its people in all the ways that GitHub does', () => {
    const user = { node_id: expect.any(String), url: 'https://api.github.com/users/octo-org', type: 'User' }
    expect(eventPayload(facts)).toMatchObject({
      head_commit: { distinct: true },
      repository: {
        node_id: expect.any(String),
        ssh_url: 'git@github.com:octo-org/lib.git',
        releases_url: 'https://api.github.com/repos/octo-org/lib/releases{/id}',
        pushed_at: '2026-01-02T00:00:00.000Z',
        topics: [],
        owner: user
      },
      sender: user
    })
  })

  test('of a pull request has its two ends', () => {
    expect(eventPayload({ ...facts, event: 'pull_request' })).toMatchObject({
      number: 1,
      pull_request: { title: 'Release', head: { sha: facts.sha }, base: { ref: 'main' } }
    })
  })

  test('of a manual start has its inputs', () => {
    expect(eventPayload({ ...facts, event: 'workflow_dispatch' })).toMatchObject({
      inputs: { 'dry-run': 'true' },
      workflow: '.github/workflows/release.yml',
      ref: 'refs/tags/v1.0.0'
    })
  })

  test('of a schedule says which one, and has nobody who sent it', () => {
    const payload = eventPayload({ ...facts, event: 'schedule', cron: '17 2 * * *' })
    expect(payload).toMatchObject({
      schedule: '17 2 * * *',
      workflow: '.github/workflows/release.yml',
      repository: { full_name: 'octo-org/lib', default_branch: 'main' }
    })
    expect(payload).not.toHaveProperty('sender')
  })
})
