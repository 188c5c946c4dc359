// `node bench/db-smoke.ts`: how long the smoke test of 400 tables takes, against what one would write by hand with pg: a
// SELECT of one row for each, one after the other, and the same with a count of the rows.
import pg from 'pg'
import { systemClock } from '../actions/shared/clock.ts'
import { neverCancelled } from '../actions/shared/cancellation.ts'
import { readDatabaseUrl } from '../actions/db-deploy/database/database-url.ts'
import { openSession } from '../actions/db-deploy/database/session.ts'
import { smokeTest } from '../actions/db-deploy/verification/smoke.ts'
import { startPostgres } from '../tests/support/postgres.ts'
import { slowed } from './slow-connection.ts'
import { machine, median } from './measure.ts'

const tables = Array.from({ length: 400 }, (_, at) => `t${at}`)

if (import.meta.main) console.log(`${machine()}\n\n${await smokeAgainstSelects()}`)

/** A table: on loopback, and where each round trip takes 4 ms, as between a runner and a database elsewhere. */
export async function smokeAgainstSelects(rounds = 7): Promise<string> {
  const postgres = await startPostgres()
  try {
    await postgres.query(
      tables
        .map(
          (name) =>
            `CREATE TABLE ${name} AS SELECT i AS id, 'x' || i AS name, now() AS at FROM generate_series(1, 100) i;`
        )
        .join('\n')
    )
    const near = await timesOf(postgres.port, rounds)
    const road = await slowed(postgres.port, 4)
    const far = await timesOf(road.port, 1)
    await road.close()
    const rows = Object.keys(near).map((name) => {
      const cells = [near, far].map((times) => {
        const own = times[name as Way]
        return `${own.toFixed(0)} ms | ${(own / times['smoke test, all columns and counts']).toFixed(2)}`
      })
      return `| ${name} | ${cells.join(' | ')} |`
    })
    return [
      '| 400 tables | loopback | × smoke test | 4 ms a round trip | × smoke test |',
      '| --- | ---: | ---: | ---: | ---: |',
      ...rows
    ].join('\n')
  } finally {
    postgres.stop()
  }
}

type Way = 'smoke test, all columns and counts' | 'SELECT * … LIMIT 1 each' | 'SELECT * … LIMIT 1 and count(*) each'

/** Milliseconds, medians, each over a connection that is open already, in turn. */
async function timesOf(port: number, rounds: number): Promise<Record<Way, number>> {
  const text = `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`
  const read = readDatabaseUrl(text, 'database-url')
  if (!('url' in read)) throw new Error(text)
  const world = { clock: systemClock, cancelled: neverCancelled() }
  const session = await openSession(read.url, { applicationName: 'bench', readOnly: true }, world)
  const client = new pg.Client({ connectionString: text })
  await client.connect()
  const each = async (count: boolean): Promise<void> => {
    for (const name of tables) {
      await client.query(`SELECT * FROM "${name}" LIMIT 1`)
      if (count) await client.query(`SELECT count(*) FROM "${name}"`)
    }
  }
  const ways: Record<Way, () => Promise<unknown>> = {
    'smoke test, all columns and counts': async () => {
      const limits = { exactCountLimit: 100_000, expectations: [], timeout: 30_000 }
      const { smoke } = await smokeTest(session, { of: 'tables', without: [], ...limits })
      if (smoke.total.rows !== 40_000 || smoke.relations.length !== 400) throw new Error(JSON.stringify(smoke.total))
    },
    'SELECT * … LIMIT 1 each': () => each(false),
    'SELECT * … LIMIT 1 and count(*) each': () => each(true)
  }
  const times: Record<string, number[]> = {}
  for (let round = 0; round <= rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const startedAt = performance.now()
      await way()
      if (round > 0) (times[name] ??= []).push(performance.now() - startedAt)
    }
  }
  await client.end()
  await session.close()
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])) as Record<Way, number>
}
