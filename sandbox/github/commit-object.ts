import { gitObjectId } from './git-object.ts'
import { emptyTree } from './git-tree.ts'
import { timestamp, type Commit, type Signature } from './state.ts'

/** A commit with everything that was not given filled in; `now` is its date in milliseconds since the epoch. */
export function completeCommit(given: Partial<Commit>, now: number): Commit {
  const author = given.author ?? { name: 'Sandbox', email: 'sandbox@example.com', date: timestamp(now) }
  const committer = given.committer ?? author
  const message = given.message ?? 'A commit'
  const tree = given.tree ?? emptyTree
  const parents = given.parents ?? []
  const sha = given.sha ?? commitId({ tree, parents, author, committer, message })
  return { sha, tree, message, author, committer, parents, changesWorkflows: given.changesWorkflows ?? false }
}

/** The SHA that git gives such a commit, with its times in UTC. */
function commitId(commit: Pick<Commit, 'tree' | 'parents' | 'author' | 'committer' | 'message'>): string {
  const signed = ({ name, email, date }: Signature): string =>
    `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${signed(commit.author)}`,
    `committer ${signed(commit.committer)}`
  ]
  return gitObjectId('commit', Buffer.from(`${lines.join('\n')}\n\n${commit.message}`))
}
