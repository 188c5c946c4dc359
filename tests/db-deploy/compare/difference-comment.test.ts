import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { planComment, sendComment, type CommentInputs } from '../../../actions/db-deploy/compare/difference-comment.ts'
import type { Difference } from '../../../actions/db-deploy/record.ts'
import { readRunContext } from '../../../actions/shared/run-context.ts'
import { serve } from '../../support/loopback.ts'
import { testWorld } from '../../support/world.ts'

interface Comment {
  readonly id: number
  body: string
  readonly user: { readonly login: string }
}

/** A GitHub that has comments of one pull request, and answers to nothing else. */
async function githubWith(comments: Comment[], head = 'acme/app'): Promise<CommentInputs> {
  const { url } = await serve((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      const body = (): string => (JSON.parse(text) as { readonly body: string }).body
      if (path === '/graphql') answer(200, { data: { viewer: { login: 'github-actions[bot]' } } })
      else if (request.method === 'GET' && path.endsWith('/issues/7/comments')) answer(200, comments)
      else if (request.method === 'POST' && path.endsWith('/issues/7/comments')) {
        const made = { id: comments.length + 1, body: body(), user: { login: 'github-actions[bot]' } }
        comments.push(made)
        answer(201, made)
      } else if (request.method === 'PATCH') {
        const there = comments.find(({ id }) => path.endsWith(`/comments/${id}`))
        if (there !== undefined) there.body = body()
        answer(there === undefined ? 404 : 200, {})
      } else answer(404, { message: 'Not Found' })
    })
  })
  const event = join(mkdtempSync(join(tmpdir(), 'event-')), 'event.json')
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7, head: { repo: { full_name: head } } } }))
  return {
    comment: true,
    githubToken: 'ghs_of_the_job',
    shownFolder: 'app',
    production: { environment: 'staging', production: false, confirm: undefined, phrase: undefined, allowedRefs: [] },
    context: readRunContext({
      GITHUB_API_URL: url,
      GITHUB_GRAPHQL_URL: `${url}/graphql`,
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: event
    })
  }
}

const found: Difference = {
  result: 'found',
  text: 'ALTER TABLE "User" ADD COLUMN "byHand" TEXT;',
  findings: [],
  tables: [{ name: 'User', size: 8192, rows: 12, lock: 'ACCESS EXCLUSIVE' }]
}
const none: Difference = { result: 'none', text: '', findings: [], tables: [] }

async function tell(inputs: CommentInputs, difference: Difference): Promise<string> {
  const world = testWorld()
  world.secrets.add('s3cret-in-sql')
  const plan = await planComment('drift', { difference, pending: [], shownFolder: 'app' }, inputs, world)
  if (plan === undefined) return 'nothing'
  if (plan.step.kind !== 'unchanged') await sendComment(inputs, plan, world)
  return plan.step.kind
}

test('one comment tells of drift, stays while nothing changes, and says when it is gone', async () => {
  const comments: Comment[] = []
  const inputs = await githubWith(comments)

  expect(await tell(inputs, found)).toBe('create')
  expect(comments[0]?.body).toContain('ADD COLUMN "byHand" TEXT')
  expect(comments[0]?.body).toMatch(/\| `User` \| 8\.0 KiB \| 12 \| ACCESS EXCLUSIVE \|/)
  expect(await tell(inputs, found)).toBe('unchanged')
  expect(await tell(inputs, none)).toBe('update')
  expect(comments).toHaveLength(1)
  expect(comments[0]?.body).toContain('The database is what its migrations make')
})

test('nothing is written where there is nothing to say, nor on the pull request of a fork', async () => {
  const comments: Comment[] = []

  expect(await tell(await githubWith(comments), none)).toBe('nothing')
  expect(await tell(await githubWith(comments, 'mallory/app'), found)).toBe('nothing')
  expect(await tell({ ...(await githubWith(comments)), comment: false }, found)).toBe('nothing')
  expect(comments).toEqual([])
})

test('secrets are taken out of it', async () => {
  const comments: Comment[] = []
  await tell(await githubWith(comments), { ...found, text: "CREATE SERVER s OPTIONS (password 's3cret-in-sql');" })

  expect(comments[0]?.body).toContain('CREATE SERVER')
  expect(comments[0]?.body).not.toContain('s3cret-in-sql')
})

test('what GitHub refuses is told in the log and fails nothing', async () => {
  const inputs = await githubWith([])
  const world = testWorld()
  const elsewhere = {
    ...inputs,
    context: { ...inputs.context, repository: 'acme/app', apiUrl: `${inputs.context.apiUrl}/v9` }
  }
  const gone = { ...elsewhere, context: { ...elsewhere.context, graphqlUrl: `${inputs.context.apiUrl}/none` } }
  const comment = {
    step: { kind: 'create', target: '', wanted: '', why: '' },
    pull: 8,
    marker: 'm',
    body: 'm',
    ids: []
  } as const

  expect(await sendComment(gone, comment, world)).toBe(false)
  expect(world.log.lines.join('\n')).toContain('was not written')
})
