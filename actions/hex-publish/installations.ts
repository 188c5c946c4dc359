import { find, findAllVersions } from '@actions/tool-cache'
import { existsSync, globSync } from 'node:fs'
import { arch } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** An Elixir or Erlang/OTP that lies somewhere on this runner. */
export interface Installation {
  readonly version: string
  /** The OTP that an Elixir was built for. */
  readonly builtFor: string | undefined
  /** With the programs. */
  readonly folder: string
}

/**
 * Elixir as erlef/setup-beam leaves it in the runner's tool cache: under `elixir` and `v1.17.3-otp-27`
 * (src/setup-beam.js, install), which the tool cache writes without its `v`.
 */
export function installedElixir(env: NodeJS.ProcessEnv): readonly Installation[] {
  // The toolkit throws without it.
  if ((env['RUNNER_TOOL_CACHE'] ?? '') === '') return []
  return findAllVersions('elixir').flatMap((version) => installation(version, find('elixir', version), 'elixir'))
}

/**
 * Erlang/OTP as erlef/setup-beam leaves it there: under `otp` and, on Linux, `ubuntu-24.04/OTP-27.1`, which is no
 * version to the toolkit, whose find functions pass over it. On Linux the cached copy cannot run until its `Install`
 * has run in its place, so that only those with a `bin/erl` count.
 */
export function installedOtp(env: NodeJS.ProcessEnv): readonly Installation[] {
  const cache = env['RUNNER_TOOL_CACHE'] ?? ''
  if (cache === '') return []
  return globSync([`otp/*/${arch()}`, `otp/*/*/${arch()}`], { cwd: cache })
    .filter((path) => existsSync(join(cache, `${path}.complete`)))
    .flatMap((path) => installation(basename(dirname(path)).replace(/^(OTP-|v)/, ''), join(cache, path), 'erl'))
}

function installation(name: string, root: string, program: string): readonly Installation[] {
  const [, version = '', builtFor] = /^(\d.*?)(?:-otp-(\d+))?$/.exec(name) ?? []
  const folder = join(root, 'bin')
  return version !== '' && root !== '' && existsSync(join(folder, program)) ? [{ version, builtFor, folder }] : []
}
