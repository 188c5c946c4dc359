import { GraphQLError } from 'graphql'
import { connection, type Page } from './graphql-connection.ts'
import { latestRelease } from './latest-release.ts'
import type { RepositoryCall } from './operation.ts'
import { may, mayPush, type SignedIn } from './permissions.ts'
import { quota } from './rate-limit.ts'
import { commitAtTag, commitOf } from './refs.ts'
import { visibleReleases } from './releases.ts'
import { nodeId } from './shapes/node-id.ts'
import { assetShape, downloadPage, releasePage } from './shapes/release.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import type { Asset, Release, User } from './state.ts'
import { findRepository, ownerOf, userById } from './state.ts'

/** What a GraphQL request is answered from; there is no repository yet. */
export type GraphqlCall = Omit<RepositoryCall, 'repository' | 'params' | 'documentation'>

/** What a query starts from; each field is a function, called when it is asked for. */
export function rootFields(call: GraphqlCall, actor: SignedIn): object {
  return {
    viewer: () => userFields(call, actor.user),
    rateLimit: () => {
      const left = quota(call.state, actor, 'graphql', call.request.now)
      return { ...left, cost: 1, nodeCount: 0, resetAt: new Date(left.reset * 1000).toISOString() }
    },
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = findRepository(call.state, owner, name)
      const visible = repository !== undefined && may(call.state, actor, repository, 'metadata', 'read')
      if (!visible) {
        throw new GraphQLError(`Could not resolve to a Repository with the name '${owner}/${name}'.`, {
          extensions: { type: 'NOT_FOUND' }
        })
      }
      return repositoryFields({ ...call, repository, params: {}, documentation: '' })
    }
  }
}

function repositoryFields(call: RepositoryCall): object {
  const { repository, state, actor } = call
  const { fullName, html } = repositoryUrls(call)
  const permission = may(state, actor, repository, 'administration', 'write')
    ? 'ADMIN'
    : mayPush(state, actor, repository)
      ? 'WRITE'
      : 'READ'
  return {
    id: nodeId('R', repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: fullName,
    owner: () => userFields(call, ownerOf(state, repository)),
    url: html,
    isPrivate: repository.private,
    isArchived: false,
    isFork: false,
    parent: null,
    description: null,
    visibility: repository.private ? 'PRIVATE' : 'PUBLIC',
    hasIssuesEnabled: true,
    hasWikiEnabled: true,
    viewerPermission: permission,
    viewerCanAdminister: permission === 'ADMIN',
    mergeCommitAllowed: true,
    squashMergeAllowed: true,
    rebaseMergeAllowed: true,
    createdAt: repository.createdAt,
    pushedAt: repository.createdAt,
    defaultBranchRef: () => refFields(call, `refs/heads/${repository.defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) =>
      [qualifiedName, `refs/${qualifiedName}`, `refs/heads/${qualifiedName}`, `refs/tags/${qualifiedName}`]
        .map((name) => refFields(call, name))
        .find((ref) => ref !== null) ?? null,
    refs: (page: Page & { refPrefix: string }) =>
      connection(
        repository.refs.filter((ref) => ref.ref.startsWith(page.refPrefix)),
        page,
        (ref) => refFields(call, ref.ref)
      ),
    latestRelease: () => {
      const release = latestRelease(repository)
      return release === undefined ? null : releaseFields(call, release)
    },
    // Unlike REST this finds drafts: the published one first, else the newest draft (gh's only way to a draft by tag).
    release: ({ tagName }: { tagName: string }) => {
      const named = visibleReleases(call).filter((release) => release.tag === tagName)
      const release = named.find((candidate) => !candidate.draft) ?? named[0]
      return release === undefined ? null : releaseFields(call, release)
    },
    releases: (page: Page & { orderBy?: { field: 'CREATED_AT' | 'NAME'; direction: 'ASC' | 'DESC' } }) => {
      const { field, direction } = page.orderBy ?? { field: 'CREATED_AT', direction: 'ASC' }
      const byName = [...visibleReleases(call)].sort((a, b) => (b.name ?? '').localeCompare(a.name ?? ''))
      const descending = field === 'NAME' ? byName : visibleReleases(call)
      return connection(direction === 'DESC' ? descending : descending.toReversed(), page, (release) =>
        releaseFields(call, release)
      )
    }
  }
}

function userFields(call: GraphqlCall, user: User): object {
  return {
    __typename: user.type,
    id: nodeId('U', user.id),
    databaseId: user.id,
    login: user.login,
    name: null,
    url: `${call.links.html}/${user.login}`
  }
}

function refFields(call: RepositoryCall, name: string): object | null {
  const ref = call.repository.refs.find((candidate) => candidate.ref === name)
  if (ref === undefined) return null
  const [, kind = '', ...rest] = ref.ref.split('/')
  const annotated = call.repository.tagObjects.find((tag) => tag.sha === ref.sha)
  return {
    id: nodeId('REF', call.repository.id, ref.ref),
    name: rest.join('/'),
    prefix: `refs/${kind}/`,
    target:
      annotated === undefined
        ? commitFields(call, ref.sha)
        : {
            __typename: 'Tag',
            id: nodeId('TA', call.repository.id, annotated.sha),
            oid: annotated.sha,
            name: annotated.tag,
            message: annotated.message,
            target: commitFields(call, commitOf(call.repository, annotated.sha))
          }
  }
}

function commitFields(call: RepositoryCall, sha: string): object {
  const commit = call.repository.commits.find((candidate) => candidate.sha === sha)
  return {
    __typename: 'Commit',
    id: nodeId('C', call.repository.id, sha),
    oid: sha,
    message: commit?.message ?? '',
    committedDate: commit?.author.date ?? call.repository.createdAt
  }
}

function releaseFields(call: RepositoryCall, release: Release): object {
  return {
    id: nodeId('RE', call.repository.id, release.id),
    databaseId: release.id,
    name: release.name,
    tagName: release.tag,
    description: release.body,
    isDraft: release.draft,
    isPrerelease: release.prerelease,
    isLatest: () => latestRelease(call.repository) === release,
    immutable: release.immutable,
    createdAt: release.createdAt,
    publishedAt: release.publishedAt,
    updatedAt: release.updatedAt,
    url: releasePage(call, release),
    author: () => userFields(call, userById(call.state, release.authorId)),
    tag: () => refFields(call, `refs/tags/${release.tag}`),
    tagCommit: () => {
      const sha = commitAtTag(call.repository, release.tag)
      return sha === undefined ? null : commitFields(call, sha)
    },
    releaseAssets: (page: Page & { name?: string }) =>
      connection(
        release.assets.filter((asset) => page.name === undefined || asset.name === page.name),
        page,
        (asset) => assetFields(call, release, asset)
      )
  }
}

function assetFields(call: RepositoryCall, release: Release, asset: Asset): object {
  return {
    id: nodeId('RA', call.repository.id, asset.id),
    name: asset.name,
    size: asset.size,
    digest: asset.digest,
    contentType: asset.contentType,
    downloadCount: asset.downloads,
    createdAt: asset.createdAt,
    updatedAt: asset.updatedAt,
    url: assetShape(call, release, asset).url,
    downloadUrl: downloadPage(call, release, asset)
  }
}
