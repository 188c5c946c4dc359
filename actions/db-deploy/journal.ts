import type { Clock } from '../shared/clock.ts'
import { ActionError, type Problem } from '../shared/problem.ts'
import type { Learned, Stage } from './record.ts'

/**
 * What a run has done and learned until now. A run can end anywhere, by a failure or by a cancelled job, and what was
 * known by then is told all the same: so each room writes here as it goes, and only report and telemetry read it.
 */
export interface Journal {
  /**
   * Runs one part of the run and times it. What it throws is noted and thrown on.
   * @param body gives `note` what the stage came to, and `result` where that is not `ok`
   */
  stage<T>(name: string, title: string, body: (stage: OpenStage) => Promise<T>): Promise<T>
  /** Keeps what was learned; what was learned later takes the place of what was there under the same name. */
  learn(knowledge: Partial<Learned>): void
  /** Before files are written that are taken away again: those of a run that is killed would stay. */
  leaves(files: readonly string[]): void
  readonly learned: Learned
  readonly stages: readonly Stage[]
}

export interface OpenStage {
  note(text: string): void
  result(result: Stage['result']): void
}

/** Keeps elsewhere what a journal is told, as that of a run that is killed is lost. */
export interface Keeper {
  /** Of each stage that began or ended; one that began has the result that it has if nothing more is heard of it. */
  hear(stage: Stage, moment: 'began' | 'ended'): void
  learned(knowledge: Partial<Learned>): void
  leaves(files: readonly string[]): void
}

/** The code of the problem that a cancelled job ends with. */
export const cancelledCode = 'deploy-cancelled'

/** @param keeper of all that is told: where it is not given, a run that is killed leaves nothing of it */
export function createJournal(clock: Clock, keeper?: Keeper): Journal {
  const stages: Stage[] = []
  let learned: Learned = {}
  return {
    async stage(name, title, body) {
      const at = stages.length
      const startedAt = clock.now()
      let note = ''
      let result: Stage['result'] = 'ok'
      const keep = (): void => {
        const stage: Stage = { name, title, startedAt, finishedAt: clock.now(), result, note }
        stages[at] = stage
        keeper?.hear(stage, 'ended')
      }
      // Its place is taken at the beginning: stages stand in the order in which they began.
      const begun: Stage = { name, title, startedAt, finishedAt: startedAt, result: 'failed', note }
      stages.push(begun)
      keeper?.hear(begun, 'began')
      try {
        const value = await body({
          note: (text) => {
            note = text
          },
          result: (given) => {
            result = given
          }
        })
        keep()
        return value
      } catch (error) {
        const problem: Problem | undefined = error instanceof ActionError ? error.problems[0] : undefined
        result = problem?.code === cancelledCode ? 'cancelled' : 'failed'
        if (note === '') note = problem?.message ?? 'it met something that it does not expect'
        keep()
        throw error
      }
    },
    learn(knowledge) {
      learned = { ...learned, ...knowledge }
      keeper?.learned(knowledge)
    },
    leaves(files) {
      keeper?.leaves(files)
    },
    get learned() {
      return learned
    },
    get stages() {
      return stages
    }
  }
}
