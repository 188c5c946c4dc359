import { createHash } from 'node:crypto'
import { notFound, refuseFields } from './errors.ts'
import { generateNotes } from './generate-notes.ts'
import { readFields } from './json-body.ts'
import { chooseLatest, latestRelease } from './latest-release.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { mayPush, signedIn, type Actor } from './permissions.ts'
import { checkTarget, ensureTag, lockedFieldErrors, publish, releaseErrors } from './release-rules.ts'
import { releaseShape } from './shapes/release.ts'
import type { MakeLatest, Release, Repository } from './state.ts'
import { takeId, timestamp } from './state.ts'

/** Releases: lookup, creation, change, publishing, deletion. */
export const releaseOperations: readonly Operation[] = [
  {
    id: 'repos/list-releases',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases',
    documentation: 'releases/releases#list-releases',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => paginate(call, visibleReleases(call), (release) => releaseShape(call, release))
  },
  {
    id: 'repos/create-release',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases',
    documentation: 'releases/releases#create-a-release',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: createRelease
  },
  {
    id: 'repos/generate-release-notes',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/generate-notes',
    documentation: 'releases/releases#generate-release-notes-content-for-a-release',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: (call) => {
      const fields = readFields(
        call.request,
        { tag_name: 'string', target_commitish: 'string', previous_tag_name: 'string' },
        ['tag_name'],
        call.documentation
      )
      return { status: 200, body: generateNotes(call, fields.tag_name ?? '', fields.previous_tag_name) }
    }
  },
  {
    id: 'repos/get-latest-release',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/latest',
    documentation: 'releases/releases#get-the-latest-release',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => found(call, latestRelease(call.repository))
  },
  {
    id: 'repos/get-release-by-tag',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/tags/{tag}',
    documentation: 'releases/releases#get-a-release-by-tag-name',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    // Published ones only: not even the owner finds a draft here.
    run: (call) => found(call, publishedRelease(call.repository, call.params['tag'] ?? ''))
  },
  {
    id: 'repos/get-release',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/{release_id}',
    documentation: 'releases/releases#get-a-release',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => found(call, releaseInPath(call))
  },
  {
    id: 'repos/update-release',
    method: 'PATCH',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/{release_id}',
    documentation: 'releases/releases#update-a-release',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: updateRelease
  },
  {
    id: 'repos/delete-release',
    method: 'DELETE',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/{release_id}',
    documentation: 'releases/releases#delete-a-release',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: (call) => {
      const release = releaseInPath(call)
      call.repository.releases = call.repository.releases.filter((candidate) => candidate !== release)
      return { status: 204 }
    }
  }
]

/** Newest first; drafts only for those who may push. */
export function visibleReleases(call: {
  readonly state: RepositoryCall['state']
  readonly actor: Actor
  readonly repository: Repository
}): readonly Release[] {
  const drafts = mayPush(call.state, call.actor, call.repository)
  return call.repository.releases
    .filter((release) => drafts || !release.draft)
    .sort((a, b) => (a.createdAt === b.createdAt ? b.id - a.id : a.createdAt < b.createdAt ? 1 : -1))
}

export function publishedRelease(repository: Repository, tag: string): Release | undefined {
  return repository.releases.find((release) => !release.draft && release.tag === tag)
}

/** The release of the path's `release_id`; throws 404 when there is none, or when it is a draft that is hidden. */
export function releaseInPath(call: RepositoryCall): Release {
  const release = call.repository.releases.find((candidate) => String(candidate.id) === call.params['release_id'])
  if (release === undefined || (release.draft && !mayPush(call.state, call.actor, call.repository))) {
    throw notFound(call.documentation)
  }
  return release
}

function found(call: RepositoryCall, release: Release | undefined): Answer {
  if (release === undefined) throw notFound(call.documentation)
  return { status: 200, body: releaseShape(call, release) }
}

const releaseFields = {
  tag_name: 'string',
  target_commitish: 'string',
  name: 'nullable-string',
  body: 'nullable-string',
  draft: 'boolean',
  prerelease: 'boolean',
  make_latest: 'string',
  discussion_category_name: 'string',
  generate_release_notes: 'boolean'
} as const

function createRelease(call: RepositoryCall): Answer {
  const { repository, request, state, actor } = call
  const sent = readFields(request, releaseFields, ['tag_name'], call.documentation)
  checkTarget(call, sent.target_commitish)
  checkCategory(call, sent.discussion_category_name)
  const now = timestamp(request.now)
  const tag = sent.tag_name ?? ''
  const notes = sent.generate_release_notes === true ? generateNotes(call, tag, undefined) : undefined
  const id = state.nextId
  const wanted: Release = {
    id,
    untagged: `untagged-${createHash('sha1').update(`${repository.id}/${id}`).digest('hex').slice(0, 20)}`,
    authorId: signedIn(actor).user.id,
    tag,
    target: sent.target_commitish ?? repository.defaultBranch,
    name: sent.name ?? notes?.name ?? null,
    body: notes === undefined ? (sent.body ?? null) : [sent.body, notes.body].filter(Boolean).join('\n\n'),
    draft: sent.draft ?? false,
    prerelease: sent.prerelease ?? false,
    immutable: false,
    makeLatest: makeLatest(call, sent.make_latest) ?? 'true',
    createdAt: now,
    publishedAt: null,
    updatedAt: now,
    assets: []
  }
  const errors = releaseErrors(repository, wanted, {
    targetSent: sent.target_commitish !== undefined,
    // A draft may be created with make_latest "true"; it is a later change of a draft that GitHub refuses.
    latestSent: sent.make_latest === 'true' && !wanted.draft
  })
  if (errors.length > 0) throw refuseFields(errors, call.documentation)
  takeId(state)
  repository.releases.push(wanted)
  if (!wanted.draft) publish(repository, wanted, now)
  const body = releaseShape(call, wanted)
  return { status: 201, body, headers: { location: body.url } }
}

function updateRelease(call: RepositoryCall): Answer {
  const { repository, request } = call
  const release = releaseInPath(call)
  const sent = readFields(request, releaseFields, [], call.documentation)
  checkTarget(call, sent.target_commitish)
  checkCategory(call, sent.discussion_category_name)
  const now = timestamp(request.now)
  const latest = makeLatest(call, sent.make_latest)
  const wanted: Release = {
    ...release,
    tag: sent.tag_name ?? release.tag,
    target: sent.target_commitish ?? release.target,
    name: sent.name === undefined ? release.name : sent.name,
    body: sent.body === undefined ? release.body : sent.body,
    draft: sent.draft ?? release.draft,
    prerelease: sent.prerelease ?? release.prerelease,
    // A draft forgets the make_latest it was created with: publishing means "true" unless it is said again (softprops/action-gh-release#703).
    makeLatest: latest ?? (release.draft ? 'true' : release.makeLatest),
    updatedAt: now
  }
  const errors = [
    ...lockedFieldErrors(release, wanted),
    ...releaseErrors(repository, wanted, {
      targetSent: sent.target_commitish !== undefined,
      latestSent: sent.make_latest === 'true'
    })
  ]
  if (errors.length > 0) throw refuseFields(errors, call.documentation)
  const publishes = release.draft && !wanted.draft
  Object.assign(release, wanted, wanted.draft ? { publishedAt: null } : {})
  if (publishes) publish(repository, release, now)
  else ensureTag(repository, release)
  if (!publishes && latest !== undefined) chooseLatest(repository, release)
  return { status: 200, body: releaseShape(call, release) }
}

/** "Not Found if the discussion category name is invalid" (OpenAPI, create-release). */
function checkCategory(call: RepositoryCall, name: string | undefined): void {
  if (name !== undefined && !call.repository.discussionCategories.includes(name)) throw notFound(call.documentation)
}

function makeLatest(call: RepositoryCall, sent: string | undefined): MakeLatest | undefined {
  if (sent === undefined || sent === 'true' || sent === 'false' || sent === 'legacy') return sent
  throw refuseFields([{ resource: 'Release', code: 'invalid', field: 'make_latest' }], call.documentation)
}
