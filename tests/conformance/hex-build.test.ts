// needs: erl, elixir, mix, rebar3
// Projects built by Mix and rebar3 themselves, with and without Hex: a stand-in archive of ours is in Hex's place.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { buildDocs, type BuiltDocs } from '../../actions/hex-publish/build-docs.ts'
import { buildTarball, type BuiltTarball } from '../../actions/hex-publish/build.ts'
import { readProject } from '../../actions/hex-publish/project.ts'
import { readTarball } from '../../actions/hex-publish/tarball.ts'
import { findToolchain, type Toolchain } from '../../actions/hex-publish/toolchain.ts'
import { ActionError, type Problem } from '../../actions/shared/problem.ts'
import { runProgram } from '../../actions/shared/program.ts'
import { withToolFolder } from '../../scripts/tools.ts'
import { folderWith, quietWorld } from '../hex-publish/programs.ts'
import { installHexStandIn } from '../support/hex/stand-in.ts'
import { temporaryFolder } from '../support/run-action.ts'

let withHex: Record<string, string> = {}
let withoutHex: Record<string, string> = {}

beforeAll(async () => {
  const machine = withToolFolder({ PATH: process.env['PATH'], LANG: 'C.UTF-8', ELIXIR_ERL_OPTIONS: '+fnu' })
  const base = {
    ...Object.fromEntries(
      Object.entries(machine).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
    ),
    HOME: temporaryFolder('home'),
    // Nothing answers there: no test depends on the network.
    HEX_CDN: 'http://127.0.0.1:9'
  }
  const { env } = await installHexStandIn({ folder: temporaryFolder('mix-home') })
  withHex = { ...base, ...env, 'INPUT_API-KEY': 'key-of-the-run', HEX_API_KEY: 'key-of-the-run' }
  withoutHex = { ...base, MIX_HOME: temporaryFolder('mix-home') }
})

function mixExs(options: { readonly deps?: string; readonly more?: string; readonly top?: string }): string {
  const { deps = '[]', more = '', top = '' } = options
  return `${top}
defmodule Demo.MixProject do
  use Mix.Project

  def project do
    [
      app: :demo,
      version: "0.1.0",
      elixir: "~> 1.14",
      description: "A demonstration",
      deps: ${deps},
      package: [licenses: ["MIT"], links: %{"Source" => "https://github.com/octo/demo"}]${more}
    ]
  end
end
`
}

const sources = { 'lib/demo.ex': 'defmodule Demo do\n  @moduledoc "Says what it is."\nend\n', 'README.md': '# Demo\n' }

interface Attempt<T> {
  readonly made: T | undefined
  readonly problems: readonly Problem[]
  readonly said: readonly string[]
  readonly versions: Toolchain['versions']
}

/** Finds the tools and builds, as the action does. */
async function attempt<T>(
  files: Readonly<Record<string, string>>,
  env: Record<string, string>,
  make: (...args: Parameters<typeof buildTarball>) => Promise<T>
): Promise<Attempt<T>> {
  const world = quietWorld()
  const project = readProject(folderWith(files), '.')
  const found = await findToolchain({}, env, { tool: project.tool ?? 'mix', secrets: world.secrets })
  if ('problems' in found) throw new ActionError(found.problems)
  const { versions } = found.toolchain
  try {
    return { made: await make(project, found.toolchain, world), problems: [], said: world.log.lines, versions }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return { made: undefined, problems: error.problems, said: world.log.lines, versions }
  }
}

const tarballOf = (
  files: Readonly<Record<string, string>>,
  env: Record<string, string>
): Promise<Attempt<BuiltTarball>> => attempt(files, env, buildTarball)
const docsOf = (files: Readonly<Record<string, string>>, env: Record<string, string>): Promise<Attempt<BuiltDocs>> =>
  attempt(files, env, buildDocs)

describe('Mix builds a package', () => {
  test('that we read, without the key and without an answer to give', async () => {
    const curious = `IO.puts("key: " <> inspect({System.get_env("INPUT_API-KEY"), System.get_env("HEX_API_KEY")}))
IO.puts("answer: " <> inspect(IO.gets("Go on? [Yn] ")))`
    const { made, said, versions } = await tarballOf({ ...sources, 'mix.exs': mixExs({ top: curious }) }, withHex)
    expect(made?.shown).toBe('demo-0.1.0.tar')
    const { tarball, problems } = await readTarball(made?.bytes ?? Buffer.alloc(0), 'demo-0.1.0.tar')
    expect(problems).toEqual([])
    expect(tarball?.metadata).toMatchObject({ name: 'demo', version: '0.1.0', licenses: ['MIT'] })
    expect(tarball?.entries.map(({ path }) => path)).toContain('lib/demo.ex')
    expect(said).toContain('key: {nil, nil}')
    expect(said.join('\n')).toContain('answer: :eof')
    expect(versions).toMatchObject({
      elixir: expect.stringMatching(/^1\.\d+\.\d+/),
      otp: expect.stringMatching(/^2\d\.\d+/),
      hex: expect.stringContaining('stand-in')
    })
  })

  test('again, over the file of the last time', async () => {
    const { made } = await tarballOf({ ...sources, 'mix.exs': mixExs({}), 'demo-0.1.0.tar': 'older' }, withHex)
    expect(made?.bytes.length).toBeGreaterThan(1_000)
  })
})

describe('Mix builds no package, and we tell why', () => {
  test.each([
    ['hex-missing', 'without Hex and without dependencies', mixExs({}), false],
    ['hex-missing', 'without Hex and with one', mixExs({ deps: '[{:jason, "~> 1.0"}]' }), false],
    ['dependency-not-on-hex', 'with a path dependency', mixExs({ deps: '[{:schema, path: "../schema"}]' }), true],
    [
      'umbrella-project',
      'of an umbrella that computes it',
      mixExs({}).replace('project do\n    [', 'project do\n    [apps_path: "apps"] ++ ['),
      true
    ],
    ['package-incomplete', 'without a licence', mixExs({}).replace('licenses: ["MIT"], ', ''), true],
    ['build-failed', 'of what is no Elixir', 'defmodule', true]
  ])('%s: %s', async (code, _, source, hasHex) => {
    const { problems } = await tarballOf({ ...sources, 'mix.exs': source }, hasHex ? withHex : withoutHex)
    expect(problems.map((problem) => problem.code)).toEqual([code])
  })
})

describe('documentation', () => {
  const task = `defmodule Mix.Tasks.Docs do
  use Mix.Task
  def run(_) do
    File.mkdir_p!("site")
    File.write!("site/index.html", "<h1>" <> to_string(Mix.Project.config()[:app]))
    Mix.shell().info(~s(View "html" docs at "site/index.html"))
  end
end
`
  test('of a project without a task is left out', async () => {
    const { made, problems } = await docsOf({ ...sources, 'mix.exs': mixExs({}) }, withHex)
    expect(problems).toEqual([])
    expect(made).toEqual({ skipped: expect.stringContaining('no task docs') })
  })

  test('of a task of the project’s own is found where it says', async () => {
    const { made } = await docsOf({ ...sources, 'mix.exs': mixExs({}), 'lib/docs.ex': task }, withHex)
    if (made === undefined || 'skipped' in made) throw new Error('nothing was built')
    expect(readFileSync(join(made.folder, 'index.html'), 'utf8')).toBe('<h1>demo')
  })

  test('whose dependencies were not fetched stops the run, with the command', async () => {
    const deps = '[{:ex_doc, "~> 0.30", only: :dev, runtime: false}]'
    const { problems } = await docsOf({ ...sources, 'mix.exs': mixExs({ deps }) }, withHex)
    expect(problems).toMatchObject([{ code: 'dependencies-missing', hint: expect.stringContaining('mix deps.get') }])
  })

  test('whose task fails stops the run', async () => {
    const failing = task.replace('File.mkdir_p!("site")', 'Mix.raise("no main page")')
    const { problems } = await docsOf({ ...sources, 'mix.exs': mixExs({}), 'lib/docs.ex': failing }, withHex)
    expect(problems).toMatchObject([{ code: 'docs-failed', hint: expect.stringContaining('no main page') }])
  })

  test('of a project for another Elixir stops the run, with the step that brings it', async () => {
    const { problems } = await docsOf({ ...sources, 'mix.exs': mixExs({}).replace('~> 1.14', '~> 9.0') }, withHex)
    expect(problems).toMatchObject([
      { code: 'tool-version-missing', hint: expect.stringContaining("elixir-version: '~> 9.0'") }
    ])
  })

  test('of a module that does not compile stops the run: there may be a task in it', async () => {
    const { problems } = await docsOf({ 'lib/demo.ex': 'defmodule Demo do', 'mix.exs': mixExs({}) }, withHex)
    expect(problems).toMatchObject([{ code: 'docs-failed' }])
  })

  test('by edoc is built where rebar.config names it', async () => {
    const files = {
      'rebar.config': '{hex, [{doc, #{provider => edoc}}]}. % the docs\n',
      'src/demo.app.src':
        '{application, demo, [{vsn, "0.1.0"}, {modules, []}, {registered, []}, {applications, [kernel, stdlib]}]}.',
      'src/demo.erl': '%% @doc Says what it is.\n-module(demo).\n-export([what/0]).\nwhat() -> demo.\n'
    }
    const { made, versions } = await docsOf(files, withoutHex)
    if (made === undefined || 'skipped' in made) throw new Error('nothing was built')
    expect(readFileSync(join(made.folder, 'index.html'), 'utf8')).toContain('<html>')
    expect(versions).toMatchObject({ rebar3: expect.stringMatching(/^3\./) })
  })
})

test('rebar3 without its plugin is told as that', async () => {
  const files = {
    'rebar.config': '{deps, []}.\n',
    'src/demo.app.src': '{application, demo, [{vsn, "0.1.0"}, {applications, [kernel, stdlib]}]}.'
  }
  const { problems } = await tarballOf(files, withoutHex)
  expect(problems.map(({ code }) => code)).toEqual(['hex-missing'])
})

test('a program that the Erlang VM started ends with it, in a session of its own as it is', async () => {
  const seconds = '61.25'
  const result = await runProgram({
    program: 'elixir',
    args: ['-e', `IO.puts("ready"); System.cmd("sh", ["-c", "echo $$; exec sleep ${seconds}"], into: IO.stream())`],
    folder: temporaryFolder('program'),
    env: withoutHex,
    timeout: 5_000,
    ...quietWorld()
  })
  expect(result.end).toBe('timed out')
  const pid = Number(/^(\d+)$/m.exec(result.output)?.[1])
  expect(pid).toBeGreaterThan(1)
  await sleep(200)
  expect(isRunning(pid)).toBe(false)
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // What has ended and waits for a parent to ask counts as gone.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
