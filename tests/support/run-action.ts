import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'

/** What a runner would have got from one run of a bundle. */
export interface ActionRun {
  /** `null` when the process was killed. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** The receipt as JSON, or `undefined` where none was written. */
  readonly receipt: unknown
  /** `::error title=…::message` and so on, decoded. */
  readonly annotations: readonly Annotation[]
  /** Values given to `::add-mask::`. */
  readonly masks: readonly string[]
  /** Everything that was written anywhere, except the mask commands: no secret may stand in it. */
  readonly everything: string
}

export interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice'
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

export interface ActionRunOptions {
  readonly inputs?: Readonly<Record<string, string>>
  /** The consumer's checkout, the working directory of the run. */
  readonly workspace: string
  /** Added to (and over) the runner's environment; `sandbox.environment()` for one. */
  readonly env?: Readonly<Record<string, string>>
  /** Kills the process, as a cancelled job or a lost machine does. */
  readonly kill?: AbortSignal
  /** Folder of the bundles; default RELEASE_ACTIONS_DIST, else dist/. */
  readonly dist?: string
  /** Another program than the bundle, run the same way. */
  readonly program?: string
  /** The step whose `post` this is: it has its folders, and what it saved. */
  readonly postOf?: StartedAction
}

/** A bundle on its way. */
export interface StartedAction {
  readonly process: ChildProcess
  /** Everything it has written to its log until now. */
  log(): string
  readonly ended: Promise<ActionRun>
  /** Of the runner's files for this step. */
  readonly runner: string
}

const repository = join(import.meta.dirname, '..', '..')

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder that goes away when the test file is done. */
export function temporaryFolder(name = 'test'): string {
  const folder = mkdtempSync(join(tmpdir(), `release-actions-${name}-`))
  folders.push(folder)
  return folder
}

/** The environment a hosted runner gives a step of a run that a pushed tag started, with nothing of this machine. */
export function runnerEnvironment(runner: string, workspace: string): Record<string, string> {
  const home = join(runner, 'home')
  const temp = join(runner, 'temp')
  mkdirSync(home, { recursive: true })
  mkdirSync(temp, { recursive: true })
  for (const file of ['output', 'summary', 'state', 'env', 'path']) writeFileSync(join(runner, file), '')
  return {
    PATH: process.env['PATH'] ?? '',
    ...(process.env['SystemRoot'] === undefined ? {} : { SystemRoot: process.env['SystemRoot'] }),
    HOME: home,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__step',
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_JOB: 'release',
    GITHUB_REF: 'refs/tags/v1.0.0',
    GITHUB_REF_NAME: 'v1.0.0',
    GITHUB_REF_TYPE: 'tag',
    GITHUB_REPOSITORY: 'octo-org/demo',
    GITHUB_REPOSITORY_OWNER: 'octo-org',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1000',
    GITHUB_RUN_NUMBER: '1',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_WORKFLOW: 'release',
    GITHUB_WORKFLOW_REF: 'octo-org/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
    GITHUB_WORKSPACE: workspace,
    GITHUB_OUTPUT: join(runner, 'output'),
    GITHUB_STEP_SUMMARY: join(runner, 'summary'),
    GITHUB_STATE: join(runner, 'state'),
    GITHUB_ENV: join(runner, 'env'),
    GITHUB_PATH: join(runner, 'path'),
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_TEMP: temp
  }
}

/** `tag: v1.0.0` as the environment of a run that this tag started. */
export function pushOfTag(tag: string): Record<string, string> {
  return { GITHUB_REF: `refs/tags/${tag}`, GITHUB_REF_NAME: tag, GITHUB_REF_TYPE: 'tag', GITHUB_EVENT_NAME: 'push' }
}

/** Runs dist/NAME/index.js as a runner does, under the Node that runs the tests (24, from the project), to its end. */
export function runAction(name: string, options: ActionRunOptions): Promise<ActionRun> {
  return startAction(name, options).ended
}

/** Starts it, for a test that does something to it on its way. */
export function startAction(name: string, options: ActionRunOptions): StartedAction {
  if (Number(process.versions.node.split('.')[0]) < 24)
    throw new Error('bundles are tested under Node 24: run the tests by `npm test`')
  const runner = options.postOf?.runner ?? temporaryFolder('runner')
  const saved = options.postOf === undefined ? {} : savedState(runner)
  const inputs = Object.entries(options.inputs ?? {}).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])
  const env = {
    ...runnerEnvironment(runner, options.workspace),
    ...options.env,
    ...(Object.fromEntries(inputs) as Record<string, string>),
    ...saved
  }
  const bundle =
    options.program ??
    join(
      options.dist ?? process.env['RELEASE_ACTIONS_DIST'] ?? join(repository, 'dist'),
      name,
      options.postOf === undefined ? 'index.js' : 'post.js'
    )
  const child = spawn(process.execPath, [bundle], { cwd: options.workspace, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  options.kill?.addEventListener('abort', kill, { once: true })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      resolve(status)
    })
  }).then((exitCode) => {
    options.kill?.removeEventListener('abort', kill)
    return runOf(exitCode, { stdout, stderr, env, runner })
  })
  return { process: child, log: () => stdout, ended, runner }
}

/** What a step saved for its post, as the runner hands it over: `STATE_<name>`. */
function savedState(runner: string): Record<string, string> {
  const saved = parseFileCommands(readFileSync(join(runner, 'state'), 'utf8'))
  return Object.fromEntries(Object.entries(saved).map(([name, value]) => [`STATE_${name}`, value]))
}

/** Everything that one process left. */
function runOf(
  exitCode: number | null,
  {
    stdout,
    stderr,
    env,
    runner
  }: {
    readonly stdout: string
    readonly stderr: string
    readonly env: Readonly<Record<string, string>>
    readonly runner: string
  }
): ActionRun {
  const outputs = parseFileCommands(readFileSync(env['GITHUB_OUTPUT'] ?? '', 'utf8'))
  const receiptPath = outputs['receipt']
  const commands = parseCommands(stdout)
  const unmasked = stdout
    .split('\n')
    .filter((each) => !each.startsWith('::add-mask::'))
    .join('\n')
  return {
    exitCode,
    stdout,
    stderr,
    outputs,
    summary: textOf(env['GITHUB_STEP_SUMMARY'] ?? ''),
    receipt:
      receiptPath !== undefined && existsSync(receiptPath)
        ? (JSON.parse(readFileSync(receiptPath, 'utf8')) as unknown)
        : undefined,
    annotations: commands.flatMap(({ command, properties, message }) =>
      command === 'error' || command === 'warning' || command === 'notice'
        ? [{ kind: command, properties, message }]
        : []
    ),
    masks: commands.filter(({ command }) => command === 'add-mask').map(({ message }) => message),
    everything: [unmasked, stderr, ...filesBelow(runner)].join('\n')
  }
}

/** The file's text, or '' where there is none: not every engine gives a summary file. */
function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`)
}

/** `name<<delimiter` blocks, as @actions/core writes them into GITHUB_OUTPUT. */
function parseFileCommands(text: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const block of text.matchAll(/^([^\n<]+)<<(ghadelimiter_[^\r\n]+)\r?\n([\s\S]*?)\r?\n\2$/gm)) {
    found[block[1] ?? ''] = block[3] ?? ''
  }
  return found
}

interface Command {
  readonly command: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

function parseCommands(stdout: string): Command[] {
  return Array.from(stdout.matchAll(/^::([a-z-]+)(?: ([^\n]*?))?::(.*)$/gm), (match) => ({
    command: match[1] ?? '',
    properties: Object.fromEntries(
      (match[2] ?? '')
        .split(',')
        .filter((pair) => pair.includes('='))
        .map((pair) => [pair.slice(0, pair.indexOf('=')), decode(pair.slice(pair.indexOf('=') + 1))])
    ),
    message: decode(match[3] ?? '')
  }))
}

function decode(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')
}
