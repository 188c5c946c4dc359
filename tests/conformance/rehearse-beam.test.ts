// needs: act, elixir, mix, rebar3
// What the rehearsal promises about jobs that set up Elixir.
import { describe, expect, test } from '@jest/globals'
import { rehearseWorkflow, summaries } from '../rehearse/rehearse-folder.ts'
import { archiveName } from '../support/hex/stand-in.ts'

const setup = (elixir: string, otp: string): string =>
  `{uses: erlef/setup-beam@v1, with: {elixir-version: "${elixir}", otp-version: "${otp}"}}`
const tell = (command: string): string => `{shell: bash, run: '(${command}) >> "$GITHUB_STEP_SUMMARY" 2>&1'}`
const header = 'name: Test\non: {push: {tags: ["v*"]}}\n'

describe('a job that sets up Elixir', () => {
  test('has Hex for Mix, and is told what stood for it', async () => {
    const rehearsed = await rehearseWorkflow(`${header}
jobs:
  build:
    runs-on: ubuntu-latest
    permissions: {}
    steps: [${setup('>= 1.14.0', '>= 25')}, ${tell('mix archive; mix hex.info')}]`)
    const { outcome, said } = rehearsed
    expect({ errors: outcome.errors, verdict: outcome.verdict }).toEqual({ errors: [], verdict: 'green' })
    // A machine with Hex of its own uses that, and says nothing.
    const standsIn = said.includes(archiveName)
    expect(summaries(rehearsed)).toContain(standsIn ? archiveName : 'hex-')
    expect(outcome.remarks.some((remark) => remark.includes(archiveName))).toBe(standsIn)
  })

  test('resolves dependencies from the sandbox, and is told which packages were stand-ins', async () => {
    const project = `defmodule Demo.MixProject do
  use Mix.Project
  def project, do: [app: :demo, version: "0.1.0", deps: [{:ecto_sql, "~> 3.10"}]]
end
`
    const { outcome, said } = await rehearseWorkflow(
      `${header}
jobs:
  build:
    runs-on: ubuntu-latest
    permissions: {}
    steps:
      - uses: actions/checkout@v6
      - ${setup('>= 1.14.0', '>= 25')}
      - run: mix deps.get`,
      { 'mix.exs': project }
    )
    expect({ errors: outcome.errors, verdict: outcome.verdict }).toEqual({ errors: [], verdict: 'green' })
    const standsIn = said.includes(archiveName)
    expect(outcome.remarks.some((remark) => /stand-in for ecto_sql 3\.\d+\.\d+ was taken/.test(remark))).toBe(standsIn)
    expect(outcome.indexes).toEqual([{ name: 'Hex', service: 'hex', projects: [] }])
  })

  test('lets rebar3 resolve from the sandbox too, and check its signature', async () => {
    const { outcome } = await rehearseWorkflow(
      `${header}
jobs:
  build:
    runs-on: ubuntu-latest
    permissions: {}
    steps:
      - uses: actions/checkout@v6
      - ${setup('>= 1.14.0', '>= 25')}
      - run: rebar3 get-deps`,
      { 'rebar.config': '{deps, [{postgrex, "~> 0.21"}]}.\n' }
    )
    expect({ errors: outcome.errors, verdict: outcome.verdict }).toEqual({ errors: [], verdict: 'green' })
    expect(outcome.requests.some(({ url }) => /^https:\/\/repo\.hex\.pm\/tarballs\/postgrex-/.test(url))).toBe(true)
  })

  test('is told when the versions differ, and a cell of a matrix then counts as not checked', async () => {
    const { outcome } = await rehearseWorkflow(`${header}
jobs:
  one:
    runs-on: ubuntu-latest
    permissions: {}
    steps: [${setup('0.9', '>= 25')}]
  many:
    runs-on: ubuntu-latest
    permissions: {}
    strategy: {matrix: {elixir: ['0.7', '0.8'], otp: ['>= 25']}}
    steps: [${setup('${{ matrix.elixir }}', '${{ matrix.otp }}')}]`)
    expect(outcome.remarks.filter((remark) => remark.includes('0.9'))).toHaveLength(1)
    expect(outcome.notRehearsed.map((line) => line.replace(/ran on .*/, 'ran on …')).toSorted()).toEqual([
      'Erlang/OTP >= 25 with Elixir 0.7 is not checked: this cell of the matrix ran on …',
      'Erlang/OTP >= 25 with Elixir 0.8 is not checked: this cell of the matrix ran on …'
    ])
    expect(outcome.verdict).toBe('partial')
  })
})
