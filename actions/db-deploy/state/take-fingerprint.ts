import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import { QueryError } from '../database/query-error.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { directUrl, reading } from '../reading.ts'
import type { Project } from './project.ts'
import { schemaFingerprint } from './schema-fingerprint.ts'

/**
 * Learns the fingerprint of the database that is deployed to. A definition cannot be read while somebody has its table for
 * himself: that says nothing against the schema, so it is not checked then, and fails nothing.
 */
export async function takeFingerprint(
  inputs: Inputs,
  { table }: Pick<Project, 'table'>,
  world: World,
  journal: Journal
): Promise<readonly Check[]> {
  try {
    const { fingerprint } = await reading({ ...inputs, url: directUrl(inputs) }, world, (session) =>
      schemaFingerprint(session, [], [table])
    )
    journal.learn({ fingerprint })
    return []
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const { message } = error.report
    const isLocked = error.sqlstate === '55P03'
    return [
      {
        id: 'fingerprint',
        title: 'Fingerprint of the schema',
        result: 'not checked',
        told: isLocked
          ? `somebody has locked a table, so that its definition cannot be read (${message}, 55P03)`
          : `${message} (${error.sqlstate})`,
        next: isLocked
          ? "Run it again when that session has ended: SELECT pid, application_name, query FROM pg_stat_activity WHERE pid IN (SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock');"
          : 'Let the role read the definitions, or mend what the server complains of.'
      }
    ]
  }
}
