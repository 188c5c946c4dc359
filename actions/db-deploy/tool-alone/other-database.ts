import type { Problem } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import type { Command } from '../command.ts'
import type { OtherDatabase } from '../database/database-url.ts'
import type { BackupInputs, Production, SeedInputs, VerificationInputs } from '../inputs.ts'

/** What the tool alone can do. */
const possible: ReadonlySet<Command> = new Set(['deploy', 'plan', 'status'])

/** What the inputs ask for besides the migrations. */
export interface AskedBesides {
  readonly backup: Pick<BackupInputs, 'when' | 'always' | 'command'>
  readonly verification: VerificationInputs
  readonly seed: Pick<SeedInputs, 'seed'>
  readonly expectCurrent: string | undefined
}

/** What the inputs ask of a database that is no PostgreSQL, and cannot have. Pure. */
export function otherDatabaseProblems(
  command: Command,
  { other }: OtherDatabase,
  asked: AskedBesides,
  production: Pick<Production, 'production'>
): readonly Problem[] {
  if (!possible.has(command)) {
    return [
      {
        code: 'deploy-other-database',
        message: `The address leads to ${other}, and command ${command} works with PostgreSQL only.`,
        hint: `For ${other} there are ${[...possible].join(', ')}, by the project's own tool alone.`
      }
    ]
  }
  const { backup } = asked
  const inVain = inputsInVain(asked)
  const without = command === 'deploy' && wantsBackup(backup, production) && backup.command === undefined
  return [
    ...(inVain.length === 0 ? [] : [inVainProblem(inVain, other)]),
    ...(without ? [backupProblem(backup, other)] : [])
  ]
}

/** What is written down as an expectation is not passed over: whoever wrote it believes that it holds. */
function inputsInVain({ verification, seed, expectCurrent }: AskedBesides): readonly string[] {
  const { expectRows, extensions, files, commands, expectApp, prove } = verification
  const given: Readonly<Record<string, boolean>> = {
    'expect-current': expectCurrent !== undefined,
    'expect-rows': expectRows.length > 0,
    extensions: extensions.length > 0,
    'verify-files': files.length > 0,
    'verify-commands': commands.length > 0,
    'expect-app': expectApp.length > 0,
    prove: prove.size > 0,
    seed: seed.seed
  }
  return Object.keys(given).filter((name) => given[name])
}

function inVainProblem(names: readonly string[], other: string): Problem {
  const [first, ...more] = names
  return {
    code: 'deploy-other-database',
    message: `The address leads to ${other}, and ${more.length === 0 ? `input ${first ?? ''} does` : `inputs ${names.join(', ')} do`} nothing there: this action reads PostgreSQL only.`,
    hint: `Take ${more.length === 0 ? 'it' : 'them'} away, and do it in a step of your own after this one.`
  }
}

function backupProblem(backup: AskedBesides['backup'], other: string): Problem {
  return {
    code: 'deploy-other-database',
    message: `A backup is asked for${backup.when === 'auto' ? ', as this is production' : ''}, and this action can make none of ${other}.`,
    hint: 'Name a command that makes one, and that prints as its last line how one goes back to it: `backup-command`.'
  }
}

/** Whether a backup goes before. */
export function wantsBackup(
  { always, when }: Pick<BackupInputs, 'when' | 'always'>,
  { production }: Pick<Production, 'production'>
): boolean {
  return always || (when === 'auto' ? production : when === 'true')
}

/** What a run on another database does not look at, told as such. */
export function notLookedAt({ other }: OtherDatabase): readonly Check[] {
  const next = `Only PostgreSQL is read by this action itself; for ${other} there is what its tool says.`
  return (
    [
      ['state', 'State of the migrations', 'edited, missing and out-of-order migrations are not looked for'],
      ['lock', 'Deploy lock', 'another deploy is kept away by the tool alone, and by `concurrency` of the workflow'],
      ['server', 'Server, role and privileges', 'nothing is asked of the server'],
      ['smoke', 'Smoke test', 'nothing is read after the migrations'],
      ['times', 'Timeouts and cancelling', 'what runs on the server when a job is cancelled is not ended']
    ] as const
  ).map(([id, title, told]) => ({ id, title, told, result: 'not checked', next }))
}
