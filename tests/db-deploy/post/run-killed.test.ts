// The shipped bundle is killed, as act does and a runner that has waited long enough: what the step after it says and removes.
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { lockKey } from '../../../actions/db-deploy/lock/lock-key.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { playedProject } from '../../support/prisma/played-project.ts'
import { startAction, temporaryFolder, type ActionRun, type ActionRunOptions } from '../../support/run-action.ts'
import { listing, standIns, whole } from '../dump/stand-ins.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)
afterAll(() => {
  postgres.stop()
})

type Programs = Parameters<typeof standIns>[0]

interface Place {
  readonly database: string
  readonly options: ActionRunOptions
  /** Of backups. */
  readonly folder: string
}

const tables = ['users', '_prisma_migrations']

/** A database with one migration to come, which does not end, and programs that dump what is in it. */
async function place(inputs: Readonly<Record<string, string>>, programs: Programs = {}): Promise<Place> {
  const database = await postgres.createDatabase()
  await postgres.query(
    `CREATE TABLE users (id int); INSERT INTO users VALUES (1);
     CREATE TABLE _prisma_migrations (id varchar(36), checksum varchar(64) NOT NULL, finished_at timestamptz,
       migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
       started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`,
    database
  )
  const entries = await Promise.all(
    tables.map(async (table, at) => {
      const [row] = await postgres.query(`SELECT '${table}'::regclass::oid::int AS oid`, database)
      const oid = Number(row?.['oid'])
      return [
        `${at + 1}; 1259 ${oid} TABLE public ${table} postgres`,
        `${at + 11}; 0 ${oid} TABLE DATA public ${table} postgres`
      ]
    })
  )
  const rows = `COPY public.users (id) FROM stdin;\n1\n\\.\nCOPY public._prisma_migrations (id) FROM stdin;\n\\.\n${whole}`
  const folder = temporaryFolder('backup')
  const project = playedProject({
    migrations: { '20260101000000_slow': 'CREATE TABLE half (id int);\nSELECT pg_sleep(600);\n' }
  })
  return {
    database,
    folder,
    options: {
      inputs: {
        environment: 'staging',
        smoke: 'off',
        'database-url': postgres.url(database),
        'backup-folder': folder,
        ...inputs
      },
      workspace: project.folder,
      env: { PATH: `${standIns({ list: listing(...entries.flat()), rows, ...programs })}:${process.env['PATH'] ?? ''}` }
    }
  }
}

/** The step after a run that was killed as soon as this was so. */
async function killedWhen(
  { options }: Place,
  reached: (log: string) => boolean | Promise<boolean>
): Promise<ActionRun> {
  const action = startAction('db-deploy', options)
  while (!(await reached(action.log()))) {
    if (action.process.exitCode !== null) throw new Error(action.log())
    await sleep(20)
  }
  action.process.kill('SIGKILL')
  await action.ended
  return startAction('db-deploy', { ...options, postOf: action }).ended
}

/** Of the run that was killed. */
const sessionsLeft = () =>
  postgres.query(
    "SELECT application_name, query FROM pg_stat_activity WHERE application_name LIKE 'release-actions/db-deploy 1000%'"
  )

describe('after the bundle was killed', () => {
  it.each([
    ['deploy', 'It had not begun to migrate: no migration was run.'],
    ['restore', 'It had not begun to restore: the database is as it was.']
  ])('before its deed, %s says that nothing was done', async (command, told) => {
    const dump = join(temporaryFolder('dump'), 'app.dump')
    writeFileSync(dump, 'PGDMP')
    const given = await place({ command, backup: 'false', 'restore-file': dump, 'restore-mode': 'in-place' })
    const inputs = { ...given.options.inputs, confirm: `restore ${given.database} from app` }
    const other = new pg.Client({ connectionString: postgres.url(given.database), application_name: 'night shift' })
    await other.connect()
    const { space, table } = lockKey({ schema: 'public', table: '_prisma_migrations' })
    await other.query('SELECT pg_advisory_lock($1::int4, $2::int4)', [space, table])
    const after = await killedWhen({ ...given, options: { ...given.options, inputs } }, (log) =>
      log.includes('Waiting for night shift')
    )
    await other.end()
    expect(after.exitCode).toBe(0)
    expect(after.summary).toContain('❌ db-deploy was killed during: Deploy lock')
    expect(after.summary).toContain(told)
    expect(await sessionsLeft()).toEqual([])
  })

  it.each([
    ['backup', 'A backup changes nothing in the database.'],
    ['deploy', 'It had not begun to migrate: no migration was run.']
  ])('in the middle of an encrypted backup, nothing of what %s dumped is left', async (command, told) => {
    const given = await place(
      { command, backup: 'true', 'backup-passphrase': 'correct horse battery staple' },
      { dump: 'echo "PGDMP and what is in it" > "$file"; sleep 600' }
    )
    const plain = () => readdirSync(given.folder).filter((name) => name.endsWith('.dump.age.plain'))
    const after = await killedWhen(given, () => plain().some((name) => statSync(join(given.folder, name)).size > 0))
    expect(after.summary).toContain('❌ db-deploy was killed during: Verified backup')
    expect(after.summary).toMatch(/The process \d+ \(\w+\) was still at work and was ended/)
    expect(after.summary).toContain('.dump.age.plain, which was not finished, was removed.')
    expect(after.summary).toContain(told)
    expect(readdirSync(given.folder)).toEqual([])
    expect(await sessionsLeft()).toEqual([])
  })

  it('while it migrated, the backup that it had made is named, and is kept', async () => {
    const given = await place({ backup: 'true' })
    const after = await killedWhen(given, async () => {
      const running = await postgres.query(
        `SELECT FROM pg_stat_activity WHERE datname = '${given.database}' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()`
      )
      return running.length > 0
    })
    const [backup, ...others] = readdirSync(given.folder)
    expect(others).toEqual([])
    const summary = after.summary.replaceAll('\\', '')
    expect(summary).toContain('❌ db-deploy was killed during: Migrations')
    expect(summary).toContain(`The backup that it made before is ${join(given.folder, backup ?? '?')}; keep it`)
    expect(summary).toContain('The last way is the backup that this run made before it migrated')
    expect(summary).not.toContain('There is no backup')
    expect(summary).toContain('failed 20260101000000_slow')
    expect(await sessionsLeft()).toEqual([])
  })
})
