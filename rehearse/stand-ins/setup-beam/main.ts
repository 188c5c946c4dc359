import { cpSync, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { printed } from '../shared/program.ts'
import { fail, info, input, notRehearsed, remark, setOutput } from '../shared/runner.ts'
import { satisfies } from '../shared/version-range.ts'

/** A program that setup-beam would install, and how to learn its version. */
interface Tool {
  readonly name: string
  readonly input: string
  readonly output: string
  readonly version: () => string | undefined
}

const firstVersion = (text: string | undefined): string | undefined => /\d+(?:\.\d+)*/.exec(text ?? '')?.[0]

const tools: readonly Tool[] = [
  {
    name: 'Erlang/OTP',
    input: 'otp-version',
    output: 'otp-version',
    version: () =>
      firstVersion(printed('erl', ['-noshell', '-eval', 'io:put_chars(erlang:system_info(otp_release)), halt().']))
  },
  {
    name: 'Elixir',
    input: 'elixir-version',
    output: 'elixir-version',
    version: () => /Elixir (\d+(?:\.\d+)*)/.exec(printed('elixir', ['--version']) ?? '')?.[1]
  },
  {
    name: 'Gleam',
    input: 'gleam-version',
    output: 'gleam-version',
    version: () => firstVersion(printed('gleam', ['--version']))
  },
  {
    name: 'rebar3',
    input: 'rebar3-version',
    output: 'rebar3-version',
    version: () => firstVersion(printed('rebar3', ['version']))
  }
]

const found: { readonly name: string; readonly asked: string; readonly here: string; readonly fits: boolean }[] = []
for (const tool of tools) {
  const asked = input(tool.input)
  if (asked === '' || asked === 'false') continue
  const here = tool.version()
  if (here === undefined)
    fail(`${tool.name} is not on PATH: a rehearsal installs no compilers, install it to rehearse this job`)
  // Erlang tells its major version only.
  const comparable = tool.input === 'otp-version' ? (asked.split('.')[0] ?? asked) : asked
  found.push({ name: tool.name, asked, here, fits: satisfies(here, comparable) })
  setOutput(tool.output, here)
  info(`${tool.name} ${here}`)
}

// A cell of a matrix is there for its versions: on others it shows nothing about them.
const differences = found.filter(({ fits }) => !fits)
if (differences.length > 0 && process.env['REHEARSAL_MATRIX'] === 'true') {
  const list = (which: 'asked' | 'here'): string =>
    found.map(({ name, ...versions }) => `${name} ${versions[which]}`).join(' with ')
  notRehearsed(`${list('asked')} is not checked: this cell of the matrix ran on ${list('here')}`)
} else {
  for (const { name, asked, here } of differences)
    remark(`setup-beam: found ${name} on PATH, asked ${asked}, here ${here}`)
}

const archives = process.env['REHEARSAL_MIX_ARCHIVES'] ?? ''
if (input('elixir-version') !== '' && input('install-hex') !== 'false' && existsSync(archives)) {
  const home = process.env['MIX_HOME'] ?? join(homedir(), '.mix')
  cpSync(archives, process.env['MIX_ARCHIVES'] ?? join(home, 'archives'), { recursive: true })
  const told = process.env['REHEARSAL_HEX_REMARK'] ?? ''
  if (told !== '') remark(told)
}
