import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { openSession, type Session } from '../database/session.ts'
import { numberOf, quoteIdentifier, textOf } from '../database/sql.ts'
import type { RestoringBySwap, RestoringInPlace } from '../deed.ts'
import type { Inputs } from '../inputs.ts'
import { openMaintenance } from '../restore/target.ts'
import { witnessed, witnessOf, witnessTold } from '../restore/witness.ts'
import { placeOf } from './after-migrating.ts'
import type { Found } from './findings.ts'

/** Whether a restore in one transaction that was killed was committed. Its session has been ended. */
export async function afterRestoreInPlace(deed: RestoringInPlace, inputs: Inputs, world: World): Promise<Found> {
  const { database, witness } = deed
  const tables = witness.map(({ table }) => table)
  const state = await withSession(inputs, world, async (session) =>
    witnessed(witness, await witnessOf(session, tables))
  )
  const runbook = {
    'as it was': ['Run this workflow again.'],
    restored: [`\`${database}\` has what the dump has. Look at it: \`command: smoke\`.`],
    'not known': [`Look at the tables of \`${database}\` before anything is deployed to it or restored again.`]
  }
  return { told: [witnessTold(database, state)], runbook: runbook[state], failures: [] }
}

/** Whether the new database has taken the name; where not, it is of no use to anybody, and is dropped. */
export async function afterSwap(deed: RestoringBySwap, inputs: Inputs, world: World): Promise<Found> {
  const { database, made, kept, oid } = deed
  const { url } = placeOf(inputs)
  const session = await openMaintenance(url, name, world)
  try {
    const rows = await session.query(
      'SELECT datname AS name, oid FROM pg_catalog.pg_database WHERE datname = ANY ($1)',
      [[database, made, ...(kept === undefined ? [] : [kept])]]
    )
    const oids = new Map(rows.map((row) => [textOf(row, 'name'), numberOf(row, 'oid')]))
    const now = oids.get(database)
    const asItWas = oid === undefined ? `There is no database ${database} yet` : `${database} is as it was`
    if (oids.has(made)) return await dropMade(session, made, asItWas)
    if (now === oid) {
      return {
        told: [`${asItWas}: the new database had not been made.`],
        runbook: ['Run this workflow again.'],
        failures: []
      }
    }
    if (now === undefined) throw new Error(`there is neither ${database} nor ${made}`)
    return {
      told: [
        `${database} is the restored database, with the rows of the dump${kept === undefined ? '' : `; the one before is kept as ${kept}`}.`
      ],
      runbook: [
        `Look at it: \`command: smoke\`.`,
        ...(kept === undefined
          ? []
          : [`When nobody needs the one before any more: \`DROP DATABASE ${quoteIdentifier(kept)};\``])
      ],
      failures: []
    }
  } finally {
    await session.close()
  }
}

const name = 'release-actions/db-deploy look'

async function dropMade(session: Session, made: string, asItWas: string): Promise<Found> {
  const drop = `DROP DATABASE ${quoteIdentifier(made)} WITH (FORCE)`
  try {
    await session.query(drop)
    return {
      told: [`${asItWas}. ${made}, which was being filled, was dropped.`],
      runbook: ['Run this workflow again.'],
      failures: []
    }
  } catch (error) {
    return {
      told: [
        `${asItWas}. ${made}, which was being filled, could not be dropped: ${error instanceof Error ? error.message : String(error)}`
      ],
      runbook: [`Drop it: \`${drop};\``, 'Then run this workflow again.'],
      failures: []
    }
  }
}

async function withSession<T>(inputs: Inputs, world: World, use: (session: Session) => Promise<T>): Promise<T> {
  const { url }: { readonly url: DatabaseUrl } = placeOf(inputs)
  const session = await openSession(url, { applicationName: name, readOnly: true, statementTimeout: 5_000 }, world)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}
