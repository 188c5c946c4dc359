import type { Github } from '../shared/github.ts'
import type { Git } from './git.ts'
import { readQueue } from './merge-queue.ts'

export interface GroupedPulls {
  readonly pulls: readonly number[]
  /** Whether these are all. Subjects of commits prove nothing: whoever commits writes them. */
  readonly known: boolean
  readonly notes: readonly string[]
}

interface Group {
  readonly base: string
  readonly head: string
  readonly branch: string
  readonly headRef: string
}

/**
 * The pull requests that a group of the merge queue is made of. GitHub's queue says it: each entry begins where the
 * one before it ends. The ref names only the last of them.
 */
export async function readGroupedPulls(
  group: Group,
  api: { readonly github: Github; readonly repository: string } | undefined,
  git: Git | undefined
): Promise<GroupedPulls> {
  const queued = api === undefined ? undefined : await readQueued(api, group)
  if (queued !== undefined) return { pulls: queued, known: true, notes: [] }
  const last = /\/pr-(\d+)-[0-9a-f]+$/.exec(group.headRef)?.[1]
  const merged = git === undefined ? [] : await subjectsOf(git, group)
  const pulls = [...new Set([...merged, ...(last === undefined ? [] : [Number(last)])])]
  return {
    pulls,
    known: false,
    notes: [
      pulls.length === 0
        ? 'Which pull requests this group of the merge queue is made of could not be found out.'
        : 'GitHub’s merge queue could not be read, so the pull requests of this group are those that its ref and its commits name.'
    ]
  }
}

/** From the group's head back to its base; undefined where the queue does not show the whole way. */
async function readQueued(
  api: { readonly github: Github; readonly repository: string },
  group: Group
): Promise<readonly number[] | undefined> {
  const queue = await readQueue({ ...api, teams: undefined }, group.branch)
  if (typeof queue === 'string') return undefined
  const entries = new Map(queue.entries.map((entry) => [entry.head, entry]))
  const pulls: number[] = []
  for (let at: string | undefined = group.head; at !== group.base;) {
    const entry = entries.get(at)
    if (at === undefined || entry === undefined) return undefined
    // So that entries in a circle end, too.
    entries.delete(at)
    pulls.unshift(entry.number)
    at = entry.base
  }
  return pulls
}

/** Numbers in the subjects that GitHub itself gives merge and squash commits. */
async function subjectsOf(git: Git, { base, head }: Group): Promise<readonly number[]> {
  const { output } = await git.run(['log', '--first-parent', '--reverse', '--format=%s', `${base}..${head}`, '--'])
  return output
    .toString('utf8')
    .split('\n')
    .flatMap((subject) => {
      const found = /^Merge pull request #(\d+) from |\(#(\d+)\)$/.exec(subject)
      const number = found?.[1] ?? found?.[2]
      return number === undefined ? [] : [Number(number)]
    })
}
