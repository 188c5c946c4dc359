import { afterAll, describe, expect, test } from '@jest/globals'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { projectOf, type Project, type ProjectInputs } from '../../../actions/db-deploy/state/project.ts'
import type { Problem } from '../../../actions/shared/problem.ts'
import { folderWith, removeFolders } from './project-folder.ts'

afterAll(removeFolders)

const init = 'migrations/20260101000000_init/migration.sql'

interface Given {
  readonly paths?: readonly string[]
  readonly schema?: string
  readonly table?: string
  readonly prefix?: string
  readonly tool?: 'auto' | 'prisma' | 'ecto'
  readonly repositories?: readonly string[]
  readonly releaseBinary?: string
  readonly url?: string
}

function inputsFor(folder: string, given: Given = {}): ProjectInputs {
  const read = readDatabaseUrl(given.url ?? 'postgresql://app@localhost/app', 'database-url')
  if (!('url' in read)) throw new Error('the test gives a URL')
  const { paths = [], schema, table, prefix, tool = 'auto', repositories = [], releaseBinary } = given
  return {
    folder,
    shownFolder: 'app',
    migrations: { paths, schema, table, prefix, expectCurrent: undefined },
    tool: {
      ...{ tool, repositories, releaseBinary, releaseCall: undefined, releaseRollbackCall: undefined },
      ...{ validate: 'never', generate: 'never', toolStatus: 'pending', timeout: 1_000 }
    },
    urls: { database: read.url, direct: read.url, scratch: undefined, smoke: undefined, other: undefined }
  }
}

async function found(files: Readonly<Record<string, string>>, given?: Given): Promise<Project> {
  const result = await projectOf(inputsFor(folderWith(files), given))
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.project
}

async function refused(files: Readonly<Record<string, string>>, given?: Given): Promise<readonly Problem[]> {
  const result = await projectOf(inputsFor(folderWith(files), given))
  return 'problems' in result ? result.problems : []
}

describe('Prisma', () => {
  test('is refused where the input schema leads nowhere: other migrations would be taken', async () => {
    const problems = await refused({ 'prisma/schema.prisma': '', [`prisma/${init}`]: '' }, { schema: 'nope.prisma' })
    expect(problems.map(({ code }) => code)).toEqual(['project-not-found'])
    expect(problems[0]?.message).toContain('nope.prisma')
  })

  test('has its schema in prisma/ and its migrations beside it', async () => {
    const project = await found(
      { 'prisma/schema.prisma': '', [`prisma/${init}`]: '' },
      { url: 'postgresql://app@localhost/app?schema=billing' }
    )

    expect(project).toMatchObject({
      framework: 'prisma',
      folders: ['prisma/migrations'],
      schema: 'billing',
      table: '_prisma_migrations',
      named: false
    })
    expect(project.prisma?.schema).toBe(join(project.folder, 'prisma/schema.prisma'))
  })

  test('has another schema by package.json, also of a folder above', async () => {
    const folder = folderWith({
      'package.json': '{ "prisma": { "schema": "db/schema.prisma" } }',
      'db/schema.prisma': '',
      [`db/${init}`]: '',
      'apps/api/index.ts': ''
    })

    expect(await projectOf(inputsFor(join(folder, 'apps/api')))).toMatchObject({
      project: { folders: [join(folder, 'db/migrations')] }
    })
  })

  test('has a schema of several files: migrations lie in its folder, or with the datasource', async () => {
    const seven = { 'prisma.config.ts': "export default { schema: 'prisma' }", 'prisma/a.prisma': '' }
    const six = { ...seven, 'prisma/db/base.prisma': 'datasource db {\n provider = "postgresql"\n}' }

    expect((await found({ ...seven, [`prisma/${init}`]: '' })).folders).toEqual(['prisma/migrations'])
    expect((await found({ ...six, [`prisma/db/${init}`]: '' })).folders).toEqual(['prisma/db/migrations'])
  })

  test.each([
    [
      'a path',
      `import { defineConfig } from 'prisma/config'\nexport default defineConfig({ migrations: { path: 'db/m' } })`
    ],
    ['quotes of the other kind', 'export default { "migrations": { "path": "./db/m" } } satisfies PrismaConfig'],
    [
      'comments between',
      `export default defineConfig({\n  // migrations: { path: 'wrong' },\n  migrations: { /* here */ path: 'db/m', seed: 'tsx seed.ts' }, // end\n})`
    ],
    ['a template', 'export default defineConfig({ migrations: { path: `db/m` } })'],
    ['path.join', `export default defineConfig({ migrations: { path: path.join('db', 'm') } })`],
    ['__dirname', `module.exports = defineConfig({ migrations: { path: join(__dirname, 'db', 'm') } })`],
    ['import.meta.dirname', `export default defineConfig({ migrations: { path: join(import.meta.dirname, 'db/m') } })`],
    [
      'a constant',
      `const place = 'db/m'\nconst config: PrismaConfig = {\n  migrations: { path: place },\n}\nexport default config`
    ],
    ['process.cwd()', `export default defineConfig({ migrations: { path: path.resolve(process.cwd(), 'db/m') } })`],
    [
      'a url that is computed beside it',
      `const url = process.env.A || process.env.B;\nexport default defineConfig({ datasource: { url }, migrations: { path: 'db/m' } })`
    ]
  ])('has the folder that its configuration names by %s', async (_, text) => {
    const files = { 'prisma.config.ts': text, 'db/m/20260101000000_init/migration.sql': '', 'prisma/schema.prisma': '' }

    expect((await found(files)).folders).toEqual(['db/m'])
  })

  test('takes its configuration from the first of its places', async () => {
    const files = {
      'prisma7.config.ts': "export default { migrations: { path: 'seven' } }",
      'prisma.config.ts': "export default { migrations: { path: 'six' } }",
      'seven/20260101000000_init/migration.sql': ''
    }
    expect((await found(files)).folders).toEqual(['seven'])

    const hidden =
      "export default defineConfig({ migrations: { path: join(__dirname, '..', 'prisma', 'migrations') } })"
    expect((await found({ '.config/prisma.ts': hidden, [`prisma/${init}`]: '' })).folders).toEqual([
      'prisma/migrations'
    ])
  })

  test('is asked for the folder where only running the configuration would tell it', async () => {
    const files = {
      'prisma.config.ts': "export default defineConfig({\n  migrations: { path: process.env.MIGRATIONS ?? 'x' } })",
      [`prisma/${init}`]: ''
    }

    expect(await refused(files)).toEqual([
      expect.objectContaining({ code: 'prisma-config-computed', file: 'prisma.config.ts', line: 2 })
    ])
    expect((await found(files, { tool: 'prisma', paths: ['prisma/migrations'] })).folders).toEqual([
      'prisma/migrations'
    ])
  })

  test('has the schema that the input names', async () => {
    const project = await found(
      { 'db/main.prisma': '', [`db/${init}`]: '' },
      { tool: 'prisma', schema: 'db/main.prisma' }
    )

    expect(project).toMatchObject({ folders: ['db/migrations'], prisma: { schemaGiven: true } })
  })

  test('without a folder of migrations is told where it was looked for', async () => {
    expect(await refused({ 'prisma/schema.prisma': '' })).toEqual([
      expect.objectContaining({ code: 'project-not-found', message: expect.stringContaining('prisma/migrations') })
    ])
  })
})

describe('Ecto', () => {
  const users = 'priv/repo/migrations/20260101000000_users.exs'

  test('has its migrations in priv, and its table by default', async () => {
    expect(await found({ 'mix.exs': '', [users]: '' })).toMatchObject({
      framework: 'ecto',
      folders: ['priv/repo/migrations'],
      schema: undefined,
      table: 'schema_migrations',
      named: false
    })
  })

  test('has them in dependencies where the input says so, by patterns and through links', async () => {
    const folder = folderWith({
      'mix.exs': '',
      'deps/diwa_schema/priv/repo/migrations/1_a.exs': '',
      'deps/other/lib/other.ex': '',
      'elsewhere/priv/repo/migrations/2_b.exs': ''
    })
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'deps/linked'))

    expect(await projectOf(inputsFor(folder, { paths: ['deps/*/priv/repo/migrations'] }))).toMatchObject({
      project: { named: true, folders: ['deps/diwa_schema/priv/repo/migrations', 'deps/linked/priv/repo/migrations'] }
    })
  })

  test('has them in a release', async () => {
    const files = { 'lib/app-0.1.0/priv/repo/migrations/1_a.exs': '', 'bin/app': '' }

    expect((await found(files, { releaseBinary: 'bin/app' })).folders).toEqual(['lib/app-0.1.0/priv/repo/migrations'])
    expect((await found(files, { paths: ['lib/app-*/priv/repo/migrations'] })).folders).toHaveLength(1)
  })

  test('has them in the applications of an umbrella', async () => {
    expect((await found({ 'apps/shop/priv/repo/migrations/1_a.exs': '' })).folders).toEqual([
      'apps/shop/priv/repo/migrations'
    ])
  })

  test('with several repositories is asked which are meant', async () => {
    const files = {
      'priv/repo/migrations/1_a.exs': '',
      'priv/analytics_repo/migrations/2_b.exs': '',
      'priv/empty_repo/migrations/.keep': ''
    }

    expect(await refused(files)).toEqual([expect.objectContaining({ code: 'project-ambiguous' })])
    expect((await found(files, { repositories: ['Acme.AnalyticsRepo'] })).folders).toEqual([
      'priv/analytics_repo/migrations'
    ])
    const config = 'import Config\nconfig :acme,\n  ecto_repos: [Acme.Repo]\n'
    expect((await found({ ...files, 'config/config.exs': config })).folders).toEqual(['priv/repo/migrations'])
  })

  test('of two applications takes that of the repository', async () => {
    const files = { 'apps/shop/priv/repo/migrations/1_a.exs': '', 'apps/billing/priv/repo/migrations/2_b.exs': '' }

    expect((await found(files, { repositories: ['Billing.Repo'] })).folders).toEqual([
      'apps/billing/priv/repo/migrations'
    ])
  })

  const configured = (...lines: readonly string[]): Readonly<Record<string, string>> => ({
    [users]: '',
    'config/config.exs': ['import Config', 'config :acme, ecto_repos: [Acme.Repo]', ...lines].join('\n')
  })

  test('has the table that its configuration names, and makes its own where the default prefix says', async () => {
    const files = configured(
      'prefix = "tenants"',
      'config :acme, Acme.Repo,',
      '  # migration_source: "commented",',
      '  migration_source: "acme_versions",',
      '  migration_default_prefix: prefix',
      'config :acme, Acme.OtherRepo, migration_source: "others"'
    )

    // Ecto.Migration.SchemaMigration takes the migrator's prefix alone; migration_default_prefix does not move its table.
    expect(await found(files)).toMatchObject({ table: 'acme_versions', tableSchema: undefined, schema: 'tenants' })
    expect(await found(files, { table: 'given', prefix: 'there' })).toMatchObject({
      table: 'given',
      tableSchema: 'there',
      schema: 'there'
    })
  })

  test('is not asked for a default prefix that its configuration computes', async () => {
    const files = configured('config :acme, Acme.Repo, migration_default_prefix: System.fetch_env!("PREFIX")')

    expect(await found(files)).toMatchObject({ tableSchema: undefined, schema: undefined })
  })

  test('is asked for a table that its configuration computes', async () => {
    const files = configured('config :acme, Acme.Repo, migration_source: System.fetch_env!("VERSIONS")')

    expect(await refused(files)).toEqual([
      expect.objectContaining({ code: 'ecto-table-computed', file: 'config/config.exs' })
    ])
    expect(await found(files, { table: 'given' })).toMatchObject({ table: 'given' })
  })
})

describe('which of the two', () => {
  const both = { 'prisma/schema.prisma': '', [`prisma/${init}`]: '', 'priv/repo/migrations/1_a.exs': '' }

  test('is asked where both are there', async () => {
    expect(await refused(both)).toEqual([expect.objectContaining({ code: 'project-ambiguous' })])
    expect((await found(both, { tool: 'ecto' })).framework).toBe('ecto')
    expect((await found(both, { tool: 'prisma' })).framework).toBe('prisma')
  })

  test('is what the folders hold that were named', async () => {
    expect((await found(both, { paths: ['priv/repo/migrations'] })).framework).toBe('ecto')
    expect((await found(both, { paths: ['prisma/migrations'] })).framework).toBe('prisma')
  })

  test('cannot be told where there is neither', async () => {
    expect(await refused({ 'README.md': '' })).toEqual([expect.objectContaining({ code: 'project-not-found' })])
  })

  test('a path that is not there is told, and forgets no other', async () => {
    const problems = await refused(
      { 'priv/repo/migrations/1_a.exs': '' },
      { paths: ['priv/repo/migrations', 'deps/*/priv', 'x'] }
    )

    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('deps/*/priv'),
      expect.stringContaining('migrations-paths names x,')
    ])
  })
})
