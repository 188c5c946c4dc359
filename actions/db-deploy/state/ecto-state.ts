import { createHash } from 'node:crypto'
import type { FileOnDisk } from './migration-files.ts'
import type { MigrationStatus } from './migration-state.ts'
import type { EctoRow } from './migration-table.ts'
import { inOrder } from './prisma-state.ts'

/**
 * What Ecto's folders and table say of each migration. Its table has versions only (Ecto.Migration.SchemaMigration): of
 * two files with one version, the second is never run once the first was, and both are shown as up. Pure.
 *
 * @param files of all folders, in the order in which Ecto runs them
 * @param read the bytes of a file
 * @param ledger checksums by version, of what our ledger saw being applied
 */
export function ectoStatuses(
  files: readonly FileOnDisk[],
  rows: readonly EctoRow[],
  read: (file: FileOnDisk) => Buffer,
  ledger: ReadonlyMap<string, string> = new Map()
): readonly MigrationStatus[] {
  const applied = new Map(rows.map((row) => [row.version, row]))
  const withFile = new Set(files.map(({ version }) => version))
  const byVersion = Map.groupBy(files, ({ version }) => version)
  const there = files.map(({ version, path }): MigrationStatus => {
    const row = applied.get(version)
    return {
      name: version,
      version,
      path,
      status: row === undefined ? 'pending' : 'applied',
      marks: [],
      ...timeOf(row)
    }
  })
  const gone = rows
    .filter(({ version }) => !withFile.has(version))
    .map((row): MigrationStatus => {
      const { version } = row
      return { name: version, version, path: undefined, status: 'missing', marks: [], ...timeOf(row) }
    })
  const marked = there.map((status) => {
    const twins = byVersion.get(status.version) ?? []
    const sha256 = ledger.get(status.version)
    const sums = (): readonly string[] => twins.map((file) => sumOf(read(file)))
    if (twins.length > 1) {
      const hides = status.status === 'pending' || new Set(sums()).size > 1
      const ran = sha256 !== undefined && sumOf(read(fileOf(status, twins))) === sha256
      return hides && !ran ? { ...status, marks: [...status.marks, 'hidden' as const] } : status
    }
    if (sha256 === undefined || status.status !== 'applied' || sums().includes(sha256)) return status
    return { ...status, marks: [...status.marks, 'edited' as const] }
  })
  return inOrder([...marked, ...gone].toSorted((a, b) => compareVersions(a.version, b.version)))
}

function fileOf({ path }: MigrationStatus, twins: readonly FileOnDisk[]): FileOnDisk {
  const file = twins.find((twin) => twin.path === path)
  if (file === undefined) throw new TypeError('a status is made from a file')
  return file
}

function timeOf(row: EctoRow | undefined): Pick<MigrationStatus, 'finishedAt'> {
  return row?.insertedAt === undefined ? {} : { finishedAt: new Date(row.insertedAt).toISOString() }
}

function sumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [BigInt(a), BigInt(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
