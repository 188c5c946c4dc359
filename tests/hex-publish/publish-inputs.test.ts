import { describe, expect, test } from '@jest/globals'
import { readInputs, type Inputs } from '../../actions/hex-publish/publish/inputs.ts'
import { createInputReader } from '../../actions/shared/inputs.ts'
import { readRunContext } from '../../actions/shared/run-context.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'

function read(given: Readonly<Record<string, string>>, ref = 'refs/tags/v1.2.3') {
  const masks: string[] = []
  const environment = {
    GITHUB_REF: ref,
    GITHUB_WORKSPACE: '/checkout',
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
    messages: reader.problems.map(({ message }) => message).join('\n')
  }
}

describe('what is released', () => {
  test.each([
    ['v1.2.3', '1.2.3', undefined],
    ['1.2.3-rc.1', '1.2.3-rc.1', undefined],
    ['v1.2.3rc1', '1.2.3-rc.1', undefined],
    ['demo_schema-v1.2.3', '1.2.3', 'demo_schema'],
    ['demo_schema@1.2.3', '1.2.3', 'demo_schema'],
    ['packages/demo/v1.2.3', '1.2.3', 'packages/demo']
  ])('by the tag %s is %s', (tag, version, name) => {
    const { inputs, codes } = read({}, `refs/tags/${tag}`)
    expect(codes).toEqual([])
    expect(inputs.wanted?.version).toBe(version)
    expect(inputs.wanted?.tag?.package).toBe(name)
  })

  test.each([
    ['v1.2.3+build.1', 'tag-no-hex-version'],
    ['v1.2.3.4', 'tag-no-hex-version'],
    ['release', 'tag-without-version']
  ])('cannot be told by the tag %s', (tag, code) => {
    const { inputs, codes } = read({}, `refs/tags/${tag}`)
    expect(codes).toEqual([code])
    expect(inputs.wanted).toBeUndefined()
  })

  test.each([{}, { mode: 'docs' }, { version: '1.2.3' }])('is told by nothing on a branch with %j', (given) => {
    expect(read(given, 'refs/heads/main').codes).toEqual(['tag-missing'])
  })

  test('is told by version in mode docs, from any ref, whatever the tag', () => {
    const given = { mode: 'docs', version: '0.9.0', package: 'demo_schema' }
    for (const ref of ['refs/heads/main', 'refs/tags/v1.2.3']) {
      const { inputs, codes } = read(given, ref)
      expect(codes).toEqual([])
      expect(inputs.wanted).toEqual({ version: '0.9.0', tag: undefined, name: 'demo_schema' })
      expect(inputs.tag).toBeUndefined()
    }
  })

  test('is not told by package and version in mode publish, where the tarball is', () => {
    expect(read({ version: '9.9.9', package: 'other' }).inputs.wanted).toMatchObject({
      version: '1.2.3',
      name: undefined
    })
  })
})

describe('inputs that are wrong', () => {
  test.each([
    [{ mode: 'docs', version: 'v1.2.3' }, 'version-not-hex', '"v1.2.3"'],
    [{ mode: 'docs', version: '1.2' }, 'version-not-hex', '"1.2"'],
    [{ mode: 'docs', package: 'Demo' }, 'package-name', '"Demo"'],
    [{ mode: 'docs', docs: 'false' }, 'docs-switched-off', 'mode is docs'],
    [{ docs: 'false', 'docs-folder': 'doc' }, 'docs-switched-off', 'docs-folder is given'],
    [{ docs: 'maybe' }, 'input-not-a-choice', '"maybe"'],
    [{ 'build-tool': 'make' }, 'input-not-a-choice', '"make"'],
    [{ 'late-registry': 'ignore' }, 'input-not-a-choice', '"ignore"'],
    [{ mode: 'docs', replace: 'true' }, 'replace-in-docs', 'mode is docs'],
    [{ replace: 'yes' }, 'input-not-boolean', '"yes"'],
    [{ wait: '-1' }, 'wait-not-seconds', '"-1"'],
    [{ wait: '5m' }, 'wait-not-seconds', '"5m"'],
    [{ wait: '99999999' }, 'wait-not-seconds', '"99999999"'],
    [{ organization: 'Acme Inc' }, 'organization-name', '"Acme Inc"'],
    [{ organization: 'hexpm' }, 'organization-name', 'public repository'],
    [{ organization: '../x' }, 'organization-name', '"../x"']
  ] as const)('%j: %s', (given, code, told) => {
    const { codes, messages } = read(given)
    expect(codes).toEqual([code])
    expect(messages).toContain(told)
  })

  test('are all told at once', () => {
    expect(read({ wait: 'long', docs: 'x', 'dry-run': '1', organization: 'A' }, 'refs/tags/x').codes.sort()).toEqual([
      'input-not-a-choice',
      'input-not-boolean',
      'organization-name',
      'tag-without-version',
      'wait-not-seconds'
    ])
  })

  test.each(['"0123456789abcdef"', '0123 456789abcdef', 'Basic dXNlcjpwYXNz', '0123\n456789abcdef'])(
    'a key of the form %j is refused and never shown',
    (key) => {
      const { codes, messages, masks } = read({ 'api-key': key })
      expect(codes).toEqual(['hex-key-form'])
      expect(messages).not.toContain('456789')
      expect(masks).toContain(key)
    }
  )
})

describe('the defaults', () => {
  test('are those of the documentation', () => {
    expect(read({}).inputs).toMatchObject({
      mode: 'publish',
      dryRun: false,
      source: { kind: 'project', tool: 'auto' },
      folder: '/checkout',
      shownFolder: '.',
      docs: 'auto',
      docsFolder: undefined,
      organization: undefined,
      apiKey: undefined,
      requiredFiles: [],
      forbiddenFiles: undefined,
      replace: false,
      wait: 300_000,
      lateRegistry: 'fail'
    })
  })

  test('take folders from the workspace', () => {
    expect(read({ path: 'apps/demo/', 'docs-folder': 'out/doc' }).inputs).toMatchObject({
      folder: '/checkout/apps/demo',
      shownFolder: 'apps/demo',
      docsFolder: { path: '/checkout/out/doc', shown: 'out/doc' }
    })
  })

  test('build nothing where a tarball is given', () => {
    expect(read({ tarball: ' *.tar ' }).inputs.source).toEqual({ kind: 'tarball', pattern: '*.tar' })
  })

  test('let 0 mean not to wait', () => {
    expect(read({ wait: '0' }).inputs.wait).toBe(0)
  })
})
