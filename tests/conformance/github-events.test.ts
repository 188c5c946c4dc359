// The payloads of events, against those that octokit's maintainers recorded.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { mergeGroupEvent, pullRequestEvent, reviewEvent, type Payload } from '../../sandbox/github/events.ts'
import { fetchedPackage } from '../sandbox/github/fetched-package.ts'
import { setStage } from '../sandbox/github/stage.ts'
import { repository } from '../sandbox/github/talk.ts'

const folder = fetchedPackage('@octokit/webhooks-examples@7.6.1', ['api.github.com/index.json'])
const recorded = JSON.parse(readFileSync(join(folder, 'api.github.com', 'index.json'), 'utf8')) as readonly {
  readonly name: string
  readonly examples: readonly Payload[]
}[]

function paths(value: unknown, above = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, below]) => [above + key, ...paths(below, `${above}${key}.`)])
}

/** What only an installed app is told, and things that this pull request and its repository do not have. */
const unknowable = /^installation(\.|$)|\.(license|assignee|milestone)\./

const { github } = setStage()
github.addTeam('acme', 'dba', ['bob'])
github.commitFiles(repository, 'main', { 'one.sql': 'select 1;\n' })
github.commitFiles(repository, 'topic', { 'two.sql': 'select 2;\n' }, { by: 'ada' })
github.addPullRequest(repository, {
  author: 'ada',
  head: { ref: 'topic' },
  base: { ref: 'main' },
  labels: ['database']
})
github.addReview(repository, 1, { user: 'bob', state: 'APPROVED' })
github.queuePull(repository, 1, 'bob')

test.each<[string, string, () => Payload]>([
  ['pull_request', 'opened', () => pullRequestEvent(github, repository, 1, 'opened')],
  ['pull_request', 'synchronize', () => pullRequestEvent(github, repository, 1, 'synchronize')],
  ['pull_request', 'labeled', () => pullRequestEvent(github, repository, 1, 'labeled', { label: 'database' })],
  ['pull_request', 'closed', () => pullRequestEvent(github, repository, 1, 'closed')],
  ['pull_request_review', 'submitted', () => reviewEvent(github, repository, 1)],
  ['merge_group', 'checks_requested', () => mergeGroupEvent(github, repository, 1)]
])('%s, %s: has every field that GitHub sent', (event, action, payload) => {
  const examples = recorded.find(({ name }) => name === event)?.examples.filter((one) => one['action'] === action) ?? []
  expect(examples.length).toBeGreaterThan(0)
  const ours = new Set(paths(payload()))
  const missing = examples.slice(0, 1).flatMap((example) => paths(example).filter((path) => !ours.has(path)))
  expect(missing.filter((path) => !unknowable.test(path))).toEqual([])
})
