import type { Stage } from './record.ts'

/** What is kept of a run outside of its process, for the step after it: act kills at once, and so does a lost patience. */
export interface RunState {
  /** For `createJournal`: writes down which stage began or ended. */
  readonly hear: (stage: Stage, moment: 'began' | 'ended') => void
  /** Before the tool is started: by what its backends are known. */
  migrating(tool: { readonly applicationName: string | undefined; readonly at: number }): void
  /** The run has ended by itself, however: there is nothing left for the step after it. */
  finish(): void
}

/**
 * Begins to keep the state of this run, in a file of its own in RUNNER_TEMP, and tells the runner where
 * (`core.saveState`). Before anything else: with it the step after this one knows that it is that step.
 * It holds no secret: names of stages, times, and the name of the tool's sessions.
 */
export declare function openRunState(env: NodeJS.ProcessEnv): RunState

/** Whether this process is the step after the run: the runner gives it what `openRunState` has saved. */
export declare function isPostStep(env: NodeJS.ProcessEnv): boolean
