import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until a server takes connections, which is when the eighth line of its postmaster.pid says so
 * (src/include/utils/pidfile.h: LOCK_FILE_LINE_PM_STATUS).
 *
 * @param limit milliseconds
 * @param ended whether the server has ended already
 */
export async function readiness(data: string, limit: number, ended: () => boolean): Promise<boolean> {
  const file = join(data, 'postmaster.pid')
  for (const until = Date.now() + limit; Date.now() < until && !ended();) {
    if (existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready') return true
    await sleep(50)
  }
  return false
}

/**
 * The process id of the server that runs on these data, or `undefined`. While the file is being written it is empty, and
 * initdb's own server stands there with a negative number (src/backend/utils/init/miscinit.c): neither is one to signal.
 */
export function serverOf(data: string): number | undefined {
  const file = join(data, 'postmaster.pid')
  const id = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : Number.NaN
  return Number.isInteger(id) && id > 1 ? id : undefined
}
