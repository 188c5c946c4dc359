import { githubRateLimits } from '../../../sandbox/github/rate-limit.ts'
import { playPulls } from './pull-scenario.ts'
import { setStage, type Stage } from './stage.ts'
import { read, repository, type Exchange, type Speaker, type Speech } from './talk.ts'

/**
 * Every operation with every kind of answer it gives, as one list of requests and answers: the material that the
 * conformance suite holds against GitHub's OpenAPI description. It asserts nothing itself.
 */
export function playEverything(): readonly Exchange[] {
  return [
    playAccount,
    playReleaseLife,
    playRefusedReleases,
    playAssets,
    playImmutability,
    playGit,
    playRepository,
    playPulls,
    playPermissions,
    playLimits,
    playGraphql,
    playEnterprise,
    playOutside
  ].flatMap((scene) => {
    const recorded: Exchange[] = []
    scene(
      (options) => recording(options, recorded),
      (exchange) => recorded.push(exchange)
    )
    return recorded
  })
}

export type Open = (options?: Parameters<typeof setStage>[0]) => Stage

type Keep = (exchange: Exchange) => void

/** A stage whose every speaker writes into one list, in order. */
function recording(options: Parameters<typeof setStage>[0], recorded: Exchange[]): Stage {
  const stage = setStage(options)
  const keep = (speaker: Speaker): Speaker => {
    const kept =
      <Arguments extends unknown[]>(say: (...sent: Arguments) => Exchange) =>
      (...sent: Arguments): Exchange => {
        const exchange = say(...sent)
        recorded.push(exchange)
        return exchange
      }
    return {
      exchanges: speaker.exchanges,
      send: kept(speaker.send),
      get: kept(speaker.get),
      post: kept(speaker.post),
      patch: kept(speaker.patch),
      delete: kept(speaker.delete),
      upload: kept(speaker.upload),
      graphql: kept(speaker.graphql)
    }
  }
  return {
    ...stage,
    ci: keep(stage.ci),
    owner: keep(stage.owner),
    stranger: keep(stage.stranger),
    speak: (speech: Speech) => keep(stage.speak(speech))
  }
}

const api = 'https://api.github.com'

function playAccount(open: Open): void {
  const { ci, owner, stranger, speak } = open()
  for (const speaker of [owner, stranger]) {
    for (const path of ['/', '/meta', '/rate_limit']) speaker.get(api + path)
  }
  owner.get(`${api}/user`)
  stranger.get(`${api}/user`)
  ci.get(`${api}/user`)
  speak({ token: 'expired' }).get(`${api}/user`)
  owner.send('HEAD', `${api}/user`)
  owner.get(`${api}/user`, { 'x-github-api-version': '2000-01-01' })
  const { headers } = owner.get(`${api}/meta`)
  owner.get(`${api}/meta`, { 'if-none-match': headers['etag'] ?? '' })
}

function playReleaseLife(open: Open): void {
  const { ci, stranger, github } = open()
  github.state.repositories[0]?.discussionCategories.push('Announcements')
  const id = ci.post('/releases', { tag_name: 'v1.0.0', name: 'One', body: 'First.', draft: true }).id()
  ci.get(`/releases/${id}`)
  stranger.get(`/releases/${id}`)
  ci.get('/releases/tags/v1.0.0')
  ci.get('/releases/latest')
  ci.get('/releases')
  ci.patch(`/releases/${id}`, { body: null, discussion_category_name: 'Announcements' })
  ci.patch(`/releases/${id}`, { discussion_category_name: 'Nothing' })
  ci.patch(`/releases/${id}`, { draft: false, make_latest: 'true' })
  ci.get('/releases/tags/v1.0.0')
  ci.get('/releases/latest')
  stranger.get(`/releases/${id}`)
  ci.post('/releases', { tag_name: 'v2.0.0-rc.1', prerelease: true, target_commitish: 'main' })
  ci.post('/releases', { tag_name: 'pkg/v1', generate_release_notes: true, make_latest: 'legacy' })
  ci.get('/releases/tags/pkg%2Fv1')
  ci.get('/releases?per_page=1&page=2')
  ci.post('/releases/generate-notes', { tag_name: 'v1.0.0' })
  ci.post('/releases/generate-notes', {})
  ci.get('/releases?per_page=100&page=101')
  ci.delete(`/releases/${id}`)
  ci.delete(`/releases/${id}`)
  ci.patch(`/releases/${id}`, {})
}

function playRefusedReleases(open: Open): void {
  const { ci, github } = open()
  ci.post('/releases', { tag_name: 'v1.0.0' })
  ci.post('/releases', { tag_name: 'v1.0.0' })
  for (const tag of ['', 'two words', 'ends.lock']) ci.post('/releases', { tag_name: tag })
  ci.post('/releases', { tag_name: 'v9', target_commitish: 'nowhere' })
  ci.post('/releases', { tag_name: 'v9', body: 'x'.repeat(125_001), draft: true })
  ci.post('/releases', { tag_name: 'v9', prerelease: true, make_latest: 'true' })
  ci.post('/releases', { tag_name: 'v9', make_latest: 'maybe' })
  ci.post('/releases', { tag_name: 'v9', draft: 'yes' })
  ci.post('/releases', { name: 'no tag' })
  ci.post('/releases', { tag_name: 'v9', discussion_category_name: 'Nothing' })
  ci.send('POST', '/releases', { body: '{' })
  ci.send('POST', '/releases', { body: '[]' })
  github.setTagRules(repository, [{ pattern: 'v*', forbids: 'creation' }])
  ci.post('/releases', { tag_name: 'v9' })
  ci.post('/git/refs', { ref: 'refs/tags/v9', sha: github.refs(repository)['refs/heads/main'] })
}

function playAssets(open: Open, keep: Keep): void {
  const { ci, stranger, github } = open()
  const id = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
  ci.get(`/releases/${id}/assets`)
  const asset = ci.upload(id, 'a file.txt', 'bytes', { 'content-type': 'text/plain' }).id()
  ci.upload(id, 'a file.txt', 'again')
  ci.upload(id, '', 'nameless')
  ci.upload(id, 'empty', '')
  ci.upload(id, 'chunked', 'x', { 'content-length': undefined as unknown as string })
  ci.upload(id, 'untyped', 'x', { 'content-type': '' })
  ci.upload(id, 'huge', 'x', { 'content-length': '3000000000' })
  ci.upload(id, 'two-gib', 'x', { 'content-length': '2147483648' })
  ci.upload(1, 'nowhere', 'x')
  keep(leaveStarter(ci, github, id))
  ci.get(`/releases/${id}/assets`)
  ci.get(`/releases/${id}`)
  ci.get('/releases/1/assets')
  ci.get(`/releases/assets/${asset}`)
  const { headers } = ci.get(`/releases/assets/${asset}`, { accept: 'application/octet-stream' })
  stranger.get(headers['location'] ?? '')
  ci.get(headers['location'] ?? '')
  ci.get('/releases/assets/1')
  stranger.get(`/releases/assets/${asset}`)
  ci.patch(`/releases/assets/${asset}`, { name: 'other.txt', label: 'The other' })
  ci.patch(`/releases/assets/${asset}`, { name: 'broken' })
  ci.patch(`/releases/assets/${asset}`, { name: '' })
  ci.patch('/releases/assets/1', { name: 'x' })
  ci.delete(`/releases/assets/${asset}`)
  ci.delete(`/releases/assets/${asset}`)
}

/** What the fault `502 partial` does to an upload. */
function leaveStarter(ci: Speaker, github: Stage['github'], releaseId: number): Exchange {
  const { request } = ci.upload(releaseId, '', 'lost')
  const url = new URL(request.url)
  url.searchParams.set('name', 'broken')
  const half = github.partial({ ...request, url })
  if (half === undefined) throw new Error('an upload can fail half-way')
  return read(request, half)
}

function playImmutability(open: Open): void {
  const { ci, owner, stranger } = open()
  owner.get('/immutable-releases')
  owner.send('PUT', '/immutable-releases')
  owner.get('/immutable-releases')
  ci.get('/immutable-releases')
  ci.send('PUT', '/immutable-releases')
  ci.delete('/immutable-releases')
  stranger.get('/immutable-releases')
  const id = ci.post('/releases', { tag_name: 'v1.0.0', draft: true }).id()
  const asset = ci.upload(id, 'a.txt', 'bytes').id()
  ci.patch(`/releases/${id}`, { draft: false })
  ci.get(`/releases/${id}`)
  ci.upload(id, 'b.txt', 'late')
  ci.patch(`/releases/assets/${asset}`, { label: 'late' })
  ci.delete(`/releases/assets/${asset}`)
  ci.patch(`/releases/${id}`, { draft: true })
  ci.patch(`/releases/${id}`, { tag_name: 'v1.0.1' })
  ci.delete('/git/refs/tags/v1.0.0')
  ci.patch(`/releases/${id}`, { body: 'still open' })
  ci.delete(`/releases/${id}`)
  ci.delete('/git/refs/tags/v1.0.0')
  ci.post('/releases', { tag_name: 'v1.0.0' })
  owner.delete('/immutable-releases')
}

function playGit(open: Open): void {
  const { ci, github } = open()
  const head = github.refs(repository)['refs/heads/main'] ?? ''
  const tagged = github.refs(repository)['refs/tags/v1.0.0'] ?? ''
  ci.get('/git/ref/tags/v1.0.0')
  ci.get('/git/ref/tags/v7')
  ci.get('/git/matching-refs/tags/v')
  ci.get('/git/matching-refs/tags/nothing')
  ci.get('/git/matching-refs/tags/v?per_page=100&page=200')
  const annotated = String(ci.post('/git/tags', { tag: 'v2', message: 'Two', object: head, type: 'commit' }).at('sha'))
  ci.post('/git/tags', { tag: 'v2', message: 'Two', object: 'f'.repeat(40), type: 'commit' })
  ci.post('/git/tags', { tag: 'v2', message: 'Two', object: head, type: 'stone' })
  ci.get(`/git/tags/${annotated}`)
  ci.get(`/git/tags/${head}`)
  ci.post('/git/refs', { ref: 'refs/tags/v2', sha: annotated })
  ci.post('/git/refs', { ref: 'refs/tags/v2', sha: annotated })
  ci.post('/git/refs', { ref: 'v3', sha: head })
  ci.post('/git/refs', { ref: 'refs/tags/v 3', sha: head })
  ci.post('/git/refs', { ref: 'refs/tags/v3', sha: 'f'.repeat(40) })
  ci.post('/git/refs', { ref: 'refs/tags/v3' })
  ci.get('/git/ref/tags/v2')
  ci.get('/tags')
  ci.get('/tags?per_page=1')
  ci.get('/tags?per_page=100&page=200')
  ci.patch('/git/refs/tags/v2', { sha: tagged, force: true })
  ci.patch('/git/refs/tags/v2', { sha: 'f'.repeat(40) })
  ci.patch('/git/refs/tags/v7', { sha: head })
  ci.delete('/git/refs/tags/v2')
  ci.delete('/git/refs/tags/v2')
  ci.get('/commits/main')
  ci.get('/commits/v1.0.0', { accept: 'application/vnd.github.sha' })
  ci.get(`/commits/${head.slice(0, 8)}`)
  ci.get('/commits/nothing')
  ci.get(`/git/commits/${head}`)
  ci.get(`/git/commits/${'f'.repeat(40)}`)
}

function playRepository(open: Open): void {
  const { ci, owner, stranger, github } = open()
  github.addFile(repository, 'CHANGELOG.md', Buffer.from('# Changes\n'.repeat(20)))
  for (const speaker of [ci, owner, stranger]) speaker.get('')
  stranger.get(`${api}/repos/acme/nothing`)
  ci.get('/contents/CHANGELOG.md?ref=main')
  ci.get('/contents/CHANGELOG.md', { accept: 'application/vnd.github.raw+json' })
  ci.get('/contents/nothing')
  const { headers } = ci.get('/tags')
  ci.get('/tags', { 'if-none-match': headers['etag'] ?? '' })
  stranger.get(`${api}/nothing`)
}

function playPermissions(open: Open): void {
  const { github, speak } = open({ private: true })
  github.addToken({ token: 'ghs_reader', login: 'github-actions[bot]', permissions: { contents: 'read' } })
  github.addToken({ token: 'ghs_nothing', login: 'github-actions[bot]', permissions: {} })
  github.addToken({ token: 'github_pat_reader', login: 'bob', permissions: { contents: 'read' } })
  github.addToken({ token: 'ghp_reader', login: 'carol', permissions: { contents: 'read' } })
  github.addToken({ token: 'ghp_elsewhere', login: 'dave', permissions: { contents: 'write' }, repositories: ['a/b'] })
  const speakers = ['ghs_reader', 'ghs_nothing', 'github_pat_reader', 'ghp_reader', 'ghp_elsewhere', undefined].map(
    (token) => speak(token === undefined ? {} : { token })
  )
  for (const speaker of speakers) {
    speaker.get('')
    speaker.get('/releases')
    speaker.post('/releases', { tag_name: 'v1.0.0' })
    speaker.send('PUT', '/immutable-releases')
  }
  const workflow = github.addCommit(repository, { message: 'Change a workflow', changesWorkflows: true })
  github.addToken({ token: 'ghp_writer', login: 'erin', permissions: { contents: 'write' } })
  for (const token of ['ghs_ci', 'ghp_writer', 'ghp_owner']) {
    speak({ token }).post('/releases', { tag_name: 'v1.0.0', target_commitish: workflow })
  }
}

function playLimits(open: Open): void {
  for (const status of [403, 429] as const) {
    const primary = open({ rateLimits: { anonymous: 1, status } })
    primary.stranger.get('/tags')
    primary.stranger.get('/tags')
    primary.stranger.get(`${api}/rate_limit`)
    const secondary = { ...githubRateLimits.secondary, contentPerMinute: 1 }
    const limited = open({ rateLimits: { secondary, status } })
    limited.ci.post('/releases', { tag_name: 'v1.0.0' })
    limited.ci.post('/releases', { tag_name: 'v1.0.0' })
  }
}

function playGraphql(open: Open): void {
  const { ci, stranger } = open()
  ci.post('/releases', { tag_name: 'v1.0.0', draft: true })
  const query = `query ($owner: String!) { repository(owner: $owner, name: "lib") { release(tagName: "v1.0.0") { databaseId isDraft } } }`
  ci.graphql(query, { owner: 'acme' })
  ci.graphql(query, { owner: 'nobody' })
  ci.graphql('{ invented }')
  ci.send('POST', `${api}/graphql`, { body: '{' })
  stranger.graphql(query)
}

function playEnterprise(open: Open): void {
  const { speak } = open()
  const server = 'http://127.0.0.1:4000'
  const root = `${server}/api/v3/repos/${repository}`
  const ci = speak({ token: 'ghs_ci', root, uploads: `${server}/api/uploads/repos/${repository}` })
  ci.get(`${server}/api/v3/meta`)
  const id = ci.post('/releases', { tag_name: 'v1.0.0' }).id()
  ci.upload(id, 'a.txt', 'bytes')
  ci.upload(id, 'a.txt', 'bytes')
  ci.get('/releases?per_page=1')
  ci.get('/nothing')
}

function playOutside(open: Open): void {
  const { ci, stranger, speak } = open()
  const id = ci.post('/releases', { tag_name: 'v1.0.0' }).id()
  ci.upload(id, 'a.txt', 'bytes')
  const site = `https://github.com/${repository}`
  stranger.get(site)
  stranger.get(`${site}/releases/latest`)
  stranger.get(`${site}/releases/tag/v1.0.0`)
  stranger.get(`${site}/releases/latest/download/a.txt`)
  const { headers } = stranger.get(`${site}/releases/download/v1.0.0/a.txt`)
  stranger.get(headers['location'] ?? '')
  stranger.get(`${site}/releases/download/v1.0.0/nothing`)
  stranger.send('GET', '/releases', { headers: { 'user-agent': undefined } })
  speak({ token: 'unknown' }).get('/releases')
}
