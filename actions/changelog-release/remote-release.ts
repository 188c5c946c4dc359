import { fail } from '../shared/problem.ts'

/** A release as GitHub's REST API gives it; only what is used here. */
export interface RemoteRelease {
  readonly id: number
  readonly tag: string
  readonly name: string
  readonly body: string
  readonly draft: boolean
  readonly prerelease: boolean
  /** Published in a repository with immutable releases: its tag and assets are locked. Absent on older servers. */
  readonly immutable: boolean
  /** Of a draft it is temporary (`untagged-…`). */
  readonly url: string
  /** A URI template: `…/assets{?name,label}`. */
  readonly uploadUrl: string
  /** Login of who made it. */
  readonly author: string | undefined
}

export interface RemoteAsset {
  readonly id: number
  readonly name: string
  readonly label: string | undefined
  /** `uploaded`; `starter` is what is left of an upload that broke off, and others may come. */
  readonly state: string
  /** Bytes. */
  readonly size: number
  /** Lower-case hex; absent for old assets and on servers that give no digests. */
  readonly sha256: string | undefined
  readonly url: string | undefined
}

/** @throws {ActionError} when it is no release */
export function parseRelease(value: unknown): RemoteRelease {
  const { id, tag_name: tag, html_url: url, upload_url: uploadUrl, draft, prerelease, ...rest } = fields(value)
  if (
    typeof id !== 'number' ||
    typeof tag !== 'string' ||
    typeof url !== 'string' ||
    typeof uploadUrl !== 'string' ||
    typeof draft !== 'boolean' ||
    typeof prerelease !== 'boolean'
  ) {
    return unexpected('release')
  }
  return {
    id,
    tag,
    name: text(rest['name']) ?? '',
    body: text(rest['body']) ?? '',
    draft,
    prerelease,
    immutable: rest['immutable'] === true,
    url,
    uploadUrl,
    author: text(fields(rest['author'])['login'])
  }
}

/** @throws {ActionError} when it is no asset */
export function parseAsset(value: unknown): RemoteAsset {
  const { id, name, state, size, ...rest } = fields(value)
  if (typeof id !== 'number' || typeof name !== 'string' || typeof size !== 'number') return unexpected('asset')
  return {
    id,
    name,
    label: text(rest['label']) || undefined,
    state: text(state) ?? 'uploaded',
    size,
    sha256: /^sha256:([0-9a-f]{64})$/.exec(text(rest['digest']) ?? '')?.[1],
    url: text(rest['browser_download_url'])
  }
}

/** Whether notes are the same: GitHub's editor stores CRLF, and white space at the end shows nowhere. */
export function sameText(a: string, b: string): boolean {
  return a.replaceAll('\r\n', '\n').trimEnd() === b.replaceAll('\r\n', '\n').trimEnd()
}

/** What a ref or a tag object names: a commit, or a tag object again. @throws {ActionError} when it is no such thing */
export function parseGitObject(value: unknown): { readonly sha: string; readonly type: string } {
  const { sha, type } = fields(value)
  if (typeof sha !== 'string' || typeof type !== 'string') return unexpected('git object')
  return { sha, type }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function unexpected(what: string): never {
  fail({
    code: 'github-unexpected',
    message: `GitHub’s answer is no ${what}.`,
    hint: 'Check GITHUB_API_URL; if it is right, run the job again, and report this if it stays.'
  })
}
