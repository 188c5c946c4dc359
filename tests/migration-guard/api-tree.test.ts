import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createApiContents, listApiTree, readCommit, readMergeBase } from '../../actions/migration-guard/api-tree.ts'
import { repository, scriptedGithub, type Scripted } from './scripted-github.ts'

const id = (text: string): string => createHash('sha1').update(text).digest('hex')

function blob(path: string): object {
  return { path, mode: '100644', type: 'blob', sha: id(path), size: 1 }
}

function folder(path: string, sha = id(path)): object {
  return { path, mode: '040000', type: 'tree', sha }
}

const trees = `/repos/${repository}/git/trees`

test('a listing that GitHub cuts is read folder by folder, each as far as it goes at once', async () => {
  const [root, app, deep] = ['root', 'app', 'deep'].map(id)
  const { access, requests } = await scriptedGithub({
    [`GET ${trees}/${root}?recursive=1`]: { tree: [blob('a'), folder('app')], truncated: true },
    [`GET ${trees}/${root}`]: { tree: [blob('a'), folder('app'), folder('m', id('m'))], truncated: false },
    [`GET ${trees}/${id('m')}?recursive=1`]: { tree: [folder('x'), blob('x/1.sql'), blob('2.sql')], truncated: false },
    [`GET ${trees}/${app}?recursive=1`]: { tree: [blob('b')], truncated: true },
    [`GET ${trees}/${app}`]: {
      tree: [blob('b'), folder('deep'), { path: 'module', mode: '160000', type: 'commit', sha: id('module') }],
      truncated: false
    },
    [`GET ${trees}/${deep}?recursive=1`]: { tree: [blob('c')], truncated: false }
  })
  const files = await listApiTree(access.github, repository, root ?? '')
  expect([...files.keys()].sort()).toEqual(['a', 'app/b', 'app/deep/c', 'app/module', 'm/2.sql', 'm/x/1.sql'])
  expect(files.get('app/deep/c')).toEqual({ path: 'app/deep/c', mode: '100644', blob: id('c') })
  expect(requests).toHaveLength(6)
})

test('a single folder that GitHub cuts cannot be read, which is told', async () => {
  const root = id('root')
  const cut = { tree: [blob('a')], truncated: true }
  const { access } = await scriptedGithub({ [`GET ${trees}/${root}`]: cut })
  await expect(listApiTree(access.github, repository, root)).rejects.toMatchObject({
    problems: [{ code: 'change-incomplete', hint: expect.stringContaining('fetch-depth: 0') }]
  })
})

test('contents are held to the id that they were asked for by', async () => {
  const bytes = Buffer.from([0, 1, 255, 10])
  const right = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
  const lines = `${bytes.toString('base64').slice(0, 4)}\n${bytes.toString('base64').slice(4)}\n`
  const answer = { content: lines, encoding: 'base64', size: 4 }
  const { access } = await scriptedGithub({
    [`GET /repos/${repository}/git/blobs/${right}`]: answer,
    [`GET /repos/${repository}/git/blobs/${id('other')}`]: answer
  })
  const read = createApiContents(access.github, repository)
  expect(await read(right)).toEqual(bytes)
  await expect(read(id('other'))).rejects.toMatchObject({ problems: [{ code: 'github-unexpected' }] })
})

test('an empty file has empty contents', async () => {
  const empty = createHash('sha1').update('blob 0\0').digest('hex')
  const { access } = await scriptedGithub({
    [`GET /repos/${repository}/git/blobs/${empty}`]: { content: '', encoding: 'base64', size: 0 }
  })
  expect(await createApiContents(access.github, repository)(empty)).toEqual(Buffer.alloc(0))
})

const faults: readonly (readonly [what: string, answer: Scripted, code: string])[] = [
  ['401', { status: 401, body: { message: 'Bad credentials' } }, 'github-token-refused'],
  ['403', { status: 403, body: { message: 'Resource not accessible by integration' } }, 'github-not-readable'],
  ['404', { status: 404, body: { message: 'Not Found' } }, 'github-not-readable'],
  ['500', { status: 500, body: { message: 'Server Error' } }, 'github-outage'],
  ['no JSON', { status: 200, body: '<html>' }, 'github-unexpected'],
  [
    'JSON of something else',
    { status: 200, body: { tree: 'x', content: 7, merge_base_commit: null } },
    'github-unexpected'
  ],
  ['entries that are none', { status: 200, body: { tree: [{ path: 'a' }], sha: 'x' } }, 'github-unexpected']
]

test.each(faults)('an answer of %s to any request is told as %s', async (_, answer, code) => {
  const sha = id('x')
  const { access } = await scriptedGithub({
    [`GET ${trees}/${sha}`]: answer,
    [`GET /repos/${repository}/commits/main`]: answer,
    [`GET /repos/${repository}/git/blobs/${sha}`]: answer,
    [`GET /repos/${repository}/compare/a...b`]: answer
  })
  const { github } = access
  const expected = {
    problems: [{ code, message: expect.not.stringContaining('ghs_'), hint: expect.stringMatching(/./) }]
  }
  await expect(listApiTree(github, repository, sha)).rejects.toMatchObject(expected)
  await expect(readCommit(github, repository, 'main')).rejects.toMatchObject(expected)
  await expect(createApiContents(github, repository)(sha)).rejects.toMatchObject(expected)
  await expect(readMergeBase(github, repository, 'a', 'b')).rejects.toMatchObject(expected)
})

test('at most eight blobs are asked for at once, and all come', async () => {
  const texts = Array.from({ length: 40 }, (_, index) => `select ${index};`)
  const ids = texts.map((text) => createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex'))
  const { access, requests } = await scriptedGithub(
    Object.fromEntries(
      texts.map((text, index) => [
        `GET /repos/${repository}/git/blobs/${ids[index] ?? ''}`,
        { content: Buffer.from(text).toString('base64'), encoding: 'base64' }
      ])
    )
  )
  const read = createApiContents(access.github, repository)
  expect((await Promise.all(ids.map(read))).map(String)).toEqual(texts)
  expect(requests).toHaveLength(40)
})
