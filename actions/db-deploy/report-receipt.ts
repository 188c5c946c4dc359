import { basename } from 'node:path'
import type { ReceiptFile, ReceiptTarget } from '../shared/receipt.ts'
import { latestState } from './latest-state.ts'
import type { Backup, RunRecord } from './record.ts'

/** The database as a receipt names it, with the backup that was made of it. */
export function receiptTargets(record: RunRecord): readonly ReceiptTarget[] {
  const { learned, status } = record
  const { database } = learned
  if (database === undefined) return []
  const current = latestState(record)?.current
  return [
    {
      kind: 'database',
      name: database.name,
      ...(current === undefined ? {} : { version: current }),
      // A socket's folder is no host that an address could have.
      ...(database.host.startsWith('/')
        ? {}
        : { url: `postgresql://${database.host}/${encodeURIComponent(database.name)}` }),
      status,
      files: backupFiles(learned.backup)
    }
  ]
}

function backupFiles(backup: Backup | undefined): readonly ReceiptFile[] {
  if (backup?.file === undefined || backup.sha256 === undefined || backup.bytes === undefined) return []
  return [{ name: basename(backup.file), sha256: backup.sha256, size: backup.bytes, status: 'published' }]
}
