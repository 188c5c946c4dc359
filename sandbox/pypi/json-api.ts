import { isPrerelease, parsePep440 } from '../../actions/shared/pep440.ts'
import type { SandboxResponse } from '../service.ts'
import type { Addresses } from './addresses.ts'
import { json } from './answers.ts'
import { filePath, sortedReleases, type FileRecord, type ProjectRecord, type ReleaseRecord } from './registry.ts'
import { canonicalVersion } from './versions.ts'

/**
 * GET /pypi/NAME/json and /pypi/NAME/VERSION/json (warehouse/legacy/api/json.py).
 *
 * @param version without one the latest release: not yanked before yanked, final before pre-release, then the highest
 * @returns undefined when there is no such release
 */
export function projectJson(
  project: ProjectRecord,
  version: string | undefined,
  addresses: Addresses
): SandboxResponse | undefined {
  if (project.status === 'quarantined') return undefined
  const release =
    version === undefined
      ? latestRelease(project)
      : project.releases.find((each) => each.canonicalVersion === canonicalVersion(version))
  if (release === undefined) return undefined
  const files = (each: ReleaseRecord): readonly object[] =>
    each.files.toSorted((a, b) => (a.filename < b.filename ? -1 : 1)).map((file) => fileJson(file, each, addresses))
  const answer = json(
    200,
    {
      info: info(project, release, addresses),
      last_serial: project.serial,
      ownership: { organization: null, roles: project.owners.map((user) => ({ role: 'Owner', user })) },
      ...(version === undefined && {
        releases: Object.fromEntries(project.releases.map((each) => [each.version, files(each)]))
      }),
      urls: files(release),
      vulnerabilities: []
    },
    {
      'access-control-allow-origin': '*',
      'cache-control': 'max-age=900, public',
      'x-pypi-last-serial': String(project.serial)
    }
  )
  return answer
}

export function latestRelease(project: ProjectRecord): ReleaseRecord | undefined {
  const rank = (release: ReleaseRecord): number => {
    const version = parsePep440(release.version)
    return (release.yanked === false ? 0 : 2) + (version !== undefined && isPrerelease(version) ? 1 : 0)
  }
  // The sort keeps the order of equals: within a rank the highest version stays first.
  return sortedReleases(project)
    .toReversed()
    .toSorted((a, b) => rank(a) - rank(b))[0]
}

function info(project: ProjectRecord, release: ReleaseRecord, { index }: Addresses): object {
  const { single, lists, keywords, projectUrls } = release.metadata
  const list = (values: readonly string[]): readonly string[] | null => (values.length > 0 ? values : null)
  const page = `${index}/project/${project.name}/`
  const urls = [
    ...(single.home_page === undefined ? [] : [['Homepage', single.home_page] as const]),
    ...projectUrls,
    ...(single.download_url === undefined ? [] : [['Download', single.download_url] as const])
  ]
  return {
    author: single.author ?? null,
    author_email: single.author_email ?? null,
    bugtrack_url: null,
    classifiers: lists.classifiers,
    description: single.description ?? '',
    description_content_type: single.description_content_type ?? null,
    docs_url: null,
    download_url: single.download_url ?? null,
    downloads: { last_day: -1, last_month: -1, last_week: -1 },
    dynamic: list(lists.dynamic),
    home_page: single.home_page ?? null,
    keywords: keywords?.join(', ') ?? null,
    license: single.license ?? null,
    license_expression: single.license_expression ?? null,
    license_files: list(lists.license_file),
    maintainer: single.maintainer ?? null,
    maintainer_email: single.maintainer_email ?? null,
    name: project.name,
    package_url: page,
    platform: lists.platform[0] ?? null,
    project_url: page,
    project_urls: urls.length > 0 ? Object.fromEntries(urls) : null,
    provides_extra: list(lists.provides_extra),
    release_url: `${page}${release.version}/`,
    requires_dist: list(lists.requires_dist),
    requires_python: single.requires_python ?? null,
    summary: single.summary ?? null,
    version: release.version,
    ...yankedJson(release)
  }
}

function fileJson(file: FileRecord, release: ReleaseRecord, addresses: Addresses): object {
  const { md5, sha256, blake2_256 } = file.digests
  const time = new Date(file.uploaded).toISOString()
  return {
    comment_text: file.comment,
    'core-metadata': file.metadataFile === undefined ? false : { sha256: file.metadataFile.sha256 },
    digests: { blake2b_256: blake2_256, md5, sha256 },
    downloads: -1,
    filename: file.filename,
    has_sig: false,
    md5_digest: md5,
    packagetype: file.filetype,
    python_version: file.pyversion,
    requires_python: release.metadata.single.requires_python ?? null,
    size: file.content.length,
    upload_time: time.slice(0, 19),
    upload_time_iso_8601: `${time.slice(0, -1)}000Z`,
    url: addresses.files + filePath(file),
    ...yankedJson(release)
  }
}

function yankedJson({ yanked }: ReleaseRecord): object {
  return { yanked: yanked !== false, yanked_reason: typeof yanked === 'string' ? yanked : null }
}
