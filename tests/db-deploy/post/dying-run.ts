// A run that somebody kills: it does what DYING says, and then waits for its end.
// `begun`: a stage is under way. `migrating`: so is the tool, played by a connection of its own. `ended`: it ended.
// Any other is a deed in JSON: its program, DYING_SQL by a process of its own, is under way when it runs `pg_sleep`.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { Command } from '../../../actions/db-deploy/command.ts'
import type { Deed } from '../../../actions/db-deploy/deed.ts'
import { createJournal } from '../../../actions/db-deploy/journal.ts'
import { openRunState } from '../../../actions/db-deploy/run-state.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { runProgram } from '../../../actions/shared/program.ts'
import { createSecrets } from '../../../actions/shared/secrets.ts'

const how = process.env['DYING']
const state = openRunState(process.env)
const journal = createJournal(systemClock, state)
state.begun({ command: 'deploy', sessions: { own: 'release-actions/db-deploy 7 abcdef', tool: '' } })
await journal.stage('state', 'State of the migrations', () => Promise.resolve())

if (how === 'ended') {
  await journal.stage('migrate', 'Migrations', () => Promise.resolve())
  state.finish()
  process.exit(0)
}

const forever = new Promise<void>(() => undefined)
// A pending promise alone keeps no process.
setInterval(() => undefined, 60_000)

if (how === 'begun') {
  void journal.stage('backup', 'Verified backup', () => forever)
  console.log('under way')
}

function checksumOf(name: string): string {
  return createHash('sha256')
    .update(readFileSync(`prisma/migrations/${name}/migration.sql`))
    .digest('hex')
}

if (how === 'migrating') {
  const applicationName = 'release-actions/db-deploy 7 abcdef migrate'
  void journal.stage('migrate', 'Migrations', async () => {
    state.migrating({ applicationName, at: Date.now(), pending: ['20260101000000_one', '20260102000000_two'] })
    const client = new pg.Client({
      connectionString: process.env['INPUT_DATABASE-URL'],
      application_name: applicationName
    })
    await client.connect()
    const row = 'INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ($1, $2, $3, $4)'
    await client.query(row, ['1', checksumOf('20260101000000_one'), '20260101000000_one', new Date()])
    await client.query(row, ['2', checksumOf('20260102000000_two'), '20260102000000_two', null])
    await client.query('CREATE TABLE two (id int)')
    const slow = client.query('SELECT pg_sleep(600)')
    console.log('under way')
    await slow
  })
}

if (how?.startsWith('{') === true) {
  const { command, deed, files } = JSON.parse(how) as {
    readonly command: Command
    readonly deed?: Deed
    readonly files?: readonly string[]
  }
  const own = 'release-actions/db-deploy 7 abcdef'
  state.begun({ command, sessions: { own, tool: `${own} migrate` } })
  if (deed !== undefined) state.doing(deed)
  journal.leaves(files ?? [])
  for (const file of files ?? []) writeFileSync(file, 'half of it')
  const secrets = createSecrets(() => undefined)
  const program = `
    const pg = require('pg')
    const client = new pg.Client({ connectionString: process.env.URL, application_name: process.env.PGAPPNAME })
    client.connect().then(() => { console.log('started'); return client.query(process.env.SQL) }).catch(() => setInterval(() => {}, 1000))`
  void journal.stage(command, 'The program', () =>
    runProgram({
      program: process.execPath,
      args: ['-e', program],
      folder: join(import.meta.dirname, '..', '..', '..'),
      env: {
        URL: process.env['DYING_URL'] ?? process.env['INPUT_DATABASE-URL'] ?? '',
        SQL: process.env['DYING_SQL'] ?? '',
        PGAPPNAME: `${own} ${command === 'rollback' ? 'migrate' : command}`
      },
      timeout: 600_000,
      log: {
        info() {
          setTimeout(() => {
            console.log('under way')
          }, 300)
        }
      },
      secrets
    })
  )
}

await forever
