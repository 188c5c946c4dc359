import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { DumpPrograms } from './programs.ts'

export interface CopyRequest {
  /** A dump in custom format, not encrypted; or a database, which is dumped first into a file that is removed after. */
  readonly from: { readonly file: string } | { readonly url: DatabaseUrl; readonly schemaOnly: boolean }
  readonly programs: DumpPrograms
  readonly environmentVariables: NodeJS.ProcessEnv
  /** Absolute; for the file of a dump. */
  readonly temp: string
  readonly applicationName: string
  /** Milliseconds for all of it. */
  readonly timeout: number
}

/**
 * Fills an empty database from a dump, or from another database. Owners and privileges are left behind: a scratch server
 * has not the roles.
 *
 * @throws ActionError where not all of it went in
 */
export declare function copyInto(request: CopyRequest, to: DatabaseUrl, world: World): Promise<void>
