import type { World } from '../../shared/world.ts'
import { clientFailure } from './client-failure.ts'
import { runClient } from './client.ts'
import { createRowCounter, type DumpedRows } from './dumped-rows.ts'
import type { ContentsRun } from './read-contents.ts'

/**
 * Reads all data of a dump to its end. A file that was cut passes `pg_restore --list`, as the contents stand at its
 * beginning; so both the exit code and the sentence at the end of the script are asked for.
 *
 * @throws ActionError `deploy-dump-unreadable` where it is not whole
 */
export async function readRows(file: string, run: ContentsRun, world: World): Promise<DumpedRows> {
  const counter = createRowCounter()
  const result = await runClient(
    {
      ...run,
      args: ['--data-only', '--file=-', file],
      takeOutput: (piece) => {
        counter.take(piece)
      }
    },
    world
  )
  const rows = counter.end()
  if (result.exitCode === 0 && rows.complete) return rows
  throw clientFailure('deploy-dump-unreadable', `pg_restore --data-only ${file}`, result, world)
}
