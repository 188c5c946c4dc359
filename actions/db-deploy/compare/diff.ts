import type { Action, Plan } from '../../shared/phases.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { CompareFacts } from './compare-facts.ts'

/** `command: diff`: what the pending migrations would make of the database's schema. Needs `scratch-url`. */
export declare function diffAction(journal: Journal): Action<Inputs, CompareFacts, Plan, undefined>
