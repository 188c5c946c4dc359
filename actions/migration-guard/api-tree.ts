import { githubProblem, type Github, type GithubAnswer } from '../shared/github.ts'
import { fail, type Problem } from '../shared/problem.ts'
import { blobId, type ReadBlob } from './contents.ts'
import { isObjectId, treeOf } from './git-tree.ts'
import type { Tree, TreeFile } from './tree.ts'

/** A commit as GitHub names it. */
export interface ApiCommit {
  readonly sha: string
  readonly tree: string
}

/**
 * The commit that a ref or an id names.
 * @param repository `owner/name`
 * @param ref a whole id, a branch, a tag, `heads/BRANCH` or `tags/TAG`
 */
export async function readCommit(github: Github, repository: string, ref: string): Promise<ApiCommit> {
  const path = `/repos/${repository}/commits/${ref.split('/').map(encodeURIComponent).join('/')}`
  const body = await get(github, path, repository)
  const sha = textAt(body, 'sha')
  const tree = textAt(body, 'commit', 'tree', 'sha')
  return sha !== undefined && tree !== undefined ? { sha, tree } : unexpected(path)
}

/** The whole tree of a commit, its contents on demand. */
export async function readApiTree(
  github: Github,
  repository: string,
  commit: ApiCommit,
  read: ReadBlob
): Promise<Tree> {
  return treeOf(commit.sha, await listApiTree(github, repository, commit.tree), read)
}

/**
 * Every file and submodule below a tree. GitHub cuts a recursive listing at 100,000 entries or 7 MB and says `truncated`; the tree
 * is then read folder by folder, each of them recursively as far as that goes.
 */
export async function listApiTree(github: Github, repository: string, id: string): Promise<Map<string, TreeFile>> {
  const files = new Map<string, TreeFile>()
  const waiting = [{ id, folder: '' }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { folder } = next
    const whole = await listing(github, repository, next.id, true)
    const cut = whole.truncated
    const { entries } = cut ? await listing(github, repository, next.id, false) : whole
    for (const { path, mode, type, sha } of entries) {
      const full = folder + path
      if (type !== 'tree') files.set(full, { path: full, mode, blob: sha })
      if (type === 'tree' && cut) waiting.push({ id: sha, folder: `${full}/` })
    }
  }
  return files
}

interface TreeEntry {
  readonly path: string
  readonly mode: string
  readonly type: string
  readonly sha: string
}

async function listing(
  github: Github,
  repository: string,
  id: string,
  recursive: boolean
): Promise<{ readonly entries: readonly TreeEntry[]; readonly truncated: boolean }> {
  const path = `/repos/${repository}/git/trees/${id}${recursive ? '?recursive=1' : ''}`
  const body = await get(github, path, repository)
  const found = valueAt(body, 'tree')
  if (!Array.isArray(found)) return unexpected(path)
  const entries = found.map((each: unknown): TreeEntry => {
    const [name, mode, type, sha] = ['path', 'mode', 'type', 'sha'].map((key) => textAt(each, key))
    if (name === undefined || mode === undefined || type === undefined || sha === undefined || !isObjectId(sha))
      return unexpected(path)
    return { path: name, mode, type, sha }
  })
  const truncated = valueAt(body, 'truncated') === true
  // One folder with more than that can be read nowhere in GitHub's API.
  if (truncated && !recursive) {
    return fail({
      code: 'change-incomplete',
      message: `A folder of ${repository} has so many entries that GitHub does not list them all (tree ${id}).`,
      hint: 'Check out with `fetch-depth: 0`, so that the trees are read by git.'
    })
  }
  return { entries, truncated }
}

/** Reads blobs through the API, a few at a time. What came is held to its id. */
export function createApiContents(github: Github, repository: string): ReadBlob {
  const inTurn = atMost(mostAtOnce)
  return (id) =>
    inTurn(async () => {
      const path = `/repos/${repository}/git/blobs/${id}`
      const body = await get(github, path, repository)
      const content = valueAt(body, 'content')
      if (typeof content !== 'string' || textAt(body, 'encoding') !== 'base64') return unexpected(path)
      const bytes = Buffer.from(content, 'base64')
      return blobId(bytes, id.length === 64 ? 'sha256' : 'sha1') === id ? bytes : unexpected(path)
    })
}

/** GitHub's secondary limits count requests that run at the same time. */
const mostAtOnce = 8

function atMost(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // Whoever waits takes over the place.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}

/**
 * The newest commit that two have in common. GitHub compares within the network of forks.
 * @returns undefined where they have none
 */
export async function readMergeBase(
  github: Github,
  repository: string,
  base: string,
  head: string
): Promise<string | undefined> {
  // One commit a page is enough: the merge base stands on every page.
  const path = `/repos/${repository}/compare/${base}...${head}?per_page=1`
  const answer = await github.get(path)
  if (answer.status === 404 && /no common ancestor/i.test(JSON.stringify(answer.body ?? ''))) return undefined
  const found = textAt(accepted(answer, path, repository), 'merge_base_commit', 'sha')
  return found ?? unexpected(path)
}

/** The body of an answer of 200; otherwise a problem. */
export async function get(github: Github, path: string, repository: string): Promise<unknown> {
  return accepted(await github.get(path), path, repository)
}

function accepted(answer: GithubAnswer, path: string, repository: string): unknown {
  return answer.status === 200 ? answer.body : fail(readingProblem(answer, path, repository))
}

/** As `githubProblem`, with the permissions that reading takes. */
export function readingProblem(answer: GithubAnswer, path: string, repository: string): Problem {
  const problem = githubProblem(answer, `GET ${path.replace(/\?.*/s, '')}`)
  return reading.has(problem.code)
    ? {
        ...problem,
        code: 'github-not-readable',
        hint: `Give the job \`permissions: contents: read, pull-requests: read\`, and see that the token can read ${repository}: GitHub answers 404 also for what a token may not see.`
      }
    : problem
}

const reading: ReadonlySet<string> = new Set(['github-forbidden', 'github-not-found', 'github-invalid'])

function unexpected(path: string): never {
  return fail({
    code: 'github-unexpected',
    message: `GitHub’s answer to GET ${path} lacks what is documented of it.`,
    hint: 'Run the job again with debug logging (RUNNER_DEBUG=1); if it stays, report this answer.'
  })
}

/** What stands at a path of keys in JSON. */
export function valueAt(json: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    json
  )
}

/** The text there; undefined for anything else, and where it is empty. */
export function textAt(json: unknown, ...keys: readonly string[]): string | undefined {
  const value = valueAt(json, ...keys)
  return typeof value === 'string' && value !== '' ? value : undefined
}
