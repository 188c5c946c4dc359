import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A Python of this machine, with an environment to make others from. */
export interface Python {
  /** The real interpreter, not a version manager's shim. */
  readonly executable: string
  readonly version: string
  /** A virtual environment with pip and nothing else. */
  readonly template: string
}

const run = promisify(execFile)

/**
 * Finds Python with pip, and makes the template once for each interpreter.
 *
 * @param tools the project's tool folder
 * @returns what is missing, in words, when there is none
 */
export async function findPython(tools: string): Promise<Python | { readonly missing: string }> {
  let found: { executable: string; version: string } | undefined
  for (const name of process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']) {
    found ??= await interpreter(name)
  }
  if (found === undefined)
    return { missing: 'Python 3.9 or newer with pip and venv (Debian: apt install python3-venv python3-pip)' }
  const key = createHash('sha256').update(`${found.executable} ${found.version}`).digest('hex').slice(0, 12)
  const template = join(tools, `python-${key}`)
  if (!existsSync(join(template, 'pyvenv.cfg'))) {
    const started = `${template}.${process.pid}`
    mkdirSync(tools, { recursive: true })
    try {
      await run(found.executable, ['-I', '-m', 'venv', started])
      // Whoever comes second throws its own away: both are the same.
      if (existsSync(template)) rmSync(started, { recursive: true })
      else renameSync(started, template)
    } catch {
      rmSync(started, { recursive: true, force: true })
      return { missing: 'the Python modules venv and ensurepip (Debian: apt install python3-venv)' }
    }
  }
  return { ...found, template }
}

async function interpreter(name: string): Promise<{ executable: string; version: string } | undefined> {
  const question =
    'import sys, pip, venv, platform; assert sys.version_info >= (3, 9); ' +
    // In a virtual environment the interpreter behind it is meant.
    'print(getattr(sys, "_base_executable", None) or sys.executable); print(platform.python_version())'
  try {
    const { stdout } = await run(name, ['-I', '-c', question])
    const [executable = '', version = ''] = stdout.split(/\r?\n/)
    return executable === '' ? undefined : { executable, version }
  } catch {
    return undefined
  }
}
