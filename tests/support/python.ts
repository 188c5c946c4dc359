import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const makeVenv = join(import.meta.dirname, 'python', 'make_venv.py')

/**
 * The interpreter of a virtual environment that holds exactly these packages, made under `.tools/` at the first call
 * and found there afterwards. Parallel callers wait for one another. Console scripts lie beside the interpreter.
 *
 * @param packages pinned requirements, `packaging==26.3`; the order does not matter
 * @returns absolute path of the interpreter
 * @throws Error when a requirement is not pinned, when there is no Python, or with pip's own words when pip fails
 */
export async function pythonWith(packages: readonly string[]): Promise<string> {
  const loose = packages.filter((requirement) => !requirement.includes('=='))
  if (loose.length > 0)
    throw new Error(`pin these packages with ==, so that a test means the same tomorrow: ${loose.join(', ')}`)

  const requirements = packages.toSorted()
  // Console scripts carry the absolute path of their interpreter, so a moved project needs another environment.
  const name = createHash('sha256')
    .update([root, ...requirements].join('\n'))
    .digest('hex')
    .slice(0, 12)
  const folder = join(root, '.tools', `venv-${name}`)
  try {
    await run(await basePython(), [makeVenv, folder, ...requirements])
  } catch (error) {
    throw new Error(`could not make a Python environment with ${requirements.join(', ')}: ${spoken(error)}`, {
      cause: error
    })
  }
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')
}

async function basePython(): Promise<string> {
  for (const name of ['python3', 'python']) {
    try {
      await run(name, ['-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10)'])
      return name
    } catch {
      // The next name, or the message below.
    }
  }
  throw new Error(
    'no Python 3.10 or newer with the modules venv and ensurepip is on PATH (Debian: apt install python3-venv)'
  )
}

function spoken(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== ''
    ? error.stderr.trim()
    : error.message
}
