// Plays the command `prisma` where the real one cannot be had: what `npm test` needs is Node and git alone. It says what
// Prisma 7.10 says (reference: tests/conformance/db-prisma*.test.ts, where the real one is held against the same words),
// keeps `_prisma_migrations` as Prisma does, and takes the same lock. Only what db-deploy asks for.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execSync } from 'node:child_process'
import pg from 'pg'
import { readPlay } from './play.ts'

const play = readPlay(process.cwd())
const args = process.argv.slice(2)
const command = args[0] === 'migrate' || args[0] === 'db' ? `${args[0]} ${args[1]}` : (args[0] ?? '')
const folder = join(process.cwd(), 'prisma', 'migrations')

const table = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`

const commands: Readonly<Record<string, () => Promise<number> | number>> = {
  validate: () => {
    if (play.invalid === true) {
      console.error(
        'Error: Prisma schema validation - (validate wasm)\nError code: P1012\nerror: Type "Strin" is neither a built-in type, nor refers to another model.\n\nValidation Error Count: 1'
      )
      return 1
    }
    console.log('The schema at prisma/schema.prisma is valid 🚀')
    return 0
  },
  generate: () => {
    console.log('✔ Generated Prisma Client (7.10.1) to ./generated in 41ms')
    return 0
  },
  'migrate status': () => withClient(status),
  'migrate deploy': () => withClient(deploy),
  'migrate resolve': () => withClient(resolveOne),
  'db seed': () => {
    if (play.seed === undefined || play.seedComputed === true) {
      console.log('⚠️ No seed command configured')
      return 0
    }
    console.log(`Running seed command \`${play.seed}\` ...`)
    try {
      execSync(play.seed, { stdio: 'inherit' })
    } catch {
      console.error('An error occurred while running the seed command:')
      return 1
    }
    console.log('\n🌱  The seed command has been executed.')
    return 0
  }
}

process.exitCode = (await commands[command]?.()) ?? unknown()

function unknown(): number {
  console.error(`! Unknown command "${args.join(' ')}"`)
  return 1
}

async function withClient(use: (client: pg.Client) => Promise<number>): Promise<number> {
  console.error('Loaded Prisma config from prisma.config.ts.\n\nPrisma schema loaded from prisma/schema.prisma.')
  // As an engine that dies when it starts: the output ends here, with exit code 0.
  if (play.deadEngine === true) return 0
  const address = process.env['DATABASE_URL'] ?? ''
  if (!address.startsWith('postgres')) return elsewhere(address)
  const url = new URL(address)
  const client = new pg.Client({
    host: decodeURIComponent(url.hostname),
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    application_name: url.searchParams.get('application_name') ?? undefined,
    options: url.searchParams.get('options') ?? undefined
  })
  try {
    await client.connect()
  } catch {
    console.error(`Error: P1001: Can't reach database server at \`${url.host}\``)
    return 1
  }
  client.on('error', () => undefined)
  console.log(`Datasource "db": PostgreSQL database "${url.pathname.slice(1)}", schema "public" at "${url.host}"\n`)
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function said({ text, exitCode }: NonNullable<typeof play.status>): number {
  console.log(text)
  return exitCode
}

/** Another database: a file that is there is a database that is up to date. */
function elsewhere(address: string): number {
  const file = join(process.cwd(), 'elsewhere.json')
  console.log(`Datasource "db": ${address.split(':')[0]} database\n`)
  if (command === 'migrate status' && play.status !== undefined) return said(play.status)
  if (command === 'migrate status') {
    console.log(
      existsSync(file)
        ? 'Database schema is up to date!'
        : `Following migrations have not yet been applied:\n${folders().join('\n')}`
    )
    return existsSync(file) ? 0 : 1
  }
  if (play.broken === true) {
    console.error(`Error: P3018\n\nA migration failed to apply.\n\nMigration name: ${folders().at(-1) ?? ''}\n`)
    return 1
  }
  writeFileSync(file, '{}')
  console.log(
    `\nThe following migration(s) have been applied:\n\nmigrations/\n${folders()
      .map((name) => `  └─ ${name}/\n    └─ migration.sql`)
      .join('\n')}\n      \nAll migrations have been successfully applied.`
  )
  return 0
}

interface Row {
  readonly migration_name: string
  readonly finished_at: Date | null
  readonly rolled_back_at: Date | null
}

async function rows(client: pg.Client): Promise<readonly Row[]> {
  const found = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`)
  if (!(found.rows[0] as { there: boolean }).there) return []
  return (await client.query('SELECT * FROM _prisma_migrations ORDER BY started_at')).rows as readonly Row[]
}

function folders(): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []
  return names
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

async function status(client: pg.Client): Promise<number> {
  if (play.status !== undefined) return said(play.status)
  const known = await rows(client)
  const names = folders()
  console.log(`${names.length} migrations found in prisma/migrations\n`)
  const pending = names.filter(
    (name) => !known.some((row) => row.migration_name === name && row.rolled_back_at === null)
  )
  const failed = known.filter((row) => row.finished_at === null && row.rolled_back_at === null)
  if (pending.length > 0) {
    console.log(`Following migrations have not yet been applied:\n${pending.join('\n')}\n`)
    console.log('To apply migrations in production run prisma migrate deploy.')
    return 1
  }
  if (failed.length > 0) {
    console.log(`Following migration have failed:\n${failed.map((row) => row.migration_name).join('\n')}`)
    return 1
  }
  console.log('Database schema is up to date!')
  return 0
}

async function deploy(client: pg.Client): Promise<number> {
  const lock = await client.query('SELECT pg_try_advisory_lock(72707369) AS held')
  if (!(lock.rows[0] as { held: boolean }).held) {
    console.error(
      'Error: P1002\n\nThe database server was reached but timed out.\n\nContext: Timed out trying to acquire a postgres advisory lock (SELECT pg_advisory_lock(72707369)). Timeout: 10000ms.'
    )
    return 1
  }
  const known = await rows(client)
  const names = folders()
  console.log(`${names.length} migrations found in prisma/migrations\n`)
  const failed = known.find((row) => row.finished_at === null && row.rolled_back_at === null)
  if (failed !== undefined) {
    console.error(
      `Error: P3009\n\nmigrate found failed migrations in the target database, new migrations will not be applied. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\nThe \`${failed.migration_name}\` migration started at now failed`
    )
    return 1
  }
  const pending = names.filter(
    (name) => !known.some((row) => row.migration_name === name && row.rolled_back_at === null)
  )
  if (pending.length === 0) {
    console.log('\nNo pending migrations to apply.')
    return 0
  }
  await client.query(table)
  for (const name of pending) {
    console.log(`Applying migration \`${name}\``)
    const failure = await applyOne(client, name)
    if (failure !== undefined) {
      console.error(
        `Error: P3018\n\nA migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\nMigration name: ${name}\n\nDatabase error code: ${failure.code ?? ''}\n\nDatabase error:\nERROR: ${failure.message}\n`
      )
      return 1
    }
  }
  console.log(
    `\nThe following migration(s) have been applied:\n\nmigrations/\n${pending.map((name) => `  └─ ${name}/\n    └─ migration.sql`).join('\n')}\n      \nAll migrations have been successfully applied.`
  )
  return 0
}

/** A row before the script, then the statements, then the row's end. */
async function applyOne(
  client: pg.Client,
  name: string
): Promise<{ readonly code?: string | undefined; readonly message: string } | undefined> {
  const bytes = readFileSync(join(folder, name, 'migration.sql'))
  const id = randomUUID()
  const checksum = createHash('sha256').update(bytes).digest('hex')
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name
  ])
  const text = bytes.toString('utf8')
  // From 7.4 on each statement commits by itself; before, the file is one transaction. Its own splitting is no parser.
  const parts = play.whole === true ? [text] : text.split(/;\s*(?:\n|$)/).filter((part) => part.trim() !== '')
  try {
    for (const part of parts) await client.query(part)
  } catch (error) {
    const { code, message } = error as pg.DatabaseError
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, message]).catch(() => undefined)
    return { code, message }
  }
  await client.query('UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1', [id])
  return undefined
}

async function resolveOne(client: pg.Client): Promise<number> {
  const at = args.findIndex((argument) => argument === '--rolled-back' || argument === '--applied')
  const name = args[at + 1] ?? ''
  const column = args[at] === '--applied' ? 'finished_at' : 'rolled_back_at'
  await client.query(`UPDATE _prisma_migrations SET ${column} = now() WHERE migration_name = $1`, [name])
  console.log(`Migration ${name} marked as ${args[at] === '--applied' ? 'applied' : 'rolled back'}.`)
  return 0
}
