import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Log } from './log.ts'
import { markName, newMark, processesOf } from './marked-programs.ts'
import { createOutputLines } from './program-output.ts'
import type { Secrets } from './secrets.ts'

/** A program that others wrote, and what it may see of this process. */
export interface ProgramRun {
  /** By name, searched for on the PATH of `env`, or an absolute path. */
  readonly program: string
  readonly args: readonly string[]
  /** Its working directory. */
  readonly folder: string
  /** All of its environment: see childEnvironment. */
  readonly env: Readonly<Record<string, string>>
  /** Milliseconds. */
  readonly timeout: number
  /** Hears each line while it runs. */
  readonly log: Pick<Log, 'info'>
  readonly secrets: Secrets
  /** Ends it, as the end of its time does. */
  readonly cancelled?: AbortSignal
  /** Takes its standard output as it comes, which is then neither told nor kept. */
  readonly takeOutput?: (piece: Buffer) => void
}

export interface ProgramResult {
  /** `null` unless it ended by itself. */
  readonly exitCode: number | null
  readonly end: 'exited' | 'killed' | 'timed out' | 'not started'
  /** The last 64 KiB of what it said on both streams, by line, without secrets and control characters. */
  readonly output: string
  /** What of it went to the standard error stream. */
  readonly errorOutput: string
}

/**
 * Runs a program with a closed standard input, so that it never waits for an answer, and marked by a variable of
 * its own: when it ends, when its time is over, and when this process is told to stop, everything it started ends too,
 * but for what took a session and an environment of its own.
 * Never throws for what the program does; a program that cannot be started is `not started`, with the reason as
 * output. On Windows only what is no batch file can be started: Node refuses those without a shell (CVE-2024-27980),
 * and with one their arguments could not be told from commands.
 */
export function runProgram(run: ProgramRun): Promise<ProgramResult> {
  const lines = createOutputLines(run.secrets, (line) => {
    run.log.info(line)
  })
  const mark = newMark()
  const child = spawn(run.program, run.args, {
    cwd: run.folder,
    env: { ...run.env, [markName]: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true
  })
  child.stdout.on('data', run.takeOutput ?? lines.take('output'))
  child.stderr.on('data', lines.take('error'))
  const running = { child, mark }
  const forget = endWithUs(running)

  return new Promise((resolve) => {
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      endAll(running)
    }, run.timeout)
    const cancel = (): void => {
      endAll(running)
    }
    if (run.cancelled?.aborted === true) cancel()
    run.cancelled?.addEventListener('abort', cancel, { once: true })
    let patient: NodeJS.Timeout | undefined
    let settled = false
    const settle = (result: Omit<ProgramResult, 'output' | 'errorOutput'>): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      clearTimeout(patient)
      run.cancelled?.removeEventListener('abort', cancel)
      forget()
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ ...result, ...lines.end() })
    }
    child.on('error', (error) => {
      if (child.pid !== undefined) return
      lines.take('error')(Buffer.from(`${error.message}\n`))
      settle({ exitCode: null, end: 'not started' })
    })
    child.on('exit', (exitCode, signal) => {
      // What it left running would keep its pipes open, and could watch this process for as long as it lives.
      endAll(running)
      const end = timedOut ? 'timed out' : signal === null ? 'exited' : 'killed'
      const result = { exitCode: end === 'exited' ? exitCode : null, end } as const
      child.on('close', () => {
        settle(result)
      })
      patient = setTimeout(() => {
        settle(result)
      }, patience)
    })
  })
}

interface Running {
  readonly child: ChildProcess
  readonly mark: string
}

/** How long the pipes of an ended program may stay open, milliseconds: whatever escaped has them. */
const patience = 2_000

/** Ends the program when this process ends: a cancelled job sends SIGINT, then SIGTERM. Gives what takes that back. */
function endWithUs(running: Running): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const end = (): void => {
    endAll(running)
  }
  const stop = (signal: NodeJS.Signals): void => {
    end()
    forget()
    // Whoever else listens decides; nobody: the signal does what it does to a process without listeners.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  const forget = (): void => {
    for (const signal of signals) process.off(signal, stop)
    process.off('exit', end)
  }
  for (const signal of signals) process.on(signal, stop)
  process.on('exit', end)
  return forget
}

/**
 * Ends the program's group and, on Linux, whatever has its session or its mark in the environment: the Erlang VM gives
 * each program that it starts a session of its own (erts, erl_child_setup.c).
 */
function endAll({ child, mark }: Running): void {
  if (child.pid === undefined) return
  if (process.platform === 'win32') {
    child.kill('SIGKILL')
    return
  }
  for (const target of [-child.pid, ...processesOf(child.pid, mark)]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
}

/** The program's path as `runProgram` would find it, or `undefined`. */
export function findProgram(name: string, env: Readonly<Record<string, string>>): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * The environment for a program that runs the project's own code. It closes the plain ways only: a process of the same
 * user can read the variables this process was started with from `/proc`, whatever is deleted here.
 *
 * @param options `path`: folders that come first on PATH; `secrets`: no variable that holds one of them is handed on
 */
export function childEnvironment(
  env: NodeJS.ProcessEnv,
  options: { readonly path?: readonly string[]; readonly secrets?: Secrets } = {}
): Record<string, string> {
  const given = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value === undefined ||
    withheld.some((pattern) => pattern.test(name)) ||
    (options.secrets !== undefined && !needed.test(name) && options.secrets.redact(value) !== value)
      ? []
      : [[name, value]]
  )
  // Windows spells it Path.
  const pathName = given.find(([name]) => name.toUpperCase() === 'PATH')?.[0] ?? 'PATH'
  const path = [...(options.path ?? []), ...given.filter(([name]) => name === pathName).map(([, value]) => value)]
  return { ...Object.fromEntries(given), ...(path.length === 0 ? {} : { [pathName]: path.join(delimiter) }) }
}

/**
 * Where things are, and no credential: without these a program finds nothing. A password may be a word that stands in
 * them (`runner`, `postgres`).
 */
const needed =
  /^(PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|TEMP|TMP|LANG|LC_\w+|RUNNER_(TEMP|TOOL_CACHE|OS|ARCH)|GITHUB_WORKSPACE|SystemRoot|PGBIN)$/i

/**
 * What a program that runs the project's own code never gets: this action's inputs, keys and tokens by their usual
 * names, the runner's services, and the files through which a step sets variables, outputs and the summary.
 */
const withheld = [
  /^INPUT_/i,
  /^(HEX_API_KEY|HEXPM_API_KEY|HEX_OTP|GITHUB_TOKEN|GH_TOKEN)$/i,
  /^ACTIONS_/i,
  /^GITHUB_(ENV|OUTPUT|PATH|STATE|STEP_SUMMARY)$/i
]
