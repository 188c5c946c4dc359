import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The variable by which what a program started is known, wherever it went. */
export const markName = 'RELEASE_ACTIONS_PROGRAM'

let own: string | undefined

/** By which all programs of this process are known, also to another process when this one is gone. */
export function ownPrograms(): string {
  return (own ??= randomUUID())
}

/** The mark of one program: `ownPrograms()`, and what no other has. */
export function newMark(): string {
  return `${ownPrograms()}.${randomUUID()}`
}

/** On Linux the processes of a session, or with this mark in their environment; elsewhere none are found. */
export function processesOf(session: number, mark: string): readonly number[] {
  return processes((pid) => {
    // proc(5): pid (comm) state ppid pgrp session …; comm may hold anything, also parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) === session || marksOf(pid).includes(mark)
  })
}

export interface EndedProgram {
  readonly pid: number
  /** The name of its program. */
  readonly name: string
  readonly gone: boolean
}

/**
 * Ends what the programs of another process have left running, on Linux; two seconds at most.
 *
 * @param programs `ownPrograms()` of that process
 */
export async function endPrograms(programs: string): Promise<readonly EndedProgram[]> {
  const ended = new Map<number, string>()
  const find = (): readonly number[] =>
    processes((pid) => marksOf(pid).some((mark) => mark.startsWith(`${programs}.`)) && !isZombie(pid))
  let left = find()
  for (let waited = 0; left.length > 0 && waited < 2_000; waited += 50) {
    for (const pid of left) {
      ended.set(pid, nameOf(pid) ?? ended.get(pid) ?? 'a process')
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended already.
      }
    }
    await sleep(50)
    left = find()
  }
  return [...ended].map(([pid, name]) => ({ pid, name, gone: !left.includes(pid) }))
}

function processes(isMeant: (pid: number) => boolean): readonly number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return isMeant(pid)
      } catch {
        // It has ended, or is another user's.
        return false
      }
    })
}

function marksOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/environ`, 'latin1')
    .split('\0')
    .flatMap((variable) => (variable.startsWith(`${markName}=`) ? [variable.slice(markName.length + 1)] : []))
}

/** One that has ended, and whose parent has not asked for it yet. */
function isZombie(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z'
}

/** Its arguments are left out: others' programs may have secrets in them. */
function nameOf(pid: number): string | undefined {
  try {
    const [path = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return path === '' ? undefined : basename(path)
  } catch {
    return undefined
  }
}
