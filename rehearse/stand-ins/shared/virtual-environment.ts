import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folder of a virtual environment's programs. */
export function programs(environment: string): string {
  return join(environment, process.platform === 'win32' ? 'Scripts' : 'bin')
}

/**
 * Makes a virtual environment with pip. Copying pip from a template takes a tenth of the time that ensurepip does, and
 * a workflow may have a dozen jobs; where programs are not scripts (Windows), ensurepip it is.
 *
 * @param python the interpreter
 * @param template an environment of the same interpreter with pip in it
 */
export function makeEnvironment(python: string, target: string, template?: string): void {
  if (template === undefined || process.platform === 'win32') {
    execFileSync(python, ['-I', '-m', 'venv', target], { stdio: ['ignore', 'ignore', 'inherit'] })
    return
  }
  execFileSync(python, ['-I', '-m', 'venv', '--without-pip', target], { stdio: ['ignore', 'ignore', 'inherit'] })
  // Python compares a module's time with that in its compiled form, and would compile pip again in each environment.
  cpSync(packages(template), packages(target), { recursive: true, preserveTimestamps: true })
  for (const name of readdirSync(programs(template))) {
    if (!name.startsWith('pip')) continue
    const script = readFileSync(join(programs(template), name), 'utf8')
    // The first line names the interpreter, and is the only thing that differs between environments.
    const own = script.replace(/^#!.*/, `#!${join(programs(target), 'python')}`)
    writeFileSync(join(programs(target), name), own, { mode: 0o755 })
  }
}

function packages(environment: string): string {
  const lib = join(environment, 'lib')
  const version = readdirSync(lib).find((name) => existsSync(join(lib, name, 'site-packages')))
  if (version === undefined) throw new Error(`${environment} has no site-packages`)
  return join(lib, version, 'site-packages')
}
