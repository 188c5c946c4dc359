// The hooks of docs/migration-guard-local.md, as they stand there, in a repository of their own.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from '@jest/globals'
import { mixSnippet } from '../../actions/migration-guard/mix-snippet.ts'
import { readPage } from '../contract/markdown.ts'
import { temporaryFolder } from '../support/run-action.ts'

const scripts = readPage('docs/migration-guard-local.md').code.filter(({ text }) => text.startsWith('#!/bin/sh'))
const [preCommit = '', prePush = ''] = scripts.map(({ text }) => `${text}\n`)

const home = temporaryFolder('home')
let folder = ''

beforeAll(() => {
  mkdirSync(join(home, 'release-actions'))
  const dist = process.env['RELEASE_ACTIONS_DIST'] ?? join(import.meta.dirname, '..', '..', 'dist')
  symlinkSync(dist, join(home, 'release-actions', 'dist'))
})

const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  HOME: home,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  ...more
})

interface Ran {
  readonly status: number | null
  readonly said: string
}

function git(args: readonly string[], more: Readonly<Record<string, string>> = {}): Ran {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: folder, env: environment(more), encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function hook(name: string, text: string): void {
  writeFileSync(join(folder, '.git', 'hooks', name), text, { mode: 0o755 })
}

const mixExs = `defmodule DiwaAgent.MixProject do
  use Mix.Project

  def project do
    [app: :diwa_agent, version: "0.1.0", aliases: aliases()]
  end

${mixSnippet('diwa-agent')}end
`
const migration = 'priv/repo/migrations/20260101000000_add_notes.exs'
const ownMigration = `defmodule DiwaAgent.Repo.Migrations.AddNotes do
  use Ecto.Migration

  def change do
    create table(:notes) do
      add :text, :text
    end
  end
end
`

beforeEach(() => {
  folder = temporaryFolder('hooks')
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: folder, env: environment() })
  write(
    '.github/migration-guard.yml',
    'mix-guard: required\nfrozen:\n  - paths: [priv/repo/migrations/**]\n    add: forbidden\n'
  )
  write('mix.exs', mixExs)
  git(['add', '.'])
  git(['commit', '-qm', 'base'])
  git(['checkout', '-qb', 'work'])
})

test('a commit of a forbidden migration is stopped, and passes with ALLOW_CORE_MIGRATION=true', () => {
  hook('pre-commit', preCommit)
  write(migration, ownMigration)
  git(['add', '.'])
  const { status, said } = git(['commit', '-m', 'own'])
  expect({ status, said }).toEqual({ status: 1, said: expect.stringContaining(`${migration}: error[frozen-path]`) })
  const allowed = git(['commit', '-m', 'own'], { ALLOW_CORE_MIGRATION: 'true' })
  expect(allowed).toEqual({
    status: 0,
    said: expect.stringContaining('silenced[frozen-path] by ALLOW_CORE_MIGRATION=true')
  })
})

test('what is not staged is not judged, and what git commit FILE takes is', () => {
  hook('pre-commit', preCommit)
  write(migration, ownMigration)
  write('lib/a.ex', 'defmodule A do\nend\n')
  git(['add', 'lib'])
  expect(git(['commit', '-m', 'code'])).toEqual({ status: 0, said: expect.stringContaining('passed') })
  write('mix.exs', mixExs.replace('"ecto.drop": [&check_migration_allowed/1, ', '"ecto.drop": ['))
  const one = git(['commit', '-m', 'x', 'mix.exs'])
  expect(one).toEqual({ status: 1, said: expect.stringContaining('error[guard-disarmed]') })
  expect(one.said).not.toContain('frozen-path')
  expect(git(['commit', '-am', 'x']).status).toBe(1)
})

test('a push of a branch with a forbidden migration is stopped', () => {
  const remote = temporaryFolder('remote')
  execFileSync('git', ['init', '-q', '--bare', remote], { env: environment() })
  git(['remote', 'add', 'origin', remote])
  expect(git(['push', '-q', 'origin', 'main']).status).toBe(0)
  hook('pre-push', prePush)
  write(migration, ownMigration)
  git(['add', '.'])
  git(['commit', '-qm', 'own'])
  expect(git(['push', 'origin', 'work'])).toEqual({ status: 1, said: expect.stringContaining('error[frozen-path]') })
  // What counts is what is pushed: neither what lies in the working tree nor what is checked out.
  git(['rm', '-q', migration])
  expect(git(['push', 'origin', 'work']).status).toBe(1)
  git(['checkout', '-qf', 'main'])
  expect(git(['push', 'origin', 'work:elsewhere']).status).toBe(1)
  expect(git(['push', 'origin', 'main:elsewhere']).status).toBe(0)
  expect(git(['push', 'origin', ':elsewhere']).status).toBe(0)
  git(['checkout', '-q', 'work'])
  git(['rm', '-q', migration])
  git(['commit', '-qm', 'take it out'])
  expect(git(['push', 'origin', 'work']).status).toBe(0)
})
