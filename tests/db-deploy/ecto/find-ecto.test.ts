import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { ectoRollback } from '../../../actions/db-deploy/ecto/rollback.ts'
import { findMigrationTool, type ToolChoice, type ToolProject } from '../../../actions/db-deploy/find-tool.ts'
import type { EctoTool, ToolRun } from '../../../actions/db-deploy/tool.ts'
import { folderWith, programsIn } from '../../hex-publish/programs.ts'
import { testWorld } from '../../support/world.ts'

const password = 's3cret-of-the-database'
const url = `ecto://deployer:${password}@db.example.org:6543/app?sslmode=require&schema=x`

function run(): ToolRun {
  const read = readDatabaseUrl(url, 'database-url')
  if (!('url' in read)) throw new Error('not read')
  return { url: read.url, applicationName: 'deploy 7 migrate', lockTimeout: 5000, statementTimeout: 0, timeout: 20_000 }
}

/** Says its arguments, and whether each of these variables is the address. */
const telling = `const address = process.env.DATABASE_URL ?? ''
console.log('ARGS ' + JSON.stringify(args))
console.log('SAME ' + ['MIGRATE_URL', 'OTHER_URL'].filter((name) => process.env[name] === address).join(' '))
console.log('SCHEME ' + address.split(':')[0] + ' ' + new URL(address).search)
console.log('NAMES ' + [process.env.PGAPPNAME, process.env.DB_LOCK_TIMEOUT, process.env.PGHOST, process.env.MIX_ENV].join('|'))
if (args.includes('--log-migrations-sql') && fs.existsSync('old')) {
  console.error('** (OptionParser.ParseError) 1 error found!\\n--log-migrations-sql : Unknown option')
  process.exit(1)
}
console.log('12:00:00.000 [info] Migrations already up')`

function choice(environmentVariables: NodeJS.ProcessEnv, tool: Partial<ToolChoice['tool']> = {}): ToolChoice {
  return {
    environmentVariables,
    shownFolder: '.',
    migrations: { paths: [], schema: undefined, table: undefined, prefix: 'tenant', expectCurrent: undefined },
    seed: { seed: false, inProduction: false, command: undefined },
    tool: {
      tool: 'ecto',
      repositories: ['App.Repo'],
      releaseBinary: undefined,
      releaseCall: undefined,
      releaseRollbackCall: undefined,
      validate: 'pending',
      generate: 'pending',
      toolStatus: 'pending',
      timeout: 60_000,
      ...tool
    }
  }
}

const project = {
  'mix.exs': 'defmodule App.MixProject do\nend\n',
  'config/runtime.exs': `import Config
database_url = System.get_env("MIGRATE_URL") || raise "MIGRATE_URL is missing"
config :app, App.Repo, url: database_url
# config :app, App.Repo, url: System.get_env("COMMENTED_URL")
config :app, App.Replica, url: System.fetch_env!("OTHER_URL")
config :app, AppWeb.Endpoint, url: [host: "example.org"]
`
}

async function mixTool(
  files: Readonly<Record<string, string>> = {},
  environment: NodeJS.ProcessEnv = {},
  more: Partial<ToolProject> = {}
) {
  const folder = folderWith({ ...project, ...files })
  const world = testWorld()
  world.secrets.add(url)
  const PATH = programsIn(folderWith({}), { mix: telling })
  const found = await findMigrationTool(
    { folder, framework: 'ecto', folders: ['priv/repo/migrations'], ...more },
    choice({ PATH, MIX_ENV: 'prod', ...environment }),
    world
  )
  if (!('tool' in found) || found.tool.framework !== 'ecto') throw new Error(JSON.stringify(found))
  return { folder, tool: found.tool, world }
}

function argsIn(output: string): readonly string[] {
  return JSON.parse(/^ARGS (.*)$/m.exec(output)?.[1] ?? '[]') as string[]
}

describe('mix', () => {
  test('gets the address by the names that the configuration has for it, in the form that Ecto takes', async () => {
    const { tool, world } = await mixTool({}, { OTHER_URL: 'ecto://replica@10.0.0.9/app' })
    const { output, sentence } = await tool.migrate(run())
    expect(sentence).toBe('nothing')
    // OTHER_URL is another database's, and stays.
    expect(output).toMatch(/^SAME MIGRATE_URL$/m)
    expect(output).toMatch(/^SCHEME ecto$/m)
    expect(output).toMatch(/^NAMES deploy 7 migrate\|5000\|db\.example\.org\|prod$/m)
    expect(output + world.log.lines.join('\n')).not.toContain(password)
  })

  test('migrates the repositories, and the folders only where they were named', async () => {
    const plain = await mixTool()
    expect(argsIn((await plain.tool.migrate(run())).output)).toEqual([
      ...['ecto.migrate', '--repo', 'App.Repo', '--prefix', 'tenant', '--log-migrations-sql']
    ])
    const named = await mixTool(
      {},
      {},
      { folders: ['priv/repo/migrations', 'deps/diwa_schema/priv/repo/migrations'], named: true }
    )
    const args = argsIn((await named.tool.migrate(run())).output)
    expect(args.filter((_, at) => args[at - 1] === '--migrations-path')).toEqual([
      join(named.folder, 'priv/repo/migrations'),
      join(named.folder, 'deps/diwa_schema/priv/repo/migrations')
    ])
  })

  test('of an Ecto that cannot log statements is asked again without', async () => {
    const { tool } = await mixTool({ old: '' })
    const { exitCode, output } = await tool.migrate(run())
    expect(exitCode).toBe(0)
    expect(argsIn(output)).not.toContain('--log-migrations-sql')
  })

  test('rolls back to a version that stays, or so many steps', async () => {
    const { tool, world } = await mixTool()
    const to = await ectoRollback(tool, { to: '20260101000000' }, run(), world)
    expect(argsIn(to.output).slice(0, 3)).toEqual(['ecto.rollback', '--to-exclusive', '20260101000000'])
    const steps = await ectoRollback(tool, { steps: 2 }, run(), world)
    expect(argsIn(steps.output).slice(0, 3)).toEqual(['ecto.rollback', '--step', '2'])
  })

  test('runs the seeds that are there', async () => {
    const { tool } = await mixTool({ 'priv/repo/seeds.exs': '' })
    expect(tool.seedCommand).toBe('mix run priv/repo/seeds.exs')
    expect(argsIn((await tool.seed(run())).output)).toEqual(['run', 'priv/repo/seeds.exs'])
    const without = await mixTool()
    expect(without.tool.seedCommand).toBeUndefined()
    expect(await without.tool.seed(run())).toMatchObject({ end: 'not started', sentence: 'nothing' })
  })

  test('that is not there is told together with a project that is not', async () => {
    const found = await findMigrationTool(
      { folder: folderWith({}), framework: 'ecto', folders: [] },
      choice({ PATH: folderWith({}) }),
      testWorld()
    )
    expect(found).toMatchObject({ problems: [{ code: 'mix-missing' }, { code: 'mix-project-missing' }] })
  })

  test.each([
    [
      'config :app, App.Repo, parameters: [application_name: System.get_env("PGAPPNAME", "app")]',
      'named in configuration'
    ],
    ['config :app, App.Repo, parameters: [application_name: "app"]', 'none'],
    ['config :app, App.Repo, pool_size: 2', 'none']
  ])('takes the name of its sessions where the configuration hands it on: %s', async (line, parameters) => {
    const { tool } = await mixTool({ 'config/prod.exs': line })
    expect(tool.program.parameters).toBe(parameters)
  })
})

test.each([
  ['config :app, App.Repo, parameters: [application_name: System.get_env("PGAPPNAME")]', [false, false]],
  ['config :app, App.Repo, parameters: [lock_timeout: System.get_env("DB_LOCK_TIMEOUT", "0")]', [true, false]],
  ['config :app, App.Repo, parameters: [statement_timeout: System.get_env("DB_STATEMENT_TIMEOUT")]', [false, true]]
])(
  'hands on the limits that its configuration names, each by itself: %s',
  async (line, [lockTimeout, statementTimeout]) => {
    const { tool } = await mixTool({ 'config/prod.exs': line })
    expect(tool.program.limits).toEqual({ lockTimeout, statementTimeout })
  }
)

describe('an address of its own', () => {
  const ours = (address = url) => {
    const read = readDatabaseUrl(address, 'database-url')
    if (!('url' in read)) throw new Error('not read')
    return read.url
  }

  async function looked(
    files: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
    repositories: readonly string[] = []
  ) {
    const folder = folderWith({ 'mix.exs': project['mix.exs'], ...files })
    const world = testWorld()
    world.secrets.add(url)
    world.secrets.add(password)
    const PATH = programsIn(folderWith({}), {
      mix: `console.log('SEEN ' + Object.entries(process.env).map(([name, value]) => name + '=' + (value === process.env.DATABASE_URL ? 'ours' : value)).join(' '))
console.log('12:00:00.000 [info] Migrations already up')`
    })
    const direct = ours()
    const urls = { database: direct, direct, scratch: undefined, smoke: direct, other: undefined }
    const found = await findMigrationTool(
      { folder, framework: 'ecto', folders: ['priv/repo/migrations'] },
      { ...choice({ PATH, ...environment }, { repositories }), urls },
      world
    )
    return { found, world }
  }

  async function seen(...given: Parameters<typeof looked>): Promise<string> {
    const { found, world } = await looked(...given)
    if (!('tool' in found)) throw new Error(JSON.stringify(found))
    const { output } = await found.tool.migrate(run())
    expect(output + world.log.lines.join('\n')).not.toContain(password)
    return /^SEEN (.*)$/m.exec(output)?.[1] ?? ''
  }

  const other = 'ecto://app:other@10.0.0.9/elsewhere'

  test('is replaced by the one of the run, where the job has another under its name', async () => {
    const variables = await seen(
      {
        'config/config.exs': 'import Config\nconfig :app, ecto_repos: [App.Repo]\n',
        'config/runtime.exs':
          'config :app, App.Repo, url: System.get_env("APP_URL") || System.get_env("OLD_URL")\nconfig :app, App.Replica, url: System.get_env("REPLICA_URL")\n'
      },
      { APP_URL: other, OLD_URL: other, REPLICA_URL: 'ecto://10.0.0.9/replica' }
    )
    expect(variables).toMatch(/\bAPP_URL=ours\b/)
    expect(variables).toMatch(/\bOLD_URL=ours\b/)
    expect(variables).toContain('REPLICA_URL=ecto://10.0.0.9/replica')
  })

  test('is replaced in its parts, where the configuration puts it together', async () => {
    const variables = await seen(
      {
        'config/runtime.exs': `config :app, App.Repo,
  hostname: Util.fetch_env!("DB_HOST", all: "localhost"),
  port: String.to_integer(System.get_env("DB_PORT") || "5432"),
  username: System.get_env("DB_USER"), database: System.fetch_env!("DB_NAME"),
  pool_size: String.to_integer(System.get_env("POOL") || "10")
`
      },
      { DB_HOST: '10.0.0.9', DB_PORT: '5432', DB_USER: 'app', DB_NAME: 'elsewhere', POOL: '3' }
    )
    for (const one of ['DB_HOST=db.example.org', 'DB_PORT=6543', 'DB_USER=deployer', 'DB_NAME=app', 'POOL=3'])
      expect(variables.split(' ')).toContain(one)
  })

  const twoRepositories = {
    'config/config.exs': 'import Config\nconfig :app, ecto_repos: [App.Repo, App.Events.Repo]\n',
    'config/runtime.exs':
      'config :app, App.Repo, url: System.get_env("APP_URL")\nconfig :app, App.Events.Repo, url: System.get_env("EVENTS_URL")\n'
  }

  test('of a second repository is a reason to stop, until the run is told which one is meant', async () => {
    const { found } = await looked(twoRepositories, { EVENTS_URL: other })
    expect(found).toMatchObject({
      problems: [{ code: 'ecto-url-other', message: expect.stringContaining('EVENTS_URL') }]
    })
    expect(JSON.stringify(found)).not.toContain('other@')
    const variables = await seen(twoRepositories, { APP_URL: other, EVENTS_URL: other }, ['App.Repo'])
    expect(variables).toContain(`EVENTS_URL=${other}`)
    expect(variables).toMatch(/\bAPP_URL=ours\b/)
  })

  /** As `mix phx.new` writes them. */
  const phoenix = {
    'config/config.exs': 'import Config\nconfig :app, ecto_repos: [App.Repo]\nimport_config "#{config_env()}.exs"\n',
    'config/dev.exs': `import Config
config :app, App.Repo,
  username: "postgres",
  password: "postgres",
  hostname: "localhost",
  database: "app_dev",
  pool_size: 10

config :app, AppWeb.Endpoint, http: [ip: {127, 0, 0, 1}]
`,
    'config/runtime.exs': `import Config

if config_env() == :prod do
  database_url =
    System.get_env("DATABASE_URL") ||
      raise """
      environment variable DATABASE_URL is missing.
      """

  config :app, App.Repo,
    # ssl: true,
    url: database_url,
    pool_size: String.to_integer(System.get_env("POOL_SIZE") || "10")
end
`
  }

  test('that is written out for developers is met without MIX_ENV, and not with it', async () => {
    expect((await looked(phoenix)).found).toMatchObject({
      problems: [
        {
          code: 'ecto-url-other',
          message: expect.stringContaining('written out (host localhost, database app_dev)'),
          file: 'config/dev.exs',
          line: 2
        }
      ]
    })
    expect((await looked(phoenix, { MIX_ENV: 'prod' })).found).toHaveProperty('tool')
  })

  test.each([
    ['a repository computes its own', { 'lib/app/repo.ex': 'def init(_, options), do: {:ok, options}' }],
    ['a later file computes it', { 'config/runtime.exs': 'config :app, App.Repo, url: url()\n' }],
    [
      'a later file may compute it',
      { 'config/runtime.exs': 'if System.get_env("X") do\n  config :app, App.Repo, url: url()\nend\n' }
    ],
    ['a later file gives it as a whole', { 'config/runtime.exs': 'config :app, App.Repo, options\n' }],
    ['it is the same', { 'config/dev.exs': 'config :app, App.Repo, database: "app", hostname: "db.example.org"\n' }],
    ['it is the same, as a URL', { 'config/dev.exs': 'config :app, App.Repo, url: "ecto://a:b@db.example.org/app"\n' }]
  ])('that is written out is none to stop for where %s', async (_, files) => {
    expect((await looked({ ...phoenix, ...files })).found).toHaveProperty('tool')
  })

  test('that is written out and is that of the run keeps Ecto off every other, as a scratch database', async () => {
    const { found, world } = await looked({
      'config/config.exs': 'config :app, App.Repo, url: "ecto://me:it@db.example.org/app"\n'
    })
    if (!('tool' in found)) throw new Error(JSON.stringify(found))
    const result = await found.tool.migrate({ ...run(), url: ours('postgresql://db.example.org/app_scratch') })
    expect(result).toMatchObject({
      end: 'not started',
      sentence: 'failed',
      message: expect.stringContaining('written out')
    })
    expect(world.log.lines.join('\n')).not.toContain('SEEN')
  })
})

describe('a release', () => {
  async function release(tool: Partial<ToolChoice['tool']>) {
    const folder = folderWith({})
    programsIn(join(folder, 'bin'), { my_app: telling })
    return findMigrationTool(
      { folder, framework: 'ecto', folders: [] },
      choice({ PATH: process.env['PATH'] }, { releaseBinary: 'bin/my_app', ...tool }),
      testWorld()
    )
  }

  async function found(tool: Partial<ToolChoice['tool']>): Promise<EctoTool> {
    const one = await release(tool)
    if (!('tool' in one) || one.tool.framework !== 'ecto') throw new Error(JSON.stringify(one))
    return one.tool
  }

  test('evaluates its own call', async () => {
    const tool = await found({ releaseCall: 'MyApp.Release.migrate()' })
    expect(tool.facts.label).toBe('my_app eval MyApp.Release.migrate()')
    expect(argsIn((await tool.migrate(run())).output)).toEqual(['eval', 'MyApp.Release.migrate()'])
  })

  test('without a call is a problem that names the likely one', async () => {
    expect(await release({})).toMatchObject({
      problems: [{ code: 'release-call-missing', hint: expect.stringContaining('MyApp.Release.migrate()') }]
    })
  })

  test('whose script is not there is a problem', async () => {
    expect(await release({ releaseBinary: 'bin/other', releaseCall: 'A.b()' })).toMatchObject({
      problems: [{ code: 'release-binary-missing' }]
    })
  })

  test('rolls back by its call, to the version that is asked', async () => {
    const tool = await found({ releaseCall: 'A.b()', releaseRollbackCall: 'MyApp.Release.rollback(MyApp.Repo, {to})' })
    const result = await ectoRollback(tool, { to: '20260101000000' }, run(), testWorld())
    expect(argsIn(result.output)).toEqual(['eval', 'MyApp.Release.rollback(MyApp.Repo, 20260101000000)'])
  })

  test('cannot roll back without one, and says so', async () => {
    const tool = await found({ releaseCall: 'A.b()' })
    const result = await ectoRollback(tool, { steps: 1 }, run(), testWorld())
    expect(result).toMatchObject({
      end: 'not started',
      sentence: 'failed',
      message: expect.stringContaining('release-rollback-call')
    })
  })
})
