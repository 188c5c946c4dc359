import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'

/**
 * Whether the release has the applications in the versions that are expected.
 *
 * @param expectations `diwa_schema=0.1.0`
 * @param folder absolute; `releases/VERSION/NAME.rel` is looked for below it and below `_build`
 * @param releaseBinary absolute; asked where no `.rel` file is found
 */
export declare function expectApp(
  expectations: readonly string[],
  folder: string,
  releaseBinary: string | undefined,
  environment: NodeJS.ProcessEnv,
  world: Pick<World, 'log' | 'secrets'>
): Promise<readonly Check[]>
