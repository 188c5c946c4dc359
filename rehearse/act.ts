import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onExit } from './interruption.ts'
import { signalAll } from './processes.ts'

/** One line of act's `--json` stream, as far as it is understood. */
export interface ActLine {
  readonly level: string
  readonly message: string
  /** `workflow/job` or, for a called workflow, `caller/workflow/job`; padded by act, trimmed here. */
  readonly job: string | undefined
  readonly jobId: string | undefined
  readonly matrix: Readonly<Record<string, unknown>>
  readonly step: string | undefined
  readonly stepIds: readonly string[]
  readonly stage: string | undefined
  readonly command: string | undefined
  readonly argument: string | undefined
  readonly properties: Readonly<Record<string, string>>
  readonly summary: string | undefined
  readonly isOutput: boolean
  readonly stepResult: string | undefined
  readonly jobResult: string | undefined
  /** Nanoseconds. */
  readonly executionTime: number | undefined
}

export interface ActRun {
  readonly program: string
  readonly args: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Name of a variable in it whose value is this run's alone: what carries it ends with the run. */
  readonly mark: string
  readonly onLine: (line: ActLine) => void
  readonly signal: AbortSignal
}

/**
 * Runs act to its end. What it prints outside its stream of JSON comes back as `stray` lines.
 *
 * @throws the signal's reason when it is aborted before act starts; act does not start then
 */
export async function runAct(run: ActRun): Promise<{ readonly exitCode: number; readonly stray: readonly string[] }> {
  run.signal.throwIfAborted()
  const child = spawn(run.program, [...run.args], {
    cwd: run.folder,
    env: { ...run.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that an interrupt reaches the steps' children through act and nobody twice.
    detached: process.platform !== 'win32'
  })
  const stop = (signal: 'SIGTERM' | 'SIGKILL'): void => {
    if (child.pid === undefined) return
    if (process.platform === 'win32') child.kill()
    else signalAll(child.pid, `${run.mark}=${run.environment[run.mark] ?? ''}`, signal)
  }
  let escalation: NodeJS.Timeout | undefined
  const end = (): void => {
    stop('SIGTERM')
    // Asked once, act lets running steps come to their end, and a step may refuse to hear.
    escalation = setTimeout(() => {
      stop('SIGKILL')
    }, patience)
  }
  run.signal.addEventListener('abort', end, { once: true })
  const keep = onExit(() => {
    stop('SIGKILL')
  })
  const stray: string[] = []
  const take = (text: string): void => {
    const line = parseActLine(text)
    if (line === undefined) stray.push(text)
    else run.onLine(line)
  }
  createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', take)
  createInterface({ input: child.stderr, crlfDelay: Infinity }).on('line', take)
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    // A runner ends what a job left running behind it, too; it would keep the pipes open.
    child.on('exit', () => {
      stop('SIGKILL')
    })
    child.on('close', (code) => {
      resolve(code ?? 1)
    })
  })
  run.signal.removeEventListener('abort', end)
  clearTimeout(escalation)
  keep()
  return { exitCode, stray }
}

/** Milliseconds that act has to end after it was asked to. */
const patience = 3000

/** Reads a line of the stream; `undefined` when it is none. */
export function parseActLine(text: string): ActLine | undefined {
  if (!text.startsWith('{')) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  const line = record(parsed)
  if (typeof line['msg'] !== 'string') return undefined
  const word = (name: string): string | undefined => (typeof line[name] === 'string' ? line[name] : undefined)
  return {
    level: word('level') ?? 'info',
    message: line['msg'],
    matrix: record(line['matrix']),
    // Set-up and completion spell the key in small letters.
    stepIds: [line['stepID'], line['stepid']].flatMap((ids) => (Array.isArray(ids) ? ids.map(String) : [])),
    properties: Object.fromEntries(Object.entries(record(line['kvPairs'])).map(([key, value]) => [key, String(value)])),
    isOutput: line['raw_output'] === true,
    job: word('job')?.trim(),
    jobId: word('jobID'),
    step: word('step'),
    stage: word('stage'),
    command: word('command'),
    argument: word('arg'),
    summary: word('content'),
    stepResult: word('stepResult'),
    jobResult: word('jobResult'),
    executionTime: typeof line['executionTime'] === 'number' ? line['executionTime'] : undefined
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
