import { counted } from '../counted.ts'
import { digestFile } from '../../shared/files.ts'
import { ActionError, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import { failedProblems, type Check } from '../check.ts'
import { addressCheck } from '../database/address-check.ts'
import { readServer } from '../database/server.ts'
import { quoteIdentifier } from '../database/sql.ts'
import { isTableData, type DumpContents } from '../dump/contents.ts'
import type { DumpedRows } from '../dump/dumped-rows.ts'
import { findDumpPrograms, type DumpPrograms } from '../dump/programs.ts'
import { readContents } from '../dump/read-contents.ts'
import { readRows } from '../dump/read-rows.ts'
import { holdsTables } from '../dump/snapshot.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { directUrl, reading } from '../reading.ts'
import { withPlainDump } from './dump-file.ts'
import { isRestoring } from './names.ts'
import { objectsIn, staysCheck, type DatabaseObject } from './stays.ts'
import { readRestoreServer, type RestoreServer } from './target.ts'

export interface RestoreFacts {
  /** That is to be restored. */
  readonly database: string
  readonly server: RestoreServer
  /** Whether there is a table in it now. */
  readonly holdsTables: boolean
  readonly programs: DumpPrograms
  readonly dump: InspectedDump
  /** What speaks against it besides what these facts say. */
  readonly problems: readonly Problem[]
  /** Milliseconds since the epoch; names of databases are made of it. */
  readonly at: number
}

export interface InspectedDump {
  readonly file: string
  /** Of the file as it is; what is restored must be the same. */
  readonly sha256: string
  readonly contents: DumpContents
  readonly rows: DumpedRows
  /** Tables whose rows are in it. */
  readonly tables: number
}

/** Reads all of the dump, and what the server has. Writes nothing. */
export async function inspect(inputs: Inputs, world: World, journal: Journal): Promise<RestoreFacts> {
  throwIfCancelled(world, 'a restore was about to be prepared')
  const url = directUrl(inputs)
  const { server, holds, checks, objects } = await journal.stage('connect', 'Connection', async (stage) => {
    const found = await readRestoreServer(url, inputs.sessions.own, world)
    let holds = false
    let checks: readonly Check[] = []
    let objects: readonly DatabaseObject[] = []
    if (found.target !== undefined) {
      await reading({ url, sessions: inputs.sessions }, world, async (session) => {
        const { facts } = await readServer(session, url)
        journal.learn({ database: facts })
        holds = await holdsTables(session)
        checks = await addressCheck(session, url, { applicationUrl: inputs.urls.database }, world)
        journal.learn({ preflight: checks })
        if (inputs.restore.mode === 'in-place') objects = await objectsIn(session)
      })
    }
    stage.note(targetTold(url.database, found))
    tellLeftovers(url.database, found, world)
    return { server: found, holds, checks, objects }
  })
  const found = await findDumpPrograms(server.version, inputs.environmentVariables, world)
  if ('problems' in found) throw new ActionError(found.problems satisfies readonly Problem[])
  const { programs } = found
  const dump = await journal.stage('read', 'Dump read to its end', async (stage) => {
    const inspected = await withPlainDump(inputs, world, journal, (file) => readDump(file, inputs, programs, world))
    stage.note(dumpTold(inspected))
    world.log.info(`The dump: ${dumpTold(inspected)}.`)
    return inspected
  })
  if (inputs.restore.mode === 'in-place') {
    journal.learn({ preflight: [...checks, staysCheck(objects, dump.contents)] })
  }
  const problems = failedProblems(checks)
  return { database: url.database, server, holdsTables: holds, programs, dump, problems, at: world.clock.now() }
}

async function readDump(file: string, inputs: Inputs, programs: DumpPrograms, world: World): Promise<InspectedDump> {
  const run = {
    program: programs.restore,
    applicationName: inputs.sessions.own,
    folder: inputs.context.temp,
    environmentVariables: inputs.environmentVariables,
    timeout: inputs.backup.timeout
  }
  const named = inputs.restore.file ?? file
  const contents = await readContents(file, run, world)
  const rows = await readRows(file, run, world)
  const { sha256 } = await digestFile(named)
  return { file: named, sha256, contents, rows, tables: contents.entries.filter(isTableData).length }
}

/** `app of PostgreSQL 18.4, made 2026-01-01 12:00:00 UTC by pg_dump 18.6, 37 entries, 12 tables with 1,009 rows` */
export function dumpTold({ contents, rows, tables }: InspectedDump): string {
  const { database, serverVersion, createdAt, dumpVersion, entryCount } = contents
  const sum = [...rows.tables.values()].reduce((total, count) => total + count, 0)
  return `${database} of PostgreSQL ${serverVersion}, made ${createdAt} by pg_dump ${dumpVersion}, ${counted(entryCount, 'entry', 'entries')}, ${counted(tables, 'table')} with ${counted(sum, 'row')}`
}

/** Full-sized copies that nobody asks for: runs that were killed made them. */
function tellLeftovers(database: string, { databases }: RestoreServer, { log }: World): void {
  const left = [...databases].filter((name) => isRestoring(name, database))
  if (left.length === 0) return
  log.warning(
    `Restores that were killed left ${left.join(', ')} on this server. When no other restore of ${database} runs: ${left.map((name) => `DROP DATABASE ${quoteIdentifier(name)};`).join(' ')}`
  )
}

function targetTold(database: string, { target }: RestoreServer): string {
  if (target === undefined) return `${database} is not there`
  const { connections } = target
  if (connections.length === 0) return `nobody is connected to ${database}`
  const shown = connections.slice(0, 10).map(({ told }) => told)
  return `${counted(connections.length, 'connection')} to ${database}: ${shown.join(', ')}${connections.length > 10 ? ' …' : ''}`
}
