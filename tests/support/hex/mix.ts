import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { withToolFolder } from '../../../scripts/tools.ts'

const execute = promisify(execFile)

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

/** Runs a program of the project's toolchain (mix, elixir, a release), whatever it says in the end. */
export async function ran(program: string, args: readonly string[], options: MixOptions): Promise<Ran> {
  const child = execute(program, args, {
    cwd: options.folder,
    env: { ...toolchain(), ...options.env },
    timeout: options.timeout ?? 120_000,
    maxBuffer: 16 * 1024 * 1024
  })
  // Mix asks at a terminal and waits for an answer; a closed input is an answer.
  child.child.stdin?.end()
  try {
    const { stdout, stderr } = await child
    return { exitCode: 0, output: stdout + stderr }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) throw error
    const part = (name: 'stdout' | 'stderr'): string => String(Reflect.get(error, name))
    return { exitCode: error.code, output: part('stdout') + part('stderr') }
  }
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
