import { describe, expect, test } from '@jest/globals'
import type { Operation } from '../../../../actions/shared/migrations/operation.ts'
import { operationsIn, operationsOf, readChange, readModule } from './reading.ts'

const tables = (operations: readonly Operation[]) =>
  operations.map((operation) => ('table' in operation ? operation.table.name : '?'))

describe('a loop over what is written down runs once for each item', () => {
  test.each([
    ['for t <- [:a, :b], do: drop(table(t))'],
    ['for t <- ~w(a b) do\n  drop table(t)\nend'],
    ['for {t, _} <- [a: 1, b: 2], do: drop(table(t))'],
    ['for %{name: t} <- [%{name: "a"}, %{name: "b"}], do: drop(table(t))'],
    ['for t <- [:a, :c, :b], t != :c, do: drop(table(t))'],
    ['Enum.each([:a, :b], fn t -> drop(table(t)) end)'],
    ['Enum.each([:a, :b], &drop(table(&1)))'],
    ['[:a, :b] |> Enum.map(&table/1) |> Enum.each(&drop/1)'],
    ['["DROP TABLE a", "DROP TABLE b"] |> Enum.each(&execute/1)'],
    ['Enum.each(~w(a b), &execute("DROP TABLE #{&1}"))'],
    ['Enum.each(~w(a b), fn t -> execute("DROP TABLE #{t}") end)'],
    ['tables = [:a] ++ [:b]\nfor t <- tables, do: drop(table(t))']
  ])('%s', async (words) => {
    const { statements, notAnalysed } = await readChange(words)
    expect(tables(statements.flatMap(({ operations }) => operations))).toEqual(['a', 'b'])
    expect(statements.every(({ conditional }) => !conditional)).toBe(true)
    expect(notAnalysed).toEqual([])
  })

  test('and over anything else once, with names that are not known', async () => {
    const { statements, notAnalysed } = await readChange('for t <- repo().all(tables()), do: drop(table(t))')
    expect(statements).toMatchObject([{ conditional: true, operations: [{ kind: 'drop-table' }] }])
    expect(notAnalysed.map(({ why }) => why)).toContain('a table whose name is known only when it runs')
  })
})

describe('a condition', () => {
  test.each([
    ['if Org.ready?(), do: drop(table(:a)), else: drop(table(:b))'],
    ['unless Org.ready?() do\n  drop table(:a)\nelse\n  drop table(:b)\nend'],
    ['case Org.kind() do\n  :x -> drop(table(:a))\n  _ -> drop(table(:b))\nend'],
    ['cond do\n  Org.ready?() -> drop(table(:a))\n  true -> drop(table(:b))\nend']
  ])('that is computed has both ways: %s', async (words) => {
    const { statements } = await readChange(words)
    expect(tables(statements.flatMap(({ operations }) => operations))).toEqual(['a', 'b'])
    expect(statements.map(({ conditional }) => conditional)).toEqual([true, true])
  })

  test.each([
    ['if true, do: drop(table(:a)), else: drop(table(:b))'],
    ['case :x do\n  :x -> drop(table(:a))\n  :y -> drop(table(:b))\nend'],
    ['if "x" == "x", do: drop(table(:a)), else: drop(table(:b))']
  ])('that is written down has one way: %s', async (words) => {
    const { statements } = await readChange(words)
    expect(tables(statements.flatMap(({ operations }) => operations))).toEqual(['a'])
    expect(statements.map(({ conditional }) => conditional)).toEqual([false])
  })

  test.each([
    ['if direction() == :up, do: drop(table(:a)), else: drop(table(:b))'],
    ['if direction() == :up do\n  drop table(:a)\nend\nif direction() == :down do\n  drop table(:b)\nend'],
    ['unless direction() == :down, do: drop(table(:a)), else: drop(table(:b))'],
    ['case direction() do\n  :up -> drop(table(:a))\n  :down -> drop(table(:b))\nend'],
    ['execute(fn -> drop(table(:a)) end, fn -> drop(table(:b)) end)']
  ])('on the direction parts the ways: %s', async (words) => {
    const migration = await readChange(words)
    expect(tables(operationsOf(migration, 'up'))).toEqual(['a'])
    expect(tables(operationsOf(migration, 'down'))).toEqual(['b'])
    expect(migration.statements.map(({ conditional }) => conditional)).toEqual([false, false])
    expect(migration.ecto?.irreversible).toEqual([])
  })
})

describe('up and down', () => {
  test('are read apart', async () => {
    const migration = await readModule('  def up, do: drop(table(:a))\n  def down, do: create(table(:a))')
    expect(migration.statements.map(({ direction, operations }) => [direction, operations[0]?.kind])).toEqual([
      ['up', 'drop-table'],
      ['down', 'create-table']
    ])
  })

  test('are not told as not analysed where only a rollback comes by', async () => {
    const { notAnalysed } = await readModule('  def up, do: Org.up()\n  def down, do: Org.down()')
    expect(notAnalysed.map(({ why }) => why)).toEqual(['a function of the application: Org.up/0'])
  })

  test('inside of a condition of the module are read as such', async () => {
    const { statements } = await readModule('  if @on do\n    def change, do: drop(table(:a))\n  end')
    expect(statements).toMatchObject([{ conditional: true, operations: [{ kind: 'drop-table' }] }])
  })

  test('come with what Ecto runs around them', async () => {
    const migration = await readModule(
      '  def after_begin, do: execute("SET lock_timeout TO \'5s\'")\n  def up, do: drop(table(:a))'
    )
    expect(operationsOf(migration).map(({ kind }) => kind)).toEqual(['set-parameter', 'drop-table'])
  })
})

describe('a function of the same module', () => {
  test('adds columns to the table whose block calls it', async () => {
    const migration = await readModule(`
  def change do
    create table(:a) do
      owner(:user_id)
    end
  end
  defp owner(name), do: add(name, references(:users))`)
    expect(operationsOf(migration)).toMatchObject([
      { table: { name: 'a' }, columns: [{ name: 'id' }, { name: 'user_id' }] }
    ])
  })

  test('runs the clause that fits', async () => {
    const migration = await readModule(`
  def up, do: go(:a)
  defp go(:b), do: drop(table(:b))
  defp go(:a), do: drop(table(:a))`)
    expect(tables(operationsOf(migration))).toEqual(['a'])
  })

  test('that calls itself for ever ends', async () => {
    const { notAnalysed } = await readModule('  def up, do: go(1)\n  defp go(n), do: go(n)')
    expect(notAnalysed.map(({ why }) => why)).toEqual(['calls and loops that go on for longer than is followed'])
  })
})

describe('what touches the database and cannot be read is told', () => {
  test.each([
    ['Oban.Migration.up(version: 12)', 'a function of the application: Oban.Migration.up/1'],
    ['constructor(:a)', 'a function of the application: constructor/1'],
    ['repo().toString(:a)', 'a call of the repository: toString/1'],
    ['create_enum(:kind, [:a])', 'a function of the application: create_enum/2'],
    ['create Org.index()', 'a function of the application: Org.index/0'],
    ['add :a, :text', 'add outside of create table and alter table']
  ])('%s', async (words, why) => {
    expect((await readChange(words)).notAnalysed.map((one) => one.why)).toContain(why)
  })

  test.each([
    ['Logger.info("now")'],
    ['IO.puts("now")'],
    ['require Logger'],
    ['alias Org.Repo'],
    ['flush()'],
    ['raise "no way back"'],
    [':ok'],
    ['now = DateTime.utc_now()'],
    ['name = String.upcase("a")']
  ])('and %s is nothing of the kind', async (words) => {
    const { statements, notAnalysed } = await readChange(words)
    expect([statements, notAnalysed]).toEqual([[], []])
  })

  test('with the place of the call', async () => {
    const { notAnalysed } = await readChange('    Oban.Migration.up()')
    expect(notAnalysed[0]?.span).toEqual({ start: { line: 4, column: 5 }, end: { line: 4, column: 24 } })
  })
})

test('a pipe into a name without parentheses is a call', async () => {
  expect(tables(await operationsIn('table(:a) |> drop'))).toEqual(['a'])
})
