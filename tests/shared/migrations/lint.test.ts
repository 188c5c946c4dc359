import { describe, expect, test } from '@jest/globals'
import { lint, lintRules } from '../../../actions/shared/migrations/lint.ts'
import { peerRules } from '../../../actions/shared/migrations/peers.ts'
import { context, linted, parsed, rulesIn } from './rules/linting.ts'

describe('a change of several migrations', () => {
  const change = (...texts: readonly string[]): readonly string[] =>
    rulesIn(
      lint(
        texts.map((text, at) => parsed(text, 'prisma', `2026010100000${at}`)),
        { ...context, timeoutsSet: true }
      )
    )

  test('may index, constrain and drop what an earlier one of them has made', () => {
    expect(
      change(
        'CREATE TABLE "notes" ("id" INT, "user_id" INT);',
        'CREATE INDEX "n" ON "notes" ("id");',
        'ALTER TABLE "notes" ADD CONSTRAINT "f" FOREIGN KEY ("user_id") REFERENCES "users" ("id");',
        'ALTER TABLE "notes" ALTER COLUMN "id" TYPE BIGINT;',
        'DROP TABLE "notes";'
      )
    ).toEqual([])
  })

  test('may set NOT NULL where an earlier one has validated the proof', () => {
    expect(
      change(
        'ALTER TABLE "users" ADD CONSTRAINT "c" CHECK ("email" IS NOT NULL) NOT VALID;',
        'ALTER TABLE "users" VALIDATE CONSTRAINT "c";',
        'ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL;'
      )
    ).toEqual([])
  })

  test('may use an enum’s value in a later migration, not in the same transaction', () => {
    const add = `ALTER TYPE "mood" ADD VALUE 'calm';`
    const use = `ALTER TABLE "users" ALTER COLUMN "mood" SET DEFAULT 'calm';`
    expect(change(add, use)).toEqual([])
    expect(change(`${add}\n${use}`)).toEqual(['enum-value-used'])
  })

  test('does not forgive a table that goes and another that comes', () => {
    expect(
      change('DROP TABLE "users";', 'CREATE TABLE "users" ("id" INT);', 'CREATE INDEX "i" ON "users" ("id");')
    ).toEqual(['drop-table'])
  })
})

describe('what one statement does', () => {
  test('is told once, with every column', () => {
    const { findings } = linted(
      'ALTER TABLE users ADD COLUMN a int NOT NULL UNIQUE, ADD COLUMN b int NOT NULL REFERENCES orders (id), DROP COLUMN c, DROP COLUMN d;',
      'sql',
      { timeoutsSet: true }
    )
    expect(findings.map(({ rule, message }) => `${rule} ${message.split(':', 1)[0]}`)).toEqual([
      'add-column-not-null users.a, users.b',
      'drop-column users.c, users.d'
    ])
  })

  test('is told at its place, with its lock', () => {
    const [finding] = linted('SELECT 1;\n  CREATE INDEX i ON public.users (id);').findings
    expect(finding).toMatchObject({
      rule: 'create-index-not-concurrently',
      level: 'error',
      file: 'migrations/20260101000000_change/migration.sql',
      span: { start: { line: 2, column: 3 } },
      lock: { mode: 'SHARE', tables: ['users'], blocks: 'writes', rewrite: 'no' }
    })
  })
})

describe('levels', () => {
  const drop = 'ALTER TABLE users DROP COLUMN age;'

  test('come from the profile', () => {
    const levels = (['default', 'calm', 'strict'] as const).map(
      (profile) => linted(drop, 'sql', { profile, timeoutsSet: true }).findings[0]?.level
    )
    expect(levels).toEqual(['error', 'warning', 'error'])
  })

  test('of the configuration win', () => {
    const over = { timeoutsSet: true, rules: { 'drop-column': 'off' } } as const
    expect(linted(drop, 'sql', over).findings).toEqual([])
    expect(linted(drop, 'sql', { ...over, rules: { 'drop-column': 'notice' } }).findings[0]?.level).toBe('notice')
  })

  test('in calm are warnings for what is destroyed, indexes and foreign keys, unless the whole database goes', () => {
    const calm = lintRules.filter(({ levels }) => levels.default === 'error' && levels.calm !== 'error')
    expect(new Set(calm.map(({ family }) => family))).toEqual(new Set(['destructive', 'index', 'foreign-key']))
    expect(calm.every(({ levels }) => levels.calm === 'warning')).toBe(true)
  })
})

describe('comments', () => {
  const drop = 'ALTER TABLE users DROP COLUMN age;'

  test.each([
    ['-- migration-guard: ignore drop-column: nobody reads it\n', 'nobody reads it'],
    ['-- migration-guard: ignore\n', undefined],
    ['-- squawk-ignore ban-drop-column -- agreed\n', 'agreed'],
    ['-- atlas:nolint destructive\n', undefined],
    ['-- atlas:nolint DS103\n', undefined],
    ['-- squawk-ignore-file ban-drop-column\n\n', undefined]
  ])('silence with %j, and are told', (comment, reason) => {
    const { findings, silenced } = linted(comment + drop, 'sql', { timeoutsSet: true })
    expect(findings).toEqual([])
    expect(silenced).toMatchObject([
      { finding: { rule: 'drop-column' }, by: expect.stringContaining('line 1') as unknown, ...(reason && { reason }) }
    ])
  })

  test('of excellent_migrations silence Ecto’s', () => {
    const change = `  def change do
    # excellent_migrations:safety-assured-for-next-line table_dropped
    drop table(:users)
  end`
    const { findings, silenced } = linted(change, 'ecto', { timeoutsSet: true })
    expect([findings, silenced.map(({ finding }) => finding.rule)]).toEqual([[], ['drop-table']])
  })

  test('of excellent_migrations about raw SQL silence no words of Ecto', () => {
    const change = `  # excellent_migrations:safety-assured-for-this-file raw_sql_executed
  def change do
    execute "DROP TABLE users"
    drop table(:orders)
  end`
    const { findings, silenced } = linted(change, 'ecto', { timeoutsSet: true })
    expect(findings.map(({ message }) => message.split(':')[0])).toEqual(['orders'])
    expect(silenced.map(({ finding }) => finding.message.split(':')[0])).toEqual(['users'])
  })

  test.each(['-- squawk-ignore ban-drop-table\n', '-- migration-guard: ignore drop-table: no\n'])(
    'for another rule change nothing: %j',
    (comment) => {
      expect(rulesIn(linted(comment + drop, 'sql', { timeoutsSet: true }))).toEqual(['drop-column'])
    }
  )

  test('do nothing where the configuration does not allow them', () => {
    const text = `-- migration-guard: ignore drop-column: no\n${drop}`
    expect(rulesIn(linted(text, 'sql', { suppressions: false, timeoutsSet: true }))).toEqual(['drop-column'])
  })

  test('cannot silence that a file is not valid', () => {
    expect(rulesIn(linted('-- migration-guard: ignore-file: no\nDROP TABEL users;'))).toEqual(['syntax-error'])
  })
})

describe('names of rules', () => {
  test('are known to the comments', () => {
    for (const { id } of lintRules) expect([id, peerRules('migration-guard', id)]).toEqual([id, [id]])
  })

  test.each([
    ['squawk', 'ban-drop-table', ['drop-table']],
    ['squawk', 'ban-truncate-cascade', ['truncate']],
    ['atlas', 'DS102', ['drop-table']],
    ['atlas', 'ds103', ['drop-column']],
    ['atlas', 'MF104', ['set-not-null']],
    ['atlas', 'PG306', ['add-foreign-key']],
    ['excellent_migrations', 'table_dropped', ['drop-table']],
    ['excellent_migrations', 'column_removed', ['drop-column']]
  ] as const)('of %s: %s means no other rule', (by, name, wanted) => {
    expect(peerRules(by, name)).toEqual(wanted)
  })

  test('are what other tools’ names lead to', () => {
    const ids = new Set(lintRules.map(({ id }) => id))
    const names = {
      squawk: ['ban-drop-column', 'prefer-robust-stmts', 'transaction-nesting', 'require-timeout-settings'],
      atlas: ['destructive', 'data_depend', 'DS101', 'pg306', 'nestedtx'],
      excellent_migrations: ['raw_sql_executed', 'column_removed', 'not_null_added']
    } as const
    for (const by of ['squawk', 'atlas', 'excellent_migrations'] as const)
      for (const name of names[by]) {
        const ours = peerRules(by, name) ?? []
        expect([name, ours.length > 0, ours.filter((id) => !ids.has(id))]).toEqual([name, true, []])
      }
  })

  test('of nobody are unknown', () => {
    expect(peerRules('squawk', 'drop-column')).toBeUndefined()
    expect(peerRules('atlas', 'DS999')).toBeUndefined()
  })
})

test('a missing lock_timeout is told once a change, with the number of migrations', () => {
  const drop = (column: string, version: string): ReturnType<typeof parsed> =>
    parsed(`ALTER TABLE users DROP COLUMN ${column};`, 'prisma', version)
  const change = [drop('a', '20260101000000'), drop('b', '20260101000001'), drop('c', '20260101000002')]

  const told = lint(change, context).findings.filter(({ rule }) => rule === 'no-lock-timeout')

  expect(told.map(({ file, message }) => [file, message])).toEqual([
    [change[0]?.file.path, expect.stringMatching(/\(so in 2 more migrations of this change\)$/)]
  ])
  expect(lint(change, context).findings.filter(({ rule }) => rule === 'drop-column')).toHaveLength(3)
})
