import { describe, expect, test } from '@jest/globals'
import { operationsIn, operationsOf, readChange, readFile, readModule } from './reading.ts'

describe('SQL that execute sends', () => {
  test.each([
    ['a string', 'execute "DROP TABLE a"'],
    ['a call with parentheses', 'execute("DROP TABLE a")'],
    ['a pipe', '"DROP TABLE a" |> execute()'],
    ['a heredoc', 'execute """\nDROP TABLE a\n"""'],
    ['~s', 'execute ~s(DROP TABLE "a")'],
    ['~S', 'execute ~S[DROP TABLE "a"]'],
    ['~SQL', 'execute ~SQL"""\nDROP TABLE a\n"""'],
    ['escapes', 'execute "DROP TABLE \\"a\\"\\n"'],
    ['a joined string', 'execute "DROP TABLE " <> "a"'],
    ['a variable', 'sql = "DROP TABLE a"\nexecute sql'],
    ['an interpolated variable', 'name = "a"\nexecute "DROP TABLE #{name}"'],
    ['an interpolated atom', 'name = :a\nexecute "DROP TABLE #{name}"'],
    ['a function', 'execute fn -> repo().query!("DROP TABLE a") end'],
    ['a query', 'repo().query!("DROP TABLE a", [])'],
    ['a query of the adapter', 'Ecto.Adapters.SQL.query!(repo(), "DROP TABLE a", [])'],
    ['a query of the repository by name', 'Org.Repo.query("DROP TABLE a")']
  ])('is read as %s', async (_, words) => {
    expect(await operationsIn(words)).toEqual([
      { kind: 'drop-table', table: { name: 'a' }, ifExists: false, cascade: false }
    ])
  })

  test('is written in SQL', async () => {
    const { statements } = await readChange('execute "DROP TABLE a"')
    expect(statements).toMatchObject([{ written: 'sql', text: 'DROP TABLE a', direction: 'up', conditional: false }])
  })

  test('may be several statements', async () => {
    expect(await operationsIn('execute "DROP TABLE a; DROP TABLE b"')).toMatchObject([
      { table: { name: 'a' } },
      { table: { name: 'b' } }
    ])
  })

  test('and the SQL of a rollback goes down', async () => {
    const migration = await readChange('execute "CREATE TABLE a ()", "DROP TABLE a"')
    expect(operationsOf(migration, 'up')).toMatchObject([{ kind: 'create-table' }])
    expect(operationsOf(migration, 'down')).toMatchObject([{ kind: 'drop-table' }])
  })

  test('that is empty does nothing', async () => {
    const { statements, notAnalysed } = await readChange('execute "", ""')
    expect([statements, notAnalysed]).toEqual([[], []])
  })

  test('of a module attribute is the one set above it', async () => {
    const migration = await readModule(`
  @table "old"
  @table "a"
  @sql "DROP TABLE #{@table}"
  def up, do: execute(@sql)
  @table "later"`)
    expect(operationsOf(migration)).toMatchObject([{ kind: 'drop-table', table: { name: 'a' } }])
  })

  test('of a function of the same module is read with its arguments', async () => {
    const migration = await readModule(`
  def up do
    remove("a")
    remove("b", "CASCADE")
  end

  defp remove(table, how \\\\ ""), do: execute("DROP TABLE #{table} #{how}")`)
    expect(operationsOf(migration)).toMatchObject([
      { table: { name: 'a' }, cascade: false },
      { table: { name: 'b' }, cascade: true }
    ])
  })

  test('is read as far as it goes where a value is computed', async () => {
    const { statements, notAnalysed } = await readChange(
      'name = System.get_env("NAME")\nexecute "ALTER TABLE #{name} ADD a int"\nexecute "DROP TABLE #{name}"'
    )
    expect(statements.map(({ operations }) => operations[0]?.kind)).toEqual(['add-column', 'drop-table'])
    expect(notAnalysed.map(({ partly, span }) => [partly, span.start.line])).toEqual([
      [true, 5],
      [true, 6]
    ])
    const tables = statements.map(
      ({ operations: [operation] }) => operation !== undefined && 'table' in operation && operation.table
    )
    expect(tables[0]).toEqual(tables[1])
  })

  test('is read without a value that is more than a name', async () => {
    const { statements, notAnalysed } = await readChange('execute "CREATE INDEX #{how()} i ON t (a)"')
    expect(statements[0]?.operations).toMatchObject([{ kind: 'create-index', index: 'i' }])
    expect(notAnalysed.map(({ why }) => why)).toContain('values that are known only when it runs: `#{how()}`')
  })

  test.each([
    ['a call', 'execute Org.Sql.backfill()', /^SQL that is known only when it runs/],
    ['a file', 'execute File.read!("a.sql")', /^SQL that is known only when it runs/],
    ['another file', 'execute_file "priv/a.sql"', 'SQL in another file: priv/a.sql'],
    ['text that is no SQL', 'execute "DROP THE TABLE"', /^SQL that PostgreSQL's parser refuses: /]
  ])('that is %s is told as not analysed', async (_, words, why) => {
    const { notAnalysed } = await readChange(words)
    expect(notAnalysed).toContainEqual(expect.objectContaining({ why: expect.stringMatching(why), partly: false }))
  })
})

describe('a place in embedded SQL is its place in the file', () => {
  const spans = async (body: string) =>
    (await readChange(body)).statements.map(({ span: { start, end } }) => [
      start.line,
      start.column,
      end.line,
      end.column
    ])

  test('in a string', async () => {
    expect(await spans('    execute "DROP TABLE a"')).toEqual([[4, 14, 4, 26]])
  })

  test('in a heredoc, whose indentation is no part of it', async () => {
    expect(await spans('    execute """\n    DROP TABLE a;\n\n      DROP TABLE b\n    """')).toEqual([
      [5, 5, 5, 17],
      [7, 7, 7, 19]
    ])
  })

  test('behind escapes and letters of several bytes', async () => {
    expect(await spans('    execute "SELECT \'é\\n😀\'; DROP TABLE a"')).toMatchObject([
      [4, 14, 4, 28],
      [4, 30, 4, 42]
    ])
  })

  test('behind a value that was put in', async () => {
    expect(await spans('    t = "a"\n    execute "DROP TABLE #{t}; DROP TABLE b"')).toMatchObject([
      [5, 14, 5, expect.any(Number)],
      [5, 31, 5, 43]
    ])
  })

  test('with lines that end with CRLF', async () => {
    const { statements } = await readFile(
      'defmodule A do\r\n  use Ecto.Migration\r\n  def up do\r\n    execute """\r\n    DROP TABLE a\r\n    """\r\n  end\r\nend\r\n'
    )
    expect(statements.map(({ span }) => span.start)).toEqual([{ line: 5, column: 5 }])
    expect(statements[0]?.operations).toMatchObject([{ kind: 'drop-table', table: { name: 'a' } }])
  })
})

describe('a call of the repository', () => {
  test.each([
    [
      'repo().update_all("users", set: [a: 1, b: 2])',
      { kind: 'update', table: { name: 'users' }, where: false, columns: ['a', 'b'] }
    ],
    [
      'from(u in "users", where: u.a == 1, update: [set: [a: 2]]) |> repo().update_all([])',
      { kind: 'update', table: { name: 'users' }, where: true, columns: ['a'] }
    ],
    [
      '"users" |> where([u], u.a == 1) |> repo().delete_all()',
      { kind: 'delete', table: { name: 'users' }, where: true }
    ],
    ['Org.Repo.delete_all("users")', { kind: 'delete', table: { name: 'users' }, where: false }],
    ['repo().insert_all("users", [%{a: 1}, %{a: 2}])', { kind: 'insert', table: { name: 'users' }, rows: 2 }],
    ['repo().insert_all("users", rows())', { kind: 'insert', table: { name: 'users' }, rows: undefined }],
    ['Ecto.Query.from(u in "users") |> repo().update_all(set: [a: 1])', { kind: 'update', where: false }],
    ['repo().transaction(fn -> repo().delete_all("users") end)', { kind: 'delete', table: { name: 'users' } }]
  ])('%s', async (words, expected) => {
    expect(await operationsIn(words)).toEqual([expect.objectContaining(expected)])
  })

  test('that only reads is no operation and no gap', async () => {
    const { statements, notAnalysed } = await readChange('repo().all(from u in "users", select: u.id)')
    expect([statements, notAnalysed]).toEqual([[], []])
  })

  test('finds the table of a schema that the file itself defines', async () => {
    const migration = await readFile(`
defmodule Org.Repo.Migrations.A do
  use Ecto.Migration
  defmodule User do
    use Ecto.Schema
    schema "users" do
    end
  end
  def up, do: repo().update_all(User, set: [a: 1])
end`)
    expect(operationsOf(migration)).toMatchObject([{ kind: 'update', table: { name: 'users' }, where: false }])
  })

  test("tells that the table of an application's schema is not known", async () => {
    const { notAnalysed } = await readChange('repo().update_all(Org.User, set: [a: 1])')
    expect(notAnalysed).toMatchObject([{ why: 'the table of Org.User, which this file does not define', partly: true }])
  })
})

test.each([
  ['a text', (at: number) => `x${String(at)} <> x${String(at)}`, '"a"'],
  ['a text with others put in', (at: number) => `"#{x${String(at)}}#{x${String(at)}}"`, '"a"'],
  ['a list', (at: number) => `x${String(at)} ++ x${String(at)}`, '[1]'],
  ['a list that is joined', (at: number) => `x${String(at)} ++ x${String(at)}`, '["a"]']
])('%s that doubles itself forty times is known only when it runs', async (_, doubled, first) => {
  const lines = Array.from({ length: 40 }, (_, at) => `x${String(at + 1)} = ${doubled(at)}`)
  const { notAnalysed } = await readChange([`x0 = ${first}`, ...lines, 'execute(x40)', 'drop table(x40)'].join('\n'))
  expect(notAnalysed.length).toBeGreaterThan(0)
})
