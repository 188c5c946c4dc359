// needs: elixir, mix, psql
// The commands of the Elixir examples' workflows, as they are written there, on the Elixir that is here. Packages come
// from the sandbox's Hex; stand-ins take the place of Hex's archive, Ecto and ExDoc.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { readTarball } from '../../actions/hex-publish/tarball.ts'
import { checkPolicy } from '../../actions/hex-publish/policy.ts'
import { proveHexDependency } from '../../actions/shared/hex/dependency-proofs.ts'
import type { Problem } from '../../actions/shared/problem.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { mix, ran } from '../support/hex/mix.ts'
import { buildStandInPackages } from '../support/hex/packages.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { installHexStandIn } from '../support/hex/stand-in.ts'

const examples = join(import.meta.dirname, '..', '..', 'examples')

let work = ''
let sandbox: Sandbox
let postgres: Postgres
let env: Record<string, string> = {}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'elixir-examples-'))
  sandbox = await startSandbox()
  for (const { tarball } of await buildStandInPackages()) sandbox.hex.addRelease(readFileSync(tarball))
  const standIn = await installHexStandIn({ folder: join(work, 'home') })
  env = { ...sandbox.environment(), ...standIn.env }
  for (const name of ['elixir-lib', 'elixir-app']) cpSync(join(examples, name), join(work, name), { recursive: true })
  await mix(['hex.build', '--output', '../package.tar'], { folder: join(work, 'elixir-lib'), env })
  sandbox.hex.addRelease(readFileSync(join(work, 'package.tar')))
  postgres = await startPostgres()
}, 300_000)

afterAll(async () => {
  postgres.stop()
  await sandbox.close()
  rmSync(work, { recursive: true, force: true })
})

interface Job {
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly {
    readonly run?: string
    readonly uses?: string
    readonly with?: Readonly<Record<string, unknown>>
    readonly env?: Readonly<Record<string, string>>
  }[]
}

function job(example: string, workflow: string, name: string): Job {
  const text = readFileSync(join(examples, example, '.github', 'workflows', workflow), 'utf8')
  const { jobs } = parse(text) as { jobs: Record<string, Job> }
  const found = jobs[name]
  if (found === undefined) throw new Error(`${workflow} of ${example} has no job ${name}`)
  return found
}

/** Runs the commands of a job one after the other, as a runner's bash does; gives what each said. */
async function runJob(example: string, workflow: string, name: string): Promise<ReadonlyMap<string, string>> {
  const said = new Map<string, string>()
  const { env: ofJob, steps } = job(example, workflow, name)
  for (const { run, env: ofStep } of steps) {
    if (run === undefined) continue
    const own = Object.entries({ ...ofJob, ...ofStep }).map(([key, value]) => [key, atOurPort(value)] as const)
    const { exitCode, output } = await ran('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
      folder: join(work, example),
      env: { ...env, ...Object.fromEntries<string>(own) }
    })
    expect(`${run.trim()}: ${exitCode}\n${exitCode === 0 ? '' : output}`).toBe(`${run.trim()}: 0\n`)
    said.set(run.trim(), output)
  }
  return said
}

const atOurPort = (value: string): string => value.replace(':5432/', `:${postgres.port}/`)

describe('the schema package', () => {
  test('passes its own CI, without a warning', async () => {
    const said = await runJob('elixir-lib', 'ci.yml', 'test')
    expect([...said.keys()]).toEqual([
      'mix deps.get',
      'mix format --check-formatted',
      'mix compile --warnings-as-errors',
      'mix test',
      'mix docs'
    ])
    expect(said.get('mix test')).toMatch(/\d tests, 0 failures/)
    expect(said.get('mix compile --warnings-as-errors')).not.toContain('warning')
    expect(existsSync(join(work, 'elixir-lib', 'doc', 'index.html'))).toBe(true)
  })

  test('becomes a package that its own release workflow lets through, with the migrations in it', async () => {
    await runJob('elixir-lib', 'release.yml', 'build')
    const bytes = readFileSync(join(work, 'package.tar'))
    const { tarball, problems, warnings } = await readTarball(bytes, 'package.tar')
    if (tarball === undefined) throw new Error(JSON.stringify(problems))
    expect([...problems, ...warnings]).toEqual([])

    const build = job('elixir-lib', 'release.yml', 'build').steps.find(({ uses }) => uses?.includes('/hex-publish@'))
    expect(build?.with).toMatchObject({ 'dry-run': true, 'required-files': 'priv/repo/migrations/**' })
    const check = (...requiredFiles: string[]): Promise<readonly Problem[]> =>
      checkPolicy(tarball, { requiredFiles, forbiddenFiles: [] })
    expect(await check('priv/repo/migrations/**')).toEqual([])
    expect(await check('priv/structure.sql')).toHaveLength(1)
    expect(tarball.metadata.requirements.map(({ name }) => name)).toEqual(['ecto_sql'])
  })

  test('gives no secret to the job that runs mix', () => {
    expect(JSON.stringify(job('elixir-lib', 'release.yml', 'build'))).not.toContain('secrets.')
    const publish = job('elixir-lib', 'release.yml', 'publish')
    expect(publish.steps.filter(({ run }) => run !== undefined)).toEqual([])
    expect(JSON.stringify(publish)).toContain('secrets.HEX_API_KEY')
  })
})

describe('the application', () => {
  test('is formatted, compiles without a warning, passes its tests, and has documentation', async () => {
    const said = await runJob('elixir-app', 'ci.yml', 'check')
    expect([...said.keys()]).toEqual([
      'mix deps.get',
      'mix format --check-formatted',
      'mix compile --warnings-as-errors',
      'mix ledger.setup',
      'mix test',
      'mix docs'
    ])
    expect(said.get('mix test')).toContain('2 tests, 0 failures')
    expect(existsSync(join(work, 'elixir-app', 'doc', 'index.html'))).toBe(true)
  })

  test('is proved to take the schema from Hex, and not when it is a path', async () => {
    const project = join(work, 'elixir-app')
    await runJob('elixir-app', 'ci.yml', 'dependency')
    const prove = (): ReturnType<typeof proveHexDependency> =>
      proveHexDependency({
        ...{
          project,
          shownProject: '.',
          name: 'ledger_schema',
          folder: 'priv/repo/migrations',
          now: Date.now(),
          env: {}
        },
        mixDeps: (folder) => ran('mix', ['deps'], { folder, env })
      })
    const fromHex = await prove()
    expect(fromHex.problems).toEqual([])
    expect(fromHex.proofs.map(({ state }) => state)).toEqual([
      ...['proved', 'proved', 'proved', 'proved', 'proved'],
      'not available'
    ])
    const [published] = sandbox.hex.releases('ledger_schema')
    expect({ version: fromHex.version, checksum: fromHex.outerChecksum }).toEqual({
      version: published?.version,
      checksum: published?.checksum
    })

    const mixExs = join(project, 'mix.exs')
    const before = readFileSync(mixExs, 'utf8')
    writeFileSync(mixExs, before.replace('{:ledger_schema, "~> 0.1.1"}', '{:ledger_schema, path: "../elixir-lib"}'))
    try {
      expect((await prove()).fromHex).toBe(false)
    } finally {
      writeFileSync(mixExs, before)
    }
  })

  test('migrates, finds nothing to do the second time, takes all back, and migrates again as a release', async () => {
    const said = [...(await runJob('elixir-app', 'ci.yml', 'migrate')).values()].join('')
    expect(said).toContain('The database for Bookkeeping.Repo has been created')
    expect(said).toMatch(
      /\[info\] == Running 20260105090000 LedgerSchema\.Migrations\.CreateLedgerAccounts\.change\/0 forward/
    )
    expect(said).toContain('Migrations already up')
    expect(said).toMatch(/\[info\] == Running 20260105090000 \S+\.change\/0 backward/)
    expect(said).toContain('2 tests, 0 failures')
    expect(await ask('bookkeeping')).toBe('3')
    expect(await ask('bookkeeping_release')).toBe('3')
  })

  test('fails where its migrations fail, and leaves nothing of the one that did', async () => {
    const folder = join(work, 'elixir-app')
    const url = `ecto://postgres:postgres@localhost:${postgres.port}/bookkeeping_failing`
    const own = { folder, env: { ...env, DATABASE_URL: url } }
    const migrations = mkdtempSync(join(work, 'migrations-'))
    const write = (version: number, module: string, body: string): void => {
      writeFileSync(
        join(migrations, `${version}_${module.toLowerCase()}.exs`),
        `defmodule ${module} do\n  use Ecto.Migration\n\n  def change do\n${body}\n  end\nend\n`
      )
    }
    write(20260101000000, 'First', 'create table(:first)')
    write(20260102000000, 'Second', 'create table(:second)\ncreate table(:first)')
    await mix(['ecto.create'], own)
    const failed = await ran('mix', ['ecto.migrate', '--migrations-path', migrations], own)
    expect(failed.exitCode).toBe(1)
    expect(failed.output).toContain('** (Postgrex.Error) ERROR 42P07 (duplicate_table) relation "first" already exists')
    const status = await mix(['ecto.migrations', '--migrations-path', migrations], own)
    expect(status).toMatch(/ {2}up {8}20260101000000 {2}first\n {2}down {6}20260102000000 {2}second/)

    write(20260101000000, 'Twice', 'execute "select 1"')
    rmSync(join(migrations, '20260102000000_second.exs'))
    // What ran cannot run again: the second file of the version is passed over in silence, as by Ecto.
    expect(await mix(['ecto.migrate', '--migrations-path', migrations], own)).toContain('Migrations already up')
  })
})

/** How many migrations a database remembers. */
async function ask(database: string): Promise<string> {
  const { output } = await ran('psql', ['--no-psqlrc', '-tAc', 'SELECT count(*) FROM schema_migrations'], {
    folder: work,
    env: {
      PGHOST: 'localhost',
      PGPORT: String(postgres.port),
      PGUSER: postgres.user,
      PGPASSWORD: postgres.password,
      PGDATABASE: database
    }
  })
  return output.trim()
}
