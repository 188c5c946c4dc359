import type { Problem } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import type { Command } from '../command.ts'
import type { OtherDatabase } from '../database/database-url.ts'
import type { BackupInputs, Production } from '../inputs.ts'

/** What the tool alone can do. */
const possible: ReadonlySet<Command> = new Set(['deploy', 'plan', 'status'])

/** What the inputs ask of a database that is no PostgreSQL, and cannot have. Pure. */
export function otherDatabaseProblems(
  command: Command,
  { other }: OtherDatabase,
  backup: Pick<BackupInputs, 'when' | 'always' | 'command'>,
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
  if (command !== 'deploy' || !wantsBackup(backup, production) || backup.command !== undefined) return []
  return [
    {
      code: 'deploy-other-database',
      message: `A backup is asked for${backup.when === 'auto' ? ', as this is production' : ''}, and this action can make none of ${other}.`,
      hint: 'Name a command that makes one, and that prints as its last line how one goes back to it: `backup-command`.'
    }
  ]
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
      ['seed', 'Seed', 'inputs seed, prove, expect-rows, expect-current, extensions and verify-files do nothing here'],
      ['times', 'Timeouts and cancelling', 'what runs on the server when a job is cancelled is not ended']
    ] as const
  ).map(([id, title, told]) => ({ id, title, told, result: 'not checked', next }))
}
