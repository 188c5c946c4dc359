import type { Plan } from '../../shared/phases.ts'
import type { Journal } from '../journal.ts'
import type { Rooms } from '../rooms.ts'
import type { CompareFacts } from './compare-facts.ts'
import { compareRooms } from './compare-rooms.ts'

/**
 * `command: diff`: what the pending migrations would make of the database's schema. Needs `scratch-url`; the database
 * itself is read only.
 */
export function diffAction(journal: Journal): Rooms<CompareFacts, Plan, undefined> {
  return compareRooms('diff', journal)
}
