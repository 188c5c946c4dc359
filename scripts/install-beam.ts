import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unpackDebianPackages } from './debian-packages.ts'

/** The programs that come with it, by their names in the folder that `installBeam` gives. */
export const beamPrograms = ['erl', 'erlc', 'escript', 'elixir', 'elixirc', 'mix', 'rebar3'] as const

/** Elixir and rebar3 with what they, and a project's tests and documentation, use of Erlang/OTP. */
const packages: readonly string[] = [
  'elixir',
  'rebar3',
  ...[
    ...['asn1', 'base', 'common-test', 'crypto', 'dev', 'dialyzer', 'edoc', 'eunit', 'ftp', 'inets', 'mnesia'],
    ...['parsetools', 'public-key', 'reltool', 'runtime-tools', 'ssl', 'syntax-tools', 'tftp', 'tools', 'xmerl']
  ].map((part) => `erlang-${part}`)
]

/** Debian's start scripts have this folder in them. */
const fixedRoot = 'usr/lib/erlang'

/**
 * Where Debian's Elixir, Erlang/OTP and rebar3 belong. The name tells what is in it and which place it was made for,
 * because the start scripts hold that place: after the project was moved, this is another folder.
 *
 * @param tools the project's tool folder
 */
export function beamFolder(tools: string): string {
  const made = createHash('sha256')
    .update(JSON.stringify([packages, tools]))
    .digest('hex')
    .slice(0, 12)
  return join(tools, `beam-${made}`)
}

/** Brings them into `beamFolder`, unless they are there, and gives the folder with the programs. */
export function installBeam(tools: string): string {
  const folder = beamFolder(tools)
  if (!existsSync(folder)) {
    unpackDebianPackages(folder, packages, (unpacked) => {
      for (const script of globSync(`${fixedRoot}/{bin,erts-*/bin}/{erl,start}`, { cwd: unpacked })) {
        const path = join(unpacked, script)
        const text = readFileSync(path, 'utf8')
        writeFileSync(path, text.replaceAll(`=/${fixedRoot}`, `="${join(folder, fixedRoot)}"`))
      }
    })
  }
  return join(folder, 'usr', 'bin')
}
