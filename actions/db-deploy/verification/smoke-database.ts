import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import { isSameDatabase } from '../database/same-database.ts'
import type { Session } from '../database/session.ts'
import type { Inputs } from '../inputs.ts'
import { directUrl, reading } from '../reading.ts'

/**
 * A check that failed where the smoke test would read another database than the one that is deployed to; none else.
 * @throws ActionError where one of the two cannot be reached
 */
export async function smokeDatabaseChecks(inputs: Inputs, world: World): Promise<readonly Check[]> {
  const { smoke } = inputs.urls
  if (inputs.verification.smoke === 'off' || smoke === undefined || smoke === directUrl(inputs)) return []
  return reading({ ...inputs, url: smoke }, world, (session) => otherDatabase(session, inputs, world))
}

/** As `smokeDatabaseChecks`, for a session that is open already. @param session as the smoke test reads */
export async function otherDatabase(session: Session, inputs: Inputs, world: World): Promise<readonly Check[]> {
  const { smoke, database } = inputs.urls
  const deployed = directUrl(inputs)
  if (smoke === undefined || smoke === deployed) return []
  if (await reading({ ...inputs, url: deployed }, world, (direct) => isSameDatabase(direct, session))) return []
  const input = smoke === database ? 'database-url' : 'smoke-url'
  return [
    {
      id: 'smoke-database',
      title: `Database of ${input}`,
      told: 'another database',
      result: 'failed',
      problem: {
        code: 'database-urls-differ',
        message: `${input} leads to ${session.url.shown}, which is not the database that is deployed to (${deployed.shown}): nothing was read there.`,
        hint: `Write the address of the same database into ${input}${input === 'smoke-url' ? ', with the role of the application' : ' and direct-database-url'}.`
      }
    }
  ]
}
