// A program of its own: makes a release with octokit and prints what octokit saw, as JSON. Node reads the proxy
// variables only when it starts, so a test cannot do this inside its own process.
// Arguments: address of octokit's module, then its options as JSON.
const [, , module = '', options = '{}'] = process.argv

interface Octokit {
  readonly rest: { readonly repos: Readonly<Record<string, (parameters: object) => Promise<Answer>>> }
  request(parameters: object): Promise<Answer>
  paginate(method: unknown, parameters: object): Promise<readonly { readonly tag_name: string }[]>
}

interface Answer {
  readonly status: number
  readonly data: {
    readonly id: number
    readonly draft: boolean
    readonly html_url: string
    readonly upload_url: string
    readonly digest: string
    readonly name: string
  }
}

const { Octokit } = (await import(module)) as { Octokit: new (options: unknown) => Octokit }
const octokit = new Octokit({ ...(JSON.parse(options) as object), userAgent: 'octokit-client', log: quiet() })
const lib = { owner: 'acme', repo: 'lib' }
const call = (name: string, parameters: object): Promise<Answer> => {
  const method = octokit.rest.repos[name]
  if (method === undefined) throw new Error(`octokit has no repos.${name}`)
  return method({ ...lib, ...parameters })
}

const created = await call('createRelease', { tag_name: 'v1.0.0', name: 'One', body: 'First.', draft: true })
const release_id = created.data.id
const uploaded = await octokit.request({
  method: 'POST',
  url: created.data.upload_url,
  headers: { 'content-type': 'text/plain' },
  name: 'a.txt',
  label: 'A',
  data: 'bytes of a'
})
const refused = await call('getReleaseByTag', { tag: 'v1.0.0' }).catch((error: unknown) => error)
const listed = await octokit.paginate(octokit.rest.repos['listReleases'], { ...lib, per_page: 1 })
const published = await call('updateRelease', { release_id, draft: false, make_latest: 'true' })
for (const tag_name of ['v1.1.0', 'v1.2.0']) await call('createRelease', { tag_name })
const paged = await octokit.paginate(octokit.rest.repos['listReleases'], { ...lib, per_page: 1 })
const latest = await call('getLatestRelease', {})
const again = await call('createRelease', { tag_name: 'v1.0.0' }).catch((error: unknown) => error)
const downloaded = await call('getReleaseAsset', {
  asset_id: uploaded.data.id,
  headers: { accept: 'application/octet-stream' }
})

console.log(
  JSON.stringify({
    created: { status: created.status, draft: created.data.draft },
    uploaded: { status: uploaded.status, name: uploaded.data.name, digest: uploaded.data.digest },
    refused: messageOf(refused),
    listed: listed.map(({ tag_name }) => tag_name),
    published: published.data.html_url,
    paged: paged.map(({ tag_name }) => tag_name).sort(),
    latest: latest.data.html_url,
    again: messageOf(again),
    downloaded: Buffer.from(downloaded.data as unknown as ArrayBuffer).toString()
  })
)

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : `no error: ${JSON.stringify(error)}`
}

function quiet(): object {
  const silent = (): void => undefined
  return { debug: silent, info: silent, warn: silent, error: silent }
}
