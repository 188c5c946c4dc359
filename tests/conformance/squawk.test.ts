// needs: python3
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { lint, lintRules } from '../../actions/shared/migrations/lint.ts'
import { context, parsed } from '../shared/migrations/rules/linting.ts'
import { pythonWith } from '../support/python.ts'
import { createSqlMigrations } from '../support/sql-migrations.ts'

/**
 * squawk is a linter of SQL migrations that others wrote. Where it has the same rule, both must say the same of a
 * statement, but for the differences below, each of which has a reason.
 */

const files = createSqlMigrations(20_261_121, 4000)
let folder = ''
let said: ReadonlyMap<string, ReadonlySet<string>>

/** squawk's rules and ours of the same meaning. The others: `differing`. */
const shared: Readonly<Record<string, readonly string[]>> = {
  'require-concurrent-index-creation': ['create-index-not-concurrently'],
  'require-concurrent-index-deletion': ['drop-index-not-concurrently'],
  'require-concurrent-reindex': ['reindex-not-concurrently'],
  'require-concurrent-partition-detach': ['detach-partition-not-concurrently'],
  'adding-field-with-default': ['add-column-volatile-default', 'add-column-generated'],
  'adding-foreign-key-constraint': ['add-foreign-key'],
  'adding-not-nullable-field': ['set-not-null'],
  'adding-required-field': ['add-column-not-null'],
  'adding-serial-primary-key-field': ['add-primary-key'],
  'ban-alter-domain-with-add-constraint': ['alter-domain-constraint'],
  'ban-char-field': ['char-column'],
  'ban-concurrent-index-creation-in-transaction': ['concurrently-in-transaction'],
  'ban-drop-column': ['drop-column'],
  'ban-drop-database': ['drop-database'],
  'ban-drop-not-null': ['drop-not-null'],
  'ban-drop-table': ['drop-table'],
  'ban-truncate-cascade': ['truncate'],
  'ban-uncommitted-transaction': ['uncommitted-transaction'],
  'changing-column-type': ['alter-column-type'],
  'disallowed-unique-constraint': ['add-unique-constraint'],
  'prefer-text-field': ['varchar-column'],
  'prefer-timestamp-tz': ['timestamp-column'],
  'renaming-column': ['rename-column'],
  'renaming-table': ['rename-table'],
  'require-enum-value-ordering': ['enum-value-order'],
  'transaction-nesting': ['transaction-nesting']
}

/** Rules of one name and two meanings. */
const differing: Readonly<Record<string, string>> = {
  'constraint-missing-not-valid':
    'one rule of squawk for what is three here: add-foreign-key, add-check-constraint and validate-in-transaction',
  'prefer-robust-stmts': 'here only where the tool leaves a failed migration half done',
  'require-lock-timeout': 'here once a migration, and only for tables that were there before',
  'require-statement-timeout': 'as require-lock-timeout',
  'require-timeout-settings': 'as require-lock-timeout',
  'prefer-bigint-over-int': 'one rule here for what is two of squawk',
  'prefer-bigint-over-smallint': 'one rule here for what is two of squawk',
  'prefer-identity': 'here style for new tables, and add-column-generated for tables with rows',
  'prefer-repack': 'squawk speaks from PostgreSQL 19 on, which brings REPACK; the table is locked before, too',
  'require-table-schema': 'off in every profile',
  'ban-create-domain-with-constraint': 'one rule here for what is two of squawk',
  'identifier-too-long': 'here for names that are given, not for those that are used',
  'ban-duplicate-column-assignments': 'here for UPDATE'
}

interface Difference {
  readonly rule: string
  readonly only: 'squawk' | 'us'
  readonly statement: string
  /** What stands before it in its file. */
  readonly earlier: string
}

/** Differences on purpose, each with the reason, and how such a statement is known. */
const onPurpose: readonly { readonly because: string; readonly holds: (difference: Difference) => boolean }[] = [
  {
    because: 'the change has made the table, so nobody waits for it, with or without a transaction',
    holds: ({ only, statement, earlier }) =>
      only === 'squawk' && earlier.includes(`CREATE TABLE ${tableOf(statement)} (`)
  },
  {
    because: 'the change has emptied the table, so nothing in it is scanned, written anew or in the way',
    holds: ({ only, statement, earlier }) => only === 'squawk' && earlier.includes(`TRUNCATE ${tableOf(statement)} `)
  },
  {
    because: 'the change has added the column itself, so no release uses it',
    holds: ({ rule, only, statement, earlier }) =>
      (rule === 'ban-drop-column' || rule === 'renaming-column') &&
      only === 'squawk' &&
      earlier.includes(
        `ALTER TABLE ${tableOf(statement)} ADD COLUMN ${/COLUMN (\S+?);?(?: |$)/.exec(statement)?.[1] ?? ''} `
      )
  },
  {
    because: 'PostgreSQL refuses CONCURRENTLY in a transaction for every command, not for CREATE INDEX only (25001)',
    holds: ({ rule, only, statement }) =>
      rule === 'ban-concurrent-index-creation-in-transaction' && only === 'us' && !statement.startsWith('CREATE INDEX')
  }
]

function tableOf(statement: string): string {
  return /^(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX \S+ ON) (\S+)/.exec(statement)?.[1] ?? '-'
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'squawk-'))
  const paths = files.map((text, at) => {
    const path = join(folder, `${String(at).padStart(4, '0')}.sql`)
    writeFileSync(path, text)
    return path
  })
  const program = join(dirname(await pythonWith(['squawk-cli==2.70.0'])), 'squawk')
  said = await squawk(program, paths)
}, 300_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** What squawk says, as `file:line` → rules. Statements stand in lines of their own. */
async function squawk(program: string, paths: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const output = await new Promise<string>((resolve, reject) => {
    const options = { maxBuffer: 2 ** 28, env: { ...process.env, SQUAWK_DISABLE_UPDATE_CHECK: '1' } }
    execFile(program, ['--reporter', 'json', '--pg-version', '17.0', ...paths], options, (error, stdout) => {
      // It ends with 1 where it has something to say.
      if (stdout === '') reject(error ?? new Error('squawk said nothing'))
      else resolve(stdout)
    })
  })
  const found = new Map<string, Set<string>>()
  for (const { file, line, rule_name: rule } of JSON.parse(output) as {
    file: string
    line: number
    rule_name: string
  }[]) {
    // Its lines count from 0.
    const place = `${Number(basename(file, '.sql'))}:${line + 1}`
    found.set(place, (found.get(place) ?? new Set()).add(rule))
  }
  return found
}

/** What we say, with squawk's names. */
function ours(): ReadonlyMap<string, ReadonlySet<string>> {
  const everything = Object.fromEntries(lintRules.map(({ id }) => [id, 'error' as const]))
  const found = new Map<string, Set<string>>()
  for (const [at, text] of files.entries())
    for (const { rule, span } of lint([parsed(text)], { ...context, rules: everything }).findings)
      for (const [name, ids] of Object.entries(shared)) {
        if (!ids.includes(rule)) continue
        const place = `${at}:${span?.start.line ?? 0}`
        found.set(place, (found.get(place) ?? new Set()).add(name))
      }
  return found
}

test('squawk and the rules agree on at least 95 % of what either says, and differ for a known reason only', () => {
  const us = ours()
  let both = 0
  const differences: Difference[] = []
  for (const [at, text] of files.entries())
    for (const [line, statement] of text.split('\n').entries()) {
      const earlier = text.split('\n').slice(0, line).join('\n')
      const place = `${at}:${line + 1}`
      for (const rule of Object.keys(shared)) {
        const theirs = said.get(place)?.has(rule) === true
        const own = us.get(place)?.has(rule) === true
        if (theirs && own) both += 1
        else if (theirs || own) differences.push({ rule, only: theirs ? 'squawk' : 'us', statement, earlier })
      }
    }
  const unexplained = differences.filter((difference) => !onPurpose.some(({ holds }) => holds(difference)))
  console.log(
    `agreed ${both}, differed on purpose ${differences.length - unexplained.length}, otherwise ${unexplained.length}`
  )
  expect(both).toBeGreaterThan(1500)
  expect(unexplained.length / (both + unexplained.length)).toBeLessThan(0.05)
  const idle = onPurpose.filter(({ holds }) => !differences.some(holds))
  expect(idle.map(({ because }) => because)).toEqual([])
})

test('every rule of squawk is either compared or has a reason not to be', () => {
  const seen = new Set([...said.values()].flatMap((rules) => [...rules]))
  const unknown = [...seen].filter((rule) => shared[rule] === undefined && differing[rule] === undefined)
  expect(unknown).toEqual([])
})
