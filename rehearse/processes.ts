import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ends every process that `root` started. Steps are in process groups of their own, which a signal to act's does not
 * reach, and one that left its parent (`&`, a daemon) is known by its environment only, where the system shows that.
 *
 * @param root id of the process whose descendants are meant, itself too
 * @param mark an entry of the environment, `NAME=value`, that only processes of this run have
 */
export function signalAll(root: number, mark: string, signal: 'SIGTERM' | 'SIGKILL'): void {
  const processes = process.platform === 'linux' ? fromProc(mark) : fromPs()
  const meant = new Set([root])
  // Ids may have wrapped around, so the table is in no order that could be relied on.
  for (let before = 0; before !== meant.size;) {
    before = meant.size
    for (const { id, parent, marked } of processes) if (marked || meant.has(parent)) meant.add(id)
  }
  // A process that is gone keeps its id out of the table, and another may have got it.
  for (const { id } of processes) {
    if (!meant.has(id) || id === process.pid) continue
    try {
      process.kill(id, signal)
    } catch {
      // It ended by itself, or is another user's.
    }
  }
}

interface Process {
  readonly id: number
  readonly parent: number
  readonly marked: boolean
}

/** proc(5) */
function fromProc(mark: string): readonly Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // The second field is the program's name in parentheses, and may hold any character.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return [{ id: Number(name), parent, marked: environment(name).includes(mark) }]
    } catch {
      return []
    }
  })
}

function environment(id: string): readonly string[] {
  try {
    return readFileSync(`/proc/${id}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function fromPs(): readonly Process[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => {
    const [id, parent] = line.trim().split(/\s+/).map(Number)
    return id === undefined || parent === undefined || id === 0 ? [] : [{ id, parent, marked: false }]
  })
}
