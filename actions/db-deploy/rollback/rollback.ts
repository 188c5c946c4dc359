import type { Action } from '../../shared/phases.ts'
import type { Plan } from '../../shared/phases.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { RollbackFacts } from './inspect.ts'
import type { RolledBack } from './verify.ts'

/**
 * `command: rollback`. Ecto: by `to`, `steps` or the release's call, after showing which files run. Prisma has no way
 * back: a failed migration is marked as rolled back when nothing of it is there, otherwise the runbook says what to do.
 */
export declare function rollbackAction(journal: Journal): Action<Inputs, RollbackFacts, Plan, RolledBack>
