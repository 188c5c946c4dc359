// `node bench/migration-guard.ts [FOLDER]`: how fast the linter of migration-guard is, what it finds in the SQL and Elixir
// migrations of a folder (in a generated history of Prisma where none is given), and how long squawk takes for the SQL.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { prismaHistory } from '../tests/support/migration-history.ts'
import { pythonWith } from '../tests/support/python.ts'
import { filesBelow, type Linted } from './lint-files.ts'
import { inTurn, machine, median, type Command } from './measure.ts'

if (import.meta.main) console.log(`${machine()}\n\n${await lintAgainstSquawk(process.argv[2])}`)

/** A table of processes, and one of what was found. */
export async function lintAgainstSquawk(given?: string, rounds = 5): Promise<string> {
  const folder = given ?? generatedHistory()
  try {
    const sqlFiles = filesBelow(folder, '**/migration.sql').map((path) => join(folder, path))
    const squawk = await findSquawk()
    const commands: Command[] = [
      { name: 'migration-guard', argv: argvOf(folder, 'default'), env: {} },
      ...(squawk === undefined || sqlFiles.length === 0
        ? []
        : [{ name: 'squawk 2.70.0 (SQL only)', argv: [squawk, ...sqlFiles], env: {}, expectedStatus: 1 }])
    ]
    const runs = await inTurn(commands, rounds)
    const rows = [...runs].map(([name, of]) => {
      const wall = median(of.map((run) => run.wall))
      const memory = median(of.map((run) => run.memory))
      return `| ${name} | ${wall.toFixed(2)} s | ${(memory / 2 ** 20).toFixed(0)} MiB |`
    })
    return [
      '| process | wall, median | peak memory |',
      '| --- | ---: | ---: |',
      ...rows,
      ...(squawk === undefined ? ['', 'squawk was not measured: squawk-cli could not be installed.'] : []),
      '',
      ...foundIn(folder)
    ].join('\n')
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true })
  }
}

function argvOf(folder: string, profile: 'default' | 'calm'): string[] {
  return [process.execPath, join(import.meta.dirname, 'lint-files.ts'), folder, profile]
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
    const [program = '', ...argv] = argvOf(folder, profile)
    return JSON.parse(execFileSync(program, argv, { encoding: 'utf8' })) as Linted
  }
  const linted = once('default')
  const calm = once('calm')
  const share = (count: number): string => `${((100 * count) / Math.max(linted.files, 1)).toFixed(2)} %`
  const findings = Object.entries(linted.findings).sort(([, one], [, other]) => other - one)
  return [
    `${String(linted.files)} files with ${String(linted.statements)} statements: ${String(linted.unparsed)} could not be parsed`,
    `(${share(linted.files - linted.unparsed)} parsed), ${String(linted.notAnalysed)} places not or partly analysed. Parsers loaded in`,
    `${linted.loading.toFixed(2)} s, files linted in ${linted.linting.toFixed(2)} s. Files with an error: ${String(linted.withError)} (${share(linted.withError)}), in \`calm\` ${String(calm.withError)} (${share(calm.withError)}).`,
    '',
    '| rule | findings |',
    '| --- | ---: |',
    ...findings.map(([rule, count]) => `| ${rule} | ${String(count)} |`)
  ]
}

/** 3,000 migrations on disk, the same each time. */
function generatedHistory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'release-actions-bench-'))
  for (const { version, name, sql } of prismaHistory(1, 3000)) {
    const migration = join(folder, `${version}_${name}`)
    mkdirSync(migration)
    writeFileSync(join(migration, 'migration.sql'), sql)
  }
  return folder
}
