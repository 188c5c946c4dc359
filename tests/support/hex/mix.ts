import { execFile } from 'node:child_process'
import { withToolFolder } from '../../../scripts/tools.ts'

export interface Ran {
  readonly exitCode: number
  /** Standard output and standard error. */
  readonly output: string
}

export interface MixOptions {
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
  /** In milliseconds; two minutes unless told. */
  readonly timeout?: number
}

/**
 * Runs a program of the project's toolchain (mix, elixir, a release), whatever it says in the end.
 *
 * @throws Error when it does not start, or is stopped at the timeout
 */
export function ran(program: string, args: readonly string[], options: MixOptions): Promise<Ran> {
  const { folder: cwd, timeout = 120_000 } = options
  const env = { ...toolchain(), ...options.env }
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { cwd, env, timeout, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code
        if (typeof exitCode === 'number') resolve({ exitCode, output: stdout + stderr })
        else reject(new Error(`${[program, ...args].join(' ')}: ${error?.message ?? ''}\n${stdout}${stderr}`))
      }
    )
    // Mix asks at a terminal and waits for an answer; a closed input is an answer.
    child.stdin?.end()
  })
}

/** Runs mix, and throws with everything it said unless it ends well. */
export async function mix(args: readonly string[], options: MixOptions): Promise<string> {
  const { exitCode, output } = await ran('mix', args, options)
  if (exitCode !== 0) throw new Error(`mix ${args.join(' ')} ended with ${exitCode}:\n${output}`)
  return output
}

/** The tool folder first, and no Mix or Hex setting of the machine's own. */
function toolchain(): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(MIX|HEX)_/.test(name)))
  // Elixir warns at every start when the names of files are read as Latin-1.
  return withToolFolder({ ...own, LANG: 'C.UTF-8', ELIXIR_ERL_OPTIONS: '+fnu' })
}
