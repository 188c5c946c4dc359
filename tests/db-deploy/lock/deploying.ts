import { systemClock } from '../../../actions/shared/clock.ts'
import type { World } from '../../../actions/shared/world.ts'
import { readDatabaseUrl, type DatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { testWorld } from '../../support/world.ts'

/** The outside with a clock that does wait, and the job's cancellation in the test's hand. */
export function realWorld(cancelled?: AbortSignal): World & { readonly log: ReturnType<typeof testWorld>['log'] } {
  const world = testWorld()
  return { ...world, clock: systemClock, ...(cancelled === undefined ? {} : { cancelled }) }
}

export function urlOf(text: string): DatabaseUrl {
  const read = readDatabaseUrl(text, 'database-url')
  if ('url' in read) return read.url
  throw new Error(JSON.stringify(read))
}
