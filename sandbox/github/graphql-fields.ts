import { GraphQLError } from 'graphql'
import { connection, type Page } from './graphql-connection.ts'
import { commitFields, refFields } from './graphql-git.ts'
import { mergeQueueFields, nodeFields, pullFields, pullsConnection, type PullsQuery } from './graphql-pulls.ts'
import { userFields, viewerFields, type GraphqlCall } from './graphql-users.ts'
import { latestRelease } from './latest-release.ts'
import type { RepositoryCall } from './operation.ts'
import { may, mayPush, type SignedIn } from './permissions.ts'
import { quota } from './rate-limit.ts'
import { commitAtTag } from './refs.ts'
import { visibleReleases } from './releases.ts'
import { nodeId } from './shapes/node-id.ts'
import { assetShape, downloadPage, releasePage } from './shapes/release.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import type { Asset, Release } from './state.ts'
import { findRepository, ownerOf, userById } from './state.ts'

/** What a query starts from; each field is a function, called when it is asked for. */
export function rootFields(call: GraphqlCall, actor: SignedIn): object {
  return {
    viewer: () => viewerFields(call, actor.user),
    node: ({ id }: { id: string }) => nodeFields(call, id),
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
    isFork: repository.forkOf !== null,
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
    pullRequest: ({ number }: { number: number }) => {
      refuseUnreadable(call)
      const pull = repository.pulls.find((candidate) => candidate.number === number)
      if (pull !== undefined) return pullFields(call, pull)
      throw new GraphQLError(`Could not resolve to a PullRequest with the number of ${number}.`, {
        extensions: { type: 'NOT_FOUND' }
      })
    },
    pullRequests: (query: PullsQuery) => {
      refuseUnreadable(call)
      return pullsConnection(call, query)
    },
    mergeQueue: ({ branch }: { branch?: string }) => {
      refuseUnreadable(call)
      return mergeQueueFields(call, branch ?? repository.defaultBranch)
    },
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

/** A job that may not read pull requests of a private repository is told so in REST's words. */
function refuseUnreadable({ state, actor, repository }: RepositoryCall): void {
  if (may(state, actor, repository, 'pull-requests', 'read')) return
  throw new GraphQLError('Resource not accessible by integration', { extensions: { type: 'FORBIDDEN' } })
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
