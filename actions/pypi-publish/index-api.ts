import { json, type Http } from '../shared/http.ts'
import { fail } from '../shared/problem.ts'
import { projectUrl, type PackageIndex } from './package-index.ts'
import { parseSimpleHtml } from './simple-html.ts'

/** What an index says of one project. */
export interface IndexedProject {
  /** `absent`: the index does not know the project (or does not show it to us). */
  readonly status: 'absent' | 'active' | 'archived' | 'quarantined' | 'deprecated' | (string & {})
  readonly files: readonly IndexedFile[]
}

export interface IndexedFile {
  readonly filename: string
  readonly url: string
  /** Lower-case hex; absent where the index shows none. */
  readonly sha256: string | undefined
  /** Milliseconds since the epoch; absent in HTML. */
  readonly uploaded: number | undefined
}

/** JSON first (PEP 691), HTML for the servers that have nothing else (PEP 503). */
const accept = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01'

/**
 * Reads a project's page of the simple index.
 * @param authorization for indexes of one's own that show nothing without it
 * @throws {ActionError} when the answer is not of the simple API
 */
export async function readProject(
  http: Http,
  index: PackageIndex,
  name: string,
  authorization?: string
): Promise<IndexedProject> {
  const url = projectUrl(index, name)
  const answer = await http({
    method: 'GET',
    url,
    headers: {
      accept,
      'cache-control': 'no-cache',
      ...(authorization === undefined ? {} : { authorization })
    },
    timeout: 60_000,
    redirect: 'same-origin'
  })
  // A server that lacks a project may point to another index for it (pypiserver does, to PyPI): what stands there is
  // not what this index holds.
  if (answer.status === 404 || (answer.status >= 300 && answer.status < 400)) return { status: 'absent', files: [] }
  if (answer.status === 401 || answer.status === 403) {
    return fail({
      code: 'index-forbidden',
      message: `${url} answered ${answer.status}: reading the index is not allowed.`,
      hint: 'Check check-url, and that user and password may read there. They are sent to it when it is on the host of the upload URL.'
    })
  }
  if (answer.status !== 200) {
    return fail({
      code: 'index-unreadable',
      message: `${url} answered ${answer.status}, so it is not known what the index holds.`,
      hint: 'Nothing is uploaded without that. Run the job again later; for an index of your own, check check-url.'
    })
  }
  const type = answer.headers['content-type'] ?? ''
  const project = /json/i.test(type)
    ? readJson(json(answer), answer.url)
    : parseSimpleHtml(answer.body.toString('utf8'), answer.url)
  return (
    project ??
    fail({
      code: 'index-unreadable',
      message: `${url} is no page of a simple index (${type === '' ? 'no content type' : type}).`,
      hint: 'check-url must be the URL that pip takes as --index-url, usually ending in /simple/.'
    })
  )
}

function readJson(value: unknown, base: URL): IndexedProject | undefined {
  if (!isObject(value) || !Array.isArray(value['files'])) return undefined
  const files: IndexedFile[] = []
  for (const file of value['files'] as readonly unknown[]) {
    if (!isObject(file) || typeof file['filename'] !== 'string' || typeof file['url'] !== 'string') return undefined
    const sha256 = isObject(file['hashes']) ? file['hashes']['sha256'] : undefined
    const time = typeof file['upload-time'] === 'string' ? Date.parse(file['upload-time']) : Number.NaN
    files.push({
      filename: file['filename'],
      url: URL.canParse(file['url'], base.href) ? new URL(file['url'], base).href : '',
      sha256: typeof sha256 === 'string' ? sha256.toLowerCase() : undefined,
      uploaded: Number.isNaN(time) ? undefined : time
    })
  }
  const marked = isObject(value['project-status']) ? value['project-status']['status'] : undefined
  return { status: typeof marked === 'string' ? marked : 'active', files }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
