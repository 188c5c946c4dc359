// `node bench/db-deploy.ts`: what a deploy costs beside the tool that migrates, and what it costs when nothing is pending.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startPostgres, type Postgres } from '../tests/support/postgres.ts'
import { installPrisma } from '../tests/support/prisma/install.ts'
import { schemaEngine } from '../tests/support/prisma/schema-engine.ts'
import { inTurn, machine, median, type Command, type Run } from './measure.ts'

const version = '7.10.1'
const bundle = join(import.meta.dirname, '..', 'dist', 'db-deploy', 'index.js')

if (import.meta.main) console.log(`${machine()}\n\n${await deployAgainstPrisma()}`)

/**
 * Tables of times: with nothing pending, and with 50 migrations into an empty database. Prisma is the real CLI; its engine
 * is the one of the tests, as WebAssembly, where the native one would be.
 */
export async function deployAgainstPrisma(rounds = 7): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-deploy-'))
  const postgres = await startPostgres()
  try {
    const project = join(folder, 'project')
    const env = await makeProject(project, join(folder, 'engine'))
    return [
      'Nothing pending: state, preflight and a smoke test of 50 models, against `prisma migrate deploy`, which does nothing.',
      '',
      ...table(await inTurn(await nothingPending(postgres, project, folder, env), rounds), 'prisma migrate deploy'),
      '',
      '50 migrations into an empty database, with lock, two readings of the state and the smoke test. “all steps” has',
      'Prisma’s validate, generate and status (twice) too, each a process of Prisma’s own.',
      '',
      ...table(await inTurn(fiftyMigrations(postgres, project, folder, env), rounds), 'prisma migrate deploy')
    ].join('\n')
  } finally {
    postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function nothingPending(
  postgres: Postgres,
  project: string,
  folder: string,
  env: Readonly<Record<string, string>>
): Promise<readonly Command[]> {
  const url = postgres.url(await postgres.createDatabase('settled'))
  const commands = [prisma(project, { ...env, DATABASE_URL: url }), deploy('db-deploy', project, folder, env, url, {})]
  await inTurn(commands.slice(0, 1), 0)
  return commands
}

function fiftyMigrations(
  postgres: Postgres,
  project: string,
  folder: string,
  env: Readonly<Record<string, string>>
): readonly Command[] {
  const url = postgres.url('fresh')
  const before = async (): Promise<void> => {
    await postgres.query('DROP DATABASE IF EXISTS fresh WITH (FORCE)')
    await postgres.createDatabase('fresh')
  }
  const lean = { validate: 'never', generate: 'never', 'tool-status': 'never' }
  return [
    prisma(project, { ...env, DATABASE_URL: url }),
    deploy('db-deploy', project, folder, env, url, lean),
    deploy('db-deploy, all steps', project, folder, env, url, {})
  ].map((command) => ({ ...command, before }))
}

function prisma(project: string, env: Readonly<Record<string, string>>): Command {
  const script = join(project, 'node_modules', 'prisma', 'build', 'index.js')
  return {
    name: 'prisma migrate deploy',
    argv: [process.execPath, script, 'migrate', 'deploy'],
    cwd: project,
    env: { ...env, PRISMA_HIDE_UPDATE_MESSAGE: '1', CI: '1' }
  }
}

function deploy(
  name: string,
  project: string,
  folder: string,
  env: Readonly<Record<string, string>>,
  url: string,
  inputs: Readonly<Record<string, string>>
): Command {
  const given = Object.entries({ environment: 'bench', 'database-url': url, ...inputs })
  return {
    name,
    argv: [process.execPath, bundle],
    cwd: project,
    env: {
      ...env,
      RUNNER_TEMP: folder,
      GITHUB_WORKSPACE: project,
      ...Object.fromEntries(given.map(([input, value]) => [`INPUT_${input.toUpperCase()}`, value]))
    }
  }
}

function table(results: ReadonlyMap<string, readonly Run[]>, reference: string): readonly string[] {
  const wallOf = (runs: readonly Run[]): number => median(runs.map(({ wall }) => wall))
  const one = wallOf(results.get(reference) ?? [])
  return [
    `| process | wall, median | × ${reference} | CPU | peak memory |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...[...results].map(([name, runs]) => {
      const cpu = median(runs.map((run) => run.cpu))
      const memory = median(runs.map((run) => run.memory)) / 2 ** 20
      const wall = wallOf(runs)
      return `| ${name} | ${wall.toFixed(2)} s | ${(wall / one).toFixed(2)} | ${cpu.toFixed(2)} s | ${memory.toFixed(0)} MiB |`
    })
  ]
}

/** 50 migrations of a table, an index and a foreign key each, and a model for each table. */
async function makeProject(project: string, engine: string): Promise<Record<string, string>> {
  const numbers = Array.from({ length: 50 }, (_, n) => n + 1)
  const migration = (n: number): string =>
    [
      `CREATE TABLE "t${n}" ("id" SERIAL PRIMARY KEY, "name" TEXT NOT NULL, "of" INTEGER);`,
      `CREATE INDEX "t${n}_name" ON "t${n}" ("name");`,
      ...(n === 1 ? [] : [`ALTER TABLE "t${n}" ADD FOREIGN KEY ("of") REFERENCES "t${n - 1}" ("id");`])
    ].join('\n')
  const files: Record<string, string> = {
    'package.json': '{ "private": true }\n',
    'prisma.config.ts':
      "import { defineConfig, env } from 'prisma/config'\n\nexport default defineConfig({\n  schema: 'prisma/schema.prisma',\n  datasource: { url: env('DATABASE_URL') }\n})\n",
    'prisma/schema.prisma': [
      'generator client {\n  provider = "prisma-client"\n  output   = "../generated"\n}\n\ndatasource db {\n  provider = "postgresql"\n}\n',
      ...numbers.map((n) => `model T${n} {\n  id   Int    @id\n  name String\n  of   Int?\n\n  @@map("t${n}")\n}\n`)
    ].join('\n'),
    'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
    ...Object.fromEntries(
      numbers.map((n) => [`prisma/migrations/${20260101000000 + n}_t${n}/migration.sql`, `${migration(n)}\n`])
    )
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    writeFileSync(join(project, path), text)
  }
  symlinkSync(join(await installPrisma(version), 'node_modules'), join(project, 'node_modules'))
  return schemaEngine({ version, folder: engine, mode: undefined })
}
