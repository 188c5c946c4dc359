import { describe, expect, test } from '@jest/globals'
import { readInputs, type Inputs } from '../../actions/pypi-publish/inputs.ts'
import { parseRoutes } from '../../actions/pypi-publish/routes.ts'
import { createInputReader } from '../../actions/shared/inputs.ts'
import { readRunContext } from '../../actions/shared/run-context.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'

function read(given: Readonly<Record<string, string>>, tag = 'v1.2.3', env: Readonly<Record<string, string>> = {}) {
  const masks: string[] = []
  const environment = {
    GITHUB_REF: `refs/tags/${tag}`,
    GITHUB_WORKSPACE: '/checkout',
    ...env,
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
  }
  const reader = createInputReader(
    environment,
    createSecrets((mask) => masks.push(mask))
  )
  const inputs: Inputs = readInputs(reader, readRunContext(environment))
  return {
    inputs,
    masks,
    codes: reader.problems.map(({ code }) => code),
    messages: reader.problems.map(({ message }) => message)
  }
}

const identity = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://id.example/?x=1',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token'
}

describe('the destination', () => {
  test.each([
    ['v1.2.3', 'pypi'],
    ['v1.2.3rc1', 'pypi'],
    ['v1.2.3.post1', 'pypi'],
    ['v1.2.3-beta.1', 'testpypi'],
    ['v0.0.1-alpha', 'testpypi'],
    ['v1.2.3.dev4', 'testpypi']
  ])('of %s is %s', (tag, kind) => {
    expect(read({}, tag).inputs.destination?.index.kind).toBe(kind)
  })

  test('is another index by its two URLs', () => {
    const { inputs, codes } = read({
      index: 'https://host.example/upload/',
      'check-url': 'https://host.example/simple',
      user: 'ci',
      password: 'secret-word'
    })
    expect(codes).toEqual([])
    expect(inputs.destination).toMatchObject({
      index: { kind: 'index', uploadUrl: 'https://host.example/upload/', simpleUrl: 'https://host.example/simple/' },
      credentials: { kind: 'password', user: 'ci' }
    })
  })

  test.each([
    [{ index: 'https://host.example/upload/' }, 'check-url'],
    [{ index: 'pypi', 'check-url': 'https://host.example/simple/' }, 'check-url'],
    [{ index: 'http://host.example/', 'check-url': 'https://host.example/simple/' }, 'index-url'],
    [{ index: 'https://me:geheim@host.example/', 'check-url': 'https://host.example/simple/' }, 'index-url'],
    [{ index: 'PyPI', 'check-url': 'https://host.example/simple/' }, 'index-url'],
    [{ index: 'https://host.example/', 'check-url': 'file:///x' }, 'check-url'],
    [{ index: 'https://host.example/', 'check-url': 'https://host.example/simple/', user: 'ci' }, 'password-missing']
  ])('%j is refused', (given, code) => {
    const { codes, messages } = read(given)
    expect(codes).toEqual([code])
    expect(messages.join()).not.toContain('geheim')
  })
})

describe('the credentials', () => {
  test('are the token of the index that the release goes to, and both are masked', () => {
    const { inputs, masks } = read({ 'pypi-token': 'token-of-pypi', 'testpypi-token': 'token-of-testpypi' }, 'v1.0b1')
    expect(inputs.destination?.credentials).toEqual({ kind: 'token', token: 'token-of-testpypi' })
    expect(masks).toEqual(expect.arrayContaining(['token-of-pypi', 'token-of-testpypi']))
  })

  test('are the job’s identity where there is no token', () => {
    expect(read({}, 'v1.0', identity).inputs.destination?.credentials.kind).toBe('trusted-publishing')
    expect(read({ 'testpypi-token': 'token-of-testpypi' }, 'v1.0', identity).inputs.destination?.credentials.kind).toBe(
      'trusted-publishing'
    )
    expect(read({ 'pypi-token': 'token-of-pypi' }, 'v1.0', identity).inputs.destination?.credentials.kind).toBe('token')
    expect(read({}, 'v1.0').inputs.destination?.credentials.kind).toBe('none')
  })
})

describe('routes', () => {
  test.each([
    ['beta', 'it is not of the form'],
    ['beta: conda', '"conda" is no index'],
    ['gamma: pypi', '"gamma" is no channel'],
    ['beta, beta: pypi', 'beta is routed twice'],
    ['beta: https://host.example/', 'it is not of the form']
  ])('%j is told to be wrong', (line, what) => {
    expect(parseRoutes([line]).problems).toMatchObject([{ code: 'routes', message: expect.stringContaining(what) }])
  })

  test('tell all that is wrong, together with other inputs', () => {
    expect(read({ routes: 'a: pypi\nb: pypi', 'dry-run': 'perhaps' }, 'nonsense').codes.sort()).toEqual([
      'input-not-boolean',
      'routes',
      'routes',
      'tag-without-version'
    ])
  })
})

test('the folder is taken from the workspace', () => {
  expect(read({ 'packages-dir': 'out/dist/' }).inputs).toMatchObject({
    packagesDir: '/checkout/out/dist',
    shownDir: 'out/dist'
  })
})
