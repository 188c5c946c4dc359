import { createHash } from 'node:crypto'
import { createOidc, type OidcService } from '../../../sandbox/oidc/issuer.ts'
import type { SandboxResponse } from '../../../sandbox/service.ts'
import { createPypi, type PypiService } from '../../../sandbox/pypi/service.ts'
import type { BuiltFile } from '../../support/distributions.ts'

export const token = 'pypi-AgEIcHlwaS5vcmcCdGVzdA'
/** A Saturday in the sandbox; every request comes then unless a test says otherwise. */
export const now = Date.UTC(2026, 10, 21, 10, 0, 0)
export const days = 24 * 60 * 60 * 1000

export interface UploadOptions {
  /** Fields of the form; `undefined` leaves one out, a list sends it many times. */
  readonly fields?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly authorization?: string
  readonly accept?: string
  readonly now?: number
  readonly path?: string
  /** Of the file's part; `null` for a part without the header. */
  readonly type?: string | null
  readonly withoutFile?: boolean
}

export interface IndexClient {
  readonly index: PypiService
  readonly oidc: OidcService
  upload(file: BuiltFile, options?: UploadOptions): SandboxResponse
  get(address: string, headers?: Readonly<Record<string, string>>): SandboxResponse | undefined
  post(address: string, body: string, at?: number): SandboxResponse
}

/** An empty index with one token of one user, and a client that speaks to it without a network. */
export function indexClient(name: 'pypi' | 'testpypi' = 'pypi'): IndexClient {
  const oidc = createOidc()
  const index = createPypi({ index: name, oidc })
  index.addToken({ token })
  const uploadHost = name === 'pypi' ? 'https://upload.pypi.org' : 'https://test.pypi.org'
  const answered = (answer: SandboxResponse | undefined): SandboxResponse => {
    if (answer === undefined) throw new Error('the index gave the request away')
    return answer
  }
  return {
    index,
    oidc,
    upload(file, options = {}) {
      const headers = {
        'content-type': 'multipart/form-data; boundary=boundary-of-the-test',
        authorization: options.authorization ?? basic('__token__', token),
        accept: options.accept ?? '*/*',
        'user-agent': 'test/1'
      }
      const url = new URL(options.path ?? '/legacy/', uploadHost)
      return answered(
        index.handle({ method: 'POST', url, headers, now: options.now ?? now, body: form(file, options) })
      )
    },
    get: (address, headers = {}) =>
      index.handle({ method: 'GET', url: new URL(address), headers, now, body: Buffer.alloc(0) }),
    post: (address, body, at = now) =>
      answered(index.handle({ method: 'POST', url: new URL(address), headers: {}, now: at, body: Buffer.from(body) }))
  }
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** The reason phrase of a refusal with its status, as twine shows it. */
export function refused({ status, statusText }: SandboxResponse): string {
  return `${status} ${statusText ?? ''}`
}

/** The form a client makes of a demo-pkg 1.0.0 file. */
function form(file: BuiltFile, { fields = {}, type, withoutFile }: UploadOptions): Buffer {
  const isWheel = file.filename.endsWith('.whl')
  const values: UploadOptions['fields'] = {
    ':action': 'file_upload',
    protocol_version: '1',
    metadata_version: '2.4',
    name: 'demo-pkg',
    version: '1.0.0',
    filetype: isWheel ? 'bdist_wheel' : 'sdist',
    pyversion: isWheel ? 'py3' : 'source',
    sha256_digest: createHash('sha256').update(file.bytes).digest('hex'),
    ...fields
  }
  const parts = Object.entries(values).flatMap(([name, value]) =>
    (value === undefined ? [] : typeof value === 'string' ? [value] : value).map((each) =>
      Buffer.from(`--boundary-of-the-test\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${each}\r\n`)
    )
  )
  const contentType = type === null ? '' : `Content-Type: ${type ?? 'application/octet-stream'}\r\n`
  const content = [
    Buffer.from(
      `--boundary-of-the-test\r\nContent-Disposition: form-data; name="content"; filename="${file.filename}"\r\n${contentType}\r\n`
    ),
    file.bytes,
    Buffer.from('\r\n')
  ]
  return Buffer.concat([
    ...parts,
    ...(withoutFile === true ? [] : content),
    Buffer.from('--boundary-of-the-test--\r\n')
  ])
}
