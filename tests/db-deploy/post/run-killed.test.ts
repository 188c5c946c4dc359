// The shipped bundle is killed, as act does and a runner that has waited long enough: what the step after it says and removes.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { encryptFile } from '../../../actions/db-deploy/dump/encryption.ts'
import { lockKey } from '../../../actions/db-deploy/lock/lock-key.ts'
import { loadAge } from '../../../actions/shared/age.ts'
import { neverCancelled } from '../../../actions/shared/cancellation.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { playedProject } from '../../support/prisma/played-project.ts'
import {
  startAction,
  temporaryFolder,
  type ActionRun,
  type ActionRunOptions,
  type StartedAction
} from '../../support/run-action.ts'
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
  /** With pg_dump and pg_restore. */
  readonly programs: string
}

const tables = ['users', '_prisma_migrations']

/** A database with one migration to come, which does not end, and programs that dump what is in it. */
async function place(inputs: Readonly<Record<string, string>>, dumping: Programs = {}): Promise<Place> {
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
  const programs = standIns({ list: listing(...entries.flat()), rows, ...dumping })
  const project = playedProject({
    migrations: { '20260101000000_slow': 'CREATE TABLE half (id int);\nSELECT pg_sleep(600);\n' }
  })
  return {
    database,
    folder,
    programs,
    options: {
      inputs: {
        environment: 'staging',
        smoke: 'off',
        'database-url': postgres.url(database),
        'backup-folder': folder,
        ...inputs
      },
      workspace: project.folder,
      env: { PATH: `${programs}:${process.env['PATH'] ?? ''}` }
    }
  }
}

/** The step after a run that was killed as soon as this was so. */
async function killedWhen(
  { options }: Place,
  reached: (action: StartedAction) => boolean | Promise<boolean>
): Promise<ActionRun> {
  const action = startAction('db-deploy', options)
  while (!(await reached(action))) {
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
    const after = await killedWhen({ ...given, options: { ...given.options, inputs } }, (action) =>
      action.log().includes('Waiting for night shift')
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

  it('in the middle of a command of the workflow, that is ended and its text is left nowhere', async () => {
    const given = await place({ command: 'backup', 'backup-command': 'echo begun; sleep 600 # planted' })
    const texts = (): readonly string[] => readdirSync(temp).filter((name) => name.startsWith('db-deploy-command-'))
    let temp = ''
    const after = await killedWhen(given, ({ runner }) => {
      temp = join(runner, 'temp')
      return texts().length > 0
    })
    expect(after.summary).toContain('The file of the command that was under way was removed.')
    expect(texts()).toEqual([])
    expect(after.everything).not.toContain('planted')
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
    expect(summary).not.toContain('no backup')
    expect(summary).toContain('failed 20260101000000_slow')
    expect(await sessionsLeft()).toEqual([])
  })

  it.each([
    ['in-place', /is as it was: nothing of the dump was committed/],
    ['swap', /is as it was\. \w+_restoring_\w+, which was being filled, was dropped/]
  ])(
    'in the middle of a restore (%s) of an encrypted dump, that is ended and nothing of it is left',
    async (mode, told) => {
      const given = await place({ command: 'restore', backup: 'false', 'restore-mode': mode })
      const dump = join(temporaryFolder('dump'), 'app.dump')
      const age = loadAge()
      const identity = await age.generateIdentity()
      const recipient = await age.identityToRecipient(identity)
      writeFileSync(dump, 'PGDMP and what is in it')
      await encryptFile(dump, `${dump}.age`, { passphrase: undefined, recipient }, neverCancelled())
      const reading = readFileSync(join(given.programs, 'pg_restore'), 'utf8')
      writeFileSync(
        join(given.programs, 'pg_restore'),
        reading.replace(
          /^case "\$1"/m,
          `case "$1" in --clean|--exit-on-error) exec '${process.execPath}' -e '${restoring}' ;; esac\n$&`
        )
      )
      const confirm = `restore ${given.database} from app`
      const options: ActionRunOptions = {
        ...given.options,
        inputs: { ...given.options.inputs, confirm, 'restore-file': `${dump}.age`, 'restore-identity': identity }
      }
      let runner = ''
      const plain = () => readdirSync(join(runner, 'temp')).filter((name) => name.endsWith('.dump'))
      const after = await killedWhen({ ...given, options }, async (action) => {
        runner = action.runner
        const running = await postgres.query(
          "SELECT FROM pg_stat_activity WHERE application_name LIKE 'release-actions/db-deploy 1000 %' AND query LIKE '%pg_sleep(600)%'"
        )
        return running.length > 0 && plain().length > 0
      })
      expect(after.summary.replaceAll('\\', '')).toMatch(told)
      expect(after.summary).toMatch(/restore-[0-9a-f]+\.dump, which was not finished, was removed/)
      expect(plain()).toEqual([])
      expect(await sessionsLeft()).toEqual([])
      expect(await postgres.query('SELECT id FROM users', given.database)).toEqual([{ id: 1 }])
      expect(await postgres.query(`SELECT FROM pg_database WHERE datname LIKE '${given.database}\\_%'`)).toEqual([])
    },
    60_000
  )
})

/** What pg_restore does, as far as a kill in the middle of it is concerned. */
const restoring = `
const pg = require("${join(process.cwd(), 'node_modules', 'pg')}")
const client = new pg.Client()
client.connect().then(() => client.query("BEGIN; DROP TABLE IF EXISTS users; CREATE TABLE users (id int); SELECT pg_sleep(600); COMMIT"))
`
