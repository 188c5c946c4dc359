import { describe, expect, test } from '@jest/globals'
import { compareEcto } from '../../../../actions/shared/migrations/ecto/compare-ecto.ts'
import { loadElixirParser } from '../../../../actions/shared/parsers.ts'

const compare = async (before: string, after: string) => compareEcto(before, after, await loadElixirParser())

describe('two texts of a migration', () => {
  test('are identical byte for byte, also where they are no Elixir', async () => {
    expect(await compare('def )(', 'def )(')).toBe('identical')
  })

  test.each([
    ['comments', '# a\nadd :a, :text', 'add :a, :text # b'],
    ['layout', 'add :a, :text', 'add(\n  :a,\n  :text\n)\n'],
    ['parentheses', 'create table(:a), primary_key: false', 'create(table(:a), primary_key: false)'],
    ['parentheses of a call without arguments', 'if a do\n  timestamps\nend', 'if a do\n  timestamps()\nend'],
    ['parentheses behind a pipe', 'a |> b', 'a |> b()'],
    ['parentheses around one expression', 'x = (1 + 2)', 'x = 1 + 2'],
    ['brackets of options', 'add :a, :text, [null: false]', 'add :a, :text, null: false'],
    ['tuples for options', 'f [{:a, 1}]', 'f a: 1'],
    ['do:', 'if a, do: b(), else: c()', 'if a do\n  b()\nelse\n  c()\nend'],
    ['the quotes of a string', 'execute "a\\nb\\n"', 'execute """\na\nb\n"""'],
    ["a heredoc's indentation", 'f """\n  a\n  """', 'f """\na\n"""'],
    ["a sigil's heredoc", 'f ~s"""\n  a\n  """', 'f ~s"""\na\n"""'],
    ['the delimiters of a sigil', 'f ~s(a)', 'f ~s[a]'],
    ['a sigil for a string', 'f ~s("a")', 'f "\\"a\\""'],
    ['quotes of an atom', 'f :"a"', 'f :a'],
    ['quotes of a key', 'f "a": 1', 'f a: 1'],
    ['charlists', "f 'a'", 'f ~c"a"'],
    ['digits in groups', 'f 1000000', 'f 1_000_000'],
    ['not in', 'not (a in b)', 'a not in b'],
    ['a trailing comma', 'f [1, 2,]', 'f [1, 2]'],
    ['line ends', 'f 1\r\ng 2\r\n', 'f 1\ng 2\n']
  ])('that differ in %s are equal', async (_, before, after) => {
    expect(await compare(before, after)).toBe('equal')
  })

  test.each([
    ['an option', 'add :a, :text, null: false', 'add :a, :text, null: true'],
    ['a name', 'add :a, :text', 'add :b, :text'],
    ['a string', 'execute "a"', 'execute "b"'],
    ["a string's blanks", 'execute "a b"', 'execute "a  b"'],
    ['what is put in', 'execute "#{a}"', 'execute "#{b}"'],
    ['a text that looks like what is put in', 'execute "\\#{a}"', 'execute "#{a}"'],
    ['a charlist for a string', "f 'a'", 'f "a"'],
    ['an atom for a string', 'f :a', 'f "a"'],
    ['the order', 'f 1\ng 2', 'g 2\nf 1'],
    ['a statement more', 'f 1', 'f 1\nf 1'],
    ['an argument more', 'f 1', 'f 1, nil'],
    ['an operator', 'a + b', 'a - b'],
    ['precedence', '(a + b) * c', 'a + b * c'],
    ['a list that was flat', 'f [1, [2]]', 'f [[1], 2]'],
    ['a list and a tuple', 'f [1]', 'f {1}'],
    ['a modifier', 'f ~w(a)', 'f ~w(a)a'],
    ['escapes that a raw sigil keeps', 'f ~S(\\n)', 'f ~s(\\n)'],
    ['everything', 'f 1', '']
  ])('that differ in %s are different', async (_, before, after) => {
    expect(await compare(before, after)).toBe('different')
  })

  test.each([
    ['a name', 'defmodule A.B do\nend', 'defmodule A.C do\nend'],
    ['a name that is used again', 'defmodule A.B do\n  A.B.f()\nend', 'defmodule A.C do\n  A.C.f()\nend'],
    [
      'the name of the application',
      'defmodule A.Repo.M do\n  alias A.Repo\n  Repo.f()\nend',
      'defmodule B.Repo.M do\n  alias B.Repo\n  Repo.f()\nend'
    ],
    ['a name, and layout', 'defmodule A do\n  f 1\nend', 'defmodule B do\n  f(1)\nend']
  ])('that differ in %s of a module are renamed', async (_, before, after) => {
    expect(await compare(before, after)).toBe('module-renamed')
  })

  test.each([
    [
      'two modules that became one',
      'defmodule A do\nend\ndefmodule B do\nend',
      'defmodule C do\nend\ndefmodule C do\nend'
    ],
    ['one name that became two', 'defmodule A do\n  A.f()\nend', 'defmodule B do\n  A.f()\nend'],
    ['a name and more', 'defmodule A do\n  f(1)\nend', 'defmodule B do\n  f(2)\nend'],
    ['a schema for another', 'Repo.delete_all(A.User)', 'Repo.delete_all(A.Account)'],
    ['a version of what is called', 'Jobs.Migrations.V2.up()', 'Jobs.Migrations.V3.up()'],
    ['another repository', 'A.Repo.f()', 'A.OtherRepo.f()'],
    ['a type for another', 'add :s, StatusEnum', 'add :s, RoleEnum'],
    [
      'a module beside one that is renamed',
      'defmodule A.M do\n  A.User.f()\nend',
      'defmodule A.N do\n  A.Account.f()\nend'
    ]
  ])('%s are different', async (_, before, after) => {
    expect(await compare(before, after)).toBe('different')
  })

  test('of which one is no Elixir cannot be compared', async () => {
    expect(await compare('f 1', 'f (')).toBe('unreadable')
  })

  test('that are nested deeper than is read cannot be compared', async () => {
    const deep = (last: string) => `${'['.repeat(3000)}${last}${']'.repeat(3000)}`
    expect(await compare(deep('1'), deep('2'))).toBe('unreadable')
  })
})
