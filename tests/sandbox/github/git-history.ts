import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A real git repository in a temporary folder. */
export interface History {
  readonly folder: string
  git(...args: string[]): string
  /** Writes files (`null` removes one), commits everything, and gives the commit's SHA. */
  commit(files: Readonly<Record<string, string | Buffer | null>>, message?: string): string
  remove(): void
}

export function startHistory(): History {
  const folder = mkdtempSync(join(tmpdir(), 'history-'))
  let minute = 0
  const git = (...args: string[]): string => {
    const date = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date
    }
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'init.defaultBranch=main']
    return execFileSync('git', [...identity, '-C', folder, ...args], { env, encoding: 'utf8' }).trimEnd()
  }
  git('init', '--quiet')
  return {
    folder,
    git,
    commit(files, message = 'Change') {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        if (content === null) rmSync(join(folder, path))
        else writeFileSync(join(folder, path), content)
      }
      minute++
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', message)
      return git('rev-parse', 'HEAD')
    },
    remove: () => {
      rmSync(folder, { recursive: true })
    }
  }
}
