import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { eventPayload, type RunEvent } from '../../rehearse/event.ts'
import { pushOfTag } from '../rehearse/run-facts.ts'
import { fetchedPackage } from '../sandbox/github/fetched-package.ts'

const folder = fetchedPackage('@octokit/webhooks-examples@7.6.1', ['api.github.com/index.json'])
const recorded = JSON.parse(readFileSync(join(folder, 'api.github.com', 'index.json'), 'utf8')) as readonly {
  readonly name: string
  readonly examples: readonly Readonly<Record<string, unknown>>[]
}[]

/**
 * What recorded payloads have and a rehearsal cannot know: whether the owner is an organization, what the tree's
 * object is, and what people tell of themselves.
 */
const unknowable = /^(organization|head_commit\.tree_id|repository\.(owner\.(name|email)|organization))(\.|$)/

function paths(value: unknown, above = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, below]) => [above + key, ...paths(below, `${above}${key}.`)])
}

test.each<[RunEvent, (example: Readonly<Record<string, unknown>>) => boolean]>([
  ['push', ({ ref, created }) => String(ref).startsWith('refs/tags/') && created === true],
  ['pull_request', ({ action }) => action === 'opened'],
  ['pull_request_review', ({ action }) => action === 'submitted'],
  ['workflow_dispatch', () => true]
])('the payload of %s has every field of those that GitHub sent', (event, isAlike) => {
  const examples = recorded.find(({ name }) => name === event)?.examples.filter(isAlike) ?? []
  expect(examples.length).toBeGreaterThan(0)
  const ours = new Set(paths(eventPayload({ ...pushOfTag, event })))
  const missing = paths(examples[0]).filter((path) => !ours.has(path) && !unknowable.test(path))
  expect(missing).toEqual([])
})
