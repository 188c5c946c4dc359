import { counted, grouped } from '../counted.ts'
import { fail, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { openSession } from '../database/session.ts'
import { booleanOf, numberOf, textOf } from '../database/sql.ts'
import type { ClientRun } from './client.ts'
import { copyInto } from './copy-into.ts'
import type { Dumped } from './dump-database.ts'
import type { DumpPrograms } from './programs.ts'
import { namesOf } from './prove-dump.ts'
import { scratchIsProduction, startOf, withScratchDatabase } from './scratch-database.ts'
import type { BackupRequest } from './take-backup.ts'

/**
 * Restores a dump into a scratch database, and compares the rows of every table with those of the snapshot that it is of.
 *
 * @throws ActionError `deploy-backup-unproven` where they differ
 */
export async function testRestore(
  request: BackupRequest,
  file: string,
  { snapshot, rows = new Map() }: Dumped,
  programs: DumpPrograms,
  run: Omit<ClientRun, 'program' | 'args'>,
  world: World
): Promise<void> {
  const { scratch, inputs } = request
  if (scratch === undefined) throw new TypeError('a test restore without a scratch database was let through')
  const production = request.production ? request.url : undefined
  await withScratchDatabase({ url: scratch, production }, 'backup', world, async (url) => {
    const { environmentVariables, applicationName, timeout } = run
    await copyInto(
      { from: { file }, programs, environmentVariables, temp: inputs.folder, applicationName, timeout },
      url,
      world
    )
    const session = await openSession(url, { applicationName, readOnly: true, statementTimeout: run.timeout }, world)
    try {
      const differing: string[] = []
      for (const [name, before] of rows) {
        const there = await session.query('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there', [name])
        if (!booleanOf(there[0], 'there')) {
          differing.push(`${name} (is missing)`)
          continue
        }
        const [row] = await session.query(`SELECT count(*) AS rows FROM ONLY ${name}`)
        const now = numberOf(row, 'rows')
        if (now !== before) differing.push(`${name} (${counted(before, 'row')}, restored ${counted(now, 'row')})`)
      }
      const [objects] = await session.query('SELECT count(*) AS large_objects FROM pg_catalog.pg_largeobject_metadata')
      const restored = numberOf(objects, 'large_objects')
      if (restored !== snapshot.largeObjects)
        differing.push(`large objects (${grouped(snapshot.largeObjects)}, restored ${grouped(restored)})`)
      if (differing.length === 0) return
      fail({
        code: 'deploy-backup-unproven',
        message: `Restored into a scratch database, the backup differs from what was dumped: ${namesOf(differing)}.`,
        hint: 'pg_dump and pg_restore ended well all the same. Nothing was migrated; do not rely on this backup.'
      })
    } finally {
      await session.close()
    }
  })
}

/** What keeps a dump from being restored on the scratch server, as far as can be seen before there is one. */
export async function scratchProblems(request: BackupRequest, world: World): Promise<readonly Problem[]> {
  const { scratch, url, applicationName } = request
  if (scratch === undefined) {
    return [
      {
        code: 'deploy-scratch',
        message: 'Input backup-verify is restore, and no scratch server is named: scratch-url is empty.',
        hint: 'Name one by `scratch-url`: a service container `postgres` of the job is enough. Or write `backup-verify: read`.'
      }
    ]
  }
  const here = await facts(url, applicationName, world)
  const there = await facts(scratch, applicationName, world)
  const missing = [...here.extensions].filter((name) => !there.available.has(name))
  return [
    ...(request.production && here.started === there.started ? [scratchIsProduction(scratch)] : []),
    ...(missing.length === 0
      ? []
      : [
          {
            code: 'deploy-scratch',
            message: `The database uses ${missing.length === 1 ? 'the extension' : 'extensions'} ${missing.join(', ')}, which the server of scratch-url has not.`,
            hint: 'Use an image that has them for the scratch server (such as pgvector/pgvector for vector), or write `backup-verify: read`.'
          }
        ]),
    ...(there.major < here.major
      ? [
          {
            code: 'deploy-scratch',
            message: `The server is PostgreSQL ${here.major}, and that of scratch-url is older: ${there.major}.`,
            hint: `Use a scratch server of version ${here.major}, as a dump need not go into an older one; or write \`backup-verify: read\`.`
          }
        ]
      : [])
  ]
}

interface ServerFacts {
  readonly started: string
  readonly major: number
  readonly extensions: ReadonlySet<string>
  readonly available: ReadonlySet<string>
}

async function facts(url: DatabaseUrl, applicationName: string, world: World): Promise<ServerFacts> {
  const session = await openSession(url, { applicationName, readOnly: true }, world)
  try {
    const [server] = await session.query(
      "SELECT pg_catalog.current_setting('server_version_num')::int / 10000 AS major"
    )
    const names = async (sql: string): Promise<ReadonlySet<string>> =>
      new Set((await session.query(sql)).map((row) => textOf(row, 'name')))
    return {
      started: await startOf(session),
      major: numberOf(server, 'major'),
      extensions: await names('SELECT extname AS name FROM pg_catalog.pg_extension'),
      available: await names('SELECT name FROM pg_catalog.pg_available_extensions')
    }
  } finally {
    await session.close()
  }
}
