import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { childEnvironment } from '../shared/program.ts'

/** A repository on this machine, read through git's plumbing. Nothing is written, run from it or fetched for it. */
export interface Git {
  /** Root of the working tree; the repository's own folder where it is bare. */
  readonly root: string
  readonly objectFormat: 'sha1' | 'sha256'
  /** Whether history is cut off: what is missing in it then proves nothing. */
  readonly shallow: boolean
  /** @param input what git reads from its standard input */
  run(args: readonly string[], input?: string | Buffer): Promise<GitAnswer>
}

export interface GitAnswer {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null
  readonly output: Buffer
  /** The standard error stream, at most 4,096 characters. */
  readonly said: string
}

/** Why there is no repository to read, as sentences for a user. */
export interface NoGit {
  readonly why: string
  /** What to do about it in a workflow, and what at a terminal. */
  readonly next: string
  readonly atTerminal: string
}

/**
 * Opens the repository that a folder is the checkout of.
 *
 * @param folder absolute
 * @param environment of this process
 * @param inherit whether git's own variables hold: a hook of git reads the index that GIT_INDEX_FILE names
 */
export async function openGit(
  folder: string,
  environment: NodeJS.ProcessEnv,
  inherit: boolean
): Promise<{ readonly git: Git } | NoGit> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false
  )
  if (!isFolder) return { why: `${folder} is no folder.`, next: checkOut, atTerminal: giveClone }
  const env = gitEnvironment(environment, inherit)
  let answer: GitAnswer
  try {
    answer = await runGit(folder, env, [
      'rev-parse',
      '--is-shallow-repository',
      '--show-object-format',
      '--absolute-git-dir',
      // The last, as it fails for a bare repository, where the rest has been said by then.
      '--show-toplevel'
    ])
  } catch (error) {
    if (!(error instanceof GitNotStarted)) throw error
    return {
      why: `git cannot be started in ${folder}: ${error.message}.`,
      next: 'Put git on the PATH of this job.',
      atTerminal: 'Install git, or put it on the PATH.'
    }
  }
  const [shallow, format, folderOfGit, ...rest] = answer.output.toString('utf8').trimEnd().split('\n')
  if (folderOfGit === undefined || (format !== 'sha1' && format !== 'sha256')) return noRepository(folder, answer.said)
  const root = answer.exitCode === 0 && rest.length > 0 ? rest.join('\n') : folderOfGit
  return {
    git: {
      root,
      objectFormat: format,
      shallow: shallow === 'true',
      run: (args, input) => runGit(root, env, args, input)
    }
  }
}

function noRepository(folder: string, said: string): NoGit {
  const first = said.split('\n')[0]?.trim() ?? ''
  return /dubious ownership/.test(said)
    ? {
        why: `${folder} belongs to another user than the one who runs this, and git refuses to read it.`,
        next: `Run \`git config --global --add safe.directory ${folder}\` in an earlier step.`,
        atTerminal: `Run \`git config --global --add safe.directory ${folder}\` first.`
      }
    : {
        why: `${folder} is no checkout that git can read${first === '' ? '' : ` (${first})`}.`,
        next: checkOut,
        atTerminal: giveClone
      }
}

const checkOut = 'Run actions/checkout before this step, or set `path` to the folder that it checks out to.'
const giveClone = 'Run this inside a clone, or give --path the folder of one.'

/**
 * For each call, whatever the repository and its user have set: names as they are, no hooks, no file monitor (a
 * program of the repository's choice), paths relative to the root, paths that are no patterns. `safe.directory`:
 * in a container job the checkout belongs to another user; the command line counts since git 2.38.
 */
const always = [
  '--no-pager',
  '--literal-pathspecs',
  ...[
    'safe.directory=*',
    'core.quotePath=false',
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'diff.relative=false',
    'submodule.recurse=false'
  ].flatMap((setting) => ['-c', setting])
]

/** Variables of git that say which repository and which index a hook is run for. */
const inherited = /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)$/

function gitEnvironment(environment: NodeJS.ProcessEnv, inherit: boolean): Record<string, string> {
  const given = Object.entries(childEnvironment(environment)).filter(
    ([name]) => !name.startsWith('GIT_') || name.startsWith('GIT_CONFIG') || (inherit && inherited.test(name))
  )
  return {
    ...Object.fromEntries(given),
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    // What a partial clone lacks is not fetched: git knows the first since 2.45, and no protocol means the same before.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: ''
  }
}

class GitNotStarted extends Error {}

/** Far longer than any call takes. Milliseconds. */
const longestRun = 120_000

function runGit(
  folder: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  input?: string | Buffer
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...always, ...args], {
      cwd: folder,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true
    })
    // Not the option of `spawn`, which goes on waiting when the program could not be started.
    const timer = setTimeout(() => child.kill('SIGKILL'), longestRun)
    const output: Buffer[] = []
    let said = ''
    child.stdout.on('data', (piece: Buffer) => output.push(piece))
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      said = (said + piece).slice(0, 4096)
    })
    // Git may end before it has read all of it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(new GitNotStarted(error.message))
    })
    child.on('close', (exitCode) => {
      clearTimeout(timer)
      resolve({ exitCode, output: Buffer.concat(output), said })
    })
  })
}
