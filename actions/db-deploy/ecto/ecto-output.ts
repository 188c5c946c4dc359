import type { ToolResult } from '../tool.ts'

/** What a run of Ecto's tasks, or of a release's call, said in its log. A logger of the project's own may say nothing. */
export type EctoOutput = Pick<ToolResult, 'sentence' | 'failedMigration' | 'sqlstate' | 'message' | 'migrations'>

/**
 * Reads the lines of `Ecto.Migrator` (ecto_sql, lib/ecto/migrator.ex and migration/runner.ex, the same since 3.0) whatever
 * stands around them, also as texts of a JSON logger.
 *
 * @param exitCode mix ends with 0 on SIGINT while a statement still runs: a migration that began and did not end is no
 *   success
 */
export function readEctoOutput(output: string, exitCode: number | null): EctoOutput {
  const migrations: { name: string; took: number; statements?: number }[] = []
  let running: { readonly name: string; queries: number; time: number } | undefined
  let nothing = false
  for (const line of output.split('\n')) {
    const begun = /== Running (\d+) \S+\.(?:change|up|down)\/0 (?:forward|backward)/.exec(line)
    if (begun !== null) running = { name: begun[1] ?? '', queries: 0, time: 0 }
    const query = /\bQUERY OK\b.*?\bdb=([\d.]+)(ms|µs|s)\b/.exec(line)
    if (query !== null && running !== undefined) {
      running.queries += 1
      running.time += Number(query[1]) * (query[2] === 's' ? 1000 : query[2] === 'ms' ? 1 : 0.001)
    }
    const ended = /== Migrated (\d+) in ([\d.]+)s/.exec(line)
    if (ended !== null) {
      // To a tenth of a second; the statements' own times are finer.
      const took = Math.max(Math.round(Number(ended[2]) * 1000), Math.round(running?.time ?? 0))
      const statements = running?.queries ?? 0
      migrations.push({ name: ended[1] ?? '', took, ...(statements === 0 ? {} : { statements }) })
      running = undefined
    }
    if (/Migrations already (?:up|down)\b/.test(line)) nothing = true
  }
  const raised = /^\s*\*\* \(([\w.]+)\)\s*(.*(?:\n(?! {4}\(|\s*$).*)*)/m.exec(output)
  const message = known(output) ?? (raised === null ? undefined : oneLine(raised[2] ?? '', raised[1] ?? ''))
  const sqlstate = /\bERROR ([0-9A-Z]{5}) \(\w+\)/.exec(output)?.[1] ?? /\bERROR ([0-9A-Z]{5})\b/.exec(output)?.[1]
  const failed = message !== undefined || running !== undefined
  return {
    sentence: failed
      ? 'failed'
      : migrations.length > 0
        ? 'applied'
        : nothing
          ? 'nothing'
          : // A quiet logger: the exit code and the table are all there is.
            exitCode === 0
            ? 'ok'
            : undefined,
    ...(running === undefined ? {} : { failedMigration: running.name }),
    ...(sqlstate === undefined || !failed ? {} : { sqlstate }),
    ...(message === undefined ? {} : { message }),
    migrations
  }
}

function oneLine(text: string, exception: string): string {
  const told = text.replaceAll(/\s*\n\s*/g, ' ').trim()
  return exception === 'Mix' ? told : `${exception}: ${told}`
}

/** Complaints of Mix that say what is missing, as instructions. */
function known(output: string): string | undefined {
  return complaints.find(([pattern]) => pattern.test(output))?.[1]
}

const complaints: readonly (readonly [RegExp, string])[] = [
  [
    /Unchecked dependencies for environment|Can't continue due to errors on dependencies/,
    "the project's dependencies are not there: run mix deps.get, and mix compile in the same MIX_ENV, in a step before"
  ],
  [
    /Could not find Hex|Could not find an SCM for dependency/,
    'Mix has no Hex here: let erlef/setup-beam bring it (install-hex, its default), or run mix local.hex --force before'
  ],
  [
    /The task "ecto\.\w+" could not be found/,
    'Mix knows no tasks of Ecto in this folder: set working-directory to the project that depends on ecto_sql, and keep it in this MIX_ENV'
  ],
  [
    /could not find Ecto repos in any of the apps/i,
    'the configuration names no ecto_repos in this MIX_ENV: name the repository in the input repos'
  ],
  [
    /module \S*Release is not available|function \S+\.\S+\/\d is undefined/,
    'the release has no such function: see release-call, and that the module is part of the release'
  ]
]
