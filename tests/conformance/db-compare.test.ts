// needs: mix, psql
// Drift and diff with the real Prisma CLI, and with Mix and a stand-in for Ecto's tasks: on a scratch database each.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { dbDeploy } from '../../actions/db-deploy/main.ts'
import type { Execution } from '../../actions/shared/phases.ts'
import { withToolFolder } from '../../scripts/tools.ts'
import { realWorld } from '../db-deploy/lock/deploying.ts'
import { ectoRows, ectoTable, prismaRow, prismaTable, sha256 } from '../db-deploy/state/project-folder.ts'
import { ectoProject, migrationOf } from '../support/ecto/project.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { prismaProject } from '../support/prisma/project.ts'

let server: Postgres

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => {
  server.stop()
})

interface Place {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly database: string
  readonly schema?: string
  /** Another than the server's own; its password is `secret`. */
  readonly user?: string
}

async function run(
  command: 'drift' | 'diff',
  { folder, env, database, schema = 'public', user }: Place,
  inputs: Readonly<Record<string, string>> = {}
): Promise<Execution> {
  const given: Readonly<Record<string, string>> = {
    command,
    environment: 'staging',
    'database-url': server.url(database, {
      ...(schema === 'public' ? {} : { parameters: { schema } }),
      ...(user === undefined ? {} : { user, password: 'secret' })
    }),
    'scratch-url': server.url(),
    'working-directory': folder,
    ...inputs
  }
  return dbDeploy.execute(
    realWorld(),
    withToolFolder({
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...env,
      GITHUB_WORKSPACE: folder,
      RUNNER_TEMP: mkdtempSync(join(tmpdir(), 'compare-')),
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
    })
  )
}

function codes({ problems }: Execution): readonly string[] {
  return problems.map(({ code }) => code)
}

function page({ report }: Execution): string {
  return report.summary.map(({ markdown }) => markdown).join('\n')
}

async function scratchDatabases(): Promise<readonly unknown[]> {
  return server.query(`SELECT datname FROM pg_database WHERE datname LIKE 'release_actions%'`)
}

const first = '20260101000000_init'
const second = '20260102000000_name'
const init = 'CREATE TABLE "User" ("id" SERIAL PRIMARY KEY);\n'
const name = 'ALTER TABLE "User" ADD COLUMN "name" TEXT;\n'

/** What no schema of Prisma's can say, and its `migrate diff` has no eyes for. */
const unseen = `CREATE TABLE "User" ("id" SERIAL PRIMARY KEY, "age" INT CONSTRAINT adult CHECK (age > 17));
CREATE UNIQUE INDEX id_text ON "User" ((id::text));
CREATE VIEW adults AS SELECT id FROM "User";
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touched();
ALTER TABLE "User" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON "User" USING (id > 0);
`
const withAge = 'model User {\n  id  Int  @id @default(autoincrement())\n  age Int?\n}\n'

describe.each(['6.19.3', '7.10.1'] as const)('Prisma %s', (version) => {
  /** A database with the first migration applied, and the second pending. */
  async function place(): Promise<Place> {
    const database = await server.createDatabase()
    await server.query(`${init} ${prismaTable()} ${prismaRow({ name: first, checksum: sha256(init) })}`, database)
    const schema = 'model User {\n  id   Int     @id @default(autoincrement())\n  name String?\n}\n'
    const migrations = { [first]: init, [second]: name }
    return { ...(await prismaProject({ version, url: server.url(database), schema, migrations })), database }
  }

  test('finds no drift where only something is pending, and leaves nothing behind', async () => {
    const execution = await run('drift', await place())

    expect(codes(execution)).toEqual([])
    expect(execution.status).toBe('passed')
    expect(execution.report.outputs).toMatchObject({ drift: 'none', pending: JSON.stringify([second]) })
    expect(await scratchDatabases()).toEqual([])
  })

  test('finds what was changed by hand, and fails', async () => {
    const there = await place()
    await server.query('ALTER TABLE "User" ADD COLUMN "byHand" TEXT', there.database)
    const execution = await run('drift', there)

    expect(codes(execution)).toEqual(['schema-drift'])
    expect(execution.status).toBe('failed')
    expect(execution.report.outputs['drift']).toBe('found')
    expect(page(execution)).toContain('ADD COLUMN     "byHand" TEXT')
  })

  /** A database with what Prisma does not see, in a schema of the URL's. */
  async function unseenPlace(migrations: Readonly<Record<string, string>> = {}, schema = 'public'): Promise<Place> {
    const database = await server.createDatabase()
    await server.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"; SET search_path TO "${schema}"; ${unseen}`, database)
    await server.query(
      `${prismaTable(schema)} ${prismaRow({ name: first, checksum: sha256(unseen) }, schema)}`,
      database
    )
    const url = server.url(database, { parameters: { schema } })
    const project = await prismaProject({
      version,
      url,
      schema: withAge,
      migrations: { [first]: unseen, ...migrations }
    })
    return { ...project, database, schema }
  }

  test.each(['public', 'app'])('compares also what Prisma has no eyes for, in schema %s', async (schema) => {
    const there = await unseenPlace({}, schema)
    const before = await run('drift', there)
    await server.query(
      `SET search_path TO "${schema}"; ALTER TABLE "User" DROP CONSTRAINT adult; DROP TRIGGER touch ON "User"; DROP FUNCTION touched();
       DROP VIEW adults; DROP INDEX id_text; DROP POLICY own ON "User"; ALTER TABLE "User" DISABLE ROW LEVEL SECURITY`,
      there.database
    )
    const after = await run('drift', there)

    expect(codes(before)).toEqual([])
    expect(before.report.outputs['drift']).toBe('none')
    expect(codes(after)).toEqual(['schema-drift'])
    for (const gone of [
      `- constraint ${schema}."User".adult: CHECK ((age > 17))`,
      `- trigger ${schema}."User".touch`,
      `- function ${schema}.touched()`,
      `- view ${schema}.adults`,
      `- index ${schema}.id_text`,
      `- policy ${schema}."User".own`,
      `- table ${schema}."User": row level security`
    ])
      expect(page(after)).toContain(gone)
    expect(await scratchDatabases()).toEqual([])
  })

  test('shows what is pending also where Prisma sees no change', async () => {
    const there = await unseenPlace({ [second]: 'ALTER TABLE "User" DROP CONSTRAINT adult;\n' })
    const execution = await run('diff', there, { 'fail-on': 'diff' })

    expect(codes(execution)).toEqual(['schema-diff'])
    expect(page(execution)).toContain('- constraint public."User".adult')
    expect(page(execution)).not.toContain('- trigger')
  })

  test('asks for no right on what another application has, and for one on its own', async () => {
    const there = { ...(await unseenPlace()), user: 'reading_prisma' }
    const role = there.user
    await server.query(
      `DO $$ BEGIN CREATE ROLE ${role} LOGIN PASSWORD 'secret'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
       CREATE SCHEMA auth; CREATE TABLE auth.users (id int); GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`,
      there.database
    )
    expect(codes(await run('drift', there))).toEqual([])
    await server.query(`REVOKE SELECT ON "User" FROM ${role}`, there.database)
    const blind = await run('drift', there)
    expect(codes(blind)).toEqual(['schema-not-compared'])
    expect(page(blind)).toContain('may not see every column of public."User"')
  })

  test('names the schemas and extensions that it left out', async () => {
    const there = await unseenPlace()
    await server.query('CREATE SCHEMA auth; CREATE TABLE auth.users (id int)', there.database)
    const execution = await run('drift', there)

    expect(codes(execution)).toEqual([])
    expect(page(execution)).toContain('Schemas that the migrations do not make: auth')
  })

  test('says of a difference without anything pending that nothing was compared', async () => {
    const execution = await run('diff', await unseenPlace(), { 'scratch-url': '' })

    expect(codes(execution)).toEqual([])
    expect(page(execution)).toContain('nothing is pending, so nothing was compared')
    expect(page(execution)).not.toContain('changes nothing')
  })

  test('compares nothing where what was applied is not known', async () => {
    const there = await unseenPlace()
    await server.query('ALTER TABLE _prisma_migrations RENAME COLUMN migration_name TO other', there.database)
    const execution = await run('drift', there)

    expect(execution.status).toBe('failed')
    expect(execution.report.outputs['drift']).toBe('not checked')
    expect(page(execution)).toContain('which migrations were applied is not known')
    expect(page(execution)).not.toContain('DROP TABLE')
  })

  test('shows what the pending migrations would change', async () => {
    const execution = await run('diff', await place())

    expect(codes(execution)).toEqual([])
    expect(page(execution)).toContain('ADD COLUMN     "name" TEXT')
    expect(page(execution)).toContain('ACCESS EXCLUSIVE')
  })
})

describe('Ecto', () => {
  const users = migrationOf('Users', 'create table(:users) do\n      add :name, :text\n    end')
  const posts = migrationOf('Posts', `execute "CREATE TABLE posts (id int)", "DROP TABLE posts"`)

  /** A database that Mix has migrated to the first version; the second is pending. */
  async function place(): Promise<Place> {
    const database = await server.createDatabase()
    const migrations = { '20260101000000_users.exs': users, '20260102000000_posts.exs': posts }
    const project = await ectoProject({ url: 'ecto://nobody:nothing@127.0.0.1:9/nowhere', migrations })
    await server.query(
      `CREATE TABLE users (id bigserial PRIMARY KEY, name text); ${ectoTable()} ${ectoRows([20260101000000])}`,
      database
    )
    return { ...project, database }
  }

  test('finds what was changed by hand, and not what is pending', async () => {
    const there = await place()
    const before = await run('drift', there)
    await server.query('ALTER TABLE users ADD COLUMN by_hand text', there.database)
    const after = await run('drift', there)

    expect(before.report.outputs['drift']).toBe('none')
    expect(codes(after)).toEqual(['schema-drift'])
    expect(page(after)).toContain('+ column public.users.by_hand: text')
    expect(await scratchDatabases()).toEqual([])
  })

  test('needs no right on any table but its own', async () => {
    const there = { ...(await place()), user: 'reading_ecto' }
    await server.query(
      `CREATE ROLE ${there.user} LOGIN PASSWORD 'secret'; GRANT SELECT ON schema_migrations TO ${there.user}`,
      there.database
    )
    expect((await run('drift', there)).report.outputs['drift']).toBe('none')
  })

  test('shows what the pending migrations would change', async () => {
    const execution = await run('diff', await place(), { 'fail-on': 'diff' })

    expect(codes(execution)).toEqual(['schema-diff'])
    expect(page(execution)).toContain('+ table public.posts')
    expect(page(execution)).not.toMatch(/^- (?:table|column)/m)
  })
})
