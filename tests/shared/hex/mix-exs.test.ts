import { describe, expect, test } from '@jest/globals'
import { readMixExs, type MixExs } from '../../../actions/shared/hex/mix-exs.ts'
import { consumerMixExs } from '../../support/hex-consumer.ts'

function read(text: string): MixExs {
  const result = readMixExs(text, 'mix.exs')
  if ('problems' in result) throw new Error(result.problems.map(({ message }) => message).join('\n'))
  return result.mixExs
}

/** `NAME source requirement`, with a question mark where it is conditional. */
function told(text: string): readonly string[] {
  return read(text).dependencies.map(
    ({ name, source, requirement, conditional, reached }) =>
      `${name} ${source} ${requirement ?? '-'}${conditional === undefined ? '' : '?'}${reached ? '' : ' unreached'}`
  )
}

test('a plain list is read with lines, options and repository', () => {
  const { dependencies, doubts } = read(
    consumerMixExs(
      '{:a, "~> 1.0", only: [:dev, :test], optional: true}',
      '{:b, ">= 0.0.0", organization: "acme", hex: :bee, override: true}'
    )
  )
  expect(doubts).toEqual([])
  expect(dependencies).toMatchObject([
    {
      name: 'a',
      line: 15,
      source: 'hex',
      requirement: '~> 1.0',
      only: ['dev', 'test'],
      optional: true,
      repository: 'hexpm'
    },
    { name: 'b', line: 16, package: 'bee', repository: 'hexpm:acme', override: true }
  ])
})

describe('where a dependency comes from', () => {
  test.each([
    ['{:a, path: "../a"}', 'a path -'],
    ['{:a, "~> 1.0", [path: "../a"]}', 'a path ~> 1.0'],
    ['{:a, in_umbrella: true}', 'a umbrella -'],
    ['{:a, git: "https://example.com/a.git", tag: "v1"}', 'a git -'],
    ['{:a, "~> 1.0", github: "acme/a"}', 'a git ~> 1.0'],
    ['{:a, "~> 1.0", path: nil}', 'a hex ~> 1.0'],
    ['{:a, "~> 1.0", in_umbrella: false}', 'a hex ~> 1.0'],
    ['{:"a", ~S(~> 1.0)}', 'a hex ~> 1.0'],
    ['{:a, "~> #{@version}"}', 'a hex -?'],
    ['{:a, path: System.get_env("A")}', 'a computed -?'],
    ['{:a, "~> 1.0", options}', 'a computed ~> 1.0?'],
    ['{:a, "~> 1.0", [{:path, "../a"}]}', 'a path ~> 1.0'],
    ['{:a, "~> 1.0", organization: System.get_env("ORG")}', 'a hex ~> 1.0?']
  ])('%s is %s', (definition, expected) => {
    expect(told(consumerMixExs(definition))).toEqual([expected])
  })
})

describe('what is no dependency', () => {
  test.each([
    ['in a comment', consumerMixExs('{:a, "~> 1.0"}\n      # {:b, path: "../b"}\n')],
    [
      'in a heredoc',
      consumerMixExs('{:a, "~> 1.0"}').replace('use Mix.Project', '@moduledoc """\n  {:b, path: "../b"}\n  """')
    ],
    ['in a string', consumerMixExs('{:a, "~> 1.0"}').replace('version: "1.0.0"', 'version: "{:b, path: \\"../b\\"}"')],
    ['in a sigil', consumerMixExs('{:a, "~> 1.0"}').replace('version: "1.0.0"', 'version: ~s|{:b, path: "../b"}|')],
    ['in a charlist', consumerMixExs('{:a, "~> 1.0"}').replace('version: "1.0.0"', `version: '{:b, path: "../b"}'`)],
    ['in an interpolation', consumerMixExs('{:a, "~> 1.0"}').replace('version: "1.0.0"', 'version: "#{{:b, "}"}}"')],
    [
      'behind a character that looks like a quote',
      consumerMixExs('{:a, "~> 1.0"}').replace('version: "1.0.0"', 'chars: [?", ?#, ?\\"]')
    ]
  ])('stands %s', (_, text) => {
    expect(told(text)).toEqual(['a hex ~> 1.0'])
  })

  test('but looks like one elsewhere in the file is given as not reached', () => {
    const text = consumerMixExs('{:a, "~> 1.0"}').replace(
      'defp deps',
      'def other, do: {:a, path: "../a"}\n\n  defp deps'
    )
    expect(told(text)).toEqual(['a hex ~> 1.0', 'a path - unreached'])
  })
})

describe('a list that is put together', () => {
  const withDeps = (value: string, ...more: readonly string[]): string =>
    `defmodule M do\n  def project do\n    [app: :m, deps: ${value}]\n  end\n\n  ${more.join('\n\n  ')}\nend\n`

  test.each([
    [
      'of two functions',
      withDeps('one() ++ two()', 'defp one, do: [{:a, "~> 1.0"}]', 'defp two() do\n    [{:b, path: "../b"}]\n  end'),
      ['a hex ~> 1.0', 'b path -']
    ],
    [
      'of a function and an attribute',
      withDeps('one()', '@more [{:b, "~> 2.0"}]', 'defp one, do: [{:a, "~> 1.0"} | @more]'),
      ['a hex ~> 1.0', 'b hex ~> 2.0']
    ],
    [
      'with a condition around it',
      withDeps('if(x(), do: [{:a, "~> 1.0"}], else: [{:a, path: "../a"}])'),
      ['a hex ~> 1.0?', 'a path -?']
    ],
    [
      'with a condition as a block',
      withDeps('one()', 'defp one do\n    unless x() do\n      [{:a, "~> 1.0"}]\n    else\n      []\n    end\n  end'),
      ['a hex ~> 1.0?']
    ],
    [
      'by clauses',
      withDeps('one(Mix.env())', 'defp one(:prod), do: [{:a, "~> 1.0"}]', 'defp one(_), do: [{:a, path: "../a"}]'),
      ['a hex ~> 1.0?', 'a path -?']
    ],
    ['in a circle', withDeps('one()', 'defp one, do: [{:a, "~> 1.0"}] ++ one()'), ['a hex ~> 1.0']]
  ])('%s is followed', (_, text, expected) => {
    expect(told(text)).toEqual(expected)
    expect(read(text).doubts).toEqual([])
  })

  test.each([
    ['by Enum', 'Enum.map([{:a, "~> 1.0"}], &local/1)'],
    ['by a pipe', '[{:a, "~> 1.0"}] |> local()'],
    ['by a variable', '(list = [{:a, "~> 1.0"}]; list)'],
    ['by a comprehension', 'for(dep <- [{:a, "~> 1.0"}], do: dep)'],
    ['from another module', '[{:a, "~> 1.0"}] ++ Shared.deps()'],
    ['from another file', '[{:a, "~> 1.0"}] ++ elem(Code.eval_file("deps.exs"), 0)'],
    ['by a function that is not there', '[{:a, "~> 1.0"}] ++ more()']
  ])('%s is doubted', (_, value) => {
    const { doubts, dependencies } = read(withDeps(value))
    expect(new Set(doubts.map(({ line }) => line))).toEqual(new Set([3]))
    expect(dependencies.map(({ name }) => name)).toEqual(['a'])
  })

  test('under keys that are computed is doubted too', () => {
    const text = 'defmodule M do\n  def project, do: Keyword.merge(common(), deps: [{:a, "~> 1.0"}])\nend\n'
    expect(read(text).doubts.length).toBeGreaterThan(0)
    expect(told(text)).toEqual(['a hex ~> 1.0?'])
  })
})

test('the settings of a project are read, and what is computed is said', () => {
  const text = `defmodule M do
  @version "1.2.3"
  def project do
    [app: :m, version: @version, deps_path: "../../deps", lockfile: Path.join("..", "mix.lock"), deps: []]
  end
end
`
  expect(read(text)).toMatchObject({
    app: { text: 'm' },
    version: { text: '1.2.3' },
    depsPath: { text: '../../deps' },
    lockfile: 'computed',
    appsPath: 'not given'
  })
})

test.each([
  ['a string that does not end', 'defmodule M do\n  @a "open\nend\n', 2],
  ['a block that does not end', 'defmodule M do\n  def project do\nend\n', 1],
  ['a bracket of another kind', 'defmodule M do\n  @a [1)\nend\n', 2]
])('%s is told with its line', (_, text, line) => {
  expect(readMixExs(text, 'mix.exs')).toMatchObject({
    problems: [{ code: 'mix-exs-unreadable', file: 'mix.exs', line }]
  })
})

describe('what the text says is certain only of one module of plain definitions', () => {
  const file = (body: string, before = ''): string =>
    `${before}defmodule M do\n  use Mix.Project\n  def project, do: [app: :m, deps: deps()]\n  ${body}\nend\n`
  const certain = (text: string): boolean => {
    const { dependencies, doubts } = read(text)
    return (
      doubts.length === 0 &&
      dependencies.length > 0 &&
      dependencies.every(({ conditional, reached }) => conditional === undefined && reached)
    )
  }

  test.each([
    ['a list', 'defp deps, do: [{:a, "~> 1.0"}]'],
    ['a requirement that is an attribute', '@a "~> 1.0"\n  defp deps, do: [{:a, @a}]'],
    ['options that are an attribute', '@o [only: :dev]\n  defp deps(), do: [{:a, "~> 1.0", @o}]'],
    ['a function with arguments', 'defp deps, do: [one("x", b: 1)]\n  defp one(_, _), do: {:a, "~> 1.0"}'],
    ['attributes that are read', '@a 1\n  @b [x: 2]\n  @c @a - @b[:x]\n  defp deps, do: [{:a, "~> 1.0"}]'],
    [
      'questions to Mix and Code',
      '@a Code.ensure_loaded?(X)\n  def b, do: Mix.Project.config()\n  defp deps, do: [{:a, "~> 1.0"}]'
    ],
    [
      'heads over several lines',
      'defp b(x)\n      when is_nil(x) and\n      true do\n    x\n  end\n\n  defp deps, do:\n    [{:a, "~> 1.0"}]'
    ]
  ])('%s', (_, body) => {
    expect(certain(file(body))).toBe(true)
  })

  test.each([
    ['an attribute set in an if', '@d "~> 1.0"\n  if x(), do: @d [path: "../a"]\n  defp deps, do: [{:a, @d}]'],
    ['an attribute set within another', '@d "~> 1.0"\n  @e (@d [path: "../a"])\n  defp deps, do: [{:a, @d}]'],
    ['an attribute set in a call', '@d "~> 1.0"\n  @e to_string(@d path: "../a")\n  defp deps, do: [{:a, @d}]'],
    ['an attribute set behind a semicolon', '@d "~> 1.0"; @d [path: "../a"]\n  defp deps, do: [{:a, @d}]'],
    ['an attribute set like a call', '@d "~> 1.0"\n  @d([path: "../a"])\n  defp deps, do: [{:a, @d}]'],
    ['an attribute named by an expression', '@d "~> 1.0"\n  @e (@(d([path: "../a"])))\n  defp deps, do: [{:a, @d}]'],
    ['an attribute set with two values', '@d [only: :dev]\n  @d [path: "../a"]\n  defp deps, do: [{:a, "~> 1.0", @d}]'],
    ['an attribute that is set later', 'defp deps, do: [{:a, @d}]\n  @d "~> 1.0"'],
    [
      'put_attribute',
      '@d "~> 1.0"\n  Module.put_attribute(__MODULE__, :d, [path: "../a"])\n  defp deps, do: [{:a, @d}]'
    ],
    ['an attribute that Elixir calls', '@before_compile Other\n  defp deps, do: [{:a, "~> 1.0"}]'],
    [
      'a parameter',
      'defp deps, do: [one(path: "../a")]\n  defp one(version), do: {:a, version}\n  def version, do: "~> 1.0"'
    ],
    ['another arity', 'def deps(_), do: [{:a, "~> 1.0"}]'],
    ['a default that makes another arity', 'defp deps, do: [{:a, "~> 1.0"}]\n  def deps(x \\\\ 1), do: x'],
    ['a computed name', 'def deps(_), do: [{:a, "~> 1.0"}]\n  def unquote(:deps)(), do: []'],
    ['a macro', 'defp deps, do: [{:a, "~> 1.0"}]\n  defmacrop other, do: 1'],
    ['an import', 'import Other\n  defp deps, do: [{:a, "~> 1.0"}]'],
    ['an operator of its own', 'def a ++ b, do: [a, b]\n  defp deps, do: [{:a, "~> 1.0"}] ++ []'],
    ['another use', 'use Other\n  defp deps, do: [{:a, "~> 1.0"}]'],
    ['code that is run', 'def x, do: Code.eval_string("")\n  defp deps, do: [{:a, "~> 1.0"}]'],
    ['code that Erlang runs', 'def x, do: :elixir.eval_quoted(1)\n  defp deps, do: [{:a, "~> 1.0"}]'],
    ['a project that is put in', 'def x, do: Mix.Project.push(Other)\n  defp deps, do: [{:a, "~> 1.0"}]'],
    ['a module within', 'defmodule X do\n  end\n  defp deps, do: [{:a, "~> 1.0"}]'],
    ['a second project', 'def project, do: [app: :m, deps: deps()]\n  defp deps, do: [{:a, "~> 1.0"}]']
  ])('%s is a doubt', (_, body) => {
    expect(certain(file(body))).toBe(false)
  })

  test.each([
    ['a statement before the module', file('defp deps, do: [{:a, "~> 1.0"}]', 'Other.start()\n')],
    ['a module beside it', file('import X', 'defmodule O do\n  def deps, do: [{:a, "~> 1.0"}]\nend\n')],
    [
      'a project joined with more',
      'defmodule M do\n  def project, do: [deps: [{:a, "~> 1.0"}]] ++ docs()\n  def docs, do: []\nend\n'
    ],
    ['a key that is computed', 'defmodule M do\n  def project, do: [{key(), []}, deps: [{:a, "~> 1.0"}]]\nend\n'],
    ['a computed place', 'defmodule M do\n  def project, do: [apps_path: x(), deps: [{:a, "~> 1.0"}]]\nend\n'],
    ['a place with NUL', 'defmodule M do\n  def project, do: [apps_path: "a\\0", deps: [{:a, "~> 1.0"}]]\nend\n']
  ])('%s is a doubt', (_, text) => {
    expect(certain(text)).toBe(false)
  })
})

test.each(['hasOwnProperty', 'valueOf', 'constructor', '__proto__', 'toString()'])(
  'the name %s is one like any other',
  (name) => {
    expect(told(consumerMixExs(`{:a, "~> 1.0", only: ${name}}`, `{:b, only: ~w(dev)constructor}`))).toEqual([
      'a hex ~> 1.0',
      'b hex -'
    ])
  }
)

test.each([
  ['attributes', '\n  @x 1 ++'],
  ['functions', '\n  def x(a)'],
  ['clauses in one line', '; a -> b'],
  ['nested tuples', '\n  @y ' + '{:a, '.repeat(100) + '1' + '}'.repeat(100)]
])('a file full of %s is read in time', (_, piece) => {
  const started = performance.now()
  read(consumerMixExs().replace('use Mix.Project', `use Mix.Project${piece.repeat(100_000 / piece.length)}`))
  expect(performance.now() - started).toBeLessThan(3000)
})

test('a file that is far too long is not read', () => {
  expect(readMixExs(' '.repeat(256 * 1024 + 1), 'mix.exs')).toMatchObject({
    problems: [{ code: 'mix-exs-unreadable' }]
  })
})
