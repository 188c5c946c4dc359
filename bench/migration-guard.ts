// `node bench/migration-guard.ts [FOLDER]`: how fast the linter of migration-guard is, what it finds in the SQL and Elixir
// migrations of a folder (in generated histories of Prisma and Ecto where none is given), and how long squawk takes for
// the SQL. `… FOLDER --draw 100 --seed 7` prints errors to be judged one by one instead.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ectoHistory } from '../tests/support/ecto-history.ts'
import { prismaHistory } from '../tests/support/migration-history.ts'
import { pythonWith } from '../tests/support/python.ts'
import { drawFindings } from './draw-findings.ts'
import { filesBelow, type Linted } from './lint-files.ts'
import { inTurn, machine, median, type Command } from './measure.ts'

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { draw: { type: 'string' }, seed: { type: 'string', default: '1' } }
  })
  const [folder] = positionals
  if (values.draw === undefined) console.log(`${machine()}\n\n${await lintAgainstSquawk(folder)}`)
  else console.log(await drawFindings(folder ?? '.', Number(values.draw), Number(values.seed)))
}

/** A table of processes, and one of what was found. */
export async function lintAgainstSquawk(given?: string, rounds = 3): Promise<string> {
  const folder = given ?? generatedHistories()
  try {
    return [...(await timesOf(folder, rounds)), '', ...foundIn(folder)].join('\n')
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true })
  }
}

/** CPU seconds are what a busy machine leaves comparable. */
async function timesOf(folder: string, rounds: number): Promise<readonly string[]> {
  const sqlFiles = filesBelow(folder, '**/migration.sql').map((path) => join(folder, path))
  const squawk = sqlFiles.length === 0 ? undefined : await findSquawk()
  const commands: Command[] = [
    ...(sqlFiles.length === 0
      ? []
      : [{ name: 'migration-guard, SQL only', argv: argvOf(folder, 'default', 'sql'), env: {} }]),
    { name: 'migration-guard, all', argv: argvOf(folder, 'default', 'all'), env: {} },
    ...(squawk === undefined
      ? []
      : [{ name: 'squawk 2.70.0, SQL only', argv: [squawk, ...sqlFiles], env: {}, expectedStatus: 1 }])
  ]
  const rows = [...(await inTurn(commands, rounds))].map(([name, runs]) => {
    const wall = median(runs.map((run) => run.wall))
    const cpu = median(runs.map((run) => run.cpu))
    const memory = median(runs.map((run) => run.memory))
    return `| ${name} | ${wall.toFixed(2)} s | ${cpu.toFixed(2)} s | ${(memory / 2 ** 20).toFixed(0)} MiB |`
  })
  const missing = sqlFiles.length > 0 && squawk === undefined
  return [
    '| process | wall, median | CPU, median | peak memory |',
    '| --- | ---: | ---: | ---: |',
    ...rows,
    ...(missing ? ['', 'squawk was not measured: squawk-cli could not be installed.'] : [])
  ]
}

function argvOf(folder: string, profile: 'default' | 'calm', which: 'sql' | 'all'): string[] {
  return [process.execPath, join(import.meta.dirname, 'lint-files.ts'), folder, profile, which]
}

/** squawk's wheel on PyPI carries the program. */
async function findSquawk(): Promise<string | undefined> {
  try {
    return join(dirname(await pythonWith(['squawk-cli==2.70.0'])), 'squawk')
  } catch {
    return undefined
  }
}

function foundIn(folder: string): string[] {
  const once = (profile: 'default' | 'calm'): Linted => {
    const [program = '', ...argv] = argvOf(folder, profile, 'all')
    return JSON.parse(execFileSync(program, argv, { encoding: 'utf8' })) as Linted
  }
  const linted = once('default')
  const calm = once('calm')
  const share = (count: number): string => `${((100 * count) / Math.max(linted.files, 1)).toFixed(2)} %`
  const findings = Object.entries(linted.findings).sort(([, one], [, other]) => other - one)
  return [
    `${linted.files} files with ${linted.statements} statements: ${linted.unparsed} could not be parsed`,
    `(${share(linted.files - linted.unparsed)} parsed), ${linted.notAnalysed} places not or partly analysed. Parsers loaded in`,
    `${linted.loading.toFixed(2)} s, files linted in ${linted.linting.toFixed(2)} s. Files with an error: ${linted.withError} (${share(linted.withError)}), in \`calm\` ${calm.withError} (${share(calm.withError)}).`,
    '',
    '| rule | findings | files |',
    '| --- | ---: | ---: |',
    ...findings.map(([rule, count]) => `| ${rule} | ${count} | ${linted.filesOf[rule] ?? 0} |`)
  ]
}

/** 3,000 migrations of Prisma and 2,000 of Ecto on disk, the same each time. */
function generatedHistories(): string {
  const folder = mkdtempSync(join(tmpdir(), 'release-actions-bench-'))
  for (const { version, name, sql } of prismaHistory(1, 3000)) {
    const migration = join(folder, 'prisma', 'migrations', `${version}_${name}`)
    mkdirSync(migration, { recursive: true })
    writeFileSync(join(migration, 'migration.sql'), sql)
  }
  const ecto = join(folder, 'priv', 'repo', 'migrations')
  mkdirSync(ecto, { recursive: true })
  for (const { version, name, text } of ectoHistory(1, 2000)) writeFileSync(join(ecto, `${version}_${name}.exs`), text)
  return folder
}
