import type { World } from '../../shared/world.ts'
import { clientFailure } from './client-failure.ts'
import { runClient, type ClientRun } from './client.ts'
import { parseContents, type DumpContents } from './contents.ts'

/** How pg_restore is run on a file. */
export type ContentsRun = Omit<ClientRun, 'args' | 'url' | 'takeOutput'>

/** Reads a dump's header and table of contents. @throws ActionError `deploy-dump-unreadable` where it has none */
export async function readContents(file: string, run: ContentsRun, world: World): Promise<DumpContents> {
  const pieces: Buffer[] = []
  const result = await runClient(
    {
      ...run,
      args: ['--list', file],
      takeOutput: (piece) => {
        pieces.push(piece)
      }
    },
    world
  )
  const contents = parseContents(Buffer.concat(pieces).toString('utf8'))
  if (result.exitCode === 0 && contents !== undefined) return contents
  throw clientFailure('deploy-dump-unreadable', `pg_restore --list ${file}`, result, world)
}
