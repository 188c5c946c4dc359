import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { byVersion, readToolRange } from '../../actions/hex-publish/tool-version.ts'
import { findToolchain, setupStep, type Toolchain } from '../../actions/hex-publish/toolchain.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'
import { runProgram } from '../../actions/shared/program.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { keptLog } from '../support/world.ts'
import { environmentWith, programsIn } from './programs.ts'

const erl = (version: string): Record<string, string> => ({ erl: `console.log('OTP ${version}')` })
const elixir = (version: string, builtFor = '27'): Record<string, string> => ({
  elixir: `console.log(args[0] === '--short-version' ? '${version}' : 'Erlang/OTP 27 [erts-15.1]\\n\\nElixir ${version} (compiled with Erlang/OTP ${builtFor})')`,
  mix: `if (args[0] === 'archive') console.log('* hex-2.1.1\\nArchives installed at: /x')`
})

/** A tool cache as setup-beam leaves it. The toolkit knows of it by the process's own environment. */
function toolCache(tools: Readonly<Record<string, Readonly<Record<string, string>>>>): { RUNNER_TOOL_CACHE: string } {
  const cache = temporaryFolder('tool-cache')
  for (const [name, programs] of Object.entries(tools)) {
    const place = join(cache, name, arch())
    mkdirSync(place, { recursive: true })
    programsIn(join(place, 'bin'), programs)
    writeFileSync(`${place}.complete`, '')
  }
  process.env['RUNNER_TOOL_CACHE'] = cache
  return { RUNNER_TOOL_CACHE: cache }
}
afterEach(() => {
  delete process.env['RUNNER_TOOL_CACHE']
})

const secrets = createSecrets(() => undefined)

async function found(wanted: { elixir?: string; otp?: string }, env: Record<string, string>): Promise<Toolchain> {
  const result = await findToolchain(wanted, env, { tool: 'mix', secrets })
  if ('problems' in result) throw new Error(result.problems.map(({ message }) => message).join('\n'))
  return result.toolchain
}

async function problems(
  wanted: { elixir?: string; otp?: string },
  env: Record<string, string>,
  tool: 'mix' | 'rebar3' | 'gleam' = 'mix'
): Promise<readonly { code: string; message: string; hint: string }[]> {
  const result = await findToolchain(wanted, env, { tool, secrets })
  return 'problems' in result ? result.problems : []
}

describe('the tools', () => {
  test('on PATH are taken as they are where no version is asked for, and their versions told', async () => {
    const env = environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3') })
    const toolchain = await found({}, env)
    expect(toolchain).toMatchObject({ folders: [], versions: { elixir: '1.17.3', otp: '27.1.2', hex: '2.1.1' } })
  })

  test('on PATH are taken where they fit', async () => {
    const env = environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3') })
    expect((await found({ elixir: '~> 1.15', otp: '>=25' }, env)).folders).toEqual([])
  })

  test('in the tool cache come first on PATH where PATH has others, the highest that fits', async () => {
    const cache = toolCache({
      'elixir/1.15.7-otp-25': elixir('1.15.7', '25'),
      'elixir/1.15.8-otp-25': elixir('1.15.8', '25'),
      'elixir/1.16.0-otp-25': elixir('1.16.0', '25'),
      'otp/ubuntu-24.04/OTP-25.3.2.8': erl('25.3.2.8'),
      'otp/ubuntu-24.04/OTP-25.3.2.13': erl('25.3.2.13'),
      'otp/ubuntu-24.04/OTP-26.0': erl('26.0')
    })
    const env = { ...environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3') }), ...cache }
    const toolchain = await found({ elixir: '1.15', otp: '25' }, env)
    expect(toolchain.versions).toMatchObject({ elixir: '1.15.8', otp: '25.3.2.13' })
    expect(toolchain.folders).toEqual([
      join(cache.RUNNER_TOOL_CACHE, 'elixir/1.15.8-otp-25', arch(), 'bin'),
      join(cache.RUNNER_TOOL_CACHE, 'otp/ubuntu-24.04/OTP-25.3.2.13', arch(), 'bin')
    ])
    const asked = { program: 'elixir', args: ['--short-version'], folder: '/', env: toolchain.env, timeout: 20_000 }
    expect(await runProgram({ ...asked, log: keptLog(), secrets })).toMatchObject({ output: '1.15.8' })
  })

  test('in the tool cache are passed over where their installation is not complete', async () => {
    const cache = toolCache({ 'otp/ubuntu-24.04/OTP-25.3.2.8': erl('25.3.2.8') })
    rmSync(join(cache.RUNNER_TOOL_CACHE, 'otp/ubuntu-24.04/OTP-25.3.2.8', `${arch()}.complete`))
    const env = { ...environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3') }), ...cache }
    expect(await problems({ otp: '25' }, env)).toMatchObject([{ code: 'tool-version-missing' }])
  })

  test('in the tool cache are passed over where they do not start: setup-beam installs OTP elsewhere', async () => {
    const cache = toolCache({
      'otp/ubuntu-24.04/OTP-25.3.2.13': { Install: '' },
      'otp/ubuntu-24.04/OTP-25.3.2.9': { erl: 'process.exit(127)' },
      'otp/ubuntu-24.04/OTP-25.3.2.8': erl('25.3.2.8')
    })
    const env = { ...environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3') }), ...cache }
    const toolchain = await found({ otp: '25' }, env)
    expect(toolchain.versions.otp).toBe('25.3.2.8')
    expect(toolchain.folders).toHaveLength(1)
  })

  test('are the build for one OTP where the range says so, on PATH and in the cache', async () => {
    const cache = toolCache({
      'elixir/1.17.3-otp-25': elixir('1.17.3', '25'),
      'elixir/1.17.3-otp-26': elixir('1.17.3', '26')
    })
    const env = { ...environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3', '27') }), ...cache }
    expect((await found({ elixir: 'v1.17.3-otp-25' }, env)).folders[0]).toContain('1.17.3-otp-25')
    expect((await found({ elixir: '1.17.3-otp-27' }, env)).folders).toEqual([])
    const [problem] = await problems({ elixir: '1.17.3-otp-24' }, env)
    expect(problem?.message).toBe(
      'No Elixir that fits "1.17.3-otp-24" and runs on OTP 27.1.2 is here, only 1.17.3 built for OTP 27 on PATH, 1.17.3 built for OTP 26, 1.17.3 built for OTP 25.'
    )
  })

  test('are an Elixir that the OTP at hand runs, not one compiled with a newer', async () => {
    const cache = toolCache({
      'elixir/1.17.2-otp-24': elixir('1.17.2', '24'),
      'elixir/1.17.2-otp-25': elixir('1.17.2', '25'),
      'elixir/1.17.3-otp-27': elixir('1.17.3', '27')
    })
    const env = { ...environmentWith({ ...erl('25.3'), ...elixir('1.14.0', '25') }), ...cache }
    expect((await found({ elixir: '1.17' }, env)).folders[0]).toContain('1.17.2-otp-25')
    const [problem] = await problems({ elixir: '1.17.3' }, env)
    expect(problem?.message).toBe(
      'No Elixir that fits "1.17.3" and runs on OTP 25.3 is here, only 1.14.0 on PATH, 1.17.3 built for OTP 27, 1.17.2 built for OTP 25, 1.17.2 built for OTP 24.'
    )
  })

  test('are not the Elixir on PATH where it does not start on the OTP that is chosen', async () => {
    const cache = toolCache({
      'elixir/1.17.2-otp-25': elixir('1.17.2', '25'),
      'otp/ubuntu-24.04/OTP-25.3.2.8': erl('25.3.2.8')
    })
    const compiledForNewer = `if (args[0] === '--short-version') console.log('1.17.3'); else process.exit(1)`
    const env = { ...environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3'), elixir: compiledForNewer }), ...cache }
    expect((await found({ elixir: '1.17', otp: '25' }, env)).versions).toMatchObject({
      elixir: '1.17.2',
      otp: '25.3.2.8'
    })
  })

  test('never hear of another mix.exs, which the first mix would run', async () => {
    const env = environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3') })
    expect((await found({}, { ...env, MIX_EXS: '/other/mix.exs' })).env).toEqual({ PATH: env['PATH'] })
  })

  test('get an environment without keys', async () => {
    const env = environmentWith({ ...erl('27.1.2'), ...elixir('1.17.3') })
    const toolchain = await found({}, { ...env, HEX_API_KEY: 'k', 'INPUT_API-KEY': 'k', LANG: 'C.UTF-8' })
    expect(toolchain.env).toEqual({ PATH: env['PATH'], LANG: 'C.UTF-8' })
  })
})

describe('what is missing', () => {
  test('is told with the step that brings it, for Elixir and for OTP at once', async () => {
    const env = environmentWith({ ...erl('25.2.3'), ...elixir('1.14.0') })
    const told = await problems({ elixir: '1.17', otp: '27' }, env)
    expect(told.map(({ code }) => code)).toEqual(['tool-version-missing', 'tool-version-missing'])
    expect(told.map(({ message }) => message)).toEqual([
      'No Erlang/OTP that fits "27" is here, only 25.2.3 on PATH.',
      'No Elixir that fits "1.17" is here, only 1.14.0 on PATH.'
    ])
    expect(told[0]?.hint).toContain(
      "- uses: erlef/setup-beam@v1\n  with:\n    otp-version: '27'\n    elixir-version: '1.17'"
    )
  })

  test.each([
    ['mix', "elixir-version: '1.17'"],
    ['rebar3', "rebar3-version: '3'"],
    ['gleam', "gleam-version: '1'"]
  ] as const)('%s is told with the step that brings it', async (tool, line) => {
    const [problem] = await problems({}, environmentWith({}), tool)
    expect(problem).toMatchObject({ code: 'build-tool-missing', hint: expect.stringContaining(line) })
  })

  test('may be Erlang itself, without which mix does not start', async () => {
    const [problem] = await problems({}, environmentWith(elixir('1.17.3')))
    expect(problem).toMatchObject({
      code: 'build-tool-missing',
      message: 'There is no erl on PATH to build the package with.'
    })
  })

  test('is no version at all where the input cannot be read', async () => {
    const told = await problems({ elixir: 'newest', otp: '=>25' }, environmentWith({}))
    expect(told.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'tool-version-invalid: Input elixir-version is "newest", which is no range of versions.',
      'tool-version-invalid: Input otp-version is "=>25", which is no range of versions.'
    ])
  })

  test('is a step of YAML that names what was asked for', () => {
    expect(setupStep({ elixir: '~> 1.15' })).toBe(
      "- uses: erlef/setup-beam@v1\n  with:\n    otp-version: '26'\n    elixir-version: '~> 1.15'"
    )
  })
})

test.each([
  ['rebar3', 'rebar3', `console.log('rebar 3.24.0 on Erlang/OTP 27 Erts 15.1')`, '3.24.0'],
  ['gleam', 'gleam', `console.log('gleam 1.6.2')`, '1.6.2']
] as const)('the version of %s is told, and no Elixir is needed', async (tool, program, source, version) => {
  const env = environmentWith({ ...erl('27.1.2'), [program]: source })
  const result = await findToolchain({}, env, { tool, secrets })
  expect(result).toMatchObject({ toolchain: { versions: { [tool]: version, otp: '27.1.2' } } })
})

describe('a range of versions', () => {
  test.each([
    ['25', ['25.0', '25.3.2.8'], ['2.5', '250.0', '24.3', '26.0', '25.0-rc1']],
    ['25.3.2.8', ['25.3.2.8'], ['25.3.2', '25.3.2.80', '25.3.2.9']],
    ['OTP-25.3', ['25.3', '25.3.2.8'], ['25.2']],
    ['27.0-rc1', ['27.0-rc1'], ['27.0', '27.0-rc2']],
    ['>=25', ['25.0', '25.3.2.8', '28.1'], ['24.3.4.17', '26.0-rc1']],
    ['>=25 <27', ['26.2.5.3'], ['27.0']],
    ['25.x || 27.x', ['25.3.2.8', '27.1'], ['26.0']],
    ['1.15', ['1.15.0', '1.15.8'], ['1.16.0', '1.1.5', '1.15.0-rc.1']],
    ['v1.15.7', ['1.15.7'], ['1.15.8']],
    ['^1.15', ['1.15.0', '1.18.3'], ['2.0.0']],
    // Elixir's own meaning: the last number may grow.
    ['~> 1.15', ['1.15.0', '1.18.3'], ['1.14.5', '2.0.0', '1.16.0-rc.0']],
    ['~> 1.15.2', ['1.15.2', '1.15.8'], ['1.15.1', '1.16.0']],
    ['~> 1.14 or ~> 2.0', ['1.14.0', '2.1.0'], ['3.0.0']]
  ])('%s', (text, accepted, refused) => {
    const range = readToolRange(text)
    expect(accepted.filter((version) => range?.accepts(version) !== true)).toEqual([])
    expect(refused.filter((version) => range?.accepts(version) !== false)).toEqual([])
  })

  test.each(['', 'latest', '1.15.', '=>1', '~> ', 'main', '1.15 -otp'])('%p is none', (text) => {
    expect(readToolRange(text)).toBeUndefined()
  })

  test('versions are ordered by all their numbers', () => {
    expect(['25.3.2.8', '25.3.2.13', '25.3', '9.0', '27.0-rc1', '27.0'].sort(byVersion)).toEqual([
      ...['27.0', '27.0-rc1', '25.3.2.13', '25.3.2.8', '25.3', '9.0']
    ])
  })
})

test('folders are put before PATH', async () => {
  const cache = toolCache({ 'elixir/1.15.8-otp-25': elixir('1.15.8', '25') })
  const env: Record<string, string> = { ...environmentWith({ ...erl('25.3'), ...elixir('1.17.3') }), ...cache }
  const toolchain = await found({ elixir: '1.15' }, env)
  expect(toolchain.env['PATH']).toBe([...toolchain.folders, env['PATH']].join(delimiter))
})
