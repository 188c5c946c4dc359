import type { Plan } from '../../shared/phases.ts'
import type { Journal } from '../journal.ts'
import type { Rooms } from '../rooms.ts'
import type { CompareFacts } from './compare-facts.ts'
import { compareRooms } from './compare-rooms.ts'

/**
 * `command: drift`: whether the database is what its applied migrations make. Needs `scratch-url`; the database itself is
 * read only.
 */
export function driftAction(journal: Journal): Rooms<CompareFacts, Plan, undefined> {
  return compareRooms('drift', journal)
}
