import { describe, expect, test } from '@jest/globals'
import { compareEcto } from '../../../../actions/shared/migrations/ecto/compare-ecto.ts'
import { readEctoOutline } from '../../../../actions/shared/migrations/ecto/ecto-outline.ts'
import { loadElixirParser } from '../../../../actions/shared/parsers.ts'
import { readChange, readFile } from './reading.ts'
import { fractionsFrom } from '../../../support/random.ts'

/** One migration with a word of every family, to be broken. */
const whole = `# migration-guard: ignore-file index-without-concurrently: tested
defmodule Org.Repo.Migrations.A do
  use Ecto.Migration
  alias Org.{Repo, User}
  @disable_ddl_transaction true
  @tables ~w(a b)a

  def change do
    create table(:users, primary_key: false) do
      add :id, :uuid, primary_key: true, default: fragment("gen_random_uuid()")
      add :org_id, references("orgs", on_delete: :delete_all, validate: false), null: false
      timestamps(type: :utc_datetime_usec)
    end

    alter table("users", prefix: "app") do
      modify :name, :text, from: {:string, null: true}, null: false
      remove :old
    end

    for table <- @tables, table != :c, do: create(index(table, [:a, "lower(b)"], concurrently: true))
    create constraint(:users, :positive, check: "a > 0 AND 'é😀' <> b")

    execute """
    -- squawk-ignore ban-drop-table
    DROP TABLE #{prefix()}.old; UPDATE a SET b = 1;
    """, ~S[CREATE TABLE "old" ()]

    if direction() == :up do
      "users" |> where([u], u.a == ^1) |> Repo.update_all(set: [a: 1])
    else
      Enum.each([1, 2], fn x when is_integer(x) -> repo().query!("SELECT \\x41#{x}") end)
    end

    case Repo.all(User) do
      [%{id: id} = user | _] -> go(user, id, &execute/1)
      _ -> :ok
    end
  end

  defp go(_, id, callback \\\\ nil), do: callback.("DELETE FROM users WHERE id = '#{id}'")
end
`

/** Whole numbers below a limit, the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  const next = fractionsFrom(seed)
  return (below) => Math.floor(next() * below)
}

const scraps = [
  '"',
  '"""',
  "'",
  '#{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '%{',
  '{',
  'do',
  'end',
  'fn ->',
  '->',
  '|>',
  '&',
  '@',
  '~s(',
  '~S"""',
  '\\',
  '\\x{110000}',
  '\0',
  '\uFEFF',
  '\uD800',
  '\r',
  '\r\n',
  ';',
  ',',
  ':',
  '::',
  '<<',
  '>>',
  '=',
  '\\\\',
  'when',
  '$$',
  '--',
  '/*'
]

function broken(text: string, next: (below: number) => number): string {
  let result = text
  for (let times = 1 + next(4); times > 0; times -= 1) {
    const at = next(result.length)
    const until = at + next(40)
    const part = result.slice(at, until)
    const scrap = scraps[next(scraps.length)] ?? ''
    const changed = [
      () => result.slice(0, at) + result.slice(until),
      () => result.slice(0, at) + scrap + result.slice(at),
      () => result.slice(0, at) + part.repeat(3) + result.slice(until),
      () => result.slice(0, next(result.length)) + part + result.slice(next(result.length))
    ][next(4)]
    result = changed?.() ?? result
  }
  return result
}

async function everything(text: string): Promise<void> {
  const elixir = await loadElixirParser()
  const migration = await readFile(text)
  const lines = text.split('\n').length
  for (const { span } of [...migration.statements, ...migration.notAnalysed]) {
    expect(span.start.line).toBeGreaterThanOrEqual(1)
    expect(span.end.line).toBeLessThanOrEqual(lines)
    expect(span.start.column).toBeGreaterThanOrEqual(1)
  }
  readEctoOutline(text, elixir)
  expect(['equal', 'identical', 'unreadable']).toContain(compareEcto(text, `${text}\n`, elixir))
  compareEcto(whole, text, elixir)
}

test('the whole migration is read, so that its pieces are worth breaking', async () => {
  const { syntaxError, statements } = await readFile(whole)
  expect(syntaxError).toBeUndefined()
  const kinds = new Set(statements.flatMap(({ operations }) => operations.map(({ kind }) => kind)))
  expect([...kinds].toSorted()).toEqual([
    'add-constraint',
    'alter-column-type',
    'create-index',
    'create-table',
    'delete',
    'drop-column',
    'drop-table',
    'other',
    'set-not-null',
    'update'
  ])
})

describe('nothing crashes or hangs the reader', () => {
  test.each([1, 2, 3, 4])(
    'not 120 migrations broken by seed %d',
    async (seed) => {
      const next = numbers(seed)
      for (let count = 0; count < 120; count += 1) await everything(broken(whole, next))
    },
    60_000
  )

  test('not a migration cut off anywhere', async () => {
    for (let end = 0; end < whole.length; end += 11) await everything(whole.slice(0, end))
  }, 60_000)

  test('not random bytes', async () => {
    const next = numbers(5)
    for (let count = 0; count < 200; count += 1) {
      const bytes = Uint8Array.from({ length: next(300) }, () => next(256))
      await everything(new TextDecoder().decode(bytes))
    }
  }, 60_000)

  test.each([
    ['lists', '[', ']'],
    ['calls', 'f(', ')'],
    ['blocks', 'if a do ', ' end'],
    ['functions', 'fn -> ', ' end'],
    ['interpolations', '"#{', '}"'],
    ['operators', 'a + ', 'b'],
    ['pipes', 'a |> ', 'f()'],
    ['negations', 'not ', 'a'],
    ['blocks of tables', 'create table(:a) do ', ' end'],
    ['SQL', 'execute "', '"']
  ])(
    'not %s in each other four thousand times',
    async (_, open, close) => {
      const body = open.repeat(4_000) + (close.length > 1 && open.endsWith('+ ') ? close : `1${close.repeat(4_000)}`)
      await everything(`defmodule A do\n  use Ecto.Migration\n  def change do\n    ${body}\n  end\nend`)
    },
    60_000
  )

  test.each([
    ['itself', 'def change, do: change()'],
    ['itself twice', 'def change, do: go()\ndefp go, do: {go(), go()}'],
    [
      'loops in loops',
      `def change do\n  x = [${'1,'.repeat(99)}1]\n  for a <- x, b <- x, c <- x, d <- x, do: execute("#{a}#{b}#{c}#{d}")\nend`
    ],
    ['an attribute of itself', '@a "x"\n@a [@a, @a]\ndef change, do: execute(@a)'],
    [
      'texts that double',
      `@a0 "SELECT 1;"\n${Array.from({ length: 40 }, (_, n) => `@a${String(n + 1)} @a${String(n)} <> @a${String(n)}`).join('\n')}\ndef change, do: execute(@a40)`
    ]
  ])(
    'not code that runs into %s',
    async (_, body) => {
      const { notAnalysed } = await readFile(`defmodule A do\n  use Ecto.Migration\n${body}\nend`)
      expect(notAnalysed.length).toBeGreaterThan(0)
    },
    60_000
  )
})

test('what is nested too deep is told', async () => {
  const { notAnalysed } = await readChange(`x = ${'['.repeat(2000)}${']'.repeat(2000)}`)
  expect(notAnalysed.map(({ why }) => why)).toContain('code nested deeper than is read')
})
