import { readList, type GithubAccess } from '../shared/github-access.ts'
import { fields, list, text, unexpected } from '../shared/answer-fields.ts'
import { readQueue } from './merge-queue.ts'
import { readPullFiles } from './pull-files.ts'
import type { OtherPull } from './pull-request.ts'

/** What else is on its way to the same branch. */
export interface OtherPulls {
  readonly pulls: readonly OtherPull[]
  /** In words: what could not be looked at. */
  readonly notChecked: readonly string[]
}

/** The most recently updated ones that are looked at. */
const mostPulls = 100

/** Requests at a time; GitHub asks for few (docs.github.com, "Best practices for using the REST API"). */
const atOnce = 4

/**
 * Finds the files that other open pull requests against a branch add, those in its merge queue marked. One query tells
 * which of them add any; the blobs of those cost a request each, so that it is asked only for a change that adds
 * migrations itself: GITHUB_TOKEN has 1,000 requests an hour for a whole repository. Needs `pull-requests: read`.
 * @param change the pull requests that are judged, the branch they go to (without `refs/heads/`), and which added files
 *   matter
 * @throws {ActionError} where they cannot be read
 */
export async function readOtherPulls(
  access: GithubAccess,
  change: {
    readonly own: readonly number[]
    readonly branch: string
    readonly wanted: (path: string) => boolean
  }
): Promise<OtherPulls> {
  const path = `/repos/${access.repository}/pulls?state=open&base=${encodeURIComponent(change.branch)}&sort=updated&direction=desc`
  // One page more than is looked at tells whether there are others.
  const listed = await readList(access.github, path, 'pull-requests: read', mostPulls + 1)
  const queue = await readQueue(access, change.branch)
  const queued = new Set(typeof queue === 'object' ? queue.entries.map(({ number }) => number) : [])
  const others = listed
    .slice(0, mostPulls)
    .map(parseListed)
    .filter(({ number }) => !change.own.includes(number))
  const idle = others.length === 0 ? new Set() : await pullsThatAddNothing(access, change)

  const pulls: OtherPull[] = []
  const cut: number[] = []
  const waiting = others.filter(({ number }) => !idle.has(number))
  const take = async (): Promise<void> => {
    for (let other = waiting.shift(); other !== undefined; other = waiting.shift()) {
      const { files, whole } = await readPullFiles(access, other.number)
      if (!whole) cut.push(other.number)
      const added = files.flatMap(({ path, status, blob }) =>
        ['added', 'copied', 'renamed'].includes(status) && blob !== undefined && change.wanted(path)
          ? [{ path, blob }]
          : []
      )
      if (added.length > 0) pulls.push({ ...other, queued: queued.has(other.number), added })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, take))

  return {
    pulls: pulls.sort((a, b) => a.number - b.number),
    notChecked: [
      ...(listed.length > mostPulls
        ? [`open pull requests against ${change.branch} beyond the ${mostPulls} most recently updated ones`]
        : []),
      ...cut.sort((a, b) => a - b).map((number) => `files of #${number} beyond the 3,000 that GitHub lists`),
      ...(queue === 'unreadable' ? [`the merge queue of ${change.branch}: GitHub’s GraphQL API gave no answer`] : []),
      ...(typeof queue === 'object' && !queue.whole ? [`places in the merge queue of ${change.branch} beyond 100`] : [])
    ]
  }
}

const changedFiles = `query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    pullRequests(baseRefName: $branch, states: OPEN, first: 100, orderBy: {field: UPDATED_AT, direction: DESC}) {
      nodes { number files(first: 100) { totalCount nodes { path changeType } } }
    }
  }
}`

/**
 * Numbers of those that certainly add no wanted file. GraphQL lists paths without blobs, for all pull requests at once;
 * where it gives no answer, or not all files, the pull request is not among them.
 */
async function pullsThatAddNothing(
  access: GithubAccess,
  { branch, wanted }: { readonly branch: string; readonly wanted: (path: string) => boolean }
): Promise<ReadonlySet<number>> {
  const [owner, name] = access.repository.split('/')
  const answer = await access.github.graphql(changedFiles, { owner, name, branch })
  const nodes = list(fields(fields(fields(answer)['repository'])['pullRequests'])['nodes'])
  return new Set(
    nodes.flatMap((node) => {
      const { number, files: changed } = fields(node)
      const { totalCount, nodes: shown } = fields(changed)
      if (typeof number !== 'number' || !Array.isArray(shown) || shown.length !== totalCount) return []
      const adds = shown.map(fields).some(({ path, changeType }) => {
        const gone = changeType === 'DELETED' || changeType === 'MODIFIED'
        return !gone && wanted(text(path) ?? '')
      })
      return adds ? [] : [number]
    })
  )
}

function parseListed(value: unknown): Pick<OtherPull, 'number' | 'title' | 'url'> {
  const { number, title, html_url: url } = fields(value)
  if (typeof number !== 'number' || typeof title !== 'string' || typeof url !== 'string') {
    return unexpected('pull request')
  }
  return { number, title, url }
}
