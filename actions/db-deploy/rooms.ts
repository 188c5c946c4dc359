import type { Action, Plan } from '../shared/phases.ts'
import type { Inputs } from './inputs.ts'

/** The rooms of one family of commands. What all have in common, inputs and report, is given to them by main.ts. */
export type Rooms<Facts, P extends Plan, Verified, Applied = void> = Omit<
  Action<Inputs, Facts, P, Verified, Applied>,
  'name' | 'readInputs' | 'report'
>
