import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readMixProject } from '../../actions/hex-publish/mix-project.ts'
import { readProject } from '../../actions/hex-publish/project.ts'
import { folderWith } from './programs.ts'

/** mix.exs as `mix new` writes it, with more in the list of project/0 and more functions. */
function mixExs(entries: string, functions = ''): string {
  return `defmodule Demo.MixProject do
  use Mix.Project

  @version "0.1.0"

  def project do
    [
      app: :demo,
      version: @version,
      elixir: "~> 1.14",
      start_permanent: Mix.env() == :prod,
      deps: deps()${entries === '' ? '' : `,\n      ${entries}`}
    ]
  end

  def application, do: [extra_applications: [:logger]]

  defp deps do
    [{:private, "~> 1.0", organization: "of_the_dependency"}]
  end
${functions}
end
`
}

describe('which tool builds a folder', () => {
  test.each([
    ['mix.exs', 'mix'],
    ['rebar.config', 'rebar3'],
    ['gleam.toml', 'gleam']
  ])('%s: %s', (file, tool) => {
    expect(readProject(folderWith({ [file]: '' }), '.')).toMatchObject({ tool, umbrella: false, problems: [] })
  })

  test('where several could, build-tool says', () => {
    const folder = folderWith({ 'mix.exs': mixExs(''), 'rebar.config': '' })
    expect(readProject(folder, '.').problems).toMatchObject([{ code: 'build-tool-unclear' }])
    expect(readProject(folder, '.').problems[0]?.message).toBe(
      'What is in the workspace can be built by mix and by rebar3.'
    )
    expect(readProject(folder, '.', 'rebar3')).toMatchObject({ tool: 'rebar3', problems: [] })
  })

  test('a folder without a project is told with the folder', () => {
    const [problem] = readProject(folderWith({ 'README.md': '' }), 'packages/demo').problems
    expect(problem).toMatchObject({ code: 'project-missing' })
    expect(problem?.message).toContain('packages/demo')
    expect(readProject(join(folderWith({}), 'nowhere'), 'nowhere').problems).toMatchObject([
      { code: 'project-missing' }
    ])
  })

  test('a tool whose file is not there is told with the file that is', () => {
    const [problem] = readProject(folderWith({ 'mix.exs': mixExs('') }), '.', 'gleam').problems
    expect(problem?.message).toBe('There is no gleam.toml in the workspace, only mix.exs.')
  })
})

describe('an umbrella', () => {
  test('is none where apps_path is nil', () => {
    const folder = folderWith({ 'mix.exs': mixExs('apps_path: nil') })
    expect(readProject(folder, '.')).toMatchObject({ umbrella: false, problems: [] })
  })

  test('of Mix has apps_path, and is refused with the place of its applications', () => {
    const folder = folderWith({ 'mix.exs': mixExs('apps_path: "apps"') })
    const project = readProject(folder, 'server')
    expect(project).toMatchObject({ umbrella: true, problems: [{ code: 'umbrella-project', file: 'server/mix.exs' }] })
    expect(project.problems[0]?.hint).toContain('server/apps/NAME')
  })

  test('is not one because apps_path stands in a comment, a string or another function', () => {
    const source = mixExs(
      'description: "apps_path: \\"apps\\"" # apps_path: "apps"',
      '  def other, do: [apps_path: "apps"]'
    )
    expect(readMixProject(source).umbrella).toBe(false)
  })

  test('of rebar3 has several applications under apps/ or lib/', () => {
    const two = folderWith({ 'rebar.config': '', 'apps/a/src/a.app.src': '', 'lib/b/src/b.app.src': '' })
    expect(readProject(two, '.').problems).toMatchObject([{ code: 'umbrella-project' }])
    const one = folderWith({ 'rebar.config': '', 'apps/a/src/a.app.src': '' })
    expect(readProject(one, '.').problems).toEqual([])
  })
})

describe('the organization in mix.exs', () => {
  test.each([
    ['in project/0', mixExs('package: [licenses: ["MIT"], organization: "acme"]'), 'acme'],
    ['in a function', mixExs('package: package()', '  defp package do\n    [organization: "acme"]\n  end'), 'acme'],
    ['in a function of one line', mixExs('package: package()', '  defp package, do: [organization: "acme"]'), 'acme'],
    [
      'in a function called without brackets',
      mixExs('package: pkg', '  defp pkg(), do: [organization: "acme"]'),
      'acme'
    ],
    ['as nil', mixExs('package: [organization: nil]'), undefined],
    ['as the public repository', mixExs('package: [organization: "hexpm"]'), undefined],
    ['nowhere in the package', mixExs('package: [licenses: ["MIT"]]'), undefined],
    ['without a package', mixExs(''), undefined],
    ['computed', mixExs('package: [organization: System.get_env("ORG")]'), 'not checked'],
    ['from an attribute', mixExs('package: [organization: @org]'), 'not checked'],
    ['interpolated', mixExs('package: [organization: "a#{1}"]'), 'not checked'],
    ['chosen', mixExs('package: [organization: if(true, do: "a", else: "b")]'), 'not checked'],
    ['in a list put together', mixExs('package: [licenses: []] ++ more()'), 'not checked'],
    ['in a function of another file', mixExs('package: package()'), 'not checked'],
    [
      'in one of two clauses',
      mixExs('package: package()', '  defp package, do: [organization: "a"]\n  defp package, do: []'),
      'not checked'
    ],
    ['where mix.exs cannot be read', 'defmodule Demo do "', 'not checked'],
    ['where project/0 is computed', 'defmodule D do\n  def project, do: Shared.project(:demo)\nend', 'not checked']
  ])('%s', (_, source, organization) => {
    expect(readMixProject(source).organization).toBe(organization)
  })

  test('of a folder is what its mix.exs says', () => {
    const folder = folderWith({ 'mix.exs': mixExs('package: [organization: "acme"]') })
    expect(readProject(folder, '.').organization).toBe('acme')
    expect(readProject(folderWith({ 'gleam.toml': 'organization = "x"' }), '.').organization).toBeUndefined()
  })
})
