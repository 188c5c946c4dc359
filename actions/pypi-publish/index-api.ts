import { HttpFailure, json, type Http, type HttpRequest, type HttpResponse } from '../shared/http.ts'
import { fail, type Problem } from '../shared/problem.ts'
import { isWarehouse, projectUrl, type PackageIndex } from './package-index.ts'
import { isSimplePage, readSimplePage } from './simple-html.ts'

/** What an index says of one project. */
export interface IndexedProject {
  /** `absent`: the index does not know the project (or does not show it to us). */
  readonly status: 'absent' | 'active' | 'archived' | 'quarantined' | 'deprecated' | (string & {})
  readonly files: readonly IndexedFile[]
  /** What the answer leaves open, in words. */
  readonly notChecked: readonly string[]
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

/** How a page is read. Without options a failed read is repeated. */
export type ReadOptions = Pick<HttpRequest, 'repeat' | 'timeout'>

/** Longest page taken; PyPI's largest have some ten MB. Bytes. */
const longestPage = 64 * 1024 * 1024

/**
 * Reads a project's page of the simple index.
 * @param authorization for indexes of one's own that show nothing without it
 * @throws {ActionError} when the answer is not of the simple API
 */
export async function readProject(
  http: Http,
  index: PackageIndex,
  name: string,
  authorization?: string,
  options: ReadOptions = {}
): Promise<IndexedProject> {
  const url = projectUrl(index, name)
  const answer = await get(http, url, authorization, options)
  if (answer.status === 404 || isRedirect(answer)) {
    const doubts = await checkAbsence(http, index, name, answer, authorization, options)
    return { status: 'absent', files: [], notChecked: doubts }
  }
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
      hint: 'Run the job again later; for an index of your own, check check-url.'
    })
  }
  const project = answer.body.length > longestPage ? undefined : readPage(answer)
  return project ?? fail(notSimple(url, answer))
}

/**
 * What an answer that holds no project is worth. PyPI's 404 is its word. A private server's may as well come from a
 * mistyped address, so its root must be a simple index; where the root cannot be read (some servers list nothing) a
 * plain 404 is taken with a doubt that is told. A redirect elsewhere means that the server lacks the project
 * (pypiserver points to PyPI then): what stands there is not what this index holds, so it is not followed, and without
 * a readable root it proves nothing.
 * @returns what stays open, in words
 * @throws {ActionError} when the answer says nothing about the project
 */
async function checkAbsence(
  http: Http,
  index: PackageIndex,
  name: string,
  answer: HttpResponse,
  authorization: string | undefined,
  options: ReadOptions
): Promise<readonly string[]> {
  const url = projectUrl(index, name)
  const elsewhere = isRedirect(answer) ? originOf(answer) : undefined
  if (isWarehouse(index)) {
    if (elsewhere === undefined) return []
    return fail({
      code: 'index-unreadable',
      message: `${url} redirects to ${elsewhere}, so it is not known what the index holds.`,
      hint: 'A proxy between this runner and the index may do that: sign in there, or let the host pass. Then run the job again.'
    })
  }
  const root = await readRoot(http, index, authorization, options)
  if (root === 'index') {
    if (elsewhere === undefined) return []
    return [`what ${elsewhere} holds of ${name}: ${index.simpleUrl} redirects there for projects that it lacks`]
  }
  if (root === 'other' || elsewhere !== undefined) {
    const redirected = elsewhere === undefined ? '' : `, and ${url} redirects to ${elsewhere}`
    return fail({
      code: 'index-unreadable',
      message: `${index.simpleUrl} is no simple index${redirected}, so it is not known what the index holds.`,
      hint: checkUrlHint
    })
  }
  return [
    `whether check-url is right: ${url} answered 404, as for a new project, and ${index.simpleUrl} is no page that lists projects (${root})`
  ]
}

const checkUrlHint = 'check-url must be the URL that pip takes as --index-url, usually ending in /simple/.'

/** `index`, `other` for a page that is none, or why it could not be read. */
async function readRoot(
  http: Http,
  index: PackageIndex,
  authorization: string | undefined,
  options: ReadOptions
): Promise<'index' | 'other' | (string & {})> {
  let answer: HttpResponse
  try {
    answer = await get(http, index.simpleUrl, authorization, options)
  } catch (error) {
    // The list of a mirror of PyPI can be too long to be had.
    if (error instanceof HttpFailure) return error.message
    throw error
  }
  if (isRedirect(answer)) return 'other'
  if (answer.status !== 200) return `status ${answer.status}`
  if (isJson(answer)) {
    const body = json(answer)
    return isObject(body) && Array.isArray(body['projects']) ? 'index' : 'other'
  }
  return isSimplePage(readSimplePage(answer.body.subarray(0, longestPage).toString('utf8'))) ? 'index' : 'other'
}

function get(http: Http, url: string, authorization: string | undefined, options: ReadOptions): Promise<HttpResponse> {
  return http({
    method: 'GET',
    url,
    headers: {
      accept,
      'cache-control': 'no-cache',
      ...(authorization === undefined ? {} : { authorization })
    },
    redirect: 'same-origin',
    ...options,
    timeout: Math.min(60_000, options.timeout ?? 60_000)
  })
}

function isRedirect({ status }: HttpResponse): boolean {
  return status >= 300 && status < 400
}

function originOf({ headers, url }: HttpResponse): string {
  const { location = '' } = headers
  return URL.canParse(location, url.href) ? new URL(location, url).origin : 'nowhere'
}

function isJson({ headers }: HttpResponse): boolean {
  return /json/i.test(headers['content-type'] ?? '')
}

function notSimple(url: string, { headers, body }: HttpResponse): Problem {
  const type = headers['content-type'] ?? 'no content type'
  const what = body.length > longestPage ? `it has ${body.length} bytes` : type
  return {
    code: 'index-unreadable',
    message: `${url} is no page of a simple index (${what}).`,
    hint: checkUrlHint
  }
}

function readPage(answer: HttpResponse): IndexedProject | undefined {
  return isJson(answer) ? readJson(json(answer), answer.url) : readHtml(answer.body.toString('utf8'), answer.url)
}

/** One anchor a file, the hash in the fragment of its link (PEP 503). */
function readHtml(html: string, base: URL): IndexedProject | undefined {
  const page = readSimplePage(html)
  if (!isSimplePage(page)) return undefined
  const files = page.anchors.flatMap(({ href, label }): IndexedFile[] => {
    if (!URL.canParse(href, base.href)) return []
    const url = new URL(href, base)
    const sha256 = /(?:^#|[#&])sha256=([0-9a-f]{64})/i.exec(url.hash)?.[1]?.toLowerCase()
    url.hash = ''
    return [{ filename: label === '' ? lastSegment(url) : label, url: url.href, sha256, uploaded: undefined }]
  })
  return { status: page.meta.get('pypi:project-status') ?? 'active', files, notChecked: [] }
}

function lastSegment(url: URL): string {
  const segment = url.pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
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
  return { status: typeof marked === 'string' ? marked : 'active', files, notChecked: [] }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
