import type { Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'

/** PostgreSQL's own programs of one installation, as it is on this machine. */
export interface DumpPrograms {
  /** Absolute paths. */
  readonly dump: string
  readonly restore: string
  readonly major: number
  /** `pg_dump 18.6 (/usr/lib/postgresql/18/bin)` */
  readonly told: string
}

/**
 * Finds pg_dump and pg_restore that fit a server: of its own major version, else of the next newer one. Asks each that it
 * finds for its version, as Debian's `pg_dump` is a script that chooses among several (pg_wrapper).
 *
 * @param serverVersion 180004 for 18.4
 * @param env of this process: its PATH, and PGBIN where it names a folder
 */
export declare function findDumpPrograms(
  serverVersion: number,
  env: NodeJS.ProcessEnv,
  world: World
): Promise<{ readonly programs: DumpPrograms } | { readonly problems: readonly Problem[] }>
