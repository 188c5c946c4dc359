import { expect, test } from '@jest/globals'
import { linted, rulesIn } from './linting.ts'

function alter(table: string, up: string, down: string): string {
  const block = (words: string): string => `    alter table(:${table}) do\n      ${words}\n    end`
  return `  def up do\n${block(up)}\n  end\n\n  def down do\n${block(down)}\n  end`
}

test.each([
  ['NOT NULL that the rollback keeps', 'modify :total, :integer, null: false', 'modify :total, :integer, null: false'],
  ['a length that the rollback shortens', 'modify :name, :string, size: 80', 'modify :name, :string, size: 40'],
  ['the type that the rollback gives too', 'modify :total, :bigint', 'modify :total, :bigint']
])('the rollback says what a column was: no error about %s', (_, up, down) => {
  expect(rulesIn(linted(alter('orders', up, down), 'ecto', { timeoutsSet: true }))).toEqual([])
})

test.each([
  ['set-not-null', 'modify :total, :integer, null: false', 'modify :total, :integer, null: true'],
  ['set-not-null', 'modify :total, :integer, null: false', 'modify :number, :integer, null: false'],
  ['alter-column-type', 'modify :total, :bigint', 'modify :total, :integer']
])('the rollback shows what changes: %s', (rule, up, down) => {
  expect(rulesIn(linted(alter('orders', up, down), 'ecto'))).toContain(rule)
})

test('the rollback of another table says nothing', () => {
  const down = 'execute "ALTER TABLE users ALTER COLUMN total SET NOT NULL"'
  const text = `  def up do\n    alter table(:orders) do\n      modify :total, :integer, null: false\n    end\n  end\n\n  def down do\n    ${down}\n  end`

  expect(rulesIn(linted(text, 'ecto'))).toContain('set-not-null')
})

const newKey = 'modify :user_id, references(:users, on_delete: :delete_all), null: false'

test('a foreign key that is made anew repeats the NOT NULL of its column', () => {
  const drop = 'drop constraint(:orders, "orders_user_id_fkey")'
  const text = `  def up do\n    ${drop}\n\n    alter table(:orders) do\n      ${newKey}\n    end\n  end`

  const rules = rulesIn(linted(text, 'ecto'))

  expect(rules).toContain('add-foreign-key')
  expect(rules).not.toContain('set-not-null')
})

test.each([
  ['without a drop before it', `alter table(:orders) do\n      ${newKey}\n    end`],
  [
    'that says what the column was',
    `drop constraint(:orders, "orders_user_id_fkey")\n\n    alter table(:orders) do\n      ${newKey}, from: references(:users)\n    end`
  ]
])('a foreign key %s may make its column NOT NULL', (_, up) => {
  expect(rulesIn(linted(`  def up do\n    ${up}\n  end`, 'ecto'))).toContain('set-not-null')
})

test('modify to :text or :utc_datetime_usec is taken for what widens a column', () => {
  const words = 'modify :name, :text\n      modify :born, :utc_datetime_usec'

  expect(
    rulesIn(linted(`  def change do\n    alter table(:users) do\n      ${words}\n    end\n  end`, 'ecto'))
  ).not.toContain('alter-column-type')
})

test.each(['sql', 'prisma'] as const)('in %s any type may become text, so it is told', (framework) => {
  expect(rulesIn(linted('ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE TEXT;', framework))).toContain(
    'alter-column-type'
  )
})

test.each([
  ['CREATE TABLE archive.users AS SELECT * FROM users; DROP TABLE users;', 'drop-table'],
  ['CREATE TABLE archive.users (id int); ALTER TABLE users DROP COLUMN age;', 'drop-column'],
  ['CREATE TABLE users (id int); DROP TABLE archive.users;', 'drop-table'],
  ['CREATE TEMPORARY TABLE users (id int); DROP TABLE public.users;', 'drop-table'],
  ['CREATE TABLE archive.orders (id int); CREATE INDEX i ON orders (total);', 'create-index-not-concurrently'],
  ["CREATE TYPE archive.mood AS ENUM ('a'); ALTER TYPE mood RENAME VALUE 'sad' TO 'low';", 'rename-enum-value']
])('a new table or type says nothing of one in another schema: %s', (text, rule) => {
  expect(rulesIn(linted(text))).toContain(rule)
})

test.each([
  'CREATE TABLE public.notes (id int); DROP TABLE notes;',
  'CREATE TABLE notes (id int); DROP TABLE public.notes;',
  'SET search_path = archive, public; CREATE TABLE notes (id int); DROP TABLE archive.notes;',
  'SET search_path TO "$user", public; CREATE TABLE notes (id int); DROP TABLE public.notes;',
  'CREATE TEMPORARY TABLE scratch (id int); DROP TABLE pg_temp.scratch;'
])('a new table is known by either name: %s', (text) => {
  expect(rulesIn(linted(text))).not.toContain('drop-table')
})

test('a unique key of columns that are added with it is told, unless one of them is told anyway', () => {
  const harmless = 'ALTER TABLE users ADD COLUMN nick text, ADD CONSTRAINT users_nick_key UNIQUE (nick);'
  const failing = 'ALTER TABLE users ADD COLUMN nick text NOT NULL, ADD CONSTRAINT users_nick_key UNIQUE (nick);'

  expect(rulesIn(linted(harmless))).toContain('add-unique-constraint')
  expect(rulesIn(linted(failing))).toEqual(expect.arrayContaining(['add-column-not-null']))
  expect(rulesIn(linted(failing))).not.toContain('add-unique-constraint')
})

const long = 'a_column_whose_name_goes_on_and_on'

test.each([
  ['create index(:orders, [:user_id, :PLACE])', false],
  ['create unique_index(:orders, [:user_id, :PLACE])', true],
  ['alter table(:orders) do\n      add :PLACE_and_on_and_on, references(:users)\n    end', true]
])('a derived name that is too long matters where changesets name it: %s', (words, told) => {
  const text = `  def change do\n    ${words.replace('PLACE', `${long}_${long.slice(0, 12)}`)}\n  end`

  expect(rulesIn(linted(text, 'ecto')).includes('identifier-too-long')).toBe(told)
})

test('a constraint that one ALTER TABLE adds and validates is told outside of transactions too', () => {
  const text = 'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID, VALIDATE CONSTRAINT c;'

  expect(rulesIn(linted(text, 'prisma', { prisma: '7.5.0' }))).toContain('validate-in-transaction')
})

test('a rollback that gives a column two types says neither', () => {
  const up = 'modify :total, :bigint'
  const down = 'modify :total, :bigint\n      modify :total, :integer'

  expect(rulesIn(linted(alter('orders', up, down), 'ecto'))).toContain('alter-column-type')
})

test('a foreign key of a new, empty column is no slow statement under a lock', () => {
  const text = 'ALTER TABLE orders DROP COLUMN state; ALTER TABLE orders ADD COLUMN buyer_id int REFERENCES users (id);'

  expect(rulesIn(linted(text, 'prisma', { prisma: '6.0.0' }))).not.toContain('long-statement-under-lock')
})

test('NOT NULL believes a validated CHECK from PostgreSQL 12 on', () => {
  const text =
    'ALTER TABLE users ADD CONSTRAINT c CHECK (email IS NOT NULL) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c; ALTER TABLE users ALTER COLUMN email SET NOT NULL;'

  expect(rulesIn(linted(text, 'sql', { postgres: 11 }))).toContain('set-not-null')
  expect(rulesIn(linted(text, 'sql', { postgres: 12 }))).not.toContain('set-not-null')
})

test.each([
  ['numeric(10, 2)', 'numeric(12, 4)'],
  ['varchar(9)', 'varchar(9)[]'],
  ['text[]', 'varchar(3)[]']
])('%s to %s writes the table anew', (from, to) => {
  const text = `ALTER TABLE users ADD COLUMN w ${from}; ALTER TABLE users ALTER COLUMN w TYPE ${to} USING w::${to};`

  expect(rulesIn(linted(text))).toContain('alter-column-type')
})

test('the drop of another constraint does not make NOT NULL a repetition', () => {
  const text = `  def up do\n    drop constraint(:orders, "another")\n\n    alter table(:orders) do\n      ${newKey}\n    end\n  end`

  expect(rulesIn(linted(text, 'ecto'))).toContain('set-not-null')
})

test.each([
  ['7.3.0', true],
  ['7.4.0', false]
])('Prisma %s runs a file of two statements as one transaction: %s', (prisma, refused) => {
  const text = 'CREATE INDEX CONCURRENTLY i ON users (email); CREATE INDEX CONCURRENTLY j ON users (age);'

  expect(rulesIn(linted(text, 'prisma', { prisma })).includes('concurrently-in-transaction')).toBe(refused)
})
