import type { RepositoryCall } from '../operation.ts'
import type { Asset, Release } from '../state.ts'
import { userById } from '../state.ts'
import { tagInPath } from '../tag-name.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrls } from './repository-urls.ts'
import type { Resource } from './resource.ts'
import { userShape } from './user.ts'

type Context = Pick<RepositoryCall, 'state' | 'repository' | 'links'>

/** The name a release has in its pages' addresses: `untagged-…` until it is published (softprops/action-gh-release#713). */
export function pageName(release: Release): string {
  return release.draft ? release.untagged : release.tag
}

export function releasePage(call: Context, release: Release): string {
  return `${repositoryUrls(call).html}/releases/tag/${tagInPath(pageName(release))}`
}

/** Schema release. A draft has no source archives yet, for it has no tag. */
export function releaseShape(call: Context, release: Release): Resource {
  const { api, uploads } = repositoryUrls(call)
  const url = `${api}/releases/${release.id}`
  const archive = (kind: string): string | null => (release.draft ? null : `${api}/${kind}/${tagInPath(release.tag)}`)
  return {
    url,
    assets_url: `${url}/assets`,
    upload_url: `${uploads}/releases/${release.id}/assets{?name,label}`,
    html_url: releasePage(call, release),
    id: release.id,
    author: userShape(userById(call.state, release.authorId), call.links),
    node_id: nodeId('RE', call.repository.id, release.id),
    tag_name: release.tag,
    target_commitish: release.target,
    name: release.name,
    draft: release.draft,
    immutable: release.immutable,
    prerelease: release.prerelease,
    created_at: release.createdAt,
    updated_at: release.updatedAt,
    published_at: release.publishedAt,
    assets: release.assets.map((asset) => assetShape(call, release, asset)),
    tarball_url: archive('tarball'),
    zipball_url: archive('zipball'),
    body: release.body
  }
}

/** Schema release-asset, except that `state` may be `starter` (see departures.ts). */
export function assetShape(call: Context, release: Release, asset: Asset): Resource {
  return {
    url: `${repositoryUrls(call).api}/releases/assets/${asset.id}`,
    id: asset.id,
    node_id: nodeId('RA', call.repository.id, asset.id),
    name: asset.name,
    label: asset.label,
    uploader: userShape(userById(call.state, asset.uploaderId), call.links),
    content_type: asset.contentType,
    state: asset.state,
    size: asset.size,
    digest: asset.digest,
    download_count: asset.downloads,
    created_at: asset.createdAt,
    updated_at: asset.updatedAt,
    browser_download_url: downloadPage(call, release, asset)
  }
}

export function downloadPage(call: Context, release: Release, asset: Asset): string {
  const { html } = repositoryUrls(call)
  return `${html}/releases/download/${tagInPath(pageName(release))}/${encodeURIComponent(asset.name)}`
}
