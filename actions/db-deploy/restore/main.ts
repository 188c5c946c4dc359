import type { Action } from '../../shared/phases.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { RestoreFacts } from './inspect.ts'
import type { RestorePlan } from './plan.ts'
import type { Restored } from './verify.ts'

/**
 * `command: restore`. Puts a dump into the database that its phrase names: into a new database, which then takes the name
 * while the old one is kept under another, or in one transaction. Nothing is touched before all of the dump was read.
 */
export declare function restoreAction(journal: Journal): Action<Inputs, RestoreFacts, RestorePlan, Restored>
