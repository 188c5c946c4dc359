import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { runProgram } from '../../shared/program.ts'
import type { World } from '../../shared/world.ts'
import { plainEnvironment } from './client.ts'

/** PostgreSQL's own programs of one installation, as it is on this machine. */
export interface DumpPrograms {
  /** Absolute paths. */
  readonly dump: string
  readonly restore: string
  readonly major: number
  /** `18.6` */
  readonly version: string
  /** `pg_dump 18.6 (/usr/lib/postgresql/18/bin)` */
  readonly told: string
}

/**
 * Finds pg_dump and pg_restore that fit a server: of its own major version, else of the next newer one. A pg_dump that is
 * older than the server refuses ("aborting because of server version mismatch"). Asks each that it finds for its version,
 * as Debian's `pg_dump` is a script that chooses among several (postgresql-common, pg_wrapper).
 *
 * @param serverVersion 180004 for 18.4
 * @param env of this process: its PATH, and PGBIN where it names a folder, as on GitHub's Windows runners
 */
export async function findDumpPrograms(
  serverVersion: number,
  env: NodeJS.ProcessEnv,
  world: World
): Promise<{ readonly programs: DumpPrograms } | { readonly problems: readonly Problem[] }> {
  const found = await allDumpPrograms(env, world)
  const wanted = majorOf(serverVersion)
  const [best] = found.filter(({ major }) => major >= wanted).sort((one, other) => one.major - other.major)
  if (best !== undefined) return { programs: best }
  const there =
    found.length === 0 ? 'none was found' : `found: ${found.map(({ told }) => told).join(', ')}, which is too old`
  return {
    problems: [
      {
        code: 'deploy-backup-programs',
        message: `The server is PostgreSQL ${wanted}, and no pg_dump and pg_restore of version ${wanted} or newer are on this machine: ${there}.`,
        hint: installation(wanted)
      }
    ]
  }
}

/** All that are on this machine, those on PATH first. */
export async function allDumpPrograms(env: NodeJS.ProcessEnv, world: World): Promise<readonly DumpPrograms[]> {
  const folders = [...new Set([...pathFolders(env), ...installedFolders()])].filter(
    (folder) => isProgram(join(folder, dumpName)) && isProgram(join(folder, restoreName))
  )
  const asked = await Promise.all(folders.map((folder) => ask(folder, env, world)))
  return asked.filter((programs) => programs !== undefined)
}

/** 15 of 150018, 9 of 90624. */
export function majorOf(serverVersion: number): number {
  return Math.floor(serverVersion / 10_000)
}

const suffix = process.platform === 'win32' ? '.exe' : ''
const dumpName = `pg_dump${suffix}`
const restoreName = `pg_restore${suffix}`

function pathFolders(env: NodeJS.ProcessEnv): readonly string[] {
  return [...(env['PATH'] ?? env['Path'] ?? '').split(delimiter), env['PGBIN'] ?? ''].filter((folder) => folder !== '')
}

/** Where packages put the programs of each version beside each other, `*` for the version. */
const places = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/opt/homebrew/opt/libpq/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/usr/local/opt/libpq/bin',
  '/usr/local/pgsql/bin',
  'C:/Program Files/PostgreSQL/*/bin'
]

function installedFolders(): readonly string[] {
  return places.flatMap((place) => {
    const [before = '', after] = place.split('*')
    if (after === undefined) return [place]
    const parent = before.endsWith('/') ? before : `${dirname(before)}/`
    const start = before.slice(parent.length)
    try {
      return readdirSync(parent)
        .filter((name) => name.startsWith(start))
        .map((name) => `${parent}${name}${after}`)
    } catch {
      return []
    }
  })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Milliseconds; pg_wrapper takes 100. */
const patience = 10_000

async function ask(folder: string, env: NodeJS.ProcessEnv, world: World): Promise<DumpPrograms | undefined> {
  const version = async (name: string): Promise<{ major: number; version: string } | undefined> => {
    const { output, exitCode } = await runProgram({
      program: join(folder, name),
      args: ['--version'],
      folder,
      env: plainEnvironment(env),
      timeout: patience,
      log: { info: () => undefined },
      secrets: world.secrets,
      cancelled: world.cancelled
    })
    // pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1); pg_dump (PostgreSQL) 19beta1
    const found = /\) (\d+)((?:\.\d+)*\w*)/.exec(output)
    return exitCode !== 0 || found === null
      ? undefined
      : { major: Number(found[1]), version: `${found[1] ?? ''}${found[2] ?? ''}` }
  }
  const [dump, restore] = await Promise.all([version(dumpName), version(restoreName)])
  // Two installations in one folder of links: a pg_restore that is older cannot read what pg_dump writes.
  if (dump === undefined || restore === undefined || restore.major < dump.major) return undefined
  const told = `pg_dump ${dump.version} (${folder})`
  return { dump: join(folder, dumpName), restore: join(folder, restoreName), ...dump, told }
}

/** How the programs of a version come onto a runner, as PostgreSQL's own packages are installed (apt.postgresql.org). */
function installation(major: number): string {
  if (process.platform === 'darwin') return `Add a step before: \`brew install postgresql@${major}\`.`
  if (process.platform === 'win32')
    return `Add a step before: \`choco install postgresql${major}\`, and add its bin folder to PATH.`
  return [
    'Add a step before this one:',
    'sudo apt-get update && sudo apt-get install -y postgresql-common',
    'sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y',
    `sudo apt-get install -y postgresql-client-${major}`
  ].join('\n')
}
