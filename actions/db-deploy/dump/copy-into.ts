import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { openSession } from '../database/session.ts'
import { numberOf } from '../database/sql.ts'
import { clientFailure } from './client-failure.ts'
import { runClient, type ClientRun } from './client.ts'
import type { DumpPrograms } from './programs.ts'
import { ownedByServer, writeUseList } from './use-list.ts'
import { runRestore } from './run-restore.ts'

export interface CopyRequest {
  /** A dump in custom format, not encrypted; or a database, which is dumped first into a file that is removed after. */
  readonly from: { readonly file: string } | { readonly url: DatabaseUrl; readonly schemaOnly: boolean }
  readonly programs: DumpPrograms
  readonly environmentVariables: NodeJS.ProcessEnv
  /** Absolute; for the file of a dump. Made where it is not there. */
  readonly temp: string
  readonly applicationName: string
  /** Milliseconds for each program. */
  readonly timeout: number
}

/** What a copy is without, in words. */
export const leftBehind =
  'policies, publications, subscriptions, event triggers, user mappings, tablespaces, security labels, owners, privileges and comments'

/**
 * Fills an empty database from a dump, or from another database. What belongs to a server is left behind: what names its
 * roles, or takes a superuser to make (`leftBehind`).
 *
 * @throws ActionError where not all of it went in
 */
export async function copyInto(request: CopyRequest, to: DatabaseUrl, world: World): Promise<void> {
  const { from, programs, temp, applicationName, environmentVariables, timeout } = request
  mkdirSync(temp, { recursive: true, mode: 0o700 })
  const client = { applicationName, folder: temp, environmentVariables, timeout }
  const made = 'file' in from ? undefined : join(temp, `copy-${randomBytes(6).toString('hex')}.dump`)
  const list = join(temp, `copy-${randomBytes(6).toString('hex')}.list`)
  try {
    const file = 'file' in from ? from.file : (made ?? '')
    if (!('file' in from)) await dumpInto(file, from, programs, client, world)
    await writeUseList(file, list, (entry) => !ownedByServer(entry), { ...client, program: programs.restore }, world)
    const serverVersion = await versionOf(to, applicationName, world)
    await runRestore(
      {
        ...client,
        url: to,
        programs,
        serverVersion,
        args: [
          ...['--no-owner', '--no-privileges', '--no-comments', '--no-publications', '--no-subscriptions'],
          ...['--no-tablespaces', '--no-security-labels', `--use-list=${list}`, file]
        ],
        into: 'the scratch database'
      },
      world
    )
  } finally {
    for (const path of [made, list]) if (path !== undefined) rmSync(path, { force: true })
  }
}

async function dumpInto(
  file: string,
  from: { readonly url: DatabaseUrl; readonly schemaOnly: boolean },
  programs: DumpPrograms,
  client: Omit<ClientRun, 'program' | 'args'>,
  world: World
): Promise<void> {
  const only = from.schemaOnly ? ['--schema-only'] : []
  const result = await runClient(
    { ...client, program: programs.dump, args: ['--format=custom', `--file=${file}`, ...only], url: from.url },
    world
  )
  if (result.exitCode !== 0) throw clientFailure('deploy-backup-failed', programs.told, result, world)
}

async function versionOf(url: DatabaseUrl, applicationName: string, world: World): Promise<number> {
  const session = await openSession(url, { applicationName }, world)
  try {
    const [row] = await session.query("SELECT pg_catalog.current_setting('server_version_num') AS version")
    return numberOf(row, 'version')
  } finally {
    await session.close()
  }
}
