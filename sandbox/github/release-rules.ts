import { notFound, refuse, type FieldError } from './errors.ts'
import { chooseLatest } from './latest-release.ts'
import type { RepositoryCall } from './operation.ts'
import { commitAtTag, commitAtTarget, tagCreationViolation } from './refs.ts'
import type { Release, Repository } from './state.ts'
import { isWellFormedRefName } from './tag-name.ts'

/** Characters, not bytes: `body is too long (maximum is 125000 characters)`. */
const longestBody = 125_000

const error = (code: FieldError['code'], field?: string, message?: string): FieldError => ({
  resource: 'Release',
  code,
  ...(field === undefined ? {} : { field }),
  ...(message === undefined ? {} : { message })
})

/**
 * Everything GitHub finds wrong with a release as it would be stored, in the order in which it is listed (bodies as
 * seen in yegor256/rultor#856, ncipollo/release-action#225, ospo-reusable-workflows#83, kaito#1680).
 */
export function releaseErrors(
  repository: Repository,
  wanted: Release,
  sent: { readonly targetSent: boolean; readonly latestSent: boolean }
): readonly FieldError[] {
  const unnamed = wanted.tag === ''
  const malformed = !isWellFormedRefName(wanted.tag)
  const publishes = !wanted.draft
  const missing = publishes && !malformed && commitAtTag(repository, wanted.tag) === undefined
  const target = commitAtTarget(repository, wanted.target)
  const violation = missing ? tagCreationViolation(repository, wanted.tag) : undefined
  const untaggable = missing && violation === undefined && target === undefined
  const taken = repository.releases.some(
    (release) => publishes && !release.draft && release.id !== wanted.id && release.tag === wanted.tag
  )
  // Whether the git tag was kept makes no difference; the immutable release itself may still be changed.
  const burned = publishes && !wanted.immutable && !taken && repository.burnedTags.includes(wanted.tag)
  const rules: readonly (readonly [boolean, FieldError])[] = [
    [violation !== undefined, error('custom', 'pre_receive', `pre_receive ${violation ?? ''}`)],
    [unnamed, error('missing_field', 'tag_name')],
    [(malformed && !unnamed) || untaggable, error('custom', 'tag_name', 'tag_name is not a valid tag')],
    [malformed, error('custom', 'tag_name', 'tag_name is not well-formed')],
    [burned, error('custom', 'tag_name', 'tag_name was used by an immutable release')],
    [taken, error('already_exists', 'tag_name')],
    [
      publishes && (malformed || violation !== undefined || untaggable),
      error('custom', undefined, 'Published releases must have a valid tag')
    ],
    [(sent.targetSent || untaggable) && target === undefined, error('invalid', 'target_commitish')],
    [
      charactersIn(wanted.body ?? '') > longestBody,
      error('custom', 'body', `body is too long (maximum is ${longestBody} characters)`)
    ],
    [
      sent.latestSent && (wanted.draft || wanted.prerelease),
      error('custom', undefined, 'Latest release cannot be draft or prerelease.')
    ]
  ]
  return rules.filter(([broken]) => broken).map(([, message]) => message)
}

/**
 * What may not change any more once an immutable release is out: its tag and that it is published. Title, notes,
 * prerelease and make_latest stay open (measured in github/docs#45718; the wording for `state` is that of
 * cameronrye/openzim-mcp#215, that of the others is formed after it).
 */
export function lockedFieldErrors(release: Release, wanted: Release): readonly FieldError[] {
  if (!release.immutable) return []
  const locked: readonly (readonly [boolean, string])[] = [
    [wanted.draft, 'state'],
    [wanted.tag !== release.tag, 'tag_name'],
    [wanted.target !== release.target, 'target_commitish']
  ]
  return locked
    .filter(([changed]) => changed)
    .map(([, field]) => error('custom', field, `${field} cannot be changed when release is immutable`))
}

/** Creates the tag of a published release at its target, unless the tag is there; then the target is ignored. */
export function ensureTag(repository: Repository, release: Release): void {
  if (release.draft || commitAtTag(repository, release.tag) !== undefined) return
  const sha = commitAtTarget(repository, release.target)
  if (sha === undefined) throw new Error('releaseErrors lets no release through that has no commit')
  repository.refs.push({ ref: `refs/tags/${release.tag}`, sha })
}

/**
 * Makes a release public: stamps it, applies make_latest, and locks it where the repository has immutable releases.
 * `created_at` becomes the date of the tag's commit, as GitHub has it.
 */
export function publish(repository: Repository, release: Release, now: string): void {
  ensureTag(repository, release)
  const sha = commitAtTag(repository, release.tag)
  release.createdAt = repository.commits.find((candidate) => candidate.sha === sha)?.author.date ?? release.createdAt
  release.publishedAt = now
  release.immutable = repository.immutableReleases
  if (release.immutable) repository.burnedTags.push(release.tag)
  chooseLatest(repository, release)
}

/**
 * The trap of `target_commitish`: when it is sent and its commit changes workflow files, the token needs permission for
 * workflows, which GITHUB_TOKEN can never have. GITHUB_TOKEN gets 403, other tokens 404 (the OpenAPI description of
 * create-release; cli/cli#9514). That the tag exists already does not help.
 */
export function checkTarget(call: RepositoryCall, target: string | undefined): void {
  if (target === undefined || call.actor.kind === 'anonymous') return
  const sha = commitAtTarget(call.repository, target)
  const commit = call.repository.commits.find((candidate) => candidate.sha === sha)
  if (commit === undefined || !commit.changesWorkflows || call.actor.permissions['workflows'] === 'write') return
  throw call.actor.kind === 'integration'
    ? refuse(403, 'Resource not accessible by integration', call.documentation)
    : notFound(call.documentation)
}

/** Code points, as Ruby counts them. */
function charactersIn(text: string): number {
  return Array.from(text).length
}
