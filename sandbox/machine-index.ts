import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { promisify } from 'node:util'

/** An index as this machine is set up to use it. Credentials stay in this process. */
export interface MachineIndex {
  /** Ends with a slash, holds no user name. */
  readonly base: URL
  readonly authorization?: string
}

export interface PythonIndexes {
  /** In the order pip asks them. */
  readonly indexes: readonly MachineIndex[]
  /** PEM of pip's own certificate bundle, when one is configured. */
  readonly ca?: string
}

/** Pip's indexes: asks pip for its configuration where there is one, else reads its environment variables. */
export async function pythonIndexes(environment: NodeJS.ProcessEnv = process.env): Promise<PythonIndexes> {
  const listed = await firstOutput(
    [
      ['pip', 'config', 'list'],
      ['pip3', 'config', 'list'],
      ['python3', '-m', 'pip', 'config', 'list']
    ],
    environment
  )
  const setting = (name: string, variable: string): string =>
    pipSetting(listed ?? '', name) ?? environment[variable] ?? ''
  const addresses = [
    setting('index-url', 'PIP_INDEX_URL') || 'https://pypi.org/simple/',
    ...setting('extra-index-url', 'PIP_EXTRA_INDEX_URL').split(/\s+/)
  ]
  const ca = setting('cert', 'PIP_CERT')
  return {
    indexes: addresses.filter((address) => URL.canParse(address)).map((address) => withoutUser(address)),
    ...(ca !== '' && existsSync(ca) && { ca: readFileSync(ca, 'utf8') })
  }
}

/**
 * npm's registry, with the credentials that the user's `.npmrc` has for it.
 * @throws Error when npm is not there or names no registry
 */
export async function npmRegistry(environment: NodeJS.ProcessEnv = process.env): Promise<MachineIndex> {
  const registry = await firstOutput([['npm', 'config', 'get', 'registry']], environment)
  if (registry === undefined || !URL.canParse(registry)) throw new Error('npm names no registry')
  const index = withoutUser(registry)
  if (index.authorization !== undefined) return index
  const file = await firstOutput([['npm', 'config', 'get', 'userconfig']], environment)
  if (file === undefined || !existsSync(file)) return index
  const authorization = npmAuthorization(readFileSync(file, 'utf8'), index.base, environment)
  return { ...index, ...(authorization !== undefined && { authorization }) }
}

/** Where Mix and rebar3 read packages: the mirror that their variables name, else Hex's own repository. */
export interface HexMirror extends MachineIndex {
  /** PEM of Hex's own certificate bundle, when one is configured. */
  readonly ca?: string
}

/** Hex's variables come before rebar3's `HEX_CDN` (Hex documentation, `mix hex.config`; rebar3 documentation). */
export function hexMirror(environment: NodeJS.ProcessEnv = process.env): HexMirror {
  const named = ['HEX_MIRROR_URL', 'HEX_MIRROR', 'HEX_CDN'].map((name) => environment[name] ?? '')
  const address = named.find((each) => URL.canParse(each)) ?? 'https://repo.hex.pm'
  const ca = environment.HEX_CACERTS_PATH ?? ''
  return { ...withoutUser(address), ...(ca !== '' && existsSync(ca) && { ca: readFileSync(ca, 'utf8') }) }
}

/**
 * The host that npm asks when nobody has configured another: npm's own word. `undefined` where there is no npm, and
 * so no program that would ask.
 */
export async function npmDefaultHost(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const unconfigured = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.toLowerCase().startsWith('npm_config_'))
  )
  const none = ['--userconfig', devNull, '--globalconfig', `${devNull}.npmrc`]
  const registry = await firstOutput([['npm', 'config', 'get', 'registry', ...none]], unconfigured)
  return registry !== undefined && URL.canParse(registry) ? new URL(registry).hostname : undefined
}

/**
 * One setting out of `pip config list` (lines such as `global.index-url='https://…'`, values in Python's quotes).
 * The environment wins over a command's section, that over `global` (pip documentation, Configuration, Precedence).
 */
export function pipSetting(listed: string, name: string): string | undefined {
  for (const section of [':env:', 'install', 'download', 'global']) {
    const start = `${section}.${name}=`
    const line = listed.split('\n').find((each) => each.startsWith(start))
    if (line === undefined) continue
    const quoted = line.slice(start.length).trim()
    return quoted.slice(1, -1).replace(/\\(n|\\|'|")/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  return undefined
}

/** The credentials for a registry in the text of an `.npmrc`: `//host/path/:_authToken=…` or `:_auth=…`. */
export function npmAuthorization(npmrc: string, registry: URL, environment: NodeJS.ProcessEnv): string | undefined {
  const scope = `//${registry.host}${registry.pathname}`
  for (const [key, scheme] of [
    ['_authToken', 'Bearer'],
    ['_auth', 'Basic']
  ] as const) {
    for (const start of [`${scope}:${key}`, `${scope.replace(/\/$/, '')}:${key}`]) {
      const line = npmrc.split(/\r?\n/).find((each) => each.replace(/\s/g, '').startsWith(`${start}=`))
      if (line === undefined) continue
      const value = line.slice(line.indexOf('=') + 1).trim()
      return `${scheme} ${value.replace(/\$\{(\w+)\}/g, (whole, name: string) => environment[name] ?? whole)}`
    }
  }
  return undefined
}

function withoutUser(address: string): MachineIndex {
  const base = new URL(address.endsWith('/') ? address : `${address}/`)
  const user = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`
  base.username = ''
  base.password = ''
  return { base, ...(user !== ':' && { authorization: `Basic ${Buffer.from(user).toString('base64')}` }) }
}

/** The output of the first of these commands that runs; `undefined` when none does. */
async function firstOutput(
  commands: readonly (readonly [string, ...string[]])[],
  environment: NodeJS.ProcessEnv
): Promise<string | undefined> {
  for (const [program, ...args] of commands) {
    try {
      // On Windows npm is npm.cmd, which only a shell runs; the words are fixed, so nothing is to be quoted.
      const shell = process.platform === 'win32'
      const { stdout } = await promisify(execFile)(program, args, { env: environment, shell, timeout: 20_000 })
      return stdout.trim()
    } catch {
      continue
    }
  }
  return undefined
}
