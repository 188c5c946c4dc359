import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readStartedBy } from '../../actions/db-deploy/event.ts'
import { folderWith } from '../hex-publish/programs.ts'

function startedBy(eventName: string, payload: object | undefined) {
  const folder = folderWith(payload === undefined ? {} : { 'event.json': JSON.stringify(payload) })
  return readStartedBy({ eventName, eventPath: join(folder, 'event.json') })
}

const repository = { full_name: 'acme/app', default_branch: 'trunk' }
const ours = { full_name: 'acme/app' }

describe('what started a run', () => {
  test('names the default branch', () => {
    expect(startedBy('push', { repository }).defaultBranch).toBe('trunk')
    expect(startedBy('push', undefined)).toEqual({ defaultBranch: undefined, pullRequest: undefined })
  })

  test.each([
    ['pull_request', { repository }],
    ['pull_request_target', { repository }],
    ['pull_request_review', { repository }],
    ['issue_comment', { repository, issue: { number: 7, pull_request: { url: 'https://api.github.com/x' } } }],
    ['workflow_run', { repository, workflow_run: { event: 'pull_request', head_repository: ours } }],
    ['workflow_run', { repository, workflow_run: { event: 'push', head_repository: { full_name: 'mallory/app' } } }]
  ])('is a pull request: %s %j', (eventName, payload) => {
    expect(startedBy(eventName, payload).pullRequest).toMatch(/^The event is /)
  })

  test.each([
    ['push', { repository }],
    ['workflow_dispatch', { repository }],
    ['issue_comment', { repository, issue: { number: 7 } }],
    ['workflow_run', { repository, workflow_run: { event: 'push', head_repository: ours } }],
    ['workflow_run', { repository, workflow_run: { event: 'schedule', head_repository: ours } }]
  ])('is none: %s %j', (eventName, payload) => {
    expect(startedBy(eventName, payload).pullRequest).toBeUndefined()
  })
})
