import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readableSize } from '../../shared/files.ts'
import type { Check } from '../check.ts'
import { messageOf } from './error-words.ts'
import type { TouchedName } from './relation.ts'
import type { Server } from './server.ts'

interface Disk {
  readonly tables: readonly TouchedName[]
  readonly backupFolder: string | undefined
}

/** Room for what will be written: on the server, as far as SQL tells, and on this runner for the backup. */
export async function diskChecks({ facts }: Server, { tables, backupFolder }: Disk): Promise<readonly Check[]> {
  const size = facts.size === undefined ? 'a database of unknown size' : `a database of ${readableSize(facts.size)}`
  const server: Check[] =
    tables.length === 0
      ? []
      : [
          {
            id: 'server-disk',
            title: 'Disk of the server',
            told: `${size}; no SQL tells what is free`,
            result: 'not checked',
            next: 'Look at the provider’s figure: a table that is rewritten, and an index that is built, need room for a second copy.'
          }
        ]
  return backupFolder === undefined ? server : [...server, await backupDisk(backupFolder, facts.size)]
}

async function backupDisk(folder: string, size: number | undefined): Promise<Check> {
  const check = { id: 'backup-disk', title: 'Disk for the backup' }
  let there = folder
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  let free: number
  try {
    const { bavail, bsize } = await statfs(there)
    free = bavail * bsize
  } catch (error) {
    const reason = messageOf(error)
    return { ...check, told: reason, result: 'not checked', next: `Check that ${folder} can be written to.` }
  }
  const told = `${readableSize(free)} free on this runner`
  if (size === undefined)
    return { ...check, told, result: 'not checked', next: 'The size of the database is not known.' }
  // A compressed dump is smaller than the database, which has indexes and gaps: this much is certainly enough.
  if (free >= size) return { ...check, told, result: 'ok' }
  return {
    ...check,
    told: `${told}, the database has ${readableSize(size)}`,
    result: 'warning',
    problem: {
      code: 'backup-disk-low',
      message: `${folder} has ${readableSize(free)} free, and the database ${readableSize(size)}: its dump may not fit.`,
      hint: 'Use a runner with more disk, another backup-folder, or backup-command with your provider’s snapshots.'
    }
  }
}
