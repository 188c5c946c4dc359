import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import type { Session } from '../database/session.ts'

export interface VerifyFile {
  /** As the user would write it. */
  readonly path: string
  readonly text: string
}

/** Runs each file's statements, read-only. A file passes when … (docs/db-deploy-verify.md). */
export declare function verifyFiles(
  session: Session,
  files: readonly VerifyFile[],
  world: Pick<World, 'clock' | 'cancelled'>
): Promise<readonly Check[]>

/**
 * The files that the patterns name, in the order of their paths.
 *
 * @param folder absolute
 * @returns with a check that failed for each pattern that names none
 */
export declare function findVerifyFiles(
  folder: string,
  patterns: readonly string[]
): Promise<{ readonly files: readonly VerifyFile[]; readonly checks: readonly Check[] }>
