import { gitObjectId } from './refs.ts'
import { timestamp, type Commit } from './state.ts'

/** A commit with everything that was not given filled in; `now` is its date in milliseconds since the epoch. */
export function completeCommit(given: Partial<Commit>, now: number): Commit {
  const author = given.author ?? { name: 'Sandbox', email: 'sandbox@example.com', date: timestamp(now) }
  const message = given.message ?? 'A commit'
  const tree = given.tree ?? gitObjectId('tree', Buffer.alloc(0))
  const parents = given.parents ?? []
  const content =
    `tree ${tree}\n${parents.map((parent) => `parent ${parent}\n`).join('')}` +
    `author ${author.name} <${author.email}> ${author.date}\n\n${message}`
  const sha = given.sha ?? gitObjectId('commit', Buffer.from(content))
  return { sha, tree, message, author, parents, changesWorkflows: given.changesWorkflows ?? false }
}
