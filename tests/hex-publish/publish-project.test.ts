import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { publishInProcess, type InProcessRun } from './in-process.ts'
import { apiKey, ready, startRelease, writeDocs, writes, type Release } from './release.ts'

let release: Release
beforeEach(async () => {
  release = await startRelease()
})
afterEach(async () => {
  await release.sandbox.close()
})

function publish(inputs: Readonly<Record<string, string>> = {}): Promise<InProcessRun> {
  return publishInProcess(release.sandbox, release.workspace, { ...ready, ...inputs })
}

function write(name: string, text: string): void {
  writeFileSync(join(release.workspace, name), text)
}

function mixExs(dependencies: string, project = ''): string {
  return `
defmodule DemoSchema.MixProject do
  use Mix.Project

  def project do
    [app: :demo_schema, version: "0.1.0", deps: deps()${project}]
  end

  defp deps do
    [${dependencies}]
  end
end
`
}

describe('the organization of mix.exs', () => {
  test.each([
    ['beside a rebar.config', { 'rebar.config': '' }, {}],
    ['beside a gleam.toml', { 'gleam.toml': '' }, {}],
    ['where another tool is said to build', { 'rebar.config': '' }, { 'build-tool': 'rebar3' }]
  ])('is heard %s: a private package does not become public', async (_where, files, inputs) => {
    write('mix.exs', mixExs('', ', package: [organization: "acme"]'))
    for (const [name, text] of Object.entries(files)) write(name, text)
    const run = await publish(inputs)
    expect(run.codes).toEqual(['organization-mismatch'])
    expect(run.problems[0]?.message).toContain('mix.exs publishes to the organization acme')
    expect(writes(release.sandbox)).toEqual([])
  })

  test('that is hexpm is the public repository', async () => {
    write('mix.exs', mixExs('', ', package: [organization: "hexpm"]'))
    expect((await publish()).codes).toEqual([])
  })

  test('is not that of an umbrella around the package, which is told', async () => {
    release.sandbox.hex.addOrganization({ name: 'acme', members: [{ username: 'maintainer', role: 'write' }] })
    write('mix.exs', mixExs('', ', apps_path: "apps"').replace('app: :demo_schema, version: "0.1.0", ', ''))
    const run = await publish({ organization: 'acme', 'dry-run': 'true' })
    expect(run.codes).not.toContain('organization-mismatch')
    expect(run.receipt.notChecked.join()).toContain('input path names the folder of the package')
  })

  test('that is absent says nothing where rebar3 builds', async () => {
    write('mix.exs', mixExs(''))
    write('rebar.config', '')
    expect((await publish()).codes).toEqual([])
  })
})

describe('a dependency of mix.exs', () => {
  test.each(['path: "../ecto_sql", hex: :ecto_sql', 'git: "https://example.com/ecto_sql.git", hex: :ecto_sql'])(
    'with %s was not tested as Hex has it, and stops the release',
    async (options) => {
      write('mix.exs', mixExs(`{:ecto_sql, "~> 3.11", ${options}}`))
      const run = await publish()
      expect(run.codes).toEqual(['dependency-not-on-hex'])
      expect(run.problems[0]).toMatchObject({ file: 'mix.exs', line: 10 })
      expect(writes(release.sandbox)).toEqual([])
    }
  )

  test('from Hex, or for tests alone, is fine', async () => {
    write('mix.exs', mixExs('{:ecto_sql, "~> 3.11"}, {:fixtures, path: "../fixtures", only: :test}'))
    const run = await publish()
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(run.receipt.notChecked.join()).not.toContain('dependencies')
  })

  test.each([
    ['there is no mix.exs', undefined, 'there is no mix.exs in this job'],
    ['mix.exs is of another application', mixExs('').replace(':demo_schema,', ':root,'), 'mix.exs is that of root'],
    ['mix.exs cannot be read', 'defmodule Demo do (', 'mix.exs cannot be read'],
    ['it is computed', mixExs('] ++ local(System.get_env("LOCAL")) ++ ['), 'is not run for it']
  ])('is not checked where %s, which is told', async (_where, text, told) => {
    if (text !== undefined) write('mix.exs', text)
    const run = await publish()
    expect(run.codes).toEqual([])
    const unchecked = run.receipt.notChecked.filter(
      (each) => each.includes('comes from Hex') || each.includes('come from Hex')
    )
    expect(unchecked.join()).toContain(told)
  })
})

test('the key of the run in the documentation stops the release, and is not shown', async () => {
  writeDocs(join(release.workspace, 'doc'), { 'a.html': `<p>${apiKey}</p>` })
  const run = await publish()
  expect(run.codes).toEqual(['secret-in-package'])
  expect(run.problems[0]?.message).toContain('doc/a.html')
  expect(JSON.stringify(run.problems)).not.toContain(apiKey)
  expect(writes(release.sandbox)).toEqual([])
})
