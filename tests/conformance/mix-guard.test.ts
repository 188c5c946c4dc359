// needs: elixir, mix
// What Mix makes of the aliases that the guard prints and judges: a project with tasks of Ecto's names, and the real Mix.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { checkMixGuard, guardedTasks } from '../../actions/migration-guard/mix-guard.ts'
import { mixSnippet } from '../../actions/migration-guard/mix-snippet.ts'
import { loadElixirParser, type ElixirParser } from '../../actions/shared/parsers.ts'
import { ran, type Ran } from '../support/hex/mix.ts'

let folder = ''
let elixir: ElixirParser

beforeAll(async () => {
  elixir = await loadElixirParser()
  folder = mkdtempSync(join(tmpdir(), 'mix-guard-'))
  mkdirSync(join(folder, 'lib'))
  for (const task of ['Migrate', 'Rollback', 'Drop', 'Create', 'Load', 'Setup']) {
    writeFileSync(
      join(folder, 'lib', `${task}.ex`),
      `defmodule Mix.Tasks.Ecto.${task} do\n  use Mix.Task\n  def run(args), do: IO.puts("ran ${task} #{inspect(args)}")\nend\n`
    )
  }
  write(mixExs(mixSnippet('diwa-agent')))
  await mix(['compile'])
}, 120_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function mixExs(guard: string, aliases = 'aliases()'): string {
  return `defmodule DiwaAgent.MixProject do
  use Mix.Project

  def project do
    [
      app: :diwa_agent,
      version: "0.1.0",
      aliases: ${aliases}
    ]
  end

${guard}end
`
}

function write(text: string): void {
  writeFileSync(join(folder, 'mix.exs'), text)
}

function mix(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return ran('mix', args, { folder, env: { ALLOW_CORE_MIGRATION: '', ...env } })
}

const blocked = "[SAFETY BLOCK] Database migrations in 'diwa-agent' are restricted"
const allowed = { ALLOW_CORE_MIGRATION: 'true' }

describe('a project with the snippet', () => {
  beforeAll(() => {
    write(mixExs(mixSnippet('diwa-agent')))
  })

  test('is found good, and mix format has nothing to change', async () => {
    const text = mixExs(mixSnippet('diwa-agent'))
    expect(checkMixGuard({ file: 'mix.exs', text, before: undefined }, 'acme/diwa-agent', elixir, false)).toEqual([])
    expect(await mix(['format', '--check-formatted', 'mix.exs'])).toEqual({ exitCode: 0, output: '' })
  })

  test.each(guardedTasks)('stops mix %s with the message and a failure', async (task) => {
    const { exitCode, output } = await mix([task])
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: expect.stringContaining(blocked) })
    expect(output).not.toContain('ran ')
  })

  test.each(guardedTasks)('lets mix %s run with ALLOW_CORE_MIGRATION=true, with its arguments', async (task) => {
    const { exitCode, output } = await mix([task, '--quiet'], allowed)
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringMatching(/ran \w+ \["--quiet"\]/) })
  })

  test('stops a task that stands in mix do', async () => {
    const { exitCode, output } = await mix(['do', 'ecto.create,', 'ecto.migrate'])
    expect(exitCode).toBe(1)
    expect(output).toContain('ran Create')
    expect(output).toContain(blocked)
  })

  test('cannot stop what is no task of these names, as its page says', async () => {
    expect((await mix(['ecto.load'])).output).toContain('ran Load')
    expect((await mix(['run', '-e', 'Mix.Tasks.Ecto.Migrate.run([])'])).output).toContain('ran Migrate')
    writeFileSync(join(folder, 'other.exs'), mixExs('').replace('aliases: aliases()', 'aliases: []'))
    expect((await mix(['ecto.migrate'], { MIX_EXS: 'other.exs' })).output).toContain('ran Migrate')
  })
})

test('ecto.setup, ecto.reset and test are stopped where they are aliases that migrate', async () => {
  const more = `"ecto.setup": ["ecto.create", "ecto.migrate"],
      "ecto.reset": ["ecto.drop", "ecto.setup"],
      test: ["ecto.migrate --quiet", "test"],
      "ecto.migrate": [`
  write(mixExs(mixSnippet('diwa-agent').replace('"ecto.migrate": [', more)))
  for (const task of ['ecto.setup', 'ecto.reset', 'test']) {
    const { exitCode, output } = await mix([task], { MIX_ENV: 'dev' })
    expect({ task, exitCode, stopped: output.includes(blocked) }).toEqual({ task, exitCode: 1, stopped: true })
  }
})

describe('the judgement without running is what Mix does', () => {
  const raise = `Mix.raise("${blocked}")`
  const condition = `System.get_env("ALLOW_CORE_MIGRATION")`

  test.each([
    ['keyword if', `if ${condition} != "true", do: ${raise}`],
    ['case', `case ${condition} do\n "true" -> :ok\n _ -> ${raise}\n end`],
    ['or', `${condition} == "true" || raise "${blocked}"`],
    ['cond', `cond do\n ${condition} == "true" -> :ok\n true -> raise RuntimeError, message: "${blocked}"\n end`],
    ['not in', `if ${condition} not in ["true"], do: ${raise}`],
    ['exit', `if ${condition} != "true" do\n Mix.shell().error("${blocked}")\n exit({:shutdown, 3})\n end`],
    ['halt', `if ${condition} != "true" do\n IO.puts("${blocked}")\n System.halt(2)\n end`],
    ['throw', `if ${condition} != "true", do: throw("${blocked}")`],
    ['nothing', ':ok'],
    ['a message alone', `Mix.shell().error("${blocked}")`],
    ['System.stop', `IO.puts("${blocked}")\n System.stop(1)\n :ok`],
    ['exit as if all were well', `IO.puts("${blocked}")\n exit(:normal)`],
    ['halt as if all were well', `IO.puts("${blocked}")\n System.halt(0)`],
    ['the wrong way round', `if ${condition} == "true", do: ${raise}`],
    ['any value', `if is_nil(${condition}), do: ${raise}`]
  ])(
    '%s',
    async (_, body) => {
      const guard = mixSnippet('diwa-agent').replace(
        /(check_migration_allowed\(_args\) do\n).*?\n {2}end\n/s,
        `$1    ${body}\n  end\n`
      )
      const text = mixExs(guard)
      write(text)
      const errors = checkMixGuard({ file: 'mix.exs', text, before: undefined }, 'diwa-agent', elixir, false).filter(
        ({ level }) => level === 'error'
      )
      const [stopped, otherwise, passed] = [
        await mix(['ecto.drop']),
        await mix(['ecto.drop'], { ALLOW_CORE_MIGRATION: 'no' }),
        await mix(['ecto.drop'], allowed)
      ]
      const stops = (each: Ran): boolean =>
        each.exitCode !== 0 && !each.output.includes('ran Drop') && each.output.includes(blocked)
      const holds = stops(stopped) && stops(otherwise)
      expect({ body, good: errors.length === 0 }).toEqual({ body, good: holds && passed.output.includes('ran Drop') })
    },
    60_000
  )
})
