import { expect, test } from '@jest/globals'
import { lint } from '../../../../actions/shared/migrations/lint.ts'
import { context, linted, migrationsOf, parsed, rulesIn } from './linting.ts'

/** The DSL of Ecto: a change that harms, the rule, and what its recipe must say. */
const changes: readonly (readonly [rule: string, change: string, recipe: RegExp | undefined])[] = [
  [
    'create-index-not-concurrently',
    'create index(:users, [:email], where: "age > 3")',
    /@disable_ddl_transaction true\n {2}@disable_migration_lock true\n\n[^]*create index\(:users, \[:email\], where: "age > 3", concurrently: true\)/
  ],
  [
    'create-index-not-concurrently',
    'create unique_index("users", [:email, :age], name: "by (email)")',
    /name: "by \(email\)", concurrently: true\)/
  ],
  [
    'drop-index-not-concurrently',
    'drop index(:users, [:email])',
    /drop index\(:users, \[:email\], concurrently: true\)/
  ],
  [
    'add-foreign-key',
    'alter table(:orders) do\n      modify :user_id, references(:users, on_delete: :delete_all)\n    end',
    /ADD CONSTRAINT "orders_user_id_fkey"[^]*REFERENCES "users"[^]*ON DELETE CASCADE NOT VALID[^]*VALIDATE CONSTRAINT "orders_user_id_fkey"/
  ],
  [
    'add-check-constraint',
    'create constraint(:users, :adult, check: "age > 17")',
    /create constraint\(:users, :adult, check: "age > 17", validate: false\)[^]*VALIDATE CONSTRAINT "adult"/
  ],
  ['add-column-not-null', 'alter table(:users) do\n      add :phone, :string, null: false\n    end', /SET NOT NULL/],
  ['set-not-null', 'alter table(:users) do\n      modify :email, :string, null: false\n    end', /VALIDATE/],
  ['alter-column-type', 'alter table(:users) do\n      modify :age, :bigint\n    end', /"age_new"/],
  [
    'drop-column',
    'alter table(:users) do\n      remove :age, :integer\n    end',
    /# migration-guard: ignore drop-column/
  ],
  ['drop-table', 'drop table(:users)', /# migration-guard: ignore drop-table: [^]*drop table\(:users\)/],
  ['rename-column', 'rename table(:users), :age, to: :years', undefined],
  ['rename-table', 'rename table(:users), to: table(:people)', /CREATE VIEW "users"/]
]

test.each(changes)('%s: %s', (rule, change, wanted) => {
  const { findings } = linted(`  def change do\n    ${change}\n  end`, 'ecto')
  const finding = findings.find((one) => one.rule === rule)
  expect(findings.map((one) => one.rule)).toContain(rule)
  if (wanted === undefined) return
  expect(finding?.recipe?.text).toMatch(wanted)
  const files = migrationsOf(finding?.recipe ?? { language: '', text: '' }).map((file, at) =>
    parsed(file, 'ecto', `2026010100000${at}`)
  )
  expect(files.flatMap(({ notAnalysed, syntaxError }) => [...notAnalysed, syntaxError ?? []].flat())).toEqual([])
  expect(lint(files, context).findings.filter(({ level }) => level === 'error')).toEqual([])
})

test('a module of a recipe is named beside the modules that are there', () => {
  const [finding] = linted('  def change do\n    create index(:users, [:email])\n  end', 'ecto').findings
  expect(finding?.recipe?.text).toMatch(
    /^# mix ecto\.gen\.migration (\S+)[^]*defmodule Acme\.Repo\.Migrations\.Add\w+ do/
  )
})

test('new tables may be changed as one likes', () => {
  const { findings } = linted(
    `  def change do
    create table(:notes) do
      add :user_id, references(:users), null: false
    end

    create index(:notes, [:user_id])
    create constraint(:notes, :some, check: "id > 0")

    alter table(:notes) do
      add :body, :text, null: false
      modify :user_id, :bigint, null: false
    end
  end`,
    'ecto'
  )
  expect(findings).toEqual([])
})

test('a type that modify repeats beside null: or default: is not a change', () => {
  const change = '  def change do\n    alter table(:users) do\n      modify :age, :integer, null: true\n    end\n  end'
  expect(rulesIn(linted(change, 'ecto'))).not.toContain('alter-column-type')
})

test('what from: says decides whether the table is written anew', () => {
  const modify = (from: string, to: string): string =>
    `  def change do\n    alter table(:users) do\n      modify :name, ${to}, from: ${from}\n    end\n  end`
  expect(rulesIn(linted(modify(':string', ':text'), 'ecto'))).not.toContain('alter-column-type')
  expect(rulesIn(linted(modify(':integer', ':bigint'), 'ecto'))).toContain('alter-column-type')
})

test('down is left alone', () => {
  const change = '  def up do\n    execute("SELECT 1")\n  end\n\n  def down do\n    drop table(:users)\n  end'
  expect(linted(change, 'ecto').findings).toEqual([])
})

const concurrently = '  def change do\n    create index(:users, [:email], concurrently: true)\n  end'
const ddl = '  @disable_ddl_transaction true\n'
const lock = '  @disable_migration_lock true\n'

test.each([
  ['table', '', ['concurrently-in-transaction']],
  ['table', ddl, ['concurrently-with-migration-lock']],
  ['table', ddl + lock, []],
  ['advisory', ddl, []],
  ['advisory', '', ['concurrently-in-transaction']],
  ['unknown', ddl, []]
] as const)('CONCURRENTLY with the %s lock and attributes %j', (ectoLock, attributes, rules) => {
  expect(rulesIn(linted(attributes + concurrently, 'ecto', { ectoLock }))).toEqual(rules)
})

test.each([
  [
    'a loop’s variable',
    'for t <- [:users, :orders], do: create(index(t, ["lower(email)"], where: "age > 1"))',
    /execute\(\s*"+\s*CREATE INDEX CONCURRENTLY "users_lower_email_index" ON "users" \(lower\(email\)\) WHERE age > 1/
  ],
  [
    'an index that a variable holds',
    'i = index(:users, ["lower(email)"], where: "age > 1")\n    create i',
    /ON "users" \(lower\(email\)\) WHERE age > 1/
  ],
  [
    'the options of a reference',
    'alter table(:orders) do\n      modify :user_id, references(:users, column: :uid, match: :full, on_delete: {:nilify, [:user_id]})\n    end',
    /REFERENCES "users" \("uid"\) MATCH FULL ON DELETE SET NULL \("user_id"\) NOT VALID/
  ]
])('%s is written out in a recipe', (_what, change, wanted) => {
  const { findings } = linted(`  def change do\n    ${change}\n  end`, 'ecto')
  expect(findings.flatMap(({ recipe }) => recipe?.text ?? []).join('\n')).toMatch(wanted)
})

test.each([
  'execute "ALTER TABLE #{table()} ADD CONSTRAINT c CHECK (a > 0)"',
  'create index(:users, [:a], where: "a = #{value()}")',
  'create index(table(), [:a])',
  'drop table(name())'
])('what is known only when it runs has no recipe: %s', (change) => {
  const { findings } = linted(`  def change do\n    ${change}\n  end`, 'ecto')
  const locking = findings.filter(({ lock }) => lock !== undefined)
  expect(locking.length).toBeGreaterThan(0)
  expect(locking.flatMap(({ recipe }) => recipe?.text ?? [])).toEqual([])
})

test('a module with a name that is no alias is named as others are', () => {
  const text =
    'defmodule :"Elixir.Acme.Drop" do\n  use Ecto.Migration\n  def change, do: create(index(:users, [:email]))\nend'
  const [finding] = linted(text, 'ecto').findings
  expect(finding?.recipe?.text).toMatch(/defmodule MyApp\.Repo\.Migrations\.AddUsersEmailIndex do/)
})
