import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { buildDocs, type BuiltDocs } from '../../actions/hex-publish/build-docs.ts'
import { readProject } from '../../actions/hex-publish/project.ts'
import { rebarDocs } from '../../actions/hex-publish/rebar-config.ts'
import { ActionError, type Problem } from '../../actions/shared/problem.ts'
import { environmentWith, folderWith, quietWorld } from './programs.ts'

async function docs(
  files: Readonly<Record<string, string>>,
  program: string,
  source: string
): Promise<{ readonly folder: string; readonly built: BuiltDocs | undefined; readonly problems: readonly Problem[] }> {
  const folder = folderWith(files)
  const env = environmentWith({
    [program]: `const write = (path) => { fs.mkdirSync(path, { recursive: true }); fs.writeFileSync(path + '/index.html', '') }\n${source}`
  })
  try {
    return { folder, built: await buildDocs(readProject(folder, 'lib/demo'), { env }, quietWorld()), problems: [] }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return { folder, built: undefined, problems: error.problems }
  }
}

const mix = { 'mix.exs': '' }

describe('documentation of mix', () => {
  test.each([
    [
      'where ExDoc says that it is',
      `write('site/pages'); write('doc'); console.log('View "html" docs at "site/pages/index.html"')`,
      'site/pages'
    ],
    [
      'where an older ExDoc says that it is',
      `write('pages'); console.log('View them at "pages/index.html".')`,
      'pages'
    ],
    ['in doc', `write('doc'); write('docs')`, 'doc'],
    ['in docs', `write('docs')`, 'docs']
  ])('is found %s', async (_, source, name) => {
    const { folder, built } = await docs(mix, 'mix', `if (args.join() !== 'docs') process.exit(9)\n${source}`)
    expect(built).toEqual({ folder: join(folder, name), shown: `lib/demo/${name}` })
  })

  test('is left out, and the reason told, where there is no task', async () => {
    const source = `console.error('** (Mix) The task "docs" could not be found. Did you mean "do"?'); process.exitCode = 1`
    const { built } = await docs(mix, 'mix', source)
    expect(built).toEqual({ skipped: expect.stringContaining('ex_doc') })
  })

  test('is not left out where there is a task that only says so', async () => {
    const source = `console.log('The task "docs" could not be found'); fs.mkdirSync('doc')`
    expect((await docs(mix, 'mix', source)).built).toMatchObject({ shown: 'lib/demo/doc' })
  })

  test.each([
    ['docs-failed', `console.error('** (RuntimeError) no main page'); process.exitCode = 1`],
    [
      'dependencies-missing',
      `console.error("** (Mix) Can't continue due to errors on dependencies"); process.exitCode = 1`
    ],
    ['hex-missing', `console.error('** (Mix) Could not find an SCM for dependency :ex_doc'); process.exitCode = 1`],
    // It ended well, and wrote to nowhere that we know of.
    ['docs-failed', `console.log('done')`],
    // Said by a task that then went on and failed of something else.
    ['docs-failed', `write('doc'); console.error('half of it'); process.exitCode = 1`]
  ])('that fails stops the run: %s', async (code, source) => {
    expect((await docs(mix, 'mix', source)).problems).toMatchObject([{ code }])
  })
})

describe('documentation of rebar3', () => {
  test('is built by the provider that rebar.config names', async () => {
    const { folder, built } = await docs(
      { 'rebar.config': '{hex, [{doc, #{provider => ex_doc}}]}.' },
      'rebar3',
      `if (args.join() !== 'ex_doc') process.exit(9); write('doc')`
    )
    expect(built).toEqual({ folder: join(folder, 'doc'), shown: 'lib/demo/doc' })
  })

  test('is left out where none is named', async () => {
    const { built } = await docs({ 'rebar.config': '{erl_opts, [debug_info]}.' }, 'rebar3', 'process.exit(9)')
    expect(built).toEqual({ skipped: expect.stringContaining('rebar.config') })
  })

  test.each([
    ['{hex, [{doc, edoc}]}.', { provider: 'edoc', folder: 'doc' }],
    [
      '{hex,[{repos,[]},{doc,#{provider=>ex_doc}}]}.\n{ex_doc, [{extras, ["README.md"]}]}.',
      { provider: 'ex_doc', folder: 'doc' }
    ],
    ['{edoc_opts, [{preprocess, true}, {dir, "site"}]}.\n{hex, [{doc, edoc}]}.', { provider: 'edoc', folder: 'site' }],
    ['% {hex, [{doc, edoc}]}.\n{deps, []}.', undefined],
    ['{macro, "100%"}. {hex, [{doc, edoc}]}.', { provider: 'edoc', folder: 'doc' }],
    ['{c, $%}. {hex, [ % the docs\n {doc, edoc}]}.', { provider: 'edoc', folder: 'doc' }],
    ['', undefined]
  ])('%s', (source, expected) => {
    expect(rebarDocs(source)).toEqual(expected)
  })
})

test('documentation of Gleam lies under the package’s name', async () => {
  const { folder, built } = await docs(
    { 'gleam.toml': 'name = "demo"\nversion = "0.1.0"\n' },
    'gleam',
    `if (args.join(' ') !== 'docs build') process.exit(9); write('build/dev/docs/demo')`
  )
  expect(built).toEqual({ folder: join(folder, 'build/dev/docs/demo'), shown: 'lib/demo/build/dev/docs/demo' })
})
