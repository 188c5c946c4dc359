import { describe, expect, test } from '@jest/globals'
import { readEctoOutline } from '../../../../actions/shared/migrations/ecto/ecto-outline.ts'
import { loadElixirParser } from '../../../../actions/shared/parsers.ts'
import { readChange, readFile, readModule } from './reading.ts'

describe('a module', () => {
  test('is named with its place', async () => {
    const { ecto } = await readChange('')
    expect(ecto).toMatchObject({
      module: 'Org.Repo.Migrations.A',
      moduleSpan: { start: { line: 1, column: 11 }, end: { line: 1, column: 32 } },
      disableDdlTransaction: false,
      disableMigrationLock: false,
      functions: { up: false, down: false, change: true }
    })
  })

  test('says what Ecto leaves out for it', async () => {
    const { ecto } = await readModule(
      '  @disable_ddl_transaction true\n  @disable_migration_lock true\n  def up, do: :ok'
    )
    expect(ecto).toMatchObject({ disableDdlTransaction: true, disableMigrationLock: true, functions: { up: true } })
  })

  test('that says false leaves nothing out', async () => {
    expect((await readModule('  @disable_ddl_transaction false')).ecto?.disableDdlTransaction).toBe(false)
  })

  test("may use a module of the application that uses Ecto's", async () => {
    const { ecto, statements } = await readFile(
      'defmodule A do\n  use Org.Migration\n  def up, do: drop(table(:a))\nend'
    )
    expect(ecto?.module).toBe('A')
    expect(statements).toHaveLength(1)
  })

  test('is the one that migrates, where a file has several', async () => {
    const { ecto } = await readFile('defmodule A do\nend\ndefmodule B do\n  use Ecto.Migration\nend')
    expect(ecto?.module).toBe('B')
  })

  test('is missing in a file without a migration', async () => {
    const { ecto, statements } = await readFile('IO.puts("x")')
    expect([ecto?.module, statements]).toEqual([undefined, []])
  })
})

describe('a rollback of change', () => {
  test.each([
    ['execute "SELECT 1"', 'execute without SQL for the way back'],
    ['drop table(:t)', 'drop of table t'],
    ['drop constraint(:t, :c)', 'drop of constraint c'],
    ['alter table(:t) do\n  remove :a\nend', 'remove of column a without its type'],
    ['alter table(:t) do\n  remove_if_exists :a, :text\nend', 'remove_if_exists of column a'],
    ['alter table(:t) do\n  add_if_not_exists :a, :text\nend', 'add_if_not_exists'],
    ['alter table(:t) do\n  modify :a, :text\nend', 'modify of column a without from:']
  ])('is refused by Ecto for %s', async (words, what) => {
    const { ecto } = await readChange(words)
    expect(ecto?.irreversible.map((one) => one.what)).toEqual([what])
    expect(ecto?.irreversible[0]?.hint).not.toBe('')
  })

  test.each([
    ['execute "SELECT 1", ""'],
    ['create table(:t)'],
    ['create_if_not_exists index(:t, [:a])'],
    ['create constraint(:t, :c, check: "a > 0")'],
    ['drop index(:t, [:a])'],
    ['rename table(:t), to: table(:u)'],
    ['rename table(:t), :a, to: :b'],
    ['alter table(:t) do\n  add :a, :text\n  remove :b, :text\n  modify :c, :text, from: :string\nend'],
    ['if direction() == :up do\n  execute "SELECT 1"\nend']
  ])('works for %s', async (words) => {
    expect((await readChange(words)).ecto?.irreversible).toEqual([])
  })

  test('is not asked for what a down of its own takes back', async () => {
    const { ecto } = await readModule('  def change, do: execute("SELECT 1")\n  def down, do: :ok')
    expect(ecto?.irreversible).toEqual([])
  })

  test('needs a down for an up', async () => {
    expect((await readModule('  def up, do: :ok')).ecto?.irreversible.map(({ what }) => what)).toEqual([
      'up without down'
    ])
    expect((await readModule('  def up, do: :ok\n  def down, do: :ok')).ecto?.irreversible).toEqual([])
  })
})

describe('a description that nobody creates', () => {
  test.each([
    ['index(:t, [:a])', 'index(…) without create'],
    ['unique_index(:t, [:a])\ncreate table(:t)', 'unique_index(…) without create'],
    ['constraint(:t, :c, check: "a > 0")', 'constraint(…) without create'],
    ['for t <- [:a], do: index(t, [:a])', 'index(…) without create'],
    ['["DROP TABLE a"]', 'a list of SQL that no execute takes'],
    ['"DROP TABLE a"', 'SQL that no execute takes']
  ])('%s has no effect', async (words, what) => {
    const { ecto, statements } = await readChange(words)
    expect(ecto?.withoutEffect.map((one) => one.what)).toEqual([what])
    expect(statements.filter(({ operations }) => operations.some(({ kind }) => kind !== 'create-table'))).toEqual([])
  })

  test.each([
    ['create index(:t, [:a])'],
    ['i = index(:t, [:a])\ncreate i'],
    ['index(:t, [:a]) |> create()'],
    ['[index(:t, [:a])] |> Enum.each(&create/1)'],
    ['for c <- [:a], do: create(index(:t, [c]))']
  ])('%s has one', async (words) => {
    const { ecto, statements } = await readChange(words)
    expect(ecto?.withoutEffect).toEqual([])
    expect(statements).toMatchObject([{ operations: [{ kind: 'create-index' }] }])
  })
})

describe('a text that is no Elixir', () => {
  test.each([['defmodule A do'], ['def )('], ['"'], ['<<<<<<< HEAD\n=======\n>>>>>>> x']])(
    '%j is told and nothing of it is read',
    async (text) => {
      const { syntaxError, statements } = await readFile(text)
      expect(syntaxError?.message).toBe('Elixir could not be parsed here')
      expect(syntaxError?.span.start.line).toBeGreaterThan(0)
      expect(statements).toEqual([])
    }
  )
})

describe('comments that ask for silence', () => {
  const covers = async (body: string) => (await readChange(body)).suppressions.map((one) => [one.by, one.covers])

  test('cover the whole call that follows', async () => {
    expect(await covers('    # migration-guard: ignore\n    execute """\n    DROP TABLE a\n    """')).toEqual([
      ['migration-guard', { first: 5, last: 7 }]
    ])
  })

  test('cover the whole block that follows', async () => {
    expect(await covers('    # migration-guard: ignore\n    alter table(:t) do\n      remove :a\n    end')).toEqual([
      ['migration-guard', { first: 5, last: 7 }]
    ])
  })

  test('of excellent_migrations mean one line of a block', async () => {
    const comment = '# excellent_migrations:safety-assured-for-next-line column_removed'
    expect(await covers(`    alter table(:t) do\n      ${comment}\n      remove :a\n    end`)).toEqual([
      ['excellent_migrations', { first: 6, last: 6 }]
    ])
    expect(await covers(`    ${comment}\n    alter table(:t) do\n      remove :a\n    end`)).toEqual([
      ['excellent_migrations', { first: 5, last: 5 }]
    ])
  })

  test('count inside of SQL too, in lines of the file', async () => {
    const sql = '    execute """\n    SELECT 1;\n    -- squawk-ignore ban-drop-table\n    DROP TABLE a\n    """'
    expect(await covers(sql)).toEqual([['squawk', { first: 6, last: 7 }]])
  })

  test('that mean the file mean their own text inside of SQL', async () => {
    const sql = '    execute """\n    -- squawk-ignore-file\n    DROP TABLE a\n    """'
    expect(await covers(sql)).toEqual([['squawk', { first: 5, last: expect.any(Number) }]])
  })

  test('mean the file in Elixir', async () => {
    expect(await covers('    # migration-guard: ignore-file')).toEqual([['migration-guard', 'file']])
  })

  test('are none where they are text', async () => {
    expect(await covers('    Logger.info("# migration-guard: ignore-file")')).toEqual([])
  })
})

describe('an outline', () => {
  test('has the modules and functions of a file', async () => {
    const text = 'defmodule Org.A do\n  use Ecto.Migration\n  defmodule User do\n  end\n  def up, do: :ok\nend'
    expect(readEctoOutline(text, await loadElixirParser())).toMatchObject({
      module: 'Org.A',
      moduleSpan: { start: { line: 1, column: 11 } },
      modules: [{ name: 'Org.A' }, { name: 'Org.A.User' }],
      functions: { up: true, down: false, change: false }
    })
  })

  test('says where a text is no Elixir', async () => {
    expect(readEctoOutline('defmodule A do\n  def (', await loadElixirParser()).syntaxError).toBeDefined()
  })
})
