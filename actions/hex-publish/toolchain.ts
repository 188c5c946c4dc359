import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../shared/log.ts'
import { childEnvironment, findProgram, runProgram } from '../shared/program.ts'
import type { Problem } from '../shared/problem.ts'
import type { Secrets } from '../shared/secrets.ts'
import { installedElixir, installedOtp, type Installation } from './installations.ts'
import type { BuildTool } from './project.ts'
import { byVersion, readToolRange, type ToolRange } from './tool-version.ts'

/** The programs that build the project, and what they may see. */
export interface Toolchain {
  /** To be put first on PATH. */
  readonly folders: readonly string[]
  /** What runs, where it could be asked. */
  readonly versions: Readonly<Partial<Record<'elixir' | 'otp' | 'hex' | 'rebar3' | 'gleam', string | undefined>>>
  /** All of their environment: no key, no input, the folders on PATH. */
  readonly env: Readonly<Record<string, string>>
}

/** Ranges of versions; absent: what PATH has. */
export interface Wanted {
  readonly elixir?: string | undefined
  readonly otp?: string | undefined
}

export interface ToolchainOptions {
  readonly tool: BuildTool
  readonly secrets: Secrets
}

/**
 * Looks for the programs that build a project: on PATH, and in the places where erlef/setup-beam leaves Elixir and
 * Erlang/OTP. Downloads nothing, and runs nothing of the project.
 *
 * @param env the environment of this process
 */
export async function findToolchain(
  wanted: Wanted,
  env: NodeJS.ProcessEnv,
  options: ToolchainOptions
): Promise<{ readonly toolchain: Toolchain } | { readonly problems: readonly Problem[] }> {
  if (process.platform === 'win32') return { problems: [windowsProblem(options.tool)] }
  const ranges = { elixir: readRange(wanted.elixir), otp: readRange(wanted.otp) }
  const invalid = [
    ...(ranges.elixir === 'invalid' ? [invalidRange('elixir-version', wanted.elixir)] : []),
    ...(ranges.otp === 'invalid' ? [invalidRange('otp-version', wanted.otp)] : [])
  ]
  if (ranges.elixir === 'invalid' || ranges.otp === 'invalid') return { problems: invalid }

  const folders: string[] = []
  // With MIX_EXS every mix runs that file, and builds another project than the one in path.
  const ours = { ...env, MIX_EXS: undefined }
  const environment = (): Record<string, string> => childEnvironment(ours, { path: folders, secrets: options.secrets })
  const search = {
    folders,
    ask: (program: string, ...args: string[]) => answer(program, args, environment(), options)
  }
  // OTP first: without it, Elixir does not start.
  const otp = await choose(search, 'otp', ranges.otp, installedOtp(env))
  const wantsElixir = options.tool === 'mix' || ranges.elixir !== undefined
  const elixir = wantsElixir
    ? await choose(search, 'elixir', ranges.elixir, installedElixir(env), 'seen' in otp ? undefined : otp.version)
    : { version: undefined }
  const problems = [
    ...('seen' in otp ? [unfit('otp', otp, wanted)] : []),
    ...('seen' in elixir ? [unfit('elixir', elixir, wanted)] : [])
  ]
  if ('seen' in otp || 'seen' in elixir) return { problems }
  const absent = [options.tool, ...(options.tool === 'gleam' ? [] : ['erl'])].find(
    (program) => findProgram(program, environment()) === undefined
  )
  if (absent !== undefined) return { problems: [missing(absent, options.tool, wanted)] }
  const versions = { otp: otp.version, elixir: elixir.version, ...(await readVersion[options.tool](search.ask)) }
  return { toolchain: { folders, versions, env: environment() } }
}

interface Search {
  /** Grows by the folder of what was chosen. */
  readonly folders: string[]
  /** What a program says; nothing where it fails. */
  readonly ask: Ask
}

type Ask = (program: string, ...args: string[]) => Promise<string>

/** What runs, where it could be asked; or what is there and does not fit. */
type Choice = { readonly version: string | undefined } | Unfit

interface Unfit {
  readonly range: ToolRange
  readonly seen: readonly string[]
  /** The OTP that it must run on. */
  readonly runsOn: string | undefined
}

async function choose(
  { folders, ask }: Search,
  name: 'otp' | 'elixir',
  range: ToolRange | undefined,
  installations: readonly Installation[],
  runsOn?: string
): Promise<Choice> {
  const onPath = await askers[name](ask, folders.length > 0 || range?.builtFor !== undefined)
  if (range === undefined || (onPath !== undefined && accepts(range, onPath))) return { version: onPath?.version }
  const seen = onPath === undefined ? [] : [`${described(onPath)} on PATH`]
  for (const installation of [...installations].sort(byVersionAndOtp)) {
    seen.push(described(installation))
    if (!accepts(range, installation) || !runs(installation, runsOn)) continue
    folders.unshift(installation.folder)
    // What lies in the cache may not start: on Linux, OTP is installed elsewhere by setup-beam.
    const started = await askers[name](ask, true)
    if (started !== undefined) return { version: started.version }
    folders.shift()
  }
  return { range, seen, runsOn }
}

/** Highest first, and of one version the build for the newest OTP. */
function byVersionAndOtp(a: Installation, b: Installation): number {
  return byVersion(a.version, b.version) || Number(b.builtFor ?? 0) - Number(a.builtFor ?? 0)
}

/** A newer OTP runs what was compiled with an older one, and not the other way round. */
function runs({ builtFor }: Version, otp: string | undefined): boolean {
  return otp === undefined || builtFor === undefined || Number(builtFor) <= Number.parseInt(otp, 10)
}

interface Version {
  readonly version: string
  /** The OTP that Elixir was compiled with, where it matters. */
  readonly builtFor: string | undefined
}

function described({ version, builtFor }: Version): string {
  return builtFor === undefined ? version : `${version} built for OTP ${builtFor}`
}

function accepts(range: ToolRange, { version, builtFor }: Version): boolean {
  return range.accepts(version) && (range.builtFor === undefined || range.builtFor === builtFor)
}

/** What PATH has now; `undefined` where it does not start, which for Elixir only starting the VM shows. */
const askers: Readonly<Record<'otp' | 'elixir', (ask: Ask, startVm: boolean) => Promise<Version | undefined>>> = {
  otp: async (ask) => {
    // erl itself knows only the major version (erlang:system_info); the rest stands in a file.
    const version = /^OTP (\d\S*)$/m.exec(await ask('erl', '-noshell', '-noinput', '-eval', otpVersion))?.[1]
    return version === undefined ? undefined : { version, builtFor: undefined }
  },
  elixir: async (ask, startVm) => {
    // The short one takes milliseconds.
    const said = await ask('elixir', startVm ? '--version' : '--short-version')
    const [, version, builtFor] = /^(?:Elixir )?(\d+\.\S*)(?: \(compiled with Erlang\/OTP (\d+)\))?$/m.exec(said) ?? []
    return version === undefined ? undefined : { version, builtFor }
  }
}

const otpVersion = `R = erlang:system_info(otp_release),
V = case file:read_file(filename:join([code:root_dir(), "releases", R, "OTP_VERSION"])) of {ok, B} -> B; _ -> R end,
io:format("OTP ~s~n", [string:trim(V)]), halt().`.replaceAll('\n', ' ')

/** In a folder of its own: `mix` in a project runs its mix.exs. */
async function answer(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { secrets }: ToolchainOptions
): Promise<string> {
  if (findProgram(program, env) === undefined) return ''
  const folder = mkdtempSync(join(tmpdir(), 'release-actions-'))
  try {
    const { exitCode, output } = await runProgram({ program, args, folder, env, timeout: 60_000, log: quiet, secrets })
    return exitCode === 0 ? output : ''
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const ignore = (): void => undefined
const quiet: Pick<Log, 'info'> = { info: ignore }

const readVersion: Readonly<Record<BuildTool, (ask: Ask) => Promise<Toolchain['versions']>>> = {
  // Mix lists its archives itself; Hex's own tasks would ask hex.pm for a newer version.
  mix: async (ask) => ({ hex: /^\* hex-(\d[^\s]*)/m.exec(await ask('mix', 'archive'))?.[1] }),
  rebar3: async (ask) => ({ rebar3: /^rebar (\S+)/m.exec(await ask('rebar3', 'version'))?.[1] }),
  gleam: async (ask) => ({ gleam: /^gleam v?(\S+)/m.exec(await ask('gleam', '--version'))?.[1] })
}

function readRange(text: string | undefined): ToolRange | 'invalid' | undefined {
  return text === undefined ? undefined : (readToolRange(text) ?? 'invalid')
}

function invalidRange(input: string, text: string | undefined): Problem {
  return {
    code: 'tool-version-invalid',
    message: `Input ${input} is ${JSON.stringify(text)}, which is no range of versions.`,
    hint: 'Write a version or its beginning (1.17, 27, 25.3.2.8), a semver range (>=1.15 <1.18), or a requirement as in mix.exs (~> 1.15).'
  }
}

const titles = { elixir: 'Elixir', otp: 'Erlang/OTP' } as const

function unfit(name: 'otp' | 'elixir', { range, seen, runsOn }: Unfit, wanted: Wanted): Problem {
  const on = runsOn === undefined ? '' : ` and runs on OTP ${runsOn}`
  const others = seen.length === 0 ? '' : `, only ${[...new Set(seen)].join(', ')}`
  return {
    code: 'tool-version-missing',
    message: `No ${titles[name]} that fits ${JSON.stringify(range.text)}${on} is here${others}.`,
    hint: `Add this step before: nothing is downloaded here.\n${setupStep(wanted)}`
  }
}

function missing(program: string, tool: BuildTool, wanted: Wanted): Problem {
  return {
    code: 'build-tool-missing',
    message: `There is no ${program} on PATH to build the package with.`,
    hint: `Add this step before: nothing is downloaded here. Or build the package in another job, and give the file in tarball.\n${setupStep(wanted, tool)}`
  }
}

/** There mix and rebar3 are batch files, which runProgram does not start. */
function windowsProblem(tool: BuildTool): Problem {
  return {
    code: 'build-tool-missing',
    message: `${tool} is not run on Windows.`,
    hint: 'Build the package in a job on ubuntu-latest or macos-latest, or in an earlier step, and give the file in tarball.'
  }
}

/** The step that brings what is missing, as YAML. */
export function setupStep(wanted: Wanted, tool: BuildTool = 'mix'): string {
  // OTP 26 runs every Elixir from 1.14.5 to 1.19 (hexdocs.pm/elixir/compatibility-and-deprecations.html).
  const lines = [`otp-version: '${wanted.otp ?? '26'}'`]
  if (tool === 'mix' || wanted.elixir !== undefined) lines.push(`elixir-version: '${wanted.elixir ?? '1.17'}'`)
  if (tool === 'rebar3') lines.push(`rebar3-version: '3'`)
  if (tool === 'gleam') lines.push(`gleam-version: '1'`)
  return ['- uses: erlef/setup-beam@v1', '  with:', ...lines.map((line) => `    ${line}`)].join('\n')
}
