import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { readableSize } from '../../shared/files.ts'
import { ActionError, type Problem } from '../../shared/problem.ts'

/** The file that a backup becomes, and where it is written until it is one. */
export interface BackupFile {
  /** Absolute; nothing is there. */
  readonly path: string
  /** In the same folder, hidden. */
  readonly partial: string
  /** Where the dump is written before it is encrypted; the same as `partial` where it is not. */
  readonly plain: string
}

/**
 * Chooses the name of a backup, `app-20261121T193000Z.dump`, with `.age` where it is encrypted. Artifacts take no colons.
 *
 * @param now milliseconds since the epoch
 * @throws ActionError `deploy-backup-disk` where nothing can be written there
 */
export function backupFile(folder: string, database: string, now: number, encrypted: boolean): BackupFile {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const stem = `${database.replaceAll(/[^\w.-]+/g, '_').replace(/^[.-]+/, '_')}-${time}`
  mkdirIn(folder)
  for (let count = 1; ; count++) {
    const name = `${stem}${count === 1 ? '' : `-${count}`}.dump${encrypted ? '.age' : ''}`
    const path = join(folder, name)
    const partial = join(folder, `.${name}.partial`)
    if (existsSync(path) || existsSync(partial)) continue
    return { path, partial, plain: encrypted ? join(folder, `.${name}.plain`) : partial }
  }
}

function mkdirIn(folder: string): void {
  try {
    // A dump is for nobody else on this machine.
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw diskFailure(folder, error)
  }
}

/** Makes the file empty, readable by this user alone; pg_dump writes into it. */
export function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    throw diskFailure(dirname(path), error)
  }
}

/** Puts the partial file under its name, when all of it is on the disk. */
export function finish({ partial, path }: BackupFile): void {
  sync(partial)
  renameSync(partial, path)
  // The name is on the disk when its folder is; Windows has no way to say so.
  if (process.platform !== 'win32') sync(dirname(path))
}

function sync(path: string): void {
  const file = openSync(path, process.platform === 'win32' ? 'r+' : 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Takes away what is not finished. Never throws. */
export function removeUnfinished({ partial, plain }: BackupFile): void {
  for (const path of new Set([partial, plain])) rmSync(path, { force: true })
}

/** Bytes; 0 where it is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/**
 * Whether a dump fits on the disk, as far as that can be said before: text of tables is a fifth to a tenth of them when it
 * is compressed, and less than a twentieth is rare.
 *
 * @param needed bytes of the tables
 */
export function roomFor(
  folder: string,
  needed: number,
  encrypted: boolean
): { readonly problem?: Problem; readonly warning?: string } {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  // The dump is there until all of it is encrypted.
  const most = encrypted ? 2 * needed : needed
  const told = `${folder} has ${readableSize(free)} free, and the tables have ${readableSize(needed)}`
  if (free < most / 20) {
    return {
      problem: {
        code: 'deploy-backup-disk',
        message: `${told}${encrypted ? ', of which the dump and its encrypted form stand beside each other' : ''}.`,
        hint: 'Let `backup-folder` name a folder with more room, free some, or back up by `backup-command` (a branch or snapshot of your provider).'
      }
    }
  }
  return free < most ? { warning: `${told}: the dump is smaller, but may not fit.` } : {}
}

/** What the file system said, told as what it is. */
export function diskFailure(folder: string, error: unknown): ActionError {
  const why = error instanceof Error ? error.message : String(error)
  return new ActionError(
    [
      {
        code: 'deploy-backup-disk',
        message: `The backup cannot be written in ${folder}: ${why}.`,
        hint: 'Let `backup-folder` name a folder with room, which this user may write in.'
      }
    ],
    { cause: error }
  )
}
