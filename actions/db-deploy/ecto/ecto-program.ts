import { childEnvironment, runProgram } from '../../shared/program.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl, OtherDatabase } from '../database/database-url.ts'
import { libpqEnvironment, toolUrl } from '../database/url-forms.ts'
import type { ToolResult, ToolRun } from '../tool.ts'
import type { AddressVariable, EctoConfiguration } from './ecto-configuration.ts'
import { readEctoOutput } from './ecto-output.ts'
import { otherAddressProblems } from './other-address.ts'

/** How a project's migrations are run: by Mix, or by a release. */
export type EctoProgram = MixProgram | ReleaseProgram

interface EctoPlace extends EctoConfiguration {
  /** Absolute, the working directory of each command. */
  readonly folder: string
  /** Of this process; each command gets of it what holds no secret, and its own URL. */
  readonly environment: NodeJS.ProcessEnv
}

export interface MixProgram extends EctoPlace {
  readonly kind: 'mix'
  /** Path of mix. */
  readonly mix: string
  /** `--repo`, `--migrations-path`, `--prefix` as each command gets them. */
  readonly options: readonly string[]
  /** Relative to the folder; undefined where there is none. */
  readonly seeds: string | undefined
}

export interface ReleaseProgram extends EctoPlace {
  readonly kind: 'release'
  /** Absolute: `…/bin/app`. */
  readonly binary: string
  /** `App.Release.migrate()` */
  readonly call: string
  /** `App.Release.rollback(App.Repo, {to})`, where `{to}` stands for the version. */
  readonly rollbackCall: string | undefined
}

/** The part of the world that a program needs. */
export type ToolWorld = Pick<World, 'log' | 'secrets'> & Partial<Pick<World, 'cancelled'>>

/** Runs mix, or the release's binary; what it says stands in a folded group of the log. */
export async function runEcto(
  program: EctoProgram,
  args: readonly string[],
  run: ToolRun,
  world: ToolWorld
): Promise<ToolResult> {
  const problems = 'other' in run.url ? [] : otherAddressProblems(program, run.url, program.environment)
  if (problems.length > 0) {
    const output = problems.map(({ message }) => message).join('\n')
    return { exitCode: null, end: 'not started', sentence: 'failed', message: output, migrations: [], output }
  }
  const path = program.kind === 'mix' ? program.mix : program.binary
  const shown = `${program.kind === 'mix' ? 'mix' : path} ${args.join(' ')}`
  const { exitCode, end, output } = await world.log.group(shown, () =>
    runProgram({
      program: path,
      args,
      folder: program.folder,
      env: ectoEnvironment(program, run, world),
      timeout: run.timeout,
      log: world.log,
      secrets: world.secrets,
      ...(world.cancelled === undefined ? {} : { cancelled: world.cancelled })
    })
  )
  return { exitCode, end, ...readEctoOutput(output, exitCode), output }
}

/**
 * All of its environment: what holds no secret, its URL, and the same in libpq's variables, which Postgrex falls back to
 * where a Repo is configured without a URL. `PGAPPNAME`, `DB_LOCK_TIMEOUT` and `DB_STATEMENT_TIMEOUT` (milliseconds) are for a
 * Repo's `parameters` to hand on.
 */
export function ectoEnvironment(program: EctoProgram, run: ToolRun, { secrets }: ToolWorld): Record<string, string> {
  const url = toolUrl(run.url, { ...run, driver: 'ecto' })
  secrets.add(url)
  const own = childEnvironment(program.environment, { secrets })
  const variables = program.variables.flatMap(({ name, part, of }) => {
    const value = part === 'url' ? url : partOf(run.url, part)
    // What a second repository has may be another database's; it wants an address all the same, to start.
    const kept = of !== 'ours' && (own[name] !== undefined || part !== 'url')
    return value === undefined || kept ? [] : [[name, value] as const]
  })
  return {
    ...own,
    ...libpqEnvironment(run.url),
    PGAPPNAME: run.applicationName,
    DB_LOCK_TIMEOUT: String(run.lockTimeout),
    DB_STATEMENT_TIMEOUT: String(run.statementTimeout),
    ...Object.fromEntries(variables),
    DATABASE_URL: url
  }
}

/** Of the server that the tool is to go to, which knows one alone. */
function partOf(url: DatabaseUrl | OtherDatabase, part: Exclude<AddressVariable['part'], 'url'>): string | undefined {
  if ('other' in url) return undefined
  const [first] = url.hosts
  const parts = {
    hostname: first?.host,
    port: first === undefined ? undefined : String(first.port),
    database: url.database,
    username: url.user,
    password: url.password
  }
  return parts[part]
}
