import { execFileSync, spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'

/** One finished run of a command. */
export interface Run {
  /** Seconds. */
  readonly wall: number
  /** Seconds, user and system. */
  readonly cpu: number
  /** Bytes, the largest single process. */
  readonly memory: number
  readonly status: number
  /** The end of what it printed. */
  readonly said: string
}

export interface Command {
  readonly name: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Runs before each run, not measured. */
  readonly before?: () => Promise<void> | void
  readonly expectedStatus?: number
}

/**
 * Runs the commands in turn, A B C A B C …, so that a machine whose speed drifts treats all alike. The first round
 * warms up and does not count.
 */
export async function inTurn(
  commands: readonly Command[],
  rounds: number
): Promise<ReadonlyMap<string, readonly Run[]>> {
  const results = new Map<string, Run[]>(commands.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const command of commands) {
      await command.before?.()
      const run = await once(command)
      if (run.status !== (command.expectedStatus ?? 0))
        throw new Error(`${command.name} ended with ${run.status}:\n${run.said}`)
      if (round > 0) results.get(command.name)?.push(run)
    }
  }
  return results
}

async function once({ argv, env, cwd }: Command): Promise<Run> {
  // Asynchronous: the server under test lives in this process.
  const child = spawn('python3', [join(import.meta.dirname, 'process.py'), ...argv], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  await new Promise((resolve) => child.on('close', resolve))
  return JSON.parse(out) as Run
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** What the numbers were measured on, without the machine's name. */
export function machine(): string {
  const [cpu] = cpus()
  const git = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${process.platform}, Node ${process.versions.node}, commit ${git}`
}
