import type { Problem } from '../shared/problem.ts'
import type { ProgramResult } from '../shared/program.ts'
import { placeOf, umbrellaProblem, type Project } from './project.ts'
import { setupStep } from './toolchain.ts'

/**
 * Why a build tool failed, as an instruction: its known complaints, or its last lines.
 *
 * @param command as it was run, `mix hex.build`
 * @param code of the problem where the cause is not a known one
 */
export function buildFailure(
  project: Project,
  command: string,
  result: ProgramResult,
  code: 'build-failed' | 'docs-failed'
): Problem {
  const said = lastLines(result.output)
  for (const { pattern, problem } of causes) {
    const found = pattern.exec(result.output)
    if (found === null) continue
    const known = problem(found, project)
    return { ...known, hint: `${known.hint}${said}` }
  }
  return {
    code,
    message: `${command} in ${placeOf(project.shown)} ${endings[result.end](result)}.`,
    hint: `Run the same command in this folder to see all of what it says; it gets no input and no key here.${said}`
  }
}

const endings: Readonly<Record<ProgramResult['end'], (result: ProgramResult) => string>> = {
  exited: ({ exitCode }) => `failed with exit code ${exitCode}`,
  killed: () => 'was killed; the runner may be out of memory',
  'timed out': () => 'was ended because it did not finish in 30 minutes',
  'not started': () => 'could not be started'
}

/** What a tool said last, to be put below a hint. */
export function lastLines(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.length === 0
    ? ''
    : `\nIts last lines:\n${lines
        .slice(-12)
        .map((line) => `  ${line}`)
        .join('\n')}`
}

interface Cause {
  readonly pattern: RegExp
  readonly problem: (found: RegExpExecArray, project: Project) => Problem
}

/**
 * Complaints of Mix (lib/mix in elixir), of Hex (lib/mix/tasks/hex.build.ex) and of rebar3_hex (rebar3_hex_build.erl),
 * in the order in which one hides another.
 */
const causes: readonly Cause[] = [
  {
    pattern: /Could not find Hex|Could not find an SCM for dependency|The task "hex\.build" could not be found/,
    problem: (_, { shown }) => ({
      code: 'hex-missing',
      message: `Mix in ${placeOf(shown)} has no Hex.`,
      hint: `Let erlef/setup-beam bring it (install-hex: true, its default), or add this step before:\n- run: mix local.hex --force`
    })
  },
  {
    pattern: /Command hex not found|Command build not found in namespace hex|Errors loading plugin rebar3_hex/,
    problem: (_, { shown }) => ({
      code: 'hex-missing',
      message: `rebar3 in ${placeOf(shown)} has no plugin rebar3_hex.`,
      hint: 'Add it to rebar.config, {project_plugins, [rebar3_hex]}. It is fetched when rebar3 starts, from repo.hex.pm.'
    })
  },
  {
    pattern: /but it has declared in its mix\.exs file it supports only Elixir (.+)/,
    problem: (found, { shown }) => ({
      code: 'tool-version-missing',
      message: `The Elixir on PATH does not fit the project in ${placeOf(shown)}, which says ${found[1] ?? ''}.`,
      hint: `Name one that fits in elixir-version, and have it here:\n${setupStep({ elixir: found[1]?.trim() })}`
    })
  },
  {
    pattern: /Dependencies excluded from the package \(only Hex packages can be dependencies\): (.+)/,
    problem: (found, project) => foreignDependencies(found[1] ?? '', project)
  },
  {
    pattern: /dependencies were excluded from the package; only Hex packages can be dependencies: (.+)/,
    problem: (found, project) => foreignDependencies(found[1] ?? '', project)
  },
  {
    pattern:
      /Can't continue due to errors on dependencies|the dependency is not (?:available|locked)|lock mismatch:|No lockfile detected/,
    problem: (_, { shown, tool }) => ({
      code: 'dependencies-missing',
      message: `The dependencies of the project in ${placeOf(shown)} are not there.`,
      hint: `Fetch them before, in this folder:\n- run: ${tool === 'rebar3' ? 'rebar3 lock' : 'mix deps.get'}${shown === '.' ? '' : `\n  working-directory: ${shown}`}`
    })
  },
  {
    pattern: /Hex does not support umbrella projects|app switch is required when building packages/,
    problem: (_, { shown, tool }) => umbrellaProblem(shown, tool ?? 'mix')
  },
  {
    // Below Hex's own heading: other programs of a build say that files are missing too.
    pattern:
      /Stopping package build due to errors\.\n(?:.*\n)*?((?:Missing metadata fields|Package description is too long|Missing files|Do not include this file).*)/,
    problem: (found, { shown }) => ({
      code: 'package-incomplete',
      message: `The package in ${placeOf(shown)} cannot be built: ${(found[1] ?? '').replace(/^./, (first) => first.toLowerCase())}.`,
      hint: 'Correct it in mix.exs: app, version and description under project, the rest under package (hex.pm/docs/publish).'
    })
  }
]

function foreignDependencies(names: string, { shown }: Project): Problem {
  return {
    code: 'dependency-not-on-hex',
    message: `The package in ${placeOf(shown)} depends on what is not on Hex: ${names.trim()}.`,
    hint: 'A package can only depend on packages. Publish these first and name their versions, or keep them for tests: only: [:dev, :test].'
  }
}
