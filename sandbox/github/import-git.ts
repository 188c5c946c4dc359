import { execFileSync } from 'node:child_process'
import { completeCommit } from './commit-object.ts'
import type { GitObject, Repository, Signature } from './state.ts'
import { timestamp } from './state.ts'

/** What a real git repository holds, read by git itself. */
export interface ImportedGit {
  readonly objects: Readonly<Record<string, GitObject>>
  readonly commits: Repository['commits']
  readonly tagObjects: Repository['tagObjects']
  /** `refs/heads/main` → SHA; branches and tags only. */
  readonly refs: Readonly<Record<string, string>>
}

/**
 * Reads every object of a repository, packed or loose, and its branches and tags.
 *
 * @param folder of a work tree or of a bare repository
 */
export function readGit(folder: string): ImportedGit {
  const git = (args: readonly string[]): Buffer =>
    execFileSync('git', ['-C', folder, ...args], { maxBuffer: 2 ** 31 - 1 })
  const objects: Record<string, GitObject> = {}
  const commits: Repository['commits'] = []
  const tagObjects: Repository['tagObjects'] = []
  const listing = git(['cat-file', '--batch', '--batch-all-objects', '--unordered'])
  for (let start = 0; start < listing.length;) {
    const end = listing.indexOf(0x0a, start)
    const [sha = '', type = '', size = ''] = listing.toString('latin1', start, end).split(' ')
    const bytes = listing.subarray(end + 1, end + 1 + Number(size))
    start = end + 2 + Number(size)
    // A copy, for a part would keep the whole listing in memory.
    if (type === 'blob' || type === 'tree') objects[sha] = { type, bytes: Buffer.from(bytes) }
    if (type === 'commit') commits.push(readCommit(sha, bytes.toString()))
    if (type === 'tag') tagObjects.push(readTag(sha, bytes.toString()))
  }
  const refs = git(['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags']).toString()
  const pairs = refs.split('\n').filter((line) => line !== '')
  return {
    objects,
    commits,
    tagObjects,
    refs: Object.fromEntries(pairs.map((line) => line.split(' ') as [string, string]))
  }
}

function readCommit(sha: string, text: string): Repository['commits'][number] {
  const { headers, message } = parseHeaders(text)
  const all = (name: string): readonly string[] => headers.filter(([key]) => key === name).map(([, value]) => value)
  const author = signature(all('author')[0] ?? '')
  const committer = signature(all('committer')[0] ?? '')
  return completeCommit({ sha, tree: all('tree')[0] ?? '', parents: all('parent'), author, committer, message }, 0)
}

function readTag(sha: string, text: string): Repository['tagObjects'][number] {
  const { headers, message } = parseHeaders(text)
  const one = (name: string): string => headers.find(([key]) => key === name)?.[1] ?? ''
  const target = { type: one('type') === 'tag' ? 'tag' : 'commit', sha: one('object') } as const
  return { sha, tag: one('tag'), message, tagger: signature(one('tagger')), target }
}

/** Lines `name value` up to an empty one; a line that starts with a space goes on (a signature does). */
function parseHeaders(text: string): { readonly headers: readonly [string, string][]; readonly message: string } {
  const end = text.indexOf('\n\n')
  const lines = text
    .slice(0, end)
    .split('\n')
    .filter((line) => !line.startsWith(' '))
  const headers = lines.map((line): [string, string] => {
    const space = line.indexOf(' ')
    return [line.slice(0, space), line.slice(space + 1)]
  })
  return { headers, message: text.slice(end + 2).replace(/\n$/, '') }
}

/** `Name <email> 1700000000 +0100` */
function signature(text: string): Signature {
  const match = /^(.*) <(.*)> (\d+) [-+]\d{4}$/.exec(text)
  return { name: match?.[1] ?? '', email: match?.[2] ?? '', date: timestamp(Number(match?.[3] ?? 0) * 1000) }
}
