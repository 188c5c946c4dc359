import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'

/**
 * Makes a database `release_actions_<purpose>_<hex>` on the server of `scratch`, lets it be used, and drops it whatever
 * happened, also after a cancel. What killed runs left there is told in the log.
 *
 * @param scratch connects to any database of a server that is not the production server; its role may create databases
 * @param purpose a word of lower-case letters: `backup`, `drift`, `prove`
 * @throws ActionError where it cannot be made
 */
export declare function withScratchDatabase<T>(
  scratch: DatabaseUrl,
  purpose: string,
  world: World,
  use: (url: DatabaseUrl) => Promise<T>
): Promise<T>
