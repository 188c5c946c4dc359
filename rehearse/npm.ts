import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { fail } from '../actions/shared/problem.ts'
import type { LentProgram } from './lent-programs.ts'
import { lockKey } from './lock-key.ts'
import { fetchEngine } from './prisma-engine.ts'
import { oneLine } from './masking.ts'
import type { Say } from './progress.ts'

const run = promisify(execFile)

/** Whether a workflow's steps install the packages of a lock file. */
export function installsPackages(texts: readonly string[]): boolean {
  return texts.some((text) => /\bnpm\s+(?:ci|clean-install|install|i)\b/.test(text))
}

/** What was installed for jobs before they ask. */
export interface Installations {
  /** The `node_modules` of each lock file. */
  readonly packages: readonly string[]
  /** The `npm` that hands them out. */
  readonly program: LentProgram
}

/**
 * Installs what every lock file of the repository names, outside of the jobs and from the registry that this machine
 * uses, once for each lock file; scripts of packages do not run. Jobs then get it by the program `npm` that is lent them.
 *
 * @param repository a folder that holds only what a runner would have
 * @param tools the project's tool folder
 * @param programs folder of PATH that the program will be put into
 * @throws ActionError with npm's last words
 */
export async function installLocked(
  repository: string,
  tools: string,
  programs: string,
  say: Say,
  signal: AbortSignal
): Promise<Installations | undefined> {
  const locks = globSync('**/package-lock.json', { cwd: repository, exclude: ['**/node_modules/**'] }).toSorted()
  if (locks.length === 0) return undefined
  const store = join(tools, 'npm-ci')
  const packages: string[] = []
  for (const lock of locks) {
    const project = join(repository, dirname(lock))
    const folder = join(store, lockKey(project))
    packages.push(join(folder, 'node_modules'))
    if (existsSync(folder)) continue
    say(`npm ci for ${lock}, kept for later rehearsals`)
    mkdirSync(store, { recursive: true })
    const draft = mkdtempSync(`${folder}.`)
    try {
      for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(project, name), join(draft, name))
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: draft,
        signal
      })
      await fetchEngine(join(draft, 'node_modules'))
      renameSync(draft, folder)
    } catch (error) {
      signal.throwIfAborted()
      if (!existsSync(folder)) refuse(lock, error)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  }
  return {
    packages,
    program: {
      name: 'npm',
      command: [process.execPath, join(import.meta.dirname, 'npm-stand-in.ts'), store, programs]
    }
  }
}

function refuse(lock: string, error: unknown): never {
  const words = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : String(error)
  fail({
    code: 'rehearse-npm',
    message: `npm ci for ${lock} failed on this machine: ${oneLine(words).slice(0, 400)}`,
    hint: 'mend it, or let this machine reach a registry: a rehearsal installs from the one that npm is configured for'
  })
}
