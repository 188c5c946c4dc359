import type { FileOnDisk } from './migration-files.ts'
import type { MigrationStatus, StateMark } from './migration-state.ts'
import type { PrismaRow } from './migration-table.ts'
import { matchesChecksum } from './prisma-checksum.ts'

/**
 * What Prisma's folder and table say of each migration, by Prisma's own rules (prisma-engines, apply_migrations.rs): it is
 * pending while no row of it is left that was not rolled back, and failed while such a row has no end. What `migrate
 * status` keeps to itself is in the marks. Pure.
 *
 * @param rows in the order in which they were begun
 * @param read the bytes of a file
 */
export function prismaStatuses(
  files: readonly FileOnDisk[],
  rows: readonly PrismaRow[],
  read: (file: FileOnDisk) => Buffer
): readonly MigrationStatus[] {
  const attempts = Map.groupBy(rows, ({ name }) => name)
  const known = new Map(files.map((file) => [file.name, file]))
  const gone = [...attempts.keys()].filter((name) => !known.has(name))
  const statuses = [...known.keys(), ...gone].flatMap((name) =>
    statusOf(name, known.get(name), attempts.get(name), read)
  )
  return inOrder(statuses.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)))
}

function statusOf(
  name: string,
  file: FileOnDisk | undefined,
  attempts: readonly PrismaRow[] = [],
  read: (file: FileOnDisk) => Buffer
): readonly MigrationStatus[] {
  const live = attempts.filter(({ rolledBack }) => !rolledBack)
  const version = /^\d+/.exec(name)?.[0] ?? ''
  const wasRolledBack = live.length < attempts.length
  const told = live.find(({ finishedAt }) => finishedAt === undefined) ?? live.at(-1)
  if (told === undefined) {
    // Rolled back, and its folder taken away: that is how it is meant to end.
    if (file === undefined) return []
    return [{ name, version, path: file.path, status: 'pending', marks: wasRolledBack ? ['rolled-back'] : [] }]
  }
  const failed = told.finishedAt === undefined
  const marks: StateMark[] = []
  if (file !== undefined && !matchesChecksum(read(file), told.checksum)) marks.push('edited')
  if (wasRolledBack) marks.push('retried')
  return [
    {
      name,
      version,
      path: file?.path,
      status: failed ? 'failed' : file === undefined ? 'missing' : 'applied',
      marks,
      steps: told.steps,
      ...timesOf(told),
      ...(failed && told.logs !== undefined ? { logs: told.logs } : {})
    }
  ]
}

function timesOf({
  startedAt,
  finishedAt,
  steps
}: PrismaRow): Pick<MigrationStatus, 'startedAt' | 'finishedAt' | 'took'> {
  return {
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
    ...(finishedAt === undefined ? {} : { finishedAt: new Date(finishedAt).toISOString() }),
    // `resolve --applied` runs nothing: its row has no step, and its two times say nothing.
    ...(startedAt === undefined || finishedAt === undefined || steps === 0
      ? {}
      : { took: Math.max(0, Math.round(finishedAt - startedAt)) })
  }
}

/** Marks what is pending before one that is applied. */
export function inOrder(statuses: readonly MigrationStatus[]): readonly MigrationStatus[] {
  const last = statuses.findLastIndex(({ status }) => status === 'applied' || status === 'missing')
  return statuses.map((status, at) =>
    status.status === 'pending' && at < last ? { ...status, marks: [...status.marks, 'out-of-order'] } : status
  )
}
