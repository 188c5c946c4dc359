// The parsers stand beside the bundles, and a run without migrations does not touch them.
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../support/run-action.ts'
import { configurationFile, guardStage, harmless, outcomeOf, repository, reviewed } from './guard-stage.ts'

const shipped = process.env['RELEASE_ACTIONS_DIST'] ?? join(import.meta.dirname, '..', '..', 'dist')
const without = join(temporaryFolder('bundles'), 'dist')

beforeAll(() => {
  mkdirSync(join(without, 'parsers'), { recursive: true })
  // A configuration is read in every run.
  cpSync(join(shipped, 'parsers', 'yaml.cjs'), join(without, 'parsers', 'yaml.cjs'))
  cpSync(join(shipped, 'migration-guard'), join(without, 'migration-guard'), { recursive: true })
})

describe('an installation without the parsers of SQL and Elixir', () => {
  test.each([
    ['without migrations', {}, { 'README.md': 'text\n' }],
    ['of the guard’s own files', {}, { [configurationFile]: `${reviewed}# more\n` }],
    ['without migrations, beside hundreds', { ...many() }, { 'README.md': 'text\n' }]
  ])('judges a change %s', async (_, base, change) => {
    const stage = await guardStage({ base, change })
    stage.sandbox.github.addReview(repository, 1, { user: 'maria', state: 'APPROVED' })
    expect(outcomeOf(await stage.run({ dist: without }))).toEqual({ exitCode: 0, status: 'passed', told: [] })
  })

  test.each([
    ['a migration', {}, harmless],
    [
      'mix.exs, which must carry the aliases',
      { [configurationFile]: 'mix-guard: required\n', 'mix.exs': 'defmodule A do\nend\n' },
      { 'README.md': 'text\n' }
    ]
  ])('is told as broken where it must read %s, and is not green', async (_, base, change) => {
    const stage = await guardStage({ base, change })
    stage.sandbox.github.addReview(repository, 1, { user: 'maria', state: 'APPROVED' })
    const run = await stage.run({ dist: without })
    expect(outcomeOf(run)).toEqual({ exitCode: 1, status: 'failed', told: ['error parsers-missing'] })
    expect(run.annotations[0]?.message).toContain('copy all of `dist`')
    expect(stage.writes()).toEqual([])
  })
})

test('an installation without any parser is told as broken, and is not green', async () => {
  const alone = join(temporaryFolder('bundles'), 'dist')
  mkdirSync(alone)
  cpSync(join(shipped, 'migration-guard'), join(alone, 'migration-guard'), { recursive: true })
  const stage = await guardStage({ change: { 'README.md': 'text\n' } })
  const run = await stage.run({ dist: alone })
  expect(outcomeOf(run)).toEqual({ exitCode: 1, status: 'failed', told: ['error parsers-missing'] })
})

test('what is shipped reads a migration', async () => {
  const stage = await guardStage()
  stage.sandbox.github.addReview(repository, 1, { user: 'maria', state: 'APPROVED' })
  expect(outcomeOf(await stage.run())).toEqual({ exitCode: 0, status: 'passed', told: [] })
})

function many(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: 200 }, (_, n) => [
      `prisma/migrations/2025010100${String(n).padStart(4, '0')}_n/migration.sql`,
      `CREATE TABLE t${n} (id bigint PRIMARY KEY);\n`
    ])
  )
}
