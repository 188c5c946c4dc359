// What a pull request is judged by is what stands at its base: nothing that it brings along makes it pass.
import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { makeManifest } from '../../actions/migration-guard/manifest.ts'
import { mixSnippet } from '../../actions/migration-guard/mix-snippet.ts'
import type { FileChange } from '../support/git-history.ts'
import {
  configurationFile,
  first,
  guarded,
  guardStage,
  harmless,
  migrations,
  outcomeOf,
  repository,
  reviewed,
  second,
  toldBy,
  workflow
} from './guard-stage.ts'

/** Git's id of a file with these contents. */
function blobOf(text: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex')
}

const loose = `${reviewed.replace('add: reviewed', 'add: allowed')}fail-on: never\nlint: false\n`

describe('a pull request that disarms its own guard is red, by what its base says:', () => {
  test.each<[string, Readonly<Record<string, FileChange>>]>([
    ['the configuration is deleted', { [configurationFile]: null }],
    ['the configuration is loosened', { [configurationFile]: loose }],
    ['the configuration is moved', { [configurationFile]: null, '.github/guard.yml': reviewed }],
    ['the workflow is deleted', { [workflow]: null }],
    ['the workflow no longer runs it', { [workflow]: 'on: pull_request\njobs: {}\n' }],
    ['the workflow is renamed', { [workflow]: null, '.github/workflows/other.yml': 'on: pull_request\njobs: {}\n' }]
  ])('%s', async (_, change) => {
    const stage = await guardStage({ change: { ...harmless, ...change } })
    const run = await stage.run()
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toEqual(['error guard-disarmed', 'error review-missing'])
    expect(run.summary).not.toContain('Unprotected')
  })

  test.each<[string, FileChange]>([
    ['becomes a link', { link: 'other.yml' }],
    ['cannot be read', 'lint: {profile: lax}\n']
  ])('the configuration %s, which a review does not mend', async (_, change) => {
    const stage = await guardStage({ change: { [configurationFile]: change } })
    stage.sandbox.github.addReview(repository, stage.number, { user: 'maria', state: 'APPROVED' })
    const run = await stage.run()
    expect(outcomeOf(run)).toEqual({ exitCode: 1, status: 'failed', told: ['error guard-configuration-broken'] })
    expect(run.annotations[0]?.properties).toMatchObject({ file: configurationFile, line: '1' })
  })

  test('the manifest is edited', async () => {
    const manifest = '.github/source.manifest'
    const source = `source: {repository: acme/cloud, path: ${migrations}, manifest: ${manifest}, set: subset}\n`
    const naming = (...files: readonly (readonly [string, string])[]): string =>
      makeManifest({
        repository: 'acme/cloud',
        ref: 'main',
        commit: 'a'.repeat(40),
        path: migrations,
        files: new Map(files)
      })
    const stage = await guardStage({
      base: {
        [configurationFile]: `${reviewed.replace('add: reviewed', 'add: ported')}${source}`,
        [manifest]: naming(['20260101000000_init/migration.sql', blobOf(guarded[first] ?? '')])
      },
      change: {
        ...harmless,
        [manifest]: naming(['20260102000000_notes/migration.sql', blobOf(harmless[second] ?? '')])
      }
    })
    const run = await stage.run()
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toContain('error guard-disarmed')
  })

  test('the aliases of mix.exs are taken out', async () => {
    const mixExs = (more: string): string => `defmodule Core.MixProject do
  use Mix.Project

  def project do
    [app: :core, version: "0.1.0"${more}]
  end

${mixSnippet('core')}end
`
    const stage = await guardStage({
      base: { [configurationFile]: `${reviewed}mix-guard: required\n`, 'mix.exs': mixExs(', aliases: aliases()') },
      change: { 'mix.exs': mixExs('') }
    })
    const run = await stage.run()
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toContain('error guard-disarmed')
    expect(run.annotations[0]?.properties).toMatchObject({ file: 'mix.exs' })
  })

  test('and a review of the head lets it pass', async () => {
    const stage = await guardStage({ change: { [configurationFile]: loose } })
    stage.sandbox.github.addReview(repository, stage.number, { user: 'maria', state: 'APPROVED' })
    expect(outcomeOf(await stage.run())).toEqual({ exitCode: 0, status: 'passed', told: [] })
  })
})

describe('inputs, which a pull request brings along with its workflow, loosen nothing:', () => {
  const unsafe = { [second]: 'CREATE TABLE notes (id bigint PRIMARY KEY);\nDROP TABLE orders;\n' }
  const open = { [configurationFile]: 'fail-on: error\nlint: {postgres: 14}\n' }

  test.each([
    ['fail-on: never', { 'fail-on': 'never' }, 'Input fail-on is not used'],
    ['lint: false', { lint: 'false' }, 'Input lint is not used'],
    ['profile: calm', { profile: 'calm' }, 'Input profile is not used'],
    ['postgres: 18', { postgres: '18' }, 'Input postgres is not used'],
    ['config: other.yml', { config: 'other.yml' }, 'input config cannot put the configuration away'],
    ['base: HEAD', { base: 'topic' }, 'Input base (topic) is not used']
  ])('%s', async (_, inputs, told) => {
    const stage = await guardStage({ base: open, change: { ...unsafe, 'other.yml': 'fail-on: never\nlint: false\n' } })
    const run = await stage.run({ inputs })
    expect(run.exitCode).toBe(1)
    expect(toldBy(run).filter((each) => each.startsWith('error'))).toEqual(['error drop-table'])
    expect(run.stdout).toContain(told)
  })

  test('they tighten', async () => {
    const stage = await guardStage({ base: { [configurationFile]: 'lint: false\nfail-on: never\n' }, change: unsafe })
    expect((await stage.run()).exitCode).toBe(0)
    const run = await stage.run({ inputs: { lint: 'true', 'fail-on': 'error' } })
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toContain('error drop-table')
  })
})

describe('without a configuration at the base', () => {
  const bare = { [configurationFile]: null }

  test('inputs apply as they are, and the run says unprotected', async () => {
    const stage = await guardStage({
      base: bare,
      change: { [second]: 'DROP TABLE orders;\n', [configurationFile]: reviewed }
    })
    const run = await stage.run({ inputs: { 'fail-on': 'never' } })
    expect(run.exitCode).toBe(0)
    expect(run.summary).toContain('**Unprotected**')
    expect(run.receipt).toMatchObject({ notChecked: expect.arrayContaining([expect.stringContaining('unprotected')]) })
    expect(stage.comments().join('\n').toLowerCase()).toContain('unprotected')
  })

  test('what is merged still may not be edited', async () => {
    const run = await (await guardStage({ base: bare, change: { [first]: 'SELECT 2;\n' } })).run()
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toEqual(['error edited-after-merge'])
  })
})

test.each([
  ['that is no YAML', 'frozen: [\n'],
  ['with a key that does not exist', `${reviewed}frozn: []\n`],
  ['with a rule that does not exist', `${reviewed}rules: {no-such-rule: off}\n`]
])('a configuration at the base %s fails every run, at its line', async (_, text) => {
  const stage = await guardStage({ base: { [configurationFile]: text }, change: { 'README.md': 'x\n' } })
  const run = await stage.run()
  expect(outcomeOf(run)).toEqual({ exitCode: 1, status: 'failed', told: ['error guard-configuration'] })
  expect(run.annotations[0]?.properties).toMatchObject({ file: configurationFile, line: expect.any(String) })
})
