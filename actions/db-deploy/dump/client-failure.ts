import { ActionError } from '../../shared/problem.ts'
import type { ProgramResult } from '../../shared/program.ts'
import type { World } from '../../shared/world.ts'
import { cancelledCode } from '../journal.ts'

type Code = 'deploy-backup-failed' | 'deploy-dump-unreadable' | 'deploy-restore-failed'

/**
 * What a run of pg_dump or pg_restore that did not do what it should is told as.
 *
 * @param what as a user would type it, or the program with its version
 */
export function clientFailure(
  code: Code,
  what: string,
  result: ProgramResult,
  { cancelled }: Pick<World, 'cancelled'>
): ActionError {
  if (cancelled.aborted) {
    return new ActionError([
      {
        code: cancelledCode,
        message: `The job was cancelled while ${what} ran; it was ended.`,
        hint: cancelledHints[code]
      }
    ])
  }
  const last = lastLines(result.errorOutput === '' ? result.output : result.errorOutput)
  const hint = hints.find(({ said }) => said.test(result.errorOutput))?.hint ?? otherwise[code]
  return new ActionError([{ code, message: `${what} ${endOf(result)}${last === '' ? '.' : `:\n${last}`}`, hint }])
}

const cancelledHints: Readonly<Record<Code, string>> = {
  'deploy-backup-failed': 'Run it again when you are ready. No partial backup was left.',
  'deploy-dump-unreadable': 'Run it again when you are ready. Nothing was changed.',
  'deploy-restore-failed': 'Run it again when you are ready.'
}

/** The lines that matter stand at the end; a list of a thousand objects does not. */
function lastLines(output: string): string {
  return output.split('\n').slice(-8).join('\n').trim()
}

function endOf({ end, exitCode }: ProgramResult): string {
  if (end === 'timed out') return 'did not end in time and was ended'
  if (end === 'not started') return 'could not be started'
  if (end === 'killed') return 'was ended by a signal'
  return exitCode === 0
    ? 'ended with exit code 0 and did not do all of its work'
    : `ended with exit code ${exitCode ?? '?'}`
}

const otherwise: Readonly<Record<Code, string>> = {
  'deploy-backup-failed':
    'Nothing was migrated. The lines above are pg_dump’s own; run it again when what they name is mended.',
  'deploy-dump-unreadable':
    'The dump is not whole, or no dump in custom format. Nothing was changed; take another backup.',
  'deploy-restore-failed': 'The lines above are pg_restore’s own. Mend what they name, and run it again.'
}

/** What PostgreSQL's programs say, and what is to be done. */
const hints: readonly { readonly said: RegExp; readonly hint: string }[] = [
  {
    said: /server version mismatch/,
    hint: 'Install the client programs of the server’s version (docs/db-deploy-backup.md, "Programs"). Nothing was changed.'
  },
  {
    said: /No space left on device|could not write|File too large/,
    hint: 'The disk is full. Let `backup-folder` name a folder with more room, or back up by `backup-command` (a branch or snapshot of your provider). No partial file was left.'
  },
  {
    said: /permission denied for/,
    hint: 'Grant the role that dumps the right to read what is named: `GRANT pg_read_all_data TO ROLE` (PostgreSQL 14 and newer).'
  },
  {
    said: /row-level security policy/,
    hint: 'Row security hides rows from the role, and a dump must have all: dump as the owner of the tables or with `ALTER ROLE … BYPASSRLS`.'
  },
  {
    said: /lock timeout|could not obtain lock/,
    hint: 'Another session holds a lock on a table. Nothing was changed; run it again when that session has ended.'
  },
  {
    said: /role "[^"]*" does not exist/,
    hint: 'The dump names a role that this server has not: make it (`CREATE ROLE …`), and run it again.'
  },
  {
    said: /extension "[^"]*" is not available|could not open extension control file/,
    hint: 'The server lacks an extension that the dump needs: install it there, or name another server.'
  },
  {
    said: /max_locks_per_transaction|out of shared memory/,
    hint: 'So many objects do not go into one transaction of this server: use `restore-mode: swap`, or raise max_locks_per_transaction.'
  },
  {
    said: /unsupported version \(/,
    hint: 'The dump was written by a newer pg_dump than this pg_restore: install the client programs of the newer version.'
  }
]
