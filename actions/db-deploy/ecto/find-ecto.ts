import { accessSync, constants, existsSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { childEnvironment, findProgram } from '../../shared/program.ts'
import type { ToolChoice, ToolProject } from '../find-tool.ts'
import { runSeedCommand } from '../seed-command.ts'
import type { ToolFacts } from '../record.ts'
import type { EctoTool, FoundTool } from '../tool.ts'
import { readEctoConfiguration, type EctoConfiguration } from './ecto-configuration.ts'
import { otherAddressProblems } from './other-address.ts'
import { ectoEnvironment, runEcto, type EctoProgram, type ToolWorld } from './ecto-program.ts'

/** Mix in the project's folder, or the binary of its release. Runs nothing. */
export function findEcto(project: ToolProject, inputs: ToolChoice, world: ToolWorld): FoundTool {
  const found = inputs.tool.releaseBinary === undefined ? findMix(project, inputs) : findRelease(project, inputs)
  if ('problems' in found) return found
  const direct = inputs.urls?.direct
  const problems = direct === undefined ? [] : otherAddressProblems(found.program, direct, inputs.environmentVariables)
  return problems.length > 0 ? { problems } : { tool: ectoTool(found.program, inputs.seed.command, world) }
}

type Found = { readonly program: EctoProgram } | { readonly problems: readonly Problem[] }

function findMix(
  { folder, folders, named = false }: ToolProject,
  { environmentVariables, migrations, shownFolder, tool }: ToolChoice
): Found {
  const mix = findProgram('mix', childEnvironment(environmentVariables))
  const problems: Problem[] = []
  if (mix === undefined) {
    problems.push({
      code: 'mix-missing',
      message: 'There is no mix on PATH.',
      hint: 'Install Elixir in a step before this one (`uses: erlef/setup-beam@v1`), or migrate by the release: release-binary and release-call.'
    })
  }
  if (!existsSync(join(folder, 'mix.exs'))) {
    problems.push({
      code: 'mix-project-missing',
      message: `There is no mix.exs in ${shownFolder}.`,
      hint: 'Set working-directory to the Mix project, or migrate by its release: release-binary and release-call.'
    })
  }
  if (mix === undefined || problems.length > 0) return { problems }
  // In an umbrella the task runs in each application's folder: the paths must not depend on it.
  const paths = named ? folders.map((path) => (isAbsolute(path) ? path : join(folder, path))) : []
  const seeds = ['priv/repo/seeds.exs'].find((path) => existsSync(join(folder, path)))
  return {
    program: {
      kind: 'mix',
      mix,
      folder,
      environment: environmentVariables,
      ...ectoConfigurationOf(folder, { environmentVariables, tool }),
      options: [
        ...tool.repositories.flatMap((repository) => ['--repo', repository]),
        ...paths.flatMap((path) => ['--migrations-path', path]),
        ...(migrations.prefix === undefined ? [] : ['--prefix', migrations.prefix])
      ],
      seeds
    }
  }
}

function findRelease({ folder }: ToolProject, { environmentVariables, tool }: ToolChoice): Found {
  const shown = tool.releaseBinary ?? ''
  const binary = resolve(folder, shown)
  const problems: Problem[] = []
  if (!isExecutable(binary)) {
    problems.push({
      code: 'release-binary-missing',
      message: `${shown} is no program that can be run.`,
      hint: 'Name in release-binary the script that `mix release` makes, relative to working-directory: _build/prod/rel/app/bin/app. Files that came through an artifact have lost their run bits: unpack a tar, or chmod +x bin/* and erts-*/bin/*.'
    })
  }
  if (tool.releaseCall === undefined) {
    const module = basename(binary)
      .split(/[_\W]+/)
      .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
      .join('')
    problems.push({
      code: 'release-call-missing',
      message: 'release-binary names a release, and release-call does not say what migrates.',
      hint: `A release has no mix: name the function that runs Ecto.Migrator in it, as in release-call: ${module}.Release.migrate() (https://hexdocs.pm/phoenix/releases.html).`
    })
  }
  if (problems.length > 0 || tool.releaseCall === undefined) return { problems }
  return {
    program: {
      kind: 'release',
      binary,
      folder,
      environment: environmentVariables,
      ...ectoConfigurationOf(folder, { environmentVariables, tool }),
      call: tool.releaseCall,
      rollbackCall: tool.releaseRollbackCall
    }
  }
}

/** What the configuration says that Mix will read, or the release where one is named. @param folder absolute */
export function ectoConfigurationOf(
  folder: string,
  { environmentVariables, tool }: Pick<ToolChoice, 'environmentVariables' | 'tool'>
): EctoConfiguration {
  const { releaseBinary, repositories } = tool
  const release = releaseBinary === undefined ? [] : [dirname(dirname(resolve(folder, releaseBinary)))]
  const usual = releaseBinary === undefined ? 'dev' : 'prod'
  const environment = environmentVariables['MIX_ENV'] || usual
  return readEctoConfiguration({ folders: [folder, ...release], folder, environment, repositories })
}

function ectoTool(program: EctoProgram, seedLine: string | undefined, world: ToolWorld): EctoTool {
  const seeds = program.kind === 'mix' ? program.seeds : undefined
  return {
    framework: 'ecto',
    program,
    facts: factsOf(program),
    steps: [],
    migrate: (run) =>
      program.kind === 'release'
        ? runEcto(program, ['eval', program.call], run, world)
        : withSqlTold(['ecto.migrate', ...program.options], (args) => runEcto(program, args, run, world)),
    seedCommand: seedLine ?? (seeds === undefined ? undefined : `mix run ${seeds}`),
    seed: async (run) => {
      if (seedLine !== undefined) {
        const env = ectoEnvironment(program, run, world)
        return runSeedCommand({ command: seedLine, folder: program.folder, env }, run, world)
      }
      if (seeds === undefined) {
        const output = 'there is no priv/repo/seeds.exs, and no seed-command'
        return { exitCode: null, end: 'not started', sentence: 'nothing', message: output, migrations: [], output }
      }
      return runEcto(program, ['run', seeds], run, world)
    }
  }
}

/** Each statement with its time; ecto_sql before 3.8 knows no such option, and then refuses before it does anything. */
async function withSqlTold<T extends { readonly exitCode: number | null; readonly output: string }>(
  args: readonly string[],
  run: (args: readonly string[]) => Promise<T>
): Promise<T> {
  const result = await run([...args, '--log-migrations-sql'])
  return result.exitCode !== 0 && /--log-migrations-sql\W+Unknown option/i.test(result.output) ? run(args) : result
}

function factsOf(program: EctoProgram): ToolFacts {
  return {
    framework: 'ecto',
    label: program.kind === 'mix' ? 'mix ecto.migrate' : `${basename(program.binary)} eval ${program.call}`,
    version: undefined,
    // Unless the migration says @disable_ddl_transaction.
    atomic: 'per migration'
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
