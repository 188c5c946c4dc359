import { moveRef } from './branch-moves.ts'
import { invalidRequest, notFound, refuse } from './errors.ts'
import { gitObjectId } from './git-object.ts'
import { readFields } from './json-body.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { signedIn } from './permissions.ts'
import { refShape, tagObjectShape, tagShape } from './shapes/git.ts'
import type { Repository, TagObject } from './state.ts'
import { timestamp } from './state.ts'
import { isWellFormedRefName } from './tag-name.ts'

/** Git references, tag objects and the list of tags. */
export const refOperations: readonly Operation[] = [
  {
    id: 'git/get-ref',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/ref/{ref}',
    documentation: 'git/refs#get-a-reference',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const ref = call.repository.refs.find((candidate) => candidate.ref === `refs/${call.params['ref'] ?? ''}`)
      if (ref === undefined) throw notFound(call.documentation)
      return { status: 200, body: refShape(call, ref) }
    }
  },
  {
    id: 'git/list-matching-refs',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/matching-refs/{ref}',
    documentation: 'git/refs#list-matching-references',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const prefix = `refs/${call.params['ref'] ?? ''}`
      const matching = call.repository.refs
        .filter((candidate) => candidate.ref.startsWith(prefix))
        .sort((a, b) => (a.ref < b.ref ? -1 : 1))
      return paginate(call, matching, (ref) => refShape(call, ref))
    }
  },
  {
    id: 'git/create-ref',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/refs',
    documentation: 'git/refs#create-a-reference',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: createRef
  },
  {
    id: 'git/update-ref',
    method: 'PATCH',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/refs/{ref}',
    documentation: 'git/refs#update-a-reference',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: (call) => {
      const name = `refs/${call.params['ref'] ?? ''}`
      const { sha = '' } = readFields(call.request, { sha: 'string', force: 'boolean' }, ['sha'], call.documentation)
      const ref = call.repository.refs.find((candidate) => candidate.ref === name)
      if (ref === undefined) throw refuse(422, 'Reference does not exist', call.documentation)
      if (!hasObject(call.repository, sha)) throw refuse(422, 'Object does not exist', call.documentation)
      refuseLockedTag(call, name)
      moveRef(call.state, call.repository, name, sha, mover(call))
      return { status: 200, body: refShape(call, { ref: name, sha }) }
    }
  },
  {
    id: 'git/delete-ref',
    method: 'DELETE',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/refs/{ref}',
    documentation: 'git/refs#delete-a-reference',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: (call) => {
      const name = `refs/${call.params['ref'] ?? ''}`
      const ref = call.repository.refs.find((candidate) => candidate.ref === name)
      if (ref === undefined) throw refuse(422, 'Reference does not exist', call.documentation)
      refuseLockedTag(call, name)
      moveRef(call.state, call.repository, name, undefined, mover(call))
      return { status: 204 }
    }
  },
  {
    id: 'git/get-tag',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/tags/{tag_sha}',
    documentation: 'git/tags#get-a-tag',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const tag = call.repository.tagObjects.find((candidate) => candidate.sha === call.params['tag_sha'])
      if (tag === undefined) throw notFound(call.documentation)
      return { status: 200, body: tagObjectShape(call, tag) }
    }
  },
  {
    id: 'git/create-tag',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/tags',
    documentation: 'git/tags#create-a-tag-object',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: createTagObject
  },
  {
    id: 'repos/list-tags',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/tags',
    documentation: 'repos/repos#list-repository-tags',
    scope: 'repository',
    needs: { permission: 'metadata', access: 'read' },
    run: (call) => {
      const tags = call.repository.refs
        .filter((ref) => ref.ref.startsWith('refs/tags/'))
        .map((ref) => ({ name: ref.ref.slice('refs/tags/'.length), commit: commitOf(call.repository, ref.sha) }))
        .sort((a, b) => (a.name < b.name ? 1 : -1))
      return paginate(call, tags, (tag) => tagShape(call, tag.name, tag.commit))
    }
  }
]

/** The commit a tag object or commit stands for, through any chain of annotated tags. */
export function commitOf(repository: Repository, sha: string): string {
  const tag = repository.tagObjects.find((candidate) => candidate.sha === sha)
  return tag === undefined ? sha : commitOf(repository, tag.target.sha)
}

/** The commit at a tag, or undefined when the repository has no such tag. */
export function commitAtTag(repository: Repository, tag: string): string | undefined {
  const ref = repository.refs.find((candidate) => candidate.ref === `refs/tags/${tag}`)
  return ref === undefined ? undefined : commitOf(repository, ref.sha)
}

/**
 * The commit that a `target_commitish` names: a branch, or a whole SHA that exists. Not a tag and not a shortened SHA
 * (permacommons/chabeau#362, github-release/github-release#12).
 */
export function commitAtTarget(repository: Repository, target: string): string | undefined {
  const branch = target.startsWith('refs/heads/') ? target : `refs/heads/${target}`
  const ref = repository.refs.find((candidate) => candidate.ref === branch)
  if (ref !== undefined) return ref.sha
  return repository.commits.find((commit) => commit.sha === target)?.sha
}

/** Why a tag must not be created, as `pre_receive` says it; undefined when it may be. */
export function tagCreationViolation(repository: Repository, tag: string): string | undefined {
  const restricted =
    repository.burnedTags.includes(tag) || repository.tagRules.some((rule) => globMatches(rule.pattern, tag))
  return restricted
    ? 'Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n'
    : undefined
}

function globMatches(pattern: string, name: string): boolean {
  const expression = pattern.split('*').map((literal) => literal.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`))
  return new RegExp(`^${expression.join('.*')}$`).test(name)
}

function createRef(call: RepositoryCall): Answer {
  const { repository, documentation } = call
  const fields = readFields(call.request, { ref: 'string', sha: 'string' }, ['ref', 'sha'], documentation)
  const { ref = '', sha = '' } = fields
  if (!ref.startsWith('refs/') || ref.split('/').length < 3) {
    throw refuse(422, 'Reference name must start with "refs/" and have at least two slashes.', documentation)
  }
  if (!isWellFormedRefName(ref)) throw refuse(422, `${ref} is not a valid ref name.`, documentation)
  if (repository.refs.some((candidate) => candidate.ref === ref)) {
    throw refuse(422, 'Reference already exists', documentation)
  }
  if (!hasObject(repository, sha)) throw refuse(422, 'Object does not exist', documentation)
  const violation = ref.startsWith('refs/tags/')
    ? tagCreationViolation(repository, ref.slice('refs/tags/'.length))
    : undefined
  if (violation !== undefined) throw refuse(422, violation, documentation)
  const created = { ref, sha }
  moveRef(call.state, repository, ref, sha, mover(call))
  const body = refShape(call, created)
  return { status: 201, body, headers: { location: body.url } }
}

function createTagObject(call: RepositoryCall): Answer {
  const { repository, documentation, request } = call
  const fields = readFields(
    request,
    { tag: 'string', message: 'string', object: 'string', type: 'string' },
    ['tag', 'message', 'object', 'type'],
    documentation
  )
  const { tag = '', message = '', object = '', type = '' } = fields
  if (type !== 'commit' && type !== 'tag')
    throw invalidRequest(
      `For 'properties/type', ${JSON.stringify(type)} is not one of the allowed values.`,
      documentation
    )
  if (!hasObject(repository, object)) throw refuse(422, 'Object does not exist', documentation)
  const tagger = { name: 'sandbox', email: 'sandbox@users.noreply.github.com', date: timestamp(request.now) }
  const created = tagObject({ tag, message, tagger, target: { type, sha: object } })
  if (!hasObject(repository, created.sha)) repository.tagObjects.push(created)
  const body = tagObjectShape(call, created)
  return { status: 201, body, headers: { location: body.url } }
}

/** An annotated tag with the SHA that git itself would give it. */
export function tagObject(tag: Omit<TagObject, 'sha'>): TagObject {
  const seconds = Math.floor(Date.parse(tag.tagger.date) / 1000)
  const content =
    `object ${tag.target.sha}\ntype ${tag.target.type}\ntag ${tag.tag}\n` +
    `tagger ${tag.tagger.name} <${tag.tagger.email}> ${seconds} +0000\n\n${tag.message}`
  return { sha: gitObjectId('tag', Buffer.from(content)), ...tag }
}

function mover(call: RepositoryCall): { readonly actorId: number; readonly now: number } {
  return { actorId: signedIn(call.actor).user.id, now: call.request.now }
}

function hasObject(repository: Repository, sha: string): boolean {
  return repository.commits.some((commit) => commit.sha === sha) || repository.tagObjects.some((tag) => tag.sha === sha)
}

/** The tag of an immutable release can be neither moved nor deleted (docs: immutable releases). */
function refuseLockedTag(call: RepositoryCall, ref: string): void {
  const locked = call.repository.releases.some(
    (release) => release.immutable && !release.draft && `refs/tags/${release.tag}` === ref
  )
  if (locked)
    throw refuse(422, 'Repository rule violations found\n\nCannot update this protected ref.\n\n', call.documentation)
}
