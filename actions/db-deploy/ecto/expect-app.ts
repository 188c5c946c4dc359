import { globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { childEnvironment, runProgram } from '../../shared/program.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import type { Inputs } from '../inputs.ts'
import { someOf } from '../state/wording.ts'
import type { ToolWorld } from './ecto-program.ts'

export interface ExpectedApplication {
  readonly name: string
  readonly version: string
}

/** Reads `diwa_schema=0.1.0`, with every entry that is none. */
export function readExpectedApplications(written: readonly string[]): {
  readonly expectations: readonly ExpectedApplication[]
  readonly problems: readonly Problem[]
} {
  const expectations: ExpectedApplication[] = []
  const problems: Problem[] = []
  for (const entry of written) {
    const [, name, version] = /^\s*([a-z][a-z0-9_]*)\s*={1,2}\s*v?([0-9][\w.+-]*)\s*$/.exec(entry) ?? []
    if (name !== undefined && version !== undefined) expectations.push({ name, version })
    else {
      problems.push({
        code: 'expect-app-invalid',
        message: `Input expect-app has "${entry}", which names no application with its version.`,
        hint: 'Write one a line: diwa_schema=0.1.0'
      })
    }
  }
  return { expectations, problems }
}

/** As the inputs ask for them. */
export function expectedApplications(
  {
    verification,
    folder,
    tool,
    environmentVariables
  }: Pick<Inputs, 'verification' | 'folder' | 'tool' | 'environmentVariables'>,
  world: ToolWorld
): Promise<readonly Check[]> {
  const binary = tool.releaseBinary === undefined ? undefined : resolve(folder, tool.releaseBinary)
  return expectApp(verification.expectApp, folder, binary, environmentVariables, world)
}

/**
 * Whether what migrates has the applications in the versions that are expected: the release whose binary is named, by its
 * `.rel` file, else by asking it; without one what Mix compiled for this MIX_ENV, and a release only where nothing is.
 *
 * @param expectations `diwa_schema=0.1.0`
 * @param folder absolute: the working directory
 * @param releaseBinary absolute
 */
export async function expectApp(
  expectations: readonly string[],
  folder: string,
  releaseBinary: string | undefined,
  environment: NodeJS.ProcessEnv,
  world: ToolWorld
): Promise<readonly Check[]> {
  const { compiled, release } =
    releaseBinary === undefined
      ? builtIn(folder, environment)
      : { compiled: undefined, release: readRelease(folder, [dirname(dirname(releaseBinary))]) }
  const checks: Check[] = []
  for (const { name, version } of readExpectedApplications(expectations).expectations) {
    const found: Version =
      release !== undefined
        ? { from: release.shown, version: release.applications.get(name) }
        : releaseBinary !== undefined
          ? await askRelease(releaseBinary, name, folder, environment, world)
          : compiled === undefined
            ? 'unknown'
            : compiledVersion(folder, compiled, name)
    checks.push(judged(name, version, found))
  }
  return checks
}

/** Whether something is there that tells a version, as it is once Mix has compiled. */
export function isBuilt(folder: string, environment: NodeJS.ProcessEnv): boolean {
  const { compiled, release } = builtIn(folder, environment)
  return compiled !== undefined || release !== undefined
}

/** What Mix has built: where that is which it compiled for this MIX_ENV, or a release only where nothing is. */
function builtIn(
  folder: string,
  environment: NodeJS.ProcessEnv
): { readonly compiled: string | undefined; readonly release: Release | undefined } {
  const compiled = compiledFolder(folder, environment['MIX_ENV'] || 'dev')
  const release =
    compiled === undefined ? readRelease(folder, builtReleases(folder, environment['MIX_ENV'] || 'prod')) : undefined
  return { compiled, release }
}

/**
 * `version` undefined: it is not part of it, and `others` are. `unknown`: nothing is there to tell. `silent`: the release was
 * asked, and does not tell.
 */
type Version =
  | { readonly from: string; readonly version: string | undefined; readonly others?: readonly string[] }
  | 'unknown'
  | 'silent'

function judged(name: string, expected: string, found: Version): Check {
  const about = { id: 'expect-app', title: `Application ${name}` }
  if (found === 'unknown' || found === 'silent') {
    const why =
      found === 'silent'
        ? 'the release of release-binary does not tell it'
        : 'no release and nothing compiled was found that would tell it'
    return {
      ...about,
      told: `not known: ${why}`,
      result: 'failed',
      problem: {
        code: 'expect-app-version',
        message: `expect-app wants ${name} ${expected}, and its version is not known: ${why}.`,
        hint:
          found === 'silent'
            ? 'The log has its output. Look whether release-binary is the script of the release (`bin/app`), and whether it starts on this machine.'
            : 'Build the release in this job before this step, or name its script in release-binary.'
      }
    }
  }
  if (found.version === expected) return { ...about, told: `${expected}, by ${found.from}`, result: 'ok' }
  const others = found.others === undefined ? '' : ` (there are ${someOf(found.others)})`
  const is = found.version === undefined ? `is not part of it${others}` : `is ${found.version}`
  return {
    ...about,
    told: `${is}, by ${found.from}; expected is ${expected}`,
    result: 'failed',
    problem: {
      code: 'expect-app-version',
      message: `expect-app wants ${name} ${expected}; by ${found.from} it ${is}.`,
      hint: 'Fetch and build what the lock file has in a step before this one (`mix deps.get`, then `mix compile` or `mix release`), or change what is expected in expect-app.'
    }
  }
}

interface Release {
  readonly shown: string
  readonly applications: ReadonlyMap<string, string>
}

/** `{release, {"app", "1.0.0"}, {erts, "13.1.5"}, [{kernel, "8.5.4", permanent}, …]}.` (systools, rel(4)). */
function readRelease(folder: string, roots: readonly string[]): Release | undefined {
  for (const root of roots) {
    const file = relFile(root)
    if (file === undefined) continue
    const text = readFileSync(file, 'utf8')
    const list = text.slice(text.indexOf('['))
    const applications = [...list.matchAll(/\{\s*'?([a-z]\w*)'?\s*,\s*"([^"]+)"/g)]
    return {
      shown: file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file,
      applications: new Map(applications.map(([, name, version]) => [name ?? '', version ?? '']))
    }
  }
  return undefined
}

/** The working directory may be a release; a Mix project has its own where it builds. */
function builtReleases(folder: string, mixEnvironment: string): readonly string[] {
  const built = [mixEnvironment, '*'].flatMap((name) => globSync(`_build/${name}/rel/*`, { cwd: folder }))
  return [folder, ...built.map((path) => join(folder, path))]
}

/** The one that starts (`releases/start_erl.data`: version of erts, version of the release), else the newest. */
function relFile(root: string): string | undefined {
  const files = globSync('releases/*/*.rel', { cwd: root })
    .filter((file) => !/\/start(?:_clean)?\.rel$/.test(file))
    .map((file) => join(root, file))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  const started = readText(join(root, 'releases', 'start_erl.data'))
    ?.trim()
    .split(/\s+/)[1]
  return files.find((file) => started !== undefined && dirname(file) === join(root, 'releases', started)) ?? files[0]
}

/**
 * An application that is not loaded has no specification: `Application.spec` gives nil, and `eval` prints nothing of it and
 * ends with 0. So it is loaded, and the answer is marked.
 */
async function askRelease(
  binary: string,
  name: string,
  folder: string,
  environment: NodeJS.ProcessEnv,
  { log, secrets, cancelled }: ToolWorld
): Promise<Version> {
  const code = `Application.load(:${name}); IO.puts(["version of ${name}: ", inspect(Application.spec(:${name}, :vsn))])`
  const { exitCode, output } = await log.group(`Ask the release for ${name}`, () =>
    runProgram({
      program: binary,
      args: ['eval', code],
      folder,
      env: childEnvironment(environment, { secrets }),
      timeout: 60_000,
      log,
      secrets,
      ...(cancelled === undefined ? {} : { cancelled })
    })
  )
  const told = new RegExp(`^version of ${name}: (?:'([^']+)'|~c"([^"]+)"|(nil))`, 'm').exec(output)
  if (exitCode !== 0 || told === null) return 'silent'
  return { from: 'the release', version: told[1] ?? told[2] }
}

/** Where Mix has what it compiled, relative to the project; undefined where that is nothing. */
function compiledFolder(folder: string, mixEnvironment: string): string | undefined {
  const place = join('_build', mixEnvironment, 'lib')
  return globSync('*/ebin/*.app', { cwd: join(folder, place) }).length > 0 ? place : undefined
}

/** @param place relative to the project */
function compiledVersion(folder: string, place: string, name: string): Version {
  const file = join(place, name, 'ebin', `${name}.app`)
  const text = readText(join(folder, file))
  if (text !== undefined) {
    const version = /\{\s*vsn\s*,\s*"([^"]+)"/.exec(text)?.[1]
    return version === undefined ? 'unknown' : { from: file, version }
  }
  const others = globSync('*/ebin/*.app', { cwd: join(folder, place) }).map((path) => basename(path, '.app'))
  return { from: place, version: undefined, others: others.toSorted() }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It is not there.
    return undefined
  }
}
