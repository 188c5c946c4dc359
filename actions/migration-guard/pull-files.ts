import { readList, type GithubAccess } from '../shared/github-access.ts'
import { fields, text, unexpected } from '../shared/answer-fields.ts'

/** What a pull request changes, as GitHub lists it. */
export interface PullFiles {
  readonly files: readonly {
    readonly path: string
    /** Of a renamed file. */
    readonly before: string | undefined
    readonly status: string
    /** Undefined for a submodule. */
    readonly blob: string | undefined
  }[]
  /** GitHub lists no more than 3,000 files (docs.github.com, "List pull requests files"). */
  readonly whole: boolean
}

const mostFiles = 3_000

/** Reads them from all pages. Needs `pull-requests: read`. @throws {ActionError} where a page cannot be read */
export async function readPullFiles(access: GithubAccess, number: number): Promise<PullFiles> {
  const listed = await readList(
    access.github,
    `/repos/${access.repository}/pulls/${number}/files`,
    'pull-requests: read',
    mostFiles
  )
  const files = listed.map((value) => {
    const { filename, previous_filename, status, sha } = fields(value)
    if (typeof filename !== 'string' || typeof status !== 'string') return unexpected('file of a pull request')
    return { path: filename, before: text(previous_filename), status, blob: text(sha) }
  })
  return { files, whole: files.length < mostFiles }
}
