import { beforeAll, describe, expect, test } from '@jest/globals'
import { checkMixGuard } from '../../actions/migration-guard/mix-guard.ts'
import { mixSnippet } from '../../actions/migration-guard/mix-snippet.ts'
import type { Finding } from '../../actions/shared/migrations/finding.ts'
import { loadElixirParser, type ElixirParser } from '../../actions/shared/parsers.ts'

let elixir: ElixirParser
beforeAll(async () => {
  elixir = await loadElixirParser()
})

const guardedAliases = `[
      "ecto.migrate": [&check_migration_allowed/1, "ecto.migrate"],
      "ecto.rollback": [&check_migration_allowed/1, "ecto.rollback"],
      "ecto.drop": [&check_migration_allowed/1, "ecto.drop"]
    ]`
const message = `"[SAFETY BLOCK] Database migrations in 'diwa-agent' are restricted"`

/** A mix.exs with these aliases and this body of the check. */
function mixExs({
  aliases = guardedAliases,
  body = `if System.get_env("ALLOW_CORE_MIGRATION") != "true", do: Mix.raise(${message})`,
  more = ''
}: {
  readonly aliases?: string
  readonly body?: string
  readonly more?: string
} = {}): string {
  return `defmodule DiwaAgent.MixProject do
  use Mix.Project

  def project do
    [
      app: :diwa_agent,
      version: "0.1.0",
      deps: deps(),
      aliases: aliases()
    ]
  end

  defp deps, do: Code.eval_string("anything")

  defp aliases do
    ${aliases}
  end

  defp check_migration_allowed(_args) do
    ${body}
  end
${more}end
`
}

function check(text: string | undefined, before?: string, reviewed = false): readonly Finding[] {
  return checkMixGuard({ file: 'mix.exs', text, before }, 'acme/diwa-agent', elixir, reviewed)
}

const messages = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ level, message: told }) => `${level}: ${told}`)

test('the snippet that is printed is found good', () => {
  const text = `defmodule A.MixProject do\n  use Mix.Project\n\n  def project do\n    [app: :a, version: "1.0.0", aliases: aliases()]\n  end\n\n${mixSnippet('diwa-agent')}end\n`
  expect(check(text)).toEqual([])
})

describe('a check that stops the tasks is found good', () => {
  test.each([
    ['a keyword if', undefined],
    ['if with else', `if System.get_env("ALLOW_CORE_MIGRATION") == "true" do\n :ok\n else\n raise ${message}\n end`],
    ['unless', `unless System.get_env("ALLOW_CORE_MIGRATION") == "true" do\n Mix.raise(${message})\n end`],
    ['case', `case System.get_env("ALLOW_CORE_MIGRATION") do\n "true" -> :ok\n _ -> Mix.raise(${message})\n end`],
    [
      'fetch_env',
      `case System.fetch_env("ALLOW_CORE_MIGRATION") do\n {:ok, "true"} -> :ok\n _other -> raise ${message}\n end`
    ],
    [
      'cond',
      `cond do\n System.get_env("ALLOW_CORE_MIGRATION") == "true" -> :ok\n true -> raise RuntimeError, message: ${message}\n end`
    ],
    ['or', `System.get_env("ALLOW_CORE_MIGRATION") == "true" || Mix.raise(${message})`],
    ['a list of values', `if System.get_env("ALLOW_CORE_MIGRATION", "") not in ["true", "1"], do: raise(${message})`],
    [
      'a pipe',
      `allowed = System.get_env("ALLOW_CORE_MIGRATION", "false") |> String.downcase()\n if allowed != "true", do: Mix.raise(${message})`
    ],
    [
      'an exit after a printed message',
      `if System.get_env("ALLOW_CORE_MIGRATION") != "true" do\n Mix.shell().error(${message})\n exit({:shutdown, 1})\n end`
    ],
    [
      'System.halt',
      `if System.get_env("ALLOW_CORE_MIGRATION") != "true" do\n IO.puts(:stderr, ${message})\n System.halt(1)\n end`
    ],
    [
      'a message that says how to let it pass',
      `if System.get_env("ALLOW_CORE_MIGRATION") != "true", do: Mix.raise(${message} <> "; run ALLOW_CORE_MIGRATION=true mix ecto.migrate, never Ecto.Migrator")`
    ],
    [
      'a heredoc with what is computed',
      `app = Mix.Project.config()[:app]\n if System.get_env("ALLOW_CORE_MIGRATION") != "true" do\n Mix.raise("""\n [SAFETY BLOCK] Database migrations in '#{app}' are restricted\n """)\n end`
    ],
    ['a sigil', `if System.get_env("ALLOW_CORE_MIGRATION") != "true", do: Mix.raise(~s{${message.slice(1, -1)}})`]
  ])('%s', (_, body) => {
    expect(messages(check(mixExs(body === undefined ? {} : { body })))).toEqual([])
  })

  test('aliases as pairs, with other functions, attributes and steps', () => {
    const text = mixExs({
      aliases: `[{:"ecto.migrate", [&__MODULE__.check_migration_allowed/1, "ecto.migrate --quiet"]}] ++ [
        "ecto.rollback": [fn args -> check_migration_allowed(args) end, "ecto.rollback"],
        "ecto.drop": [&check_migration_allowed(&1), "ecto.drop"],
        "ecto.setup": ["ecto.create", "ecto.migrate"],
        "ecto.reset": ["ecto.drop", "ecto.setup"],
        test: ["ecto.create --quiet", "ecto.migrate --quiet", "test"]
      ]`,
      body: `if not allowed?(), do: stop(@repository)`,
      more: `
  @repository "diwa-agent"
  defp allowed?, do: System.get_env("ALLOW_CORE_MIGRATION") == "true"
  defp stop(name), do: Mix.raise("[SAFETY BLOCK] Database migrations in '#{name}' are restricted")
`
    })
    expect(messages(check(text))).toEqual([])
  })

  test('aliases in project/0 itself, and in an attribute', () => {
    expect(messages(check(mixExs().replace('aliases: aliases()', `aliases: ${guardedAliases}`)))).toEqual([])
    const set = `  use Mix.Project\n\n  @tasks ${guardedAliases}`
    const text = mixExs().replace('  use Mix.Project', set).replace('aliases: aliases()', 'aliases: @tasks')
    expect(messages(check(text))).toEqual([])
  })
})

describe('a mix.exs that does not stop the tasks is an error', () => {
  const errors = (text: string): string => {
    const findings = check(text)
    expect(findings.filter(({ level, rule }) => level === 'error' && rule === 'mix-guard').length).toBeGreaterThan(0)
    return messages(findings).join('\n')
  }

  test.each([
    [
      'no aliases',
      mixExs().replace('      aliases: aliases()\n', '').replace('deps(),', 'deps()'),
      'Nothing stops `mix ecto.migrate`'
    ],
    [
      'one alias missing',
      mixExs({ aliases: guardedAliases.replace('"ecto.drop": [&', '"ecto.dump": [&') }),
      'Nothing stops `mix ecto.drop`'
    ],
    [
      'an alias that is commented out',
      mixExs({ aliases: guardedAliases.replace('"ecto.rollback"', '# "ecto.rollback"') }),
      'Nothing stops `mix ecto.rollback`'
    ],
    ['a function that does nothing', mixExs({ body: ':ok' }), 'the check lets it pass'],
    ['a body that is commented out', mixExs({ body: `# Mix.raise(${message})\n :ok` }), 'the check lets it pass'],
    ['a message without an end', mixExs({ body: `Mix.shell().error(${message})` }), 'the check lets it pass'],
    [
      'System.stop, which returns at once',
      mixExs({ body: `IO.puts(${message})\n System.stop(1)` }),
      'the check lets it pass'
    ],
    [
      'the condition the wrong way round',
      mixExs({ body: `if System.get_env("ALLOW_CORE_MIGRATION") == "true", do: Mix.raise(${message})` }),
      'where ALLOW_CORE_MIGRATION is not set'
    ],
    [
      'any value lets pass',
      mixExs({ body: `if is_nil(System.get_env("ALLOW_CORE_MIGRATION")), do: Mix.raise(${message})` }),
      'with ALLOW_CORE_MIGRATION='
    ],
    [
      'a list of what does not allow',
      mixExs({ body: `if System.get_env("ALLOW_CORE_MIGRATION", "") in ["", "false"], do: Mix.raise(${message})` }),
      'with ALLOW_CORE_MIGRATION=no'
    ],
    [
      'an attribute that is set below',
      mixExs({ more: `  @tasks ${guardedAliases}\n` }).replace('aliases: aliases()', 'aliases: @tasks'),
      'not set once and above'
    ],
    [
      'a text function of a variable that is not set',
      mixExs({
        body: `if String.downcase(System.get_env("ALLOW_CORE_MIGRATION")) != "true", do: Mix.raise(${message})`
      }),
      'without the message'
    ],
    [
      'the task run inside a value',
      mixExs({ body: `_ = {:ok, Mix.Task.run("ecto.migrate")}\n Mix.raise(${message})` }),
      'cannot be told'
    ],
    ['an end with exit code 0', mixExs({ body: `IO.puts(${message})\n System.halt(0)` }), 'exit code 0'],
    ['an end that is called normal', mixExs({ body: `IO.puts(${message})\n exit(:normal)` }), 'exit code 0'],
    [
      'another message',
      mixExs({ body: `if System.get_env("ALLOW_CORE_MIGRATION") != "true", do: Mix.raise("no")` }),
      'without the message'
    ],
    [
      'the task before the check',
      mixExs({
        aliases: guardedAliases.replace(
          '[&check_migration_allowed/1, "ecto.drop"]',
          '["ecto.drop", &check_migration_allowed/1]'
        )
      }),
      'not the check'
    ],
    [
      'an alias of the name alone',
      mixExs({ aliases: guardedAliases.replace('[&check_migration_allowed/1, "ecto.drop"]', '["ecto.drop"]') }),
      'not the check'
    ],
    [
      'an earlier alias of the same name',
      mixExs({ aliases: `["ecto.drop": ["ecto.drop"]] ++ ${guardedAliases}` }),
      'not the check'
    ],
    [
      'the migrator called directly',
      mixExs({ more: '  def up(_), do: Mix.Tasks.Ecto.Migrate.run([])\n' }),
      'past the aliases'
    ],
    [
      'a step that runs the migrator',
      mixExs({ aliases: `${guardedAliases} ++ [go: ["run -e 'Ecto.Migrator.run(R, :up, [])'"]]` }),
      'past the aliases'
    ],
    [
      'the variable set in mix.exs',
      `System.put_env("ALLOW_CORE_MIGRATION", "true")\n${mixExs()}`,
      'sets ALLOW_CORE_MIGRATION itself'
    ],
    [
      'the variable set by a step',
      mixExs({ aliases: `${guardedAliases} ++ [go: ["cmd ALLOW_CORE_MIGRATION=true mix ecto.migrate"]]` }),
      'sets ALLOW_CORE_MIGRATION itself'
    ]
  ])('%s', (_, text, told) => {
    expect(errors(text)).toContain(told)
  })

  test.each([
    [
      'what it raises is caught',
      mixExs({ body: `try do\n Mix.raise(${message})\n rescue\n _ -> :ok\n end` }),
      'catches what would stop'
    ],
    [
      'a rescue of the function',
      mixExs({ body: `Mix.raise(${message})\n  rescue\n    _ -> :ok` }),
      'catches what would stop'
    ],
    ['aliases that are computed', mixExs({ aliases: 'Acme.Aliases.all()' }), 'Acme.Aliases.all/0'],
    [
      'another variable',
      mixExs({ body: `if System.get_env("CI") == nil, do: Mix.raise(${message})` }),
      'System.get_env("CI") == nil'
    ],
    [
      'the environment of Mix',
      mixExs({ body: `if Mix.env() != :test, do: Mix.raise(${message})` }),
      'a condition that is not known'
    ],
    ['a module that is called System', mixExs({ more: '  alias Acme.System\n' }), 'System.get_env/1'],
    [
      'a function of another module',
      mixExs({ aliases: guardedAliases.replaceAll('&check', '&Acme.check') }),
      'is not in mix.exs'
    ],
    ['a loop', mixExs({ body: 'check_migration_allowed(1)' }), 'more than is followed'],
    ['text that is no Elixir', 'defmodule A do\n  use Mix.Project\n  def project do [', 'no valid Elixir'],
    ['no project', 'defmodule A do\nend\n', 'use Mix.Project'],
    ['two projects', mixExs() + mixExs(), 'several modules'],
    ['two clauses of project', mixExs({ more: '  def project, do: []\n' }), 'several clauses']
  ])('what cannot be told is one: %s', (_, text, told) => {
    const said = errors(text)
    expect(said).toContain('cannot be told')
    expect(said).toContain(told)
  })

  test('there is no mix.exs', () => {
    expect(messages(check(undefined))).toEqual(['error: There is no mix.exs, so nothing stops `mix ecto.migrate`.'])
  })
})

test('a finding stands at the step it is about, and brings the snippet', () => {
  const [first] = check(mixExs({ body: ':ok' }))
  expect(first?.span?.start).toEqual({ line: 17, column: 24 })
  expect(first?.recipe?.text).toContain("in 'diwa-agent' are restricted")
})

test('without a name of the repository, any name is right, and the snippet has the one that was there', () => {
  const local = (text: string, before: string): readonly Finding[] =>
    checkMixGuard({ file: 'mix.exs', text, before }, undefined, elixir, false)
  expect(local(mixExs(), mixExs())).toEqual([])
  const [first] = local(mixExs({ body: ':ok' }), mixExs())
  expect(first?.recipe?.text).toContain("in 'diwa-agent' are restricted")
})

test('what stops too much, or names another repository, is a warning', () => {
  expect(messages(check(mixExs({ body: `Mix.raise(${message})` })))).toEqual([
    expect.stringContaining('warning: `mix ecto.migrate` is stopped even with ALLOW_CORE_MIGRATION=true'),
    expect.stringContaining('`mix ecto.rollback`'),
    expect.stringContaining('`mix ecto.drop`')
  ])
  const only = guardedAliases.replace('[&check_migration_allowed/1, "ecto.drop"]', '&check_migration_allowed/1')
  expect(messages(check(mixExs({ aliases: only })))).toEqual([
    expect.stringContaining('warning: With ALLOW_CORE_MIGRATION=true, `mix ecto.drop` does nothing')
  ])
  expect(messages(check(mixExs().replace("'diwa-agent'", "'diwa-cloud'")))).toContainEqual(
    "warning: The check's message names 'diwa-cloud', and this is 'diwa-agent'."
  )
})

describe('what the change makes of the guard', () => {
  const rules = (findings: readonly Finding[]): readonly string[] => [...new Set(findings.map(({ rule }) => rule))]

  test('a guard that is taken out is disarmed, with a review or without', () => {
    const open = mixExs({ body: ':ok' })
    expect(rules(check(open, mixExs()))).toEqual(['guard-disarmed', 'mix-guard'])
    expect(rules(check(open, mixExs(), true))).toEqual(['guard-disarmed', 'mix-guard'])
  })

  test('a guard that was never there is missing, not disarmed', () => {
    const open = mixExs({ body: ':ok' })
    expect(rules(check(open, open))).toEqual(['mix-guard'])
    expect(rules(check(mixExs(), open))).toEqual([])
  })

  test('a guard that is rewritten and still stops needs a review', () => {
    const other = mixExs({ body: `unless System.get_env("ALLOW_CORE_MIGRATION") == "true", do: Mix.raise(${message})` })
    expect(rules(check(other, mixExs()))).toEqual(['guard-disarmed'])
    expect(check(other, mixExs(), true)).toEqual([])
  })

  const plain = mixExs().replace(
    'defp deps, do: Code.eval_string("anything")',
    'defp deps do\n    [{:ecto_sql, "~> 3.10"}]\n  end'
  )

  test('layout, comments, plain dependencies and the version need no review', () => {
    const other = plain
      .replace(guardedAliases, guardedAliases.replaceAll('\n', '\n  # why\n'))
      .replace(
        '[{:ecto_sql, "~> 3.10"}]',
        '[{:ecto_sql, "~> 3.12"}, {:jason, "~> 1.4", only: [:dev, :test], runtime: false}]'
      )
      .replace('0.1.0', '0.2.0')
    expect(messages(check(other, plain))).toEqual([])
  })

  test.each([
    ['another alias', plain.replace('"ecto.drop":', '"db.up": ["run priv/up.exs"],\n"ecto.drop":')],
    [
      'a variable that is set',
      plain.replace(
        '  use Mix.Project',
        '  use Mix.Project\n  apply(System, :put_env, ["ALLOW_CORE_" <> "MIGRATION", "true"])'
      )
    ],
    [
      'a dependency that is computed',
      plain.replace('{:ecto_sql, "~> 3.10"}', '{:ecto_sql, Mix.Task.run("ecto.migrate")}')
    ],
    ['a macro', plain.replace('  use Mix.Project', '  use Mix.Project\n  defmacrop raise(_), do: :ok')],
    ['an operator', plain.replace('!= "true"', '== "true"').replace('do: Mix.raise', 'else: Mix.raise')],
    ['another module', `${plain}\nSystem.put_env("A", "b")\n`]
  ])('any other code needs one, since it can reach the database past the aliases: %s', (_, other) => {
    expect(rules(check(other, plain))).toContain('guard-disarmed')
    expect(rules(check(other, plain, true))).not.toContain('guard-disarmed')
  })
})

test('no text makes it fail or hang: pieces cut out, doubled and swapped, by seed', () => {
  const whole = mixExs({
    aliases: `${guardedAliases} ++ [test: fn _ -> :ok end]`,
    more: '  @a "b"\n  alias A.{B, C}\n'
  })
  const pieces = whole.split(/\b/)
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % below
  }
  for (let n = 0; n < 500; n++) {
    const mutant = [...pieces]
    for (let cut = random(4); cut >= 0; cut--)
      mutant.splice(random(mutant.length), random(3), pieces[random(pieces.length)] ?? '')
    const findings = check(mutant.join(''), whole)
    expect(findings.every(({ message: told, hint }) => told.length > 10 && hint.length > 10)).toBe(true)
  }
  expect(check(`${'['.repeat(5_000)}${whole}`).length).toBeGreaterThan(0)
  expect(check(mixExs({ body: `${'if true, do: ('.repeat(600)}:ok${')'.repeat(600)}` })).length).toBeGreaterThan(0)
  expect(
    check(mixExs({ aliases: Array.from({ length: 500 }, () => guardedAliases).join(' ++ ') })).length
  ).toBeGreaterThanOrEqual(0)
})
