import { createGithub, type Github, type GithubAnswer } from '../shared/github.ts'
import type { HttpBody } from '../shared/http.ts'
import { fail } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { Connection } from './inputs.ts'
import { untilFound } from './lag.ts'
import { parseAsset, parseGitObject, parseRelease, type RemoteAsset, type RemoteRelease } from './remote-release.ts'
import { releaseProblem } from './release-answer.ts'

/**
 * What can be said of a release. Absent fields stay as they are. No `target_commitish`: no tag is ever made here, and
 * sent with a tag that is there it can cost the permission (cli/cli#9514).
 */
export interface ReleaseFields {
  readonly name?: string
  readonly body?: string
  readonly prerelease?: boolean
  readonly draft?: boolean
  readonly make_latest?: 'true' | 'false' | 'legacy'
}

/** The releases of one repository. Every method throws an ActionError where GitHub does not answer as it should. */
export interface Releases {
  /** SHA of the object a tag names and, for an annotated tag, of what it leads to; none where there is no such tag. */
  tagObjects(tag: string): Promise<readonly string[]>
  /** The published release of a tag; GitHub hides drafts here. */
  published(tag: string): Promise<RemoteRelease | undefined>
  /** Newest first, drafts included where the token may see them; at most `listed`. */
  list(): Promise<readonly RemoteRelease[]>
  /** A tag's release, found beyond what `list` reaches; `unknown` where there is no GraphQL to ask. */
  search(tag: string): Promise<RemoteRelease | undefined | 'unknown'>
  get(id: number): Promise<RemoteRelease>
  latest(): Promise<RemoteRelease | undefined>
  create(tag: string, fields: ReleaseFields): Promise<GithubAnswer>
  update(id: number, fields: ReleaseFields): Promise<RemoteRelease>
  /** Only for a duplicate draft of this run. Gone already counts as done. */
  remove(id: number): Promise<void>
  assets(id: number): Promise<readonly RemoteAsset[]>
  removeAsset(id: number): Promise<void>
  upload(release: RemoteRelease, name: string, label: string | undefined, body: HttpBody): Promise<GithubAnswer>
  /** The bytes; `undefined` where they cannot be had. */
  download(id: number): Promise<Buffer | undefined>
}

/** GitHub's list fails past a thousand releases for some (release-drafter stops there too); GraphQL finds the rest. */
export const listed = 1_000

/** More assets than a release can have. */
const listedAssets = 1_100

export function connect(connection: Connection, world: World): Releases {
  const github = createGithub({ ...connection, http: world.http, clock: world.clock })
  const root = `/repos/${connection.repository}`
  const release = (id: number): string => `${root}/releases/${id}`

  return {
    tagObjects: (tag) => readTagObjects(github, root, tag),
    async published(tag) {
      const path = `${root}/releases/tags/${encodePath(tag)}`
      const found = await optional(await github.get(path), `GET ${path}`)
      const release = found === undefined ? undefined : parseRelease(found)
      // A server that compares names without case would give another tag's release.
      return release?.tag === tag ? release : undefined
    },
    async list() {
      return (await github.list(`${root}/releases`, listed)).map(parseRelease)
    },
    search: (tag) =>
      searchByGraphql(github, connection.repository, tag, async (id) =>
        parseRelease(expected(await github.get(release(id)), `GET ${release(id)}`, 200))
      ),
    get: (id) =>
      untilFound(world.clock, async () =>
        parseRelease(expected(await github.get(release(id)), `GET ${release(id)}`, 200))
      ),
    async latest() {
      const path = `${root}/releases/latest`
      const found = await optional(await github.get(path), `GET ${path}`)
      return found === undefined ? undefined : parseRelease(found)
    },
    create: (tag, fields) => github.send('POST', `${root}/releases`, { tag_name: tag, ...fields }, 'unsent'),
    async update(id, fields) {
      const answer = await github.send('PATCH', release(id), fields, 'always')
      return parseRelease(expected(answer, `PATCH ${release(id)}`, 200))
    },
    async remove(id) {
      await optional(await github.send('DELETE', release(id), undefined, 'always'), `DELETE ${release(id)}`, 204)
    },
    assets: (id) =>
      untilFound(world.clock, async () => (await github.list(`${release(id)}/assets`, listedAssets)).map(parseAsset)),
    async removeAsset(id) {
      const path = `${root}/releases/assets/${id}`
      await optional(await github.send('DELETE', path, undefined, 'always'), `DELETE ${path}`, 204)
    },
    upload(target, name, label, body) {
      const url = uploadAddress(target.uploadUrl, connection.apiUrl)
      url.searchParams.set('name', name)
      if (label !== undefined) url.searchParams.set('label', label)
      return github.upload(url.href, body)
    },
    async download(id) {
      const answer = await github.download(`${connection.apiUrl}${root}/releases/assets/${id}`)
      return answer.status === 200 ? answer.response.body : undefined
    }
  }
}

/** A tag may have slashes, which stay; everything else that means something in a URL does not. */
function encodePath(tag: string): string {
  return tag.split('/').map(encodeURIComponent).join('/')
}

function expected(answer: GithubAnswer, doing: string, status: number): unknown {
  if (answer.status !== status) fail(releaseProblem(answer, doing))
  return answer.body
}

/** `undefined` for 404. */
function optional(answer: GithubAnswer, doing: string, status = 200): unknown {
  if (answer.status === 404) return undefined
  return expected(answer, doing, status) ?? {}
}

const query = `query ($owner: String!, $name: String!, $tag: String!) {
  repository(owner: $owner, name: $name) { release(tagName: $tag) { databaseId } }
}`

async function searchByGraphql(
  github: Github,
  repository: string,
  tag: string,
  get: (id: number) => Promise<RemoteRelease>
): Promise<RemoteRelease | undefined | 'unknown'> {
  const [owner, name] = repository.split('/')
  const found = at(await github.graphql(query, { owner, name, tag }), 'repository')
  if (typeof found !== 'object' || found === null) return 'unknown'
  const id = at(at(found, 'release'), 'databaseId')
  const release = typeof id === 'number' ? await get(id) : undefined
  return release?.tag === tag ? release : undefined
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

/** Tags of tags are rare, and never this many. */
const longestChain = 10

async function readTagObjects(github: Github, root: string, tag: string): Promise<readonly string[]> {
  const path = `${root}/git/ref/tags/${encodePath(tag)}`
  let found = optional(await github.get(path), `GET ${path}`)
  const name = at(found, 'ref')
  if (found === undefined || (typeof name === 'string' && name !== `refs/tags/${tag}`)) return []
  const objects: string[] = []
  while (objects.length < longestChain) {
    const { sha, type } = parseGitObject(at(found, 'object'))
    objects.push(sha)
    if (type !== 'tag') break
    const next = `${root}/git/tags/${sha}`
    found = expected(await github.get(next), `GET ${next}`, 200)
  }
  return objects
}

/**
 * The upload host that a release names, where it is GitHub's: the token goes there. `uploads.github.com` beside
 * `api.github.com`, the same pair below a tenant of ghe.com, and the API's own host on an Enterprise Server.
 */
function uploadAddress(template: string, apiUrl: string): URL {
  const address = template.replace(/\{.*$/, '')
  const api = new URL(apiUrl)
  const url = URL.canParse(address) ? new URL(address) : undefined
  const own = url?.origin === api.origin
  const beside =
    url?.protocol === 'https:' && api.hostname.startsWith('api.') && url.host === api.host.replace(/^api\./, 'uploads.')
  if (url !== undefined && (own || beside)) return url
  return fail({
    code: 'github-upload-host',
    message: `The release names ${JSON.stringify(address.slice(0, 200))} for uploads, which does not belong to ${api.host}.`,
    hint: 'The token is not sent there. Check GITHUB_API_URL and the proxy of this runner.'
  })
}
