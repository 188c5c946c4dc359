// needs: elixir
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { MixDependency } from '../../actions/shared/hex/mix-dependencies.ts'
import { readMixExs, type MixExs } from '../../actions/shared/hex/mix-exs.ts'
import { elixir } from '../support/elixir/elixir.ts'
import { fractionsFrom } from '../support/random.ts'

const random = fractionsFrom(2014)
const below = (limit: number): number => Math.floor(random() * limit)
const pick = <T>(items: readonly [T, ...T[]]): T => items[below(items.length)] ?? items[0]

/** A project file, what we read, and what Mix sees without and with the variable LOCAL. */
interface Row {
  readonly text: string
  readonly ours: MixExs
  readonly theirs: readonly [without: readonly string[], local: readonly string[]]
}

const count = 240
let rows: readonly Row[]

beforeAll(async () => {
  const texts = Array.from({ length: count }, (_, index) => projectText(index, index < count / 2))
  const output = await elixir('projects.exs', texts.map((text) => `${Buffer.from(text).toString('hex')}\n`).join(''))
  const answers = output.split('\n').slice(0, -1)
  expect(answers).toHaveLength(count)
  rows = texts.map((text, index) => {
    const read = readMixExs(text, 'mix.exs')
    if ('problems' in read) throw new Error(`${read.problems[0]?.message ?? ''}\n${text}`)
    const [without = '', local = ''] = (answers[index] ?? '').split('|')
    return { text, ours: read.mixExs, theirs: [listed(without), listed(local)] }
  })
}, 120_000)

describe('mix.exs, read and run', () => {
  test('agree on every dependency where the file holds nothing to decide', () => {
    const plain = rows.slice(0, count / 2)
    const wrong = plain.filter(({ ours, theirs: [without, local] }) => {
      const certain =
        ours.doubts.length === 0 && ours.dependencies.every(({ conditional }) => conditional === undefined)
      const told = ours.dependencies
        .filter(({ reached }) => reached)
        .map(tell)
        .toSorted()
      return !certain || told.join(' ') !== without.join(' ') || without.join() !== local.join()
    })
    expect(
      wrong
        .slice(0, 2)
        .map(({ text, ours, theirs }) => ({ text, ours: ours.dependencies.map(tell), doubts: ours.doubts, theirs }))
    ).toEqual([])
    const sources = new Set(plain.flatMap(({ ours }) => ours.dependencies.map(({ source }) => source)))
    expect(sources).toEqual(new Set(['hex', 'path', 'umbrella', 'git']))
  })

  test('agree on every dependency that is not called conditional, whatever stands around it', () => {
    const wrong = rows.flatMap(({ text, ours, theirs }) => {
      if (ours.doubts.length > 0) return []
      const names = new Set(ours.dependencies.map(({ name }) => name))
      return [...names].flatMap((name) => {
        const definitions = ours.dependencies.filter((each) => each.name === name)
        if (definitions.some(({ conditional, reached }) => conditional !== undefined || !reached)) return []
        const told = definitions.map(tell).toSorted().join(' ')
        const differing = theirs.filter((each) => ofName(each, name).join(' ') !== told)
        return differing.length === 0 ? [] : [{ text, told, theirs: differing }]
      })
    })
    expect(wrong.slice(0, 2)).toEqual([])
  })

  test('agree that no dependency comes out of nowhere: what is not seen is at least doubted', () => {
    const wrong = rows.filter(({ ours, theirs }) => {
      const seen = new Set(ours.dependencies.map(({ name }) => hex(name)))
      return ours.doubts.length === 0 && theirs.flat().some((each) => !seen.has(each.split('/')[0] ?? ''))
    })
    expect(wrong.slice(0, 2).map(({ text }) => text)).toEqual([])
    const doubted = rows.filter(({ ours }) => ours.doubts.length > 0).length
    const decided = rows.filter(({ theirs: [without, local] }) => without.join() !== local.join()).length
    expect(Math.min(doubted, decided)).toBeGreaterThan(20)
  })
})

function tell({ name, source, requirement, package: packageName, repository, only }: MixDependency): string {
  return [hex(name), source, hex(requirement), hex(packageName), hex(repository), only?.join(',') ?? 'all'].join('/')
}

function hex(text: string | undefined): string {
  return text === undefined ? 'nil' : Buffer.from(text).toString('hex')
}

function listed(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ')
}

function ofName(told: readonly string[], name: string): readonly string[] {
  return told.filter((each) => each.startsWith(`${hex(name)}/`))
}

/** A project whose dependencies are written in one of the many ways; `plain`: with nothing to decide at run time. */
function projectText(index: number, plain: boolean): string {
  const parts: string[] = []
  let defined = 0
  let dependencies = 0
  const dependency = (): string => {
    const name = pick(['diwa_schema', 'ecto_sql', 'postgrex', 'jason', `dep${dependencies++}`])
    const only = pick(['', '', ', only: :dev', ', only: [:dev, :test]', ', only: ~w(dev test)a', ', runtime: false'])
    return pick([
      `{:${name}, "~> 0.1"${only}}`,
      `{:${name}, "~> 0.1"${only}}`,
      `{:${name}, ">= 0.0.0 and < 2.0.0", [optional: true${only}]}`,
      `{:"${name}", ~s(~> 1.0)${only}}`,
      `{ :${name} , # why\n        "~> 1.0", override: true${only} }`,
      `{:${name}, path: "../${name}"${only}}`,
      `{:${name}, [path: nil]}`,
      `{:${name}, "~> 1.0", in_umbrella: false${only}}`,
      `{:${name}, in_umbrella: true}`,
      `{:${name}, git: "https://example.com/${name}.git", tag: "v1"${only}}`,
      `{:${name}, "~> 1.0", github: "acme/${name}"${only}}`,
      `{:${name}, "~> 1.0", organization: "acme", hex: :${name}_private${only}}`,
      `{:${name}, "~> 1.0", repo: "mirror"${only}}`,
      `{:${name}, @requirement${only}}`,
      `{:${name}, "~> 1.0", @options}`,
      `{:${name}, "~> 1.0", options()}`
    ])
  }
  const list = (): string =>
    `[\n      ${Array.from({ length: below(4) }, element).join(',\n      ')}${pick(['', '\n      # {:commented, path: "../out"}\n    '])}]`
  const element = (): string => (plain || random() < 0.7 ? dependency() : undecided())
  const local = 'System.get_env("LOCAL")'
  /** One dependency that is decided when the file is run. */
  const undecided = (): string =>
    pick<() => string>([
      () => `if(${local}, do: ${dependency()}, else: ${dependency()})`,
      () => `if ${local} do ${dependency()} else ${dependency()} end`,
      () => `case ${local} do\n        nil -> ${dependency()}\n        _ -> ${dependency()}\n      end`,
      () => `cond do\n        ${local} -> ${dependency()}\n        true -> ${dependency()}\n      end`,
      () => `{:diwa_schema, path: ${local}}`,
      () => `{:diwa_schema, ${local} || "~> 0.1"}`,
      () => `{:diwa_schema, "~> 0.1", if(${local}, do: [path: "../d"], else: [])}`,
      () => `chosen(:diwa_schema)`
    ])()
  /** A list that is decided when the file is run. */
  const undecidedList = (): string =>
    pick<() => string>([
      () => `(if ${local}, do: ${list()}, else: ${list()})`,
      () => `unless(${local}, do: ${list()}, else: [])`,
      () => `Enum.reject(${list()}, fn dep -> ${local} && elem(dep, 0) == :diwa_schema end)`,
      () => `${list()} |> Enum.map(&swap/1)`,
      () => `for(dep <- ${list()}, do: swap(dep))`,
      () => `(extra = ${list()}; if ${local}, do: [], else: extra)`,
      () => `List.flatten([${list()}, ${list()}])`,
      () => `by_case(${local})`,
      () => `Enum.map(~w(dep_a dep_b)a, fn name -> {name, "~> 1.0"} end)`,
      () => `[${dependency()} | if(${local}, do: [], else: ${list()})]`
    ])()
  const value = (depth: number): string =>
    pick<() => string>([
      list,
      list,
      () => `[${dependency()} | ${list()}]`,
      () => (depth > 2 ? list() : `${value(depth + 1)} ++ ${value(depth + 1)}`),
      () => (depth > 2 ? list() : `(${value(depth + 1)})`),
      () => (depth > 2 ? list() : named(value(depth + 1))),
      () => (plain ? list() : undecidedList())
    ])()
  /** Moves a value into a function or an attribute, and gives what reads it. */
  const named = (body: string): string => {
    const name = `more_${defined++}`
    return pick<() => string>([
      () => (parts.push(`  defp ${name} do\n    ${body}\n  end`), `${name}()`),
      () => (parts.push(`  defp ${name}, do: ${body}`), `${name}()`),
      () => (parts.push(`  def ${name}(), do:\n    ${body}`), name + '()'),
      () => (parts.push(`  defp ${name}(_env) do\n    ${body}\n  end`), `${name}(Mix.env())`)
    ])()
  }
  const deps = pick([() => named(value(0)), () => named(value(0)), () => value(0)])()
  return `defmodule Sample${index}.MixProject do
  @moduledoc """
  Not code: {:in_docs, path: "../x"} "quote" \\#{not_code(1)}
  """
  use Mix.Project

  @requirement "~> 0.2"
  @options [optional: true, only: :test]
  @text ~S(a ") <> "end do #{"}"}" <> List.to_string('c\\'h')

  def project do
    [
      app: :sample${index},
      version: "1.0.0",
      description: @text,
      aliases: [setup: ["deps.get", "cmd echo {:x}"]],
      deps: ${deps},
      preferred_cli_env: [t: :test]
    ]
  end

  def application, do: [extra_applications: [:logger], mod: {Sample.Application, [?", ?#, ?\\s]}]

${parts.join('\n\n')}

  defp options, do: [runtime: false]
  def chosen(name), do: if(System.get_env("LOCAL"), do: {name, path: "../x"}, else: {name, "~> 9.0"})
  def swap({:diwa_schema, _}), do: {:diwa_schema, "~> 7.0"}
  def swap(other), do: other
  def by_case(nil), do: [{:diwa_schema, "~> 0.1"}]
  def by_case(_), do: [{:diwa_schema, path: "../d"}]

end
`
}
