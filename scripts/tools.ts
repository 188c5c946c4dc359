// The programs that the conformance suite needs beyond Node and git: where they are found, and how the project
// brings them along. Nothing is installed outside the project's own .tools/ folder.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { findAct } from './install-act.ts'

const root = dirname(import.meta.dirname)

/** Where installed programs are put; first on the PATH of the suite. */
export const toolFolder = join(root, '.tools', 'bin')

export interface Tool {
  readonly name: string
  readonly purpose: string
  /** Arguments that make it print its version, to prove that it starts. */
  readonly probe: readonly string[]
  /** Brings it into the tool folder, or throws. Absent: the machine must have it. */
  readonly install?: () => void | Promise<void>
  /** What a person does when it is missing. */
  readonly hint: string
}

export const tools: readonly Tool[] = [
  {
    name: 'python3',
    purpose: 'runs twine, uv, pip, pypiserver, devpi and packaging, each pinned in a virtual environment of its own',
    probe: ['-m', 'pip', '--version'],
    hint: 'install Python 3.10 or newer with pip and venv'
  },
  {
    name: 'gh',
    purpose: 'GitHub’s own client, against the sandbox’s GitHub',
    probe: ['--version'],
    install: installGh,
    hint: 'install GitHub’s CLI (package gh)'
  },
  {
    name: 'act',
    purpose: 'the engine that runs workflows',
    probe: ['--version'],
    install: async () => {
      const found = await findAct(dirname(toolFolder), (text) => {
        console.log(text)
      })
      if ('missing' in found) throw new Error(found.missing)
      link(found.program, 'act')
    },
    hint: 'install act 0.2.89 or newer, or Python with pip, or Go, so that the project can'
  }
]

/** The path of a program that starts, in the tool folder or on PATH. */
export function findTool(tool: Tool): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const folders = [toolFolder, ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders
    .map((folder) => join(folder, tool.name + suffix))
    .find((path) => isExecutable(path) && starts(path, tool))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function starts(path: string, tool: Tool): boolean {
  try {
    execFileSync(path, tool.probe, { stdio: 'ignore', timeout: 30_000 })
    return true
  } catch {
    return false
  }
}

/** Debian's gh, unpacked and not installed: that needs no root. */
function installGh(): void {
  const folder = join(root, '.tools', 'gh')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const download = (): void => {
    execFileSync('apt-get', ['download', '-q', 'gh'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  try {
    download()
  } catch {
    execFileSync('apt-get', ['update', '-q'], { stdio: ['ignore', 'ignore', 'pipe'] })
    download()
  }
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))
  if (archive === undefined) throw new Error('apt-get downloaded nothing')
  execFileSync('dpkg-deb', ['-x', archive, '.'], { cwd: folder })
  link(join(folder, 'usr', 'bin', 'gh'), 'gh')
}

function link(program: string, name: string): void {
  mkdirSync(toolFolder, { recursive: true })
  rmSync(join(toolFolder, name), { force: true })
  symlinkSync(program, join(toolFolder, name))
}
