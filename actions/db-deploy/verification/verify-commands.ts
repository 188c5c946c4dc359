import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'

/**
 * Runs each line by bash, as the `run` of a workflow would, with `DATABASE_URL` and libpq's variables in its environment.
 */
export declare function verifyCommands(
  commands: readonly string[],
  options: {
    /** Absolute. */
    readonly folder: string
    readonly environmentVariables: NodeJS.ProcessEnv
    /** Besides: `DATABASE_URL` … */
    readonly given: Readonly<Record<string, string>>
    /** Milliseconds for each. */
    readonly timeout: number
  },
  world: Pick<World, 'log' | 'secrets' | 'clock' | 'cancelled'>
): Promise<readonly Check[]>
