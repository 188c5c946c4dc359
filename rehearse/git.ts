import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Runs git and gives what it printed. */
export type Git = (
  args: readonly string[],
  options?: { cwd?: string; env?: Readonly<Record<string, string>> }
) => Promise<string>

/** Of what a rehearsal commits. */
const commitTime = `${Math.floor(Date.now() / 1000)} +0000`

/**
 * git without the machine's configuration, credentials and hooks: everything it reads is under `folder`.
 *
 * @param signal ends it
 * @throws Error with git's own words
 */
export function isolatedGit(folder: string, signal?: AbortSignal): Git {
  const home = join(folder, 'git-home')
  mkdirSync(home, { recursive: true })
  const config = join(home, 'config')
  // `safe.directory` counts in this file only, not on the command line of what git starts itself (git-config(1)).
  writeFileSync(
    config,
    '[safe]\n\tdirectory = *\n[core]\n\thooksPath = /dev/null\n[gc]\n\tauto = 0\n[init]\n\tdefaultBranch = main\n'
  )
  const person = { NAME: 'Rehearsal', EMAIL: 'rehearsal@users.noreply.github.com' }
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    ...(process.env['SystemRoot'] !== undefined && { SystemRoot: process.env['SystemRoot'] }),
    HOME: home,
    GIT_CONFIG_GLOBAL: config,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
    // The same files are the same commit, whenever in a rehearsal they are committed.
    GIT_AUTHOR_DATE: commitTime,
    GIT_COMMITTER_DATE: commitTime,
    ...Object.fromEntries(
      Object.entries(person).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value]
      ])
    )
  }
  const run = promisify(execFile)
  return async (args, options = {}) => {
    const { stdout } = await run('git', [...args], {
      cwd: options.cwd ?? home,
      env: { ...env, ...options.env },
      maxBuffer: 1 << 28,
      ...(signal !== undefined && { signal })
    })
    return stdout
  }
}
