import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openSession, type Session } from '../../../actions/db-deploy/database/session.ts'
import type { RunRecord } from '../../../actions/db-deploy/record.ts'
import { announce } from '../../../actions/db-deploy/telemetry/announce.ts'
import { readLedger } from '../../../actions/db-deploy/telemetry/ledger.ts'
import type { Remark } from '../../../actions/shared/problem.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { temporaryFolder } from '../../support/run-action.ts'
import { testWorld } from '../../support/world.ts'
import { inputsWith, urlsOf } from './announcing.ts'
import { began, first, recordOf, second, stateOf } from './records.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => {
  postgres.stop()
})

let database: string
let folder: string
beforeEach(async () => {
  database = await postgres.createDatabase()
  folder = temporaryFolder('ledger')
  for (const name of ['20260101000000_init', first, second]) write(name, `-- ${name}\n`)
})

const table = '"public"."_prisma_migrations"'

function write(name: string, text: string): void {
  const path = join(folder, `prisma/migrations/${name}/migration.sql`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const step = { GITHUB_RUN_ATTEMPT: '1', GITHUB_JOB: 'deploy', GITHUB_ACTION: '__acme_db-deploy' }

function keep(
  record: RunRecord,
  { url = postgres.url(database), env = step }: { url?: string; env?: Record<string, string> } = {}
): Promise<readonly Remark[]> {
  const inputs = inputsWith({ ledger: true }, { urls: urlsOf(url), folder, environmentVariables: env })
  return announce(record, inputs, testWorld())
}

async function checksums(): Promise<ReadonlyMap<string, string> | undefined> {
  const session: Session = await openSession(
    urlsOf(postgres.url(database)).direct ?? unreachable(),
    { applicationName: 'test' },
    testWorld()
  )
  try {
    return await readLedger(session, table)
  } finally {
    await session.close()
  }
}

function unreachable(): never {
  throw new Error('no URL')
}

const deploys = (): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  postgres.query('SELECT * FROM release_actions.deploys ORDER BY started_at, id', database)

describe('the ledger', () => {
  test('is not there until it is asked for, and reading it then finds nothing', async () => {
    expect(await checksums()).toBeUndefined()
  })

  test('keeps who deployed what from which commit, and a checksum of each migration that is applied', async () => {
    expect(await keep(recordOf({ learned: { fingerprint: 'abc' } }))).toEqual([])
    expect(await deploys()).toMatchObject([
      {
        ...{ command: 'deploy', outcome: 'published', environment: 'production', repository: 'acme/shop' },
        ...{ actor: 'octocat', ref: 'refs/heads/main', commit: '0123456789abcdef0123456789abcdef01234567' },
        ...{ tool: 'prisma 7.10.1', migrations_table: table, applied: [first, second], failed: [] },
        ...{ current: second, fingerprint: 'abc', problems: [] }
      }
    ])
    expect(await checksums()).toEqual(
      new Map(['20260101000000_init', first, second].map((name) => [name, sha256(`-- ${name}\n`)]))
    )
    const ran = await postgres.query(
      'SELECT name, deploy IS NOT NULL AS ran, took_ms, statements FROM release_actions.migrations ORDER BY name',
      database
    )
    expect(ran.map(({ name, ran: own, statements }) => [name, own, statements])).toEqual([
      ['20260101000000_init', false, null],
      [first, true, 3],
      [second, true, 1]
    ])
  })

  test('has a run once, however often it is told, and a second attempt beside it', async () => {
    await keep(recordOf({ status: 'failed', finishedAt: began + 1 }))
    await keep(recordOf())
    expect((await deploys()).map(({ outcome }) => outcome)).toEqual(['published'])
    await keep(recordOf(), { env: { ...step, GITHUB_RUN_ATTEMPT: '2' } })
    expect(await deploys()).toHaveLength(2)
  })

  test('keeps the checksum of what ran, so that a file that was edited since is seen', async () => {
    await keep(recordOf())
    write(first, '-- edited\n')
    await keep(recordOf({ status: 'unchanged', learned: { ran: [] } }), { env: { ...step, GITHUB_RUN_ATTEMPT: '2' } })
    expect((await checksums())?.get(first)).toBe(sha256(`-- ${first}\n`))
  })

  test('takes the new checksum of a migration that ran anew, and forgets one that was rolled back', async () => {
    await keep(recordOf())
    const rolledBack = stateOf([
      ['20260101000000_init', 'applied'],
      [first, 'applied'],
      [second, 'pending']
    ])
    await keep(recordOf({ command: 'rollback', learned: { after: rolledBack, ran: [] } }))
    expect([...((await checksums()) ?? new Map()).keys()]).not.toContain(second)
    write(second, '-- another\n')
    await keep(recordOf(), { env: { ...step, GITHUB_RUN_ATTEMPT: '2' } })
    expect((await checksums())?.get(second)).toBe(sha256('-- another\n'))
  })

  test('keeps a failed run, without a word of what is applied where that was not read', async () => {
    const problems = [{ code: 'migration-failed', message: 'm', hint: 'h' }]
    const ran = [{ name: first, result: 'failed' as const }]
    await keep(recordOf({ status: 'failed', problems, unread: true, stages: recordOf().stages, learned: { ran } }))
    expect(await deploys()).toMatchObject([
      { outcome: 'failed', failed: [first], problems: ['migration-failed'], current: null }
    ])
    expect(await checksums()).toEqual(new Map())
  })

  test('is made once by two runs that are the first at the same time', async () => {
    const runs = [1, 2, 3, 4].map((n) => keep(recordOf(), { env: { ...step, GITHUB_JOB: `job-${n}` } }))
    expect((await Promise.all(runs)).flat()).toEqual([])
    expect(await deploys()).toHaveLength(4)
  })

  test.each([
    ['a plan', { command: 'plan', status: 'planned' }],
    ['a dry run', { command: 'deploy', status: 'planned' }],
    ['a look at the state', { command: 'status', status: 'passed' }]
  ] as const)('does not keep %s', async (_, differs) => {
    expect(await keep(recordOf(differs))).toEqual([])
    expect(await checksums()).toBeUndefined()
  })

  test('that the role may not make is a warning with what an administrator can do', async () => {
    await postgres.createRole('deployer')
    const url = postgres.url(database, { user: 'deployer', password: 'secret-deployer' })
    const [remark, ...more] = await keep(recordOf(), { url })
    expect(more).toEqual([])
    expect([remark?.level, remark?.problem.code]).toEqual(['warning', 'ledger-not-written'])
    expect(remark?.problem.hint).toContain('CREATE SCHEMA release_actions AUTHORIZATION')
    await postgres.query('CREATE SCHEMA release_actions AUTHORIZATION deployer', database)
    expect(await keep(recordOf(), { url })).toEqual([])
  })

  test('of another role is a warning with what that role can do, and reading it finds nothing', async () => {
    expect(await keep(recordOf())).toEqual([])
    await postgres.createRole('second_application')
    await postgres.query(`GRANT CREATE ON DATABASE "${database}" TO second_application`)
    const url = postgres.url(database, { user: 'second_application', password: 'secret-second_application' })
    expect(await keep(recordOf(), { url })).toMatchObject([
      {
        problem: { code: 'ledger-not-written', hint: expect.stringContaining('GRANT USAGE ON SCHEMA release_actions') }
      }
    ])
  })

  test('that somebody has locked is told as that, and not as a cancelled job', async () => {
    expect(await keep(recordOf())).toEqual([])
    const holder = await openSession(
      urlsOf(postgres.url(database)).direct ?? unreachable(),
      { applicationName: 'holder' },
      testWorld()
    )
    await holder.query('BEGIN')
    await holder.query('LOCK TABLE release_actions.deploys')
    const [remark] = await keep(recordOf())
    expect(remark?.problem.message).toContain('lock timeout')
    expect(remark?.problem.message).not.toContain('cancelled while')
    await holder.query('ROLLBACK')
    await holder.close()
  })

  test('of a server that is gone is a warning, without the password', async () => {
    const url = 'postgresql://deployer:hunter22-secret@127.0.0.1:1/shop'
    const remarks = await keep(recordOf(), { url })
    expect(remarks.map(({ problem }) => problem.code)).toEqual(['ledger-not-written'])
    expect(JSON.stringify(remarks)).not.toContain('hunter22')
  })
})
