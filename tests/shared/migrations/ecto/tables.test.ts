import { describe, expect, test } from '@jest/globals'
import { operationsIn, readChange, readModule } from './reading.ts'

describe('create table', () => {
  test('has the columns of its block, and the id that Ecto adds', async () => {
    const operations = await operationsIn(`
      create table(:users) do
        add :name, :string, null: false
        add :org_id, references(:orgs)
        timestamps()
      end`)
    expect(operations).toMatchObject([
      {
        kind: 'create-table',
        table: { name: 'users' },
        ifNotExists: false,
        columns: [
          { name: 'id', serial: true, type: { name: 'int8' } },
          { name: 'name', notNull: true },
          { name: 'org_id', constraints: [{ kind: 'foreign-key', name: 'users_org_id_fkey' }] },
          { name: 'inserted_at' },
          { name: 'updated_at' }
        ],
        constraints: [{ kind: 'primary-key', columns: ['id'] }]
      }
    ])
    expect(operations).toHaveLength(1)
  })

  test.each([
    ['create table(:t, primary_key: false)', { columns: [], constraints: [] }],
    [
      'create table(:t, primary_key: [name: :key, type: :uuid])',
      { columns: [{ name: 'key', type: { name: 'uuid' } }] }
    ],
    ['create table("t", prefix: "app")', { table: { schema: 'app', name: 't' } }],
    ['create table(:t, prefix: :app)', { table: { schema: 'app', name: 't' } }],
    ['create table(:t, prefix: prefix())', { table: { name: 't' } }],
    ['create_if_not_exists table(:t)', { ifNotExists: true }],
    ['create(table(:t))', { columns: [{ name: 'id' }] }],
    ['create table(:t, modifiers: "TEMPORARY")', { temporary: true }],
    ['create table(:t), do: add(:a, :text)', { columns: [{ name: 'id' }, { name: 'a' }] }],
    ['table(:t) |> create()', { table: { name: 't' } }],
    ['Ecto.Migration.create(Ecto.Migration.table(:t))', { table: { name: 't' } }]
  ])('%s', async (words, expected) => {
    expect(await operationsIn(words)).toMatchObject([{ kind: 'create-table', ...expected }])
  })

  test('takes the columns that say primary_key as its key', async () => {
    const operations = await operationsIn(`
      create table(:t, primary_key: false) do
        add :a, :uuid, primary_key: true
        add :b, :uuid, primary_key: true
      end`)
    expect(operations).toMatchObject([{ constraints: [{ kind: 'primary-key', columns: ['a', 'b'] }] }])
  })
})

describe('alter table', () => {
  test('is one statement for each line of its block, so that each has its place', async () => {
    const { statements } = await readChange('alter table(:t) do\n  add :a, :text\n  remove :b\nend')
    expect(statements.map(({ span, operations, written }) => [span.start.line, operations[0]?.kind, written])).toEqual([
      [5, 'add-column', 'dsl'],
      [6, 'drop-column', 'dsl']
    ])
  })

  test('adds a primary key behind its columns', async () => {
    expect(await operationsIn('alter table(:t) do\n  add :a, :serial, primary_key: true\nend')).toMatchObject([
      { kind: 'add-column', column: { name: 'a', serial: true } },
      { kind: 'add-constraint', constraint: { kind: 'primary-key', columns: ['a'] } }
    ])
  })
})

test.each([
  ['drop table(:t)', { kind: 'drop-table', table: { name: 't' }, ifExists: false, cascade: false }],
  ['drop_if_exists table(:t)', { kind: 'drop-table', ifExists: true }],
  ['drop table(:t), mode: :cascade', { kind: 'drop-table', cascade: true }],
  ['rename table(:t), to: table(:u)', { kind: 'rename-table', table: { name: 't' }, to: 'u' }],
  ['rename table(:t), :a, to: :b', { kind: 'rename-column', table: { name: 't' }, column: 'a', to: 'b' }],
  ['rename(table("t", prefix: "s"), :a, to: :b)', { kind: 'rename-column', table: { schema: 's', name: 't' } }],
  ['rename index(:t, [:a]), to: "own"', { kind: 'rename-index', index: 't_a_index', to: 'own' }]
])('%s', async (words, expected) => {
  expect(await operationsIn(words)).toEqual([expect.objectContaining(expected)])
})

describe('create index', () => {
  test.each([
    ['create index(:t, [:a])', { index: 't_a_index', columns: ['a'], concurrently: false, unique: false }],
    ['create index("t", :a)', { index: 't_a_index', columns: ['a'] }],
    ['create unique_index(:t, [:a, :b])', { index: 't_a_b_index', columns: ['a', 'b'], unique: true }],
    ['create index(:t, [:a], unique: true, concurrently: true)', { unique: true, concurrently: true }],
    ['create index(:t, [desc: :a])', { index: 't_a_index', columns: ['a'] }],
    ['create index(:t, ["lower(a)"])', { index: 't_lower_a_index', columns: [''] }],
    ['create index(:t, ["a"])', { columns: ['a'] }],
    ['create index(:t, [:a], name: :own)', { index: 'own' }],
    ['create index(:t, [:a], name: "own", where: "a > 1", using: :gin, include: [:b])', { index: 'own' }],
    ['create index(:t, [:a], prefix: :app)', { table: { schema: 'app', name: 't' } }],
    ['create_if_not_exists index(:t, [:a])', { ifNotExists: true }],
    ['create(index(:t, [:a]))', { index: 't_a_index' }],
    ['index(:t, [:a]) |> create()', { index: 't_a_index' }],
    ['create index(:t, ~w(a b)a)', { columns: ['a', 'b'] }]
  ])('%s', async (words, expected) => {
    expect(await operationsIn(words)).toEqual([expect.objectContaining({ kind: 'create-index', ...expected })])
  })
})

test.each([
  ['drop index(:t, [:a])', { index: 't_a_index', table: { name: 't' }, concurrently: false, ifExists: false }],
  ['drop index(:t, [:a], concurrently: true)', { concurrently: true }],
  ['drop_if_exists index(:t, [], name: :own, prefix: "app")', { index: 'own', schema: 'app', ifExists: true }],
  ['drop unique_index(:t, [:a])', { index: 't_a_index' }]
])('%s', async (words, expected) => {
  expect(await operationsIn(words)).toEqual([expect.objectContaining({ kind: 'drop-index', ...expected })])
})

describe('an index whose concurrency is computed', () => {
  const index = '  def change, do: create(index(:t, [:a], concurrently: Org.concurrently?()))'

  test.each([
    ['', false],
    ['  @disable_ddl_transaction true\n', true]
  ])('is what can succeed, and told: %j', async (attribute, concurrently) => {
    const { statements, notAnalysed } = await readModule(`${attribute}${index}`)
    expect(statements[0]?.operations).toMatchObject([{ kind: 'create-index', concurrently }])
    expect(notAnalysed.map(({ why, partly }) => [why, partly])).toContainEqual([
      'whether index t_a_index is concurrent',
      true
    ])
  })
})

describe('a constraint', () => {
  test.each([
    ['check: "a > 0"', { kind: 'check', name: 'own', notValid: false, provesNotNull: [] }],
    ['check: "a IS NOT NULL", validate: false', { kind: 'check', notValid: true }],
    ['check: "a IS NOT NULL AND b IS NOT NULL"', { kind: 'check', provesNotNull: ['a', 'b'] }],
    ['exclude: ~s|gist (room WITH =, during WITH &&)|', { kind: 'exclude', columns: ['room', 'during'] }]
  ])('with %s', async (options, expected) => {
    expect(await operationsIn(`create constraint(:t, :own, ${options})`)).toEqual([
      { kind: 'add-constraint', table: { name: 't' }, constraint: expect.objectContaining(expected) }
    ])
  })

  test('is dropped by its name', async () => {
    expect(await operationsIn('drop constraint("t", "own")')).toEqual([
      { kind: 'drop-constraint', table: { name: 't' }, constraint: 'own' }
    ])
  })

  test('whose condition is computed is made all the same, and told', async () => {
    const { statements, notAnalysed } = await readChange('create constraint(:t, :own, check: Org.condition())')
    expect(statements[0]?.operations).toMatchObject([{ constraint: { kind: 'check', name: 'own', notValid: false } }])
    expect(notAnalysed.map(({ why, partly }) => [why, partly])).toContainEqual([
      'the condition of constraint own',
      true
    ])
  })
})
