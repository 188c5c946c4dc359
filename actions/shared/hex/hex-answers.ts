/** A release as Hex's API shows it (hexpm, views/api/release_view.ex). */
export interface HexRelease {
  readonly version: string
  /** SHA-256 of the whole tarball, the "outer checksum": lower-case hex. */
  readonly checksum: string
  readonly hasDocs: boolean
  /** Milliseconds since the epoch. */
  readonly insertedAt: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
  readonly retirement?: HexRetirement
  /** In the API. */
  readonly url: string
  readonly htmlUrl?: string
  readonly docsUrl?: string
  /** Who published it; absent for old releases. */
  readonly publisher?: string
}

export interface HexRetirement {
  readonly reason: string
  readonly message?: string
}

/** A package as Hex's API shows it (hexpm, views/api/package_view.ex). */
export interface HexPackageInfo {
  readonly name: string
  /** `hexpm`, or the organization. */
  readonly repository: string
  /** Milliseconds since the epoch. */
  readonly insertedAt: number
  readonly releases: readonly ListedRelease[]
  readonly latestVersion?: string
  readonly htmlUrl?: string
  readonly docsUrl?: string
  /** Users and organizations, as they are named on Hex; absent where the answer does not say. */
  readonly owners?: readonly string[]
  readonly private: boolean
}

/** A release in a package's list. */
export interface ListedRelease {
  readonly version: string
  readonly hasDocs: boolean
  /** Milliseconds since the epoch. */
  readonly insertedAt?: number
}

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The release in an answer, or `undefined` where it holds none, or another version's. */
export function readReleaseAnswer(body: unknown, version: string): HexRelease | undefined {
  if (!isObject(body) || body['version'] !== version) return undefined
  const checksum = text(body, 'checksum')?.toLowerCase()
  const insertedAt = time(body, 'inserted_at')
  const url = text(body, 'url')
  if (checksum === undefined || !/^[0-9a-f]{64}$/.test(checksum)) return undefined
  if (insertedAt === undefined || url === undefined || typeof body['has_docs'] !== 'boolean') return undefined
  const { retirement, publisher } = body
  const username = isObject(publisher) ? text(publisher, 'username') : undefined
  return {
    version,
    checksum,
    hasDocs: body['has_docs'],
    insertedAt,
    updatedAt: time(body, 'updated_at') ?? insertedAt,
    url,
    ...(isObject(retirement) ? { retirement: readRetirement(retirement) } : {}),
    ...pages(body),
    ...(username === undefined ? {} : { publisher: username })
  }
}

function readRetirement(value: JsonObject): HexRetirement {
  const message = text(value, 'message')
  return { reason: text(value, 'reason') ?? 'other', ...(message === undefined ? {} : { message }) }
}

/** Where people look at it. */
function pages(body: JsonObject): { readonly htmlUrl?: string; readonly docsUrl?: string } {
  const htmlUrl = text(body, 'html_url')
  const docsUrl = text(body, 'docs_html_url')
  return { ...(htmlUrl === undefined ? {} : { htmlUrl }), ...(docsUrl === undefined ? {} : { docsUrl }) }
}

/** The package in an answer, or `undefined` where it holds none, or another one. */
export function readPackageAnswer(body: unknown, name: string): HexPackageInfo | undefined {
  if (!isObject(body) || body['name'] !== name || !Array.isArray(body['releases'])) return undefined
  const insertedAt = time(body, 'inserted_at')
  if (insertedAt === undefined) return undefined
  const releases: ListedRelease[] = []
  for (const each of body['releases'] as readonly unknown[]) {
    const release = isObject(each) ? readListed(each) : undefined
    if (release === undefined) return undefined
    releases.push(release)
  }
  const latestVersion = text(body, 'latest_version')
  const owners = readOwners(body['owners'])
  const repository = text(body, 'repository') ?? 'hexpm'
  return {
    name,
    repository,
    insertedAt,
    releases,
    private: repository !== 'hexpm',
    ...(latestVersion === undefined ? {} : { latestVersion }),
    ...pages(body),
    ...(owners === undefined ? {} : { owners })
  }
}

function readListed(value: JsonObject): ListedRelease | undefined {
  const version = text(value, 'version')
  if (version === undefined) return undefined
  const insertedAt = time(value, 'inserted_at')
  return { version, hasDocs: value['has_docs'] === true, ...(insertedAt === undefined ? {} : { insertedAt }) }
}

function readOwners(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.flatMap((owner: unknown) => (isObject(owner) ? (text(owner, 'username') ?? []) : []))
}

export function text(value: JsonObject, key: string): string | undefined {
  const found = value[key]
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** An ISO 8601 time in UTC (`2026-08-20T10:11:12.123456Z`); milliseconds out. */
export function time(value: JsonObject, key: string): number | undefined {
  const found = text(value, key)
  if (found === undefined) return undefined
  // Ecto writes times without a zone where the column has none; they are UTC.
  const milliseconds = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(found) ? found : `${found}Z`)
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}
