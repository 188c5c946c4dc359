import type { InputReader } from '../shared/inputs.ts'
import type { RunContext } from '../shared/run-context.ts'
import type { Inputs } from './inputs.ts'

export { isPostStep } from './run-state.ts'

/**
 * The step after the run. A run that ended by itself left nothing to do; of one that was killed the tool's backends are
 * ended, the table is read, and a summary says what is so. Never fails the job.
 *
 * @param readInputs as the run itself reads them: the runner gives both steps the same
 */
export declare function runPost(
  env: NodeJS.ProcessEnv,
  readInputs: (reader: InputReader, context: RunContext) => Inputs
): Promise<void>
