import { counted } from '../counted.ts'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { Backup } from '../record.ts'
import type { ClientRun } from './client.ts'
import { holdsRelation, isLargeObjects, isTableData } from './contents.ts'
import type { Dumped } from './dump-database.ts'
import type { DumpPrograms } from './programs.ts'
import { readContents } from './read-contents.ts'
import { readRows } from './read-rows.ts'
import type { BackupRequest } from './take-backup.ts'
import { testRestore } from './test-restore.ts'

/**
 * Proves a dump to the level that is asked for; each level has those below it.
 *
 * @param file not encrypted
 * @throws ActionError `deploy-backup-unproven`, `deploy-dump-unreadable`
 */
export async function proveDump(
  request: BackupRequest,
  file: string,
  dumped: Dumped,
  programs: DumpPrograms,
  run: Omit<ClientRun, 'program' | 'args'>,
  world: World
): Promise<Pick<Backup, 'verified' | 'entries' | 'rows'>> {
  const { verify } = request.inputs
  const reading = (): ClientRun => ({ ...run, timeout: run.timeout, program: programs.restore, args: [] })
  const contents = await readContents(file, reading(), world)
  const missing = dumped.snapshot.relations.filter((relation) => !holdsRelation(contents, relation))
  if (missing.length > 0) {
    fail({
      code: 'deploy-backup-unproven',
      message: `The dump lacks ${counted(missing.length, 'table')} of ${counted(dumped.snapshot.relations.length, 'table')}: ${namesOf(missing.map(({ name }) => name))}.`,
      hint: 'pg_dump ended well all the same. Look whether something in the environment tells it to leave tables out; nothing was migrated.'
    })
  }
  const { additions, largeObjects } = dumped.snapshot
  const entered = new Set(contents.entries.map(({ catalog, oid }) => `${catalog} ${oid}`))
  const lost = additions.filter(({ catalog, oid }) => !entered.has(`${catalog} ${oid}`))
  if (lost.length > 0) {
    fail({
      code: 'deploy-backup-unproven',
      message: `The dump lacks ${lost.length} of ${additions.length} indexes, keys and triggers: ${namesOf(lost.map(({ name }) => name))}.`,
      hint: 'pg_dump ended well all the same. Look whether something in the environment tells it to leave them out; nothing was migrated.'
    })
  }
  if (largeObjects > 0 && !contents.entries.some(isLargeObjects)) {
    fail({
      code: 'deploy-backup-unproven',
      message: `The dump lacks the ${counted(largeObjects, 'large object')} of the database.`,
      hint: 'pg_dump ended well all the same. Look whether something in the environment tells it to leave them out; nothing was migrated.'
    })
  }
  const entries = contents.entryCount
  if (verify === 'list') return { verified: 'list', entries }
  const read = await readRows(file, reading(), world)
  const expected = contents.entries.filter(isTableData).length
  if (read.blocks !== expected) {
    fail({
      code: 'deploy-backup-unproven',
      message: `The dump says that it has the rows of ${counted(expected, 'table')}, and ${read.blocks} could be read to the end.`,
      hint: 'pg_restore ended well all the same. Take another backup; nothing was migrated.'
    })
  }
  const rows = [...read.tables.values()].reduce((sum, count) => sum + count, 0)
  if (verify === 'read') return { verified: 'read', entries, rows }
  await testRestore(request, file, dumped, programs, run, world)
  return { verified: 'restore', entries, rows }
}

/** At most ten of them. */
export function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ')
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown
}
