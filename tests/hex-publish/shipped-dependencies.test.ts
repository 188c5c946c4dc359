import { describe, expect, test } from '@jest/globals'
import { checkShippedDependencies, type ShippedDependencies } from '../../actions/hex-publish/shipped-dependencies.ts'
import { readMixExs } from '../../actions/shared/hex/mix-exs.ts'

/** @param deps the body of `deps`, from line 7 on */
function check(deps: string): ShippedDependencies {
  const text = `defmodule Demo.MixProject do
  use Mix.Project

  def project, do: [app: :demo, version: "0.1.0", deps: deps()]

  defp deps do
${deps}
  end
end
`
  const read = readMixExs(text, 'packages/demo/mix.exs')
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('\n'))
  return checkShippedDependencies(read.mixExs, 'packages/demo/mix.exs')
}

const nothing = { problems: [], notChecked: [] }

describe('a dependency that users get from Hex', () => {
  test.each([
    ['path:', '{:ecto_sql, "~> 3.11", path: "../ecto_sql", hex: :ecto_sql}'],
    ['git: or github:', '{:ecto_sql, "~> 3.11", github: "elixir-ecto/ecto_sql", hex: :ecto_sql}'],
    ['git: or github:', '{:ecto_sql, "~> 3.11", git: "https://example.com/a.git", only: [:prod, :test]}'],
    ['in_umbrella:', '{:ecto_sql, in_umbrella: true}'],
    ['path:', '{:ecto_sql, "~> 3.11", path: "../ecto_sql", optional: true}']
  ])('is not tested with %s alone', (option, dependency) => {
    const { problems, notChecked } = check(`    [\n      {:jason, "~> 1.4"},\n      ${dependency}\n    ]`)
    expect(problems).toMatchObject([
      {
        code: 'dependency-not-on-hex',
        message: `The dependency ecto_sql has ${option} in packages/demo/mix.exs: it was tested with that, and users of the package get ecto_sql from Hex.`,
        file: 'packages/demo/mix.exs',
        line: 9
      }
    ])
    expect(notChecked).toEqual([])
  })

  test('is named as Hex calls it', () => {
    const [problem] = check('[{:sql, "~> 3.0", path: "../sql", hex: :acme_sql}]').problems
    expect(problem?.message).toContain('users of the package get acme_sql')
    expect(problem?.hint).toContain('{:sql, "~> 1.0"}')
  })

  test.each([
    ['comes from Hex', '[{:ecto_sql, "~> 3.11"}, {:sql, "~> 1.0", hex: :acme_sql}]'],
    ['is for tests only', '[{:ecto_sql, path: "../ecto_sql", only: [:dev, :test]}, {:a, git: "x", only: :test}]'],
    ['has a path of nil', '[{:ecto_sql, "~> 3.11", path: nil}]'],
    ['is not there', '[]']
  ])('is good where it %s', (_, deps) => {
    expect(check(deps)).toEqual(nothing)
  })
})

test('what only running mix.exs tells is not checked, and said so', () => {
  expect(check('[if(System.get_env("X"), do: {:a, path: "../a"}, else: {:a, "~> 1.0"})]')).toMatchObject({
    problems: [],
    notChecked: [
      expect.stringMatching(/^whether a comes from Hex: .*\(packages\/demo\/mix\.exs:7\), and it is not run/)
    ]
  })
  const { problems, notChecked } = check('[{:a, "~> 1.0"}] ++ Code.eval_file("deps.exs")')
  expect(problems).toEqual([])
  expect(notChecked).toEqual([expect.stringMatching(/^whether all dependencies come from Hex: .*mix\.exs:7/)])
})
