import type { RepositoryCall } from './operation.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import { tagInPath } from './tag-name.ts'

/**
 * Schema release-notes-content: what GitHub writes when no pull request was merged in between, which is the link to
 * the comparison with the previous release, or to the commits for a first one.
 */
export function generateNotes(
  call: RepositoryCall,
  tag: string,
  previousTag: string | undefined
): { readonly name: string; readonly body: string } {
  const { html } = repositoryUrls(call)
  const previous =
    previousTag ??
    call.repository.releases
      .filter((release) => !release.draft && release.tag !== tag)
      .sort((a, b) => (a.publishedAt ?? '').localeCompare(b.publishedAt ?? '') || a.id - b.id)
      .at(-1)?.tag
  const link =
    previous === undefined
      ? `${html}/commits/${tagInPath(tag)}`
      : `${html}/compare/${tagInPath(previous)}...${tagInPath(tag)}`
  return { name: tag, body: `**Full Changelog**: ${link}` }
}
