import type { Problem } from '../shared/problem.ts'
import { checkFiles } from './file-rules.ts'
import { checkMetadata } from './metadata-rules.ts'
import { findSecrets } from './secret-scan.ts'
import type { Tarball } from './tarball.ts'

export { defaultForbiddenFiles } from './file-rules.ts'

export interface Policy {
  /** Globs that must each match a file. */
  readonly requiredFiles: readonly string[]
  /**
   * Globs that no member may match; one that begins with `!` is an exception. Exceptions alone, or nothing, are added
   * to the defaults.
   */
  readonly forbiddenFiles?: readonly string[]
  /** Whose private repository the package belongs to; absent for a public one. */
  readonly organization?: string
  /** Whether a package of this name is on Hex already, where that is known. */
  readonly exists?: boolean
  /** The key of this run, which must not be in the package it publishes. */
  readonly apiKey?: string
}

/**
 * Holds a tarball to hex.pm's rules about packages and releases, to the user's rules about files, and looks for
 * secrets in it. What only hex.pm can know (whether the packages it requires exist) is left to hex.pm.
 */
export async function checkPolicy(tarball: Tarball, policy: Policy): Promise<Problem[]> {
  return [
    ...checkMetadata(tarball.metadata, tarball.shown, policy),
    ...checkFiles(tarball, policy),
    ...(await findSecrets(tarball, policy.apiKey))
  ]
}
