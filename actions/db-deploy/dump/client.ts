import { runProgram, type ProgramResult } from '../../shared/program.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { libpqEnvironment } from '../database/url-forms.ts'

/** One run of pg_dump or pg_restore. */
export interface ClientRun {
  /** Absolute. */
  readonly program: string
  readonly args: readonly string[]
  /** Where it connects to, if it does; never in its arguments, which every user of the machine can read. */
  readonly url?: DatabaseUrl
  readonly applicationName: string
  /** Absolute; its working directory. */
  readonly folder: string
  readonly environmentVariables: NodeJS.ProcessEnv
  /** Milliseconds. */
  readonly timeout: number
  readonly takeOutput?: (piece: Buffer) => void
}

/** Runs one of PostgreSQL's own programs, which ends when the job is cancelled. Never throws for what it does. */
export function runClient(run: ClientRun, world: World): Promise<ProgramResult> {
  return runProgram({
    program: run.program,
    args: run.args,
    folder: run.folder,
    env: {
      ...plainEnvironment(run.environmentVariables),
      ...(run.url === undefined ? {} : libpqEnvironment(run.url)),
      PGAPPNAME: run.applicationName
    },
    timeout: run.timeout,
    log: world.log,
    secrets: world.secrets,
    cancelled: world.cancelled,
    ...(run.takeOutput === undefined ? {} : { takeOutput: run.takeOutput })
  })
}

/**
 * What a program of PostgreSQL needs of this process: HOME, as libpq looks there for certificates, and English messages,
 * as they are read. Not PG…, which would say another database, nor any secret.
 */
export function plainEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = ['PATH', 'Path', 'HOME', 'USERPROFILE', 'APPDATA', 'SystemRoot', 'TMPDIR', 'TEMP', 'LD_LIBRARY_PATH']
  const given = kept.flatMap((name): [string, string][] => {
    const value = env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(given), LC_ALL: 'C' }
}
