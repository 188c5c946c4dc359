import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { findMigrationTool, type ToolChoice } from '../../../actions/db-deploy/find-tool.ts'
import type { FoundTool, ToolRun } from '../../../actions/db-deploy/tool.ts'
import { folderWith } from '../../hex-publish/programs.ts'
import { testWorld } from '../../support/world.ts'

const password = 's3cret-of-the-database'
const url = `postgresql://deployer:${password}@db.example.org:5432/app?connection_limit=3`

function run(): ToolRun {
  const read = readDatabaseUrl(url, 'database-url')
  if (!('url' in read)) throw new Error('not read')
  return {
    url: read.url,
    applicationName: 'release-actions/db-deploy 7 migrate',
    lockTimeout: 5000,
    statementTimeout: 0,
    timeout: 20_000
  }
}

function choice(environmentVariables: NodeJS.ProcessEnv = {}, more: Partial<ToolChoice> = {}): ToolChoice {
  return {
    environmentVariables: { PATH: process.env['PATH'], ...environmentVariables },
    shownFolder: 'packages/db',
    migrations: { paths: [], schema: undefined, table: undefined, prefix: undefined, expectCurrent: undefined },
    seed: { seed: false, inProduction: false, command: undefined },
    tool: {
      tool: 'prisma',
      repositories: [],
      releaseBinary: undefined,
      releaseCall: undefined,
      releaseRollbackCall: undefined,
      validate: 'pending',
      generate: 'pending',
      toolStatus: 'pending',
      timeout: 60_000
    },
    ...more
  }
}

/** A package `prisma` whose program writes down what it was started with, and says what it is told to. */
function prismaAs(version: string, script = ''): Record<string, string> {
  return {
    'node_modules/prisma/package.json': JSON.stringify({ version, bin: { prisma: 'build/index.js' } }),
    'node_modules/prisma/build/index.js': `console.log(JSON.stringify({ args: process.argv.slice(2), env: process.env, folder: process.cwd() }))\n${script}`
  }
}

const schema6 =
  'datasource db {\n  provider = "postgresql"\n  url = env("APP_URL") // pooled\n  directUrl = env("APP_DIRECT_URL")\n  shadowDatabaseUrl = env("APP_SHADOW_URL")\n}\n'

async function find(folder: string, given = choice(), world = testWorld()): Promise<FoundTool> {
  return findMigrationTool({ folder, framework: 'prisma', folders: ['prisma/migrations'] }, given, world)
}

async function codes(folder: string): Promise<readonly string[]> {
  const found = await find(folder)
  return 'problems' in found ? found.problems.map(({ code }) => code) : []
}

/** What the program was started with, as it wrote it down. */
function started(output: string): { args: string[]; env: Record<string, string>; folder: string } {
  return JSON.parse(output.split('\n')[0] ?? '') as { args: string[]; env: Record<string, string>; folder: string }
}

describe('the Prisma of a project', () => {
  test('is found in a folder above, through the links that pnpm makes', async () => {
    const root = folderWith({
      'packages/db/prisma/schema.prisma': schema6,
      ...Object.fromEntries(
        Object.entries(prismaAs('6.19.3')).map(([path, text]) => [
          path.replace('node_modules/prisma', 'node_modules/.pnpm/prisma@6.19.3/node_modules/prisma'),
          text
        ])
      )
    })
    symlinkSync(join(root, 'node_modules/.pnpm/prisma@6.19.3/node_modules/prisma'), join(root, 'node_modules/prisma'))
    const found = await find(join(root, 'packages/db'))
    expect(found).toMatchObject({ tool: { framework: 'prisma', facts: { label: 'prisma 6.19.3', atomic: true } } })
  })

  test.each([
    ['7.3.0', true],
    ['7.4.0', false],
    ['7.10.1', false]
  ])('%s applies a file whole: %s', async (version, atomic) => {
    const found = await find(folderWith({ ...prismaAs(version), 'prisma/schema.prisma': schema6 }))
    expect(found).toMatchObject({ tool: { facts: { atomic } } })
  })

  test('is refused where it is 8, in words of its own', async () => {
    const found = await find(folderWith({ ...prismaAs('8.0.0-rc.2'), 'prisma/schema.prisma': schema6 }))
    expect(found).toMatchObject({
      problems: [{ code: 'prisma-version', message: expect.stringContaining('8.0.0-rc.2') }]
    })
  })

  test('is never fetched: one that is not installed is a problem, told together with others', async () => {
    expect(await codes(folderWith({ 'package.json': '{}' }))).toEqual(['prisma-missing', 'prisma-schema-missing'])
  })

  test('half of an installation is none', async () => {
    const folder = folderWith({
      'node_modules/prisma/package.json': '{"version":"7.10.1","bin":{"prisma":"build/index.js"}}',
      'prisma/schema.prisma': schema6
    })
    expect(await codes(folder)).toEqual(['prisma-missing'])
  })

  test('an address that is written out is a problem with its line, and never shown', async () => {
    const folder = folderWith({
      ...prismaAs('6.19.3'),
      'prisma/schema.prisma': `datasource db {\n  provider = "postgresql"\n  url      = "${url}"\n}\n`
    })
    const found = await find(folder)
    expect(found).toMatchObject({
      problems: [{ code: 'prisma-url-written', file: 'prisma/schema.prisma', line: 3 }]
    })
    expect(JSON.stringify(found)).not.toContain(password)
  })
})

describe('an address that is put together from parts', () => {
  const config = (url: string, before = ''): Readonly<Record<string, string>> => ({
    ...prismaAs('7.10.1'),
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
    'prisma.config.ts': `${before}export default defineConfig({\n  schema: 'prisma/schema.prisma',\n  datasource: { url: ${url} }\n})\n`
  })
  const parts = '`postgresql://${process.env.DB_USER}:${process.env.DB_PASSWORD}@${process.env.DB_HOST}/app`'

  test.each([
    [config(parts)],
    [config("'postgresql://' + process.env.DB_HOST + '/app'")],
    [config('url', `const url = ${parts}\n`)]
  ])('is a problem: none of them can hold another', async (files) => {
    expect(await find(folderWith(files))).toMatchObject({
      problems: [{ code: 'prisma-url-assembled', file: 'prisma.config.ts' }]
    })
  })

  test.each([
    [config(`process.env.DATABASE_URL ?? ${parts}`)],
    [config('`${process.env.DATABASE_URL}&connection_limit=1`')],
    [config("env('DATABASE_URL')")]
  ])('is none where a variable goes before it', async (files) => {
    expect(await codes(folderWith(files))).toEqual([])
  })
})

describe('what Prisma is started with', () => {
  async function migrated(files: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv = {}) {
    const folder = folderWith({ ...prismaAs('6.19.3', "console.log('No pending migrations to apply.')"), ...files })
    const world = testWorld()
    world.secrets.add(url)
    const found = await find(folder, choice(environment), world)
    if (!('tool' in found)) throw new Error(JSON.stringify(found.problems))
    const result = await found.tool.migrate(run())
    return { folder, found, result, world }
  }

  test('is the address under each name that the schema has for it, with the name and limits of its sessions', async () => {
    // The address is a secret and is not told: the program compares for us.
    const script = `const u = new URL(process.env.APP_URL)
console.log('SAME ' + (process.env.APP_URL === process.env.APP_DIRECT_URL))
console.log('NAME ' + u.searchParams.get('application_name'))
console.log('OPTIONS ' + u.searchParams.get('options'))
console.log('KEPT ' + u.searchParams.get('connection_limit'))
console.log('SHADOW ' + new URL(process.env.APP_SHADOW_URL).host)
console.log('All migrations have been successfully applied.')`
    const { result } = await migrated({
      'prisma/schema.prisma': schema6,
      'node_modules/prisma/build/index.js': script
    })
    expect(result.sentence).toBe('applied')
    expect(result.output.split('\n')).toEqual([
      'SAME true',
      'NAME release-actions/db-deploy 7 migrate',
      'OPTIONS -c lock_timeout=5000',
      'KEPT 3',
      'SHADOW 127.0.0.1:9',
      'All migrations have been successfully applied.'
    ])
  })

  test('has neither the inputs nor what holds the secret, and shows the password nowhere', async () => {
    const { result, world } = await migrated(
      { 'prisma/schema.prisma': schema6 },
      { 'INPUT_DATABASE-URL': url, OTHER_COPY: url, FORCE_COLOR: '1', APP_MODE: 'live' }
    )
    const { args, env } = started(result.output)
    expect(args).toEqual(['migrate', 'deploy'])
    expect(env).toMatchObject({ APP_MODE: 'live', NO_COLOR: '1', CI: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' })
    for (const name of ['INPUT_DATABASE-URL', 'OTHER_COPY', 'FORCE_COLOR']) expect(env).not.toHaveProperty(name)
    expect(result.output + world.log.lines.join('\n')).not.toContain(password)
  })

  test('is an address where nothing is, for a step that needs none', async () => {
    const folder = folderWith({ ...prismaAs('6.19.3'), 'prisma/schema.prisma': schema6 })
    const found = await find(folder)
    if (!('tool' in found)) throw new Error('not found')
    const validate = found.tool.steps.find(({ name }) => name === 'validate')
    const result = await validate?.run(run())
    expect(started(result?.output ?? '').env['APP_URL']).toBe('postgresql://nowhere:nowhere@127.0.0.1:9/nowhere')
  })

  test('is the schema where the input names it', async () => {
    const folder = folderWith({ ...prismaAs('6.19.3'), 'db/app.prisma': schema6 })
    const migrations = {
      paths: [],
      schema: 'db/app.prisma',
      table: undefined,
      prefix: undefined,
      expectCurrent: undefined
    }
    const found = await find(folder, choice({}, { migrations }))
    if (!('tool' in found)) throw new Error(JSON.stringify(found.problems))
    const result = await found.tool.migrate(run())
    expect(started(result.output).args).toEqual(['migrate', 'deploy', '--schema', join(folder, 'db/app.prisma')])
  })

  test('an exit code of 0 with half of the words is no success', async () => {
    const { result } = await migrated({
      'prisma/schema.prisma': schema6,
      'node_modules/prisma/build/index.js': "console.log('1 migration found in prisma/migrations')"
    })
    expect(result).toMatchObject({ exitCode: 0, end: 'exited', sentence: undefined })
  })
})

describe('the names of the address in a configuration of Prisma 7', () => {
  async function variables(configuration: string): Promise<readonly string[]> {
    const folder = folderWith({
      ...prismaAs('7.10.1'),
      'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
      'prisma.config.ts': configuration
    })
    const found = await find(folder)
    if (!('tool' in found) || found.tool.framework !== 'prisma') throw new Error(JSON.stringify(found))
    return found.tool.program.configuration.urlVariables
  }

  test.each([
    ["export default defineConfig({ datasource: { url: env('DIRECT_URL') } })", ['DIRECT_URL']],
    ["export default defineConfig({ datasource: { url: env<Env>('A_URL') } })", ['A_URL']],
    [
      "export default { datasource: { url: process.env.DIRECT_URL ?? process.env['DATABASE_URL']! } }",
      ['DIRECT_URL', 'DATABASE_URL']
    ],
    [
      "const url = process.env.MIGRATE_URL\nexport default defineConfig({ datasource: { url, shadowDatabaseUrl: env('SHADOW_URL') } })",
      ['MIGRATE_URL']
    ],
    ["import { url } from './settings'\nexport default defineConfig({ datasource: { url } })", ['DATABASE_URL']],
    ["export default defineConfig({ datasource: { url: /* env('OLD') */ env('NEW_URL') } })", ['NEW_URL']]
  ])('%s', async (configuration, names) => {
    expect(await variables(configuration)).toEqual(names)
  })
})

describe('a configuration that may lead elsewhere', () => {
  function folderOf(configuration: string, version = '7.10.1'): string {
    return folderWith({
      ...prismaAs(
        version,
        "const at = process.argv.indexOf('--config')\nconsole.log('given: ' + (at === -1 ? 'none' : require('node:fs').readFileSync(process.argv[at + 1], 'utf8').replaceAll('\\n', ' ')))"
      ),
      'prisma/schema.prisma': `datasource db {\n  provider = "postgresql"\n${version.startsWith('6.') ? '  url = env("APP_URL")\n' : ''}}\n`,
      'prisma.config.ts': configuration
    })
  }

  /** What the program is started with, and the text of the configuration that it is given. */
  async function deployed(configuration: string, version?: string) {
    const found = await find(folderOf(configuration, version))
    if (!('tool' in found)) throw new Error(JSON.stringify(found.problems))
    const { output } = await found.tool.migrate(run())
    return { ...started(output), given: /^given: (.*)$/m.exec(output)?.[1] ?? '' }
  }

  const ownUrl = "export default defineConfig({ datasource: { url: env('DIRECT_URL') } })"

  const elsewhere = [
    "import { address } from './address'\nexport default defineConfig({ datasource: { url: address } })",
    "import { address } from './address'\nexport default defineConfig({ datasource: { url: address ?? env('DATABASE_URL') } })",
    "const { address } = require('./address')\nexport default defineConfig({ datasource: { url: address } })",
    "import settings from './settings'\nexport default defineConfig({ datasource: { url: settings.database } })",
    "const other = process.env.OTHER_DATABASE_URL\nexport default defineConfig({ datasource: { url: addressOf('app') } })",
    "export default defineConfig({ datasource: { url: process.env.CI ? addressOf('app') : env('DATABASE_URL') } })",
    "export default defineConfig({ datasource: { url: env('DATABASE_URL'), directUrl: addressOf('app') } })",
    "export default defineConfig({ datasource: { url: env('DATABASE_URL'), directUrl: 'postgresql://db/app' } })",
    "export default defineConfig({ datasource: { ...shared, url: env('DATABASE_URL') } })",
    `import { config } from 'dotenv'\nconfig({ override: true })\n${ownUrl}`,
    `import './environment'\n${ownUrl}`,
    `await import(place)\n${ownUrl}`,
    `process.env.DIRECT_URL = addressOf('app')\n${ownUrl}`,
    `process.env['DIRECT_URL'] = addressOf('app')\n${ownUrl}`,
    `Object.assign(process.env, settings)\n${ownUrl}`,
    `const env = (name: string) => addressOf(name)\n${ownUrl}`,
    "const config = { datasource: { url: env('DIRECT_URL') } }\nconfig.datasource.url = addressOf('app')\nexport default defineConfig(config)",
    "exports.default = (0, config_1.defineConfig)({ datasource: { url: env('DIRECT_URL') } })"
  ]

  test.each(elsewhere)('has one with the address of the run in its place: %s', async (configuration) => {
    const { given, env } = await deployed(configuration)
    expect(given).toContain('datasource: { url: process.env.RELEASE_ACTIONS_DATABASE_URL')
    // The address, as every secret is shown.
    expect(env['RELEASE_ACTIONS_DATABASE_URL']).toBe('***')
  })

  test('by an adapter goes by the engine of Prisma 6', async () => {
    const adapter = "export default defineConfig({ engine: 'js', adapter: async () => new PrismaPg(settings) })"
    const { given } = await deployed(adapter, '6.19.3')
    expect(given).toContain('const { adapter, ...kept } = given')
    expect(given).toContain("engine: 'classic'")
  })

  test.each([
    ownUrl,
    `import 'dotenv/config'\nimport { defineConfig, env } from 'prisma/config'\nimport path from 'node:path'\n${ownUrl}`,
    'export default defineConfig({ datasource: { url: process.env.DIRECT_URL! } })',
    "export default defineConfig({ datasource: { url: process.env['DIRECT_URL'] ?? addressOf('app'), directUrl: undefined } })",
    "module.exports = { datasource: { url: process.env.DIRECT_URL || '' } }"
  ])('it is not where a variable holds the address: %s', async (configuration) => {
    expect(await deployed(configuration)).toMatchObject({ given: 'none', env: { DIRECT_URL: expect.any(String) } })
  })

  test('it is not where the schema of Prisma 6 has the variable', async () => {
    const configuration = "export default defineConfig({ schema: 'prisma/schema.prisma' })"
    for (const version of ['6.17.1', '6.19.3'])
      expect(await deployed(configuration, version)).toMatchObject({ given: 'none', env: { APP_URL: '***' } })
  })

  test('is refused where Prisma takes no other one with an address', async () => {
    const found = await find(
      folderOf("import './environment'\nexport default { schema: 'prisma/schema.prisma' }", '6.17.1')
    )
    expect(found).toMatchObject({ problems: [{ code: 'prisma-url-elsewhere', file: 'prisma.config.ts' }] })
  })
})

describe('the seed', () => {
  async function seedOf(files: Readonly<Record<string, string>>, command?: string) {
    const folder = folderWith({ ...prismaAs('6.19.3'), 'prisma/schema.prisma': schema6, ...files })
    const world = testWorld()
    const found = await find(folder, choice({}, { seed: { seed: true, inProduction: false, command } }), world)
    if (!('tool' in found)) throw new Error(JSON.stringify(found.problems))
    return found.tool
  }

  test('is told as the project has it', async () => {
    const tool = await seedOf({ 'package.json': '{"prisma":{"seed":"tsx prisma/seed.ts"}}' })
    expect(tool.seedCommand).toBe('prisma db seed (tsx prisma/seed.ts)')
  })

  test('is none where the project has none, though Prisma would end with 0', async () => {
    expect((await seedOf({})).seedCommand).toBeUndefined()
  })

  test('is the command that the input names, which gets the address', async () => {
    const tool = await seedOf({}, 'test -n "$DATABASE_URL" && echo sown >> seeds.txt && false | true')
    const result = await tool.seed(run())
    expect(result).toMatchObject({ exitCode: 0, sentence: 'ok' })
  })

  test('fails with its command', async () => {
    const tool = await seedOf({}, 'echo first\nfalse\necho never')
    const result = await tool.seed(run())
    expect(result).toMatchObject({ exitCode: 1, sentence: 'failed', output: 'first' })
  })
})
