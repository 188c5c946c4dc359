import type { Action, Plan } from '../../shared/phases.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { CompareFacts } from './compare-facts.ts'

/** `command: drift`: whether the database is what its migrations make. Needs `scratch-url`; never touches the database. */
export declare function driftAction(journal: Journal): Action<Inputs, CompareFacts, Plan, undefined>
