// needs: act, elixir, mix, psql
// The examples for Elixir, from the tag to the consumer's database, as their own workflows do it.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import type { Outcome } from '../../rehearse/outcome.ts'
import { rehearseWith, type Rehearsed } from '../rehearse/rehearse-folder.ts'
import { archiveName } from '../support/hex/stand-in.ts'

const examples = join(import.meta.dirname, '..', '..', 'examples')

/** Cells that asked for an Elixir that is not here; on a machine with Elixir 1.17 and OTP 27 there would be fewer. */
const cells = (outcome: Outcome): readonly string[] =>
  outcome.notRehearsed.filter((line) => line.includes('is not checked: this cell of the matrix ran on'))

const hex = (outcome: Outcome) => outcome.indexes.find(({ name }) => name === 'Hex')?.projects ?? []

describe('the application, after the package that it takes its tables from', () => {
  let rehearsed: Rehearsed
  let library: Outcome
  let application: Outcome
  beforeAll(async () => {
    rehearsed = await rehearseWith(['--repo', join(examples, 'elixir-app')])
    const [first, second] = rehearsed.outcomes
    if (first === undefined || second === undefined) throw new Error(rehearsed.said)
    library = first
    application = second
  }, 400_000)

  test('is rehearsed without a failure, both of them', () => {
    expect(rehearsed.outcomes.map(({ facts, errors }) => ({ name: facts.name, errors }))).toEqual([
      { name: 'elixir-lib', errors: [] },
      { name: 'elixir-app', errors: [] }
    ])
  })

  test('publishes the package with its documentation, and makes the release', () => {
    expect(hex(library)).toMatchObject([{ name: 'ledger_schema', releases: [{ version: '0.1.1' }] }])
    expect(library.releases).toMatchObject([{ tag: 'v0.1.1', state: 'published' }])
  })

  test('shows the key to Hex alone, and only in the job that publishes', () => {
    const shown = library.presented.filter(({ secret }) => secret === 'HEX_API_KEY')
    expect(shown).toEqual([{ secret: 'HEX_API_KEY', hosts: ['hex.pm'] }])
    const jobs = library.requests.filter(({ secrets }) => secrets.includes('HEX_API_KEY')).map(({ job }) => job)
    expect([...new Set(jobs)]).toEqual(['publish'])
  })

  test('proves the dependency, migrates a database with it twice, back, and from a release', () => {
    const steps = application.jobs.flatMap((job) =>
      job.steps.map(({ name, result }) => `${job.planned?.key ?? job.name}: ${name} ${result}`)
    )
    for (const step of [
      'dependency: org/release-actions/hex-publish@v1 success',
      'migrate: Start service postgres success',
      'migrate: Find nothing to do the second time success',
      'migrate: Take all migrations back, and run them again success',
      'migrate: Migrate an empty database with the release success'
    ])
      expect(steps).toContain(step)
  })

  test('resolves the very bytes that were published', () => {
    const [published] = hex(library)[0]?.releases[0]?.files ?? []
    const verified = application.jobs
      .find(({ planned }) => planned?.key === 'dependency')
      ?.steps.map(({ summary }) => summary)
    expect(published?.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(verified?.join('\n')).toContain(published?.sha256)
  })

  test('names every stand-in, and counts cells of other versions as not checked', () => {
    const standsIn = rehearsed.said.includes(archiveName)
    const remarks = application.remarks.join('\n')
    expect(remarks.includes(archiveName)).toBe(standsIn)
    expect(remarks.includes('a stand-in for ecto_sql')).toBe(standsIn)
    expect(library.notRehearsed).toEqual([])
    expect(application.notRehearsed).toEqual(cells(application))
    expect(application.verdict).toBe(application.notRehearsed.length > 0 ? 'partial' : 'green')
  })
})

test('the checks of the package run for each of the seven pairs', async () => {
  const { outcome, said } = await rehearseWith(['--repo', join(examples, 'elixir-lib'), '--event', 'pull_request'])
  if (outcome.errors.length > 0) throw new Error(said)
  expect(outcome.jobs).toHaveLength(7)
  expect(outcome.jobs.every(({ result }) => result === 'success')).toBe(true)
  expect(outcome.notRehearsed).toEqual(cells(outcome))
}, 300_000)
