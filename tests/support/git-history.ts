import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from '@jest/globals'

/** What a file becomes: its text, a symbolic link, or nothing. */
export type FileChange = string | Buffer | { readonly link: string } | null

/** A repository in a temporary folder that goes away with the test file. */
export interface GitHistory {
  readonly folder: string
  /** Writes the files, and commits all that lies there. Gives the commit's id. */
  commit(files: Readonly<Record<string, FileChange>>, message?: string): string
  /** Writes files without committing them. */
  write(files: Readonly<Record<string, FileChange>>): void
  /** Makes a branch and goes to it. */
  branch(name: string, from?: string): void
  checkout(revision: string): void
  /** Always a commit of its own. Gives its id. */
  merge(revision: string, message?: string): string
  id(revision?: string): string
  /** What git says, without the newline at the end. */
  git(...args: readonly string[]): string
  /** A clone over git's own transport, as actions/checkout makes one. */
  clone(...options: readonly string[]): GitHistory
}

/** An empty repository on the branch main. */
export function createGitHistory(format: 'sha1' | 'sha256' = 'sha1'): GitHistory {
  const folder = temporaryFolder()
  runGit(folder, ['init', '--quiet', `--object-format=${format}`, '--initial-branch=main'])
  // So that clones may leave blobs out, and ask for any commit.
  runGit(folder, ['config', 'uploadpack.allowFilter', 'true'])
  runGit(folder, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
  return historyIn(folder)
}

function historyIn(folder: string): GitHistory {
  const git = (...args: readonly string[]): string => runGit(folder, args)
  const id = (revision = 'HEAD'): string => git('rev-parse', '--verify', `${revision}^{commit}`)
  const write: GitHistory['write'] = (files) => {
    for (const [path, change] of Object.entries(files)) place(join(folder, path), change)
  }
  return {
    folder,
    git,
    id,
    write,
    commit(files, message = 'a change') {
      write(files)
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '-m', message)
      return id()
    },
    branch(name, from = 'HEAD') {
      git('checkout', '--quiet', '-b', name, from)
    },
    checkout(revision) {
      git('checkout', '--quiet', revision)
    },
    merge(revision, message = `Merge ${revision}`) {
      git('merge', '--quiet', '--no-ff', '-m', message, revision)
      return id()
    },
    clone(...options) {
      const clone = temporaryFolder()
      runGit(clone, ['clone', '--quiet', ...options, `file://${folder}`, '.'])
      return historyIn(clone)
    }
  }
}

function place(path: string, change: FileChange): void {
  rmSync(path, { force: true, recursive: true })
  if (change === null) return
  mkdirSync(dirname(path), { recursive: true })
  if (typeof change === 'string' || Buffer.isBuffer(change)) writeFileSync(path, change)
  else symlinkSync(change.link, path)
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'git-history-'))
  folders.push(folder)
  return folder
}

/** Settings of the machine make no difference, and two runs of a test make the same ids. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A Developer',
  GIT_AUTHOR_EMAIL: 'developer@example.org',
  GIT_COMMITTER_NAME: 'A Developer',
  GIT_COMMITTER_EMAIL: 'developer@example.org',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z'
}

function runGit(folder: string, args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, env: environment, encoding: 'utf8', stdio: 'pipe' }).replace(
    /\n$/,
    ''
  )
}
