// needs: act, elixir, mix
// The two applications and their shared package, with the pull requests that they describe, through their own guards.
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodeOf } from '../../rehearse/closing.ts'
import { rehearseWith, type Rehearsed } from '../rehearse/rehearse-folder.ts'

const examples = join(import.meta.dirname, '..', '..', 'examples', 'two-repos')

function pull(name: string): Promise<Rehearsed> {
  return rehearseWith(['--repo', join(examples, 'diwa-agent'), '--pull', name])
}

/** Each run of the pull request in order: `pull_request 1 by dora: failed`. */
function runs({ outcomes }: Rehearsed): readonly string[] {
  return outcomes
    .filter(({ facts }) => facts.event.startsWith('pull_request'))
    .map(({ facts, verdict }) => `${facts.event} ${facts.attempt} by ${facts.actor}: ${verdict}`)
}

/** What the steps of each run wrote into the job's summary. */
function summaries({ outcomes }: Rehearsed): readonly string[] {
  return outcomes.map(({ jobs }) => jobs.flatMap(({ steps }) => steps.map(({ summary }) => summary)).join('\n'))
}

function comments({ outcome }: Rehearsed): readonly string[] {
  return (outcome.pull?.comments ?? []).map(({ user, body }) => `${user}: ${body}`)
}

describe('in diwa-agent, which takes its migrations from diwa-cloud,', () => {
  test('a migration of its own is red, and the comment says how it is done', async () => {
    const told = await pull('forbidden')
    expect(runs(told)).toEqual(['pull_request 1 by dora: failed'])
    expect(exitCodeOf(told.outcomes)).toBe(1)
    expect(summaries(told)[0]).toContain('`not-ported`')
    expect(summaries(told)[0]).toContain('octo-org/diwa-cloud')
    expect(comments(told)).toEqual([expect.stringMatching(/^github-actions\[bot\]: [^]*`not-ported`/)])
  }, 120_000)

  test('a ported one is red until maria has looked at it, and her approval turns the check green', async () => {
    const told = await pull('ported')
    expect(runs(told)).toEqual([
      'pull_request 1 by dora: failed',
      'pull_request_review 1 by maria: green',
      'pull_request 2 by dora: green'
    ])
    expect(exitCodeOf(told.outcomes)).toBe(0)
    const [before = '', , after = ''] = summaries(told)
    expect(before).toContain('`review-missing`')
    expect(before).not.toContain('`not-ported`')
    expect(after).toContain('✅ migration-guard: passed')
    expect(comments(told)).toEqual([expect.stringContaining('✅ migration-guard: passed')])
  }, 120_000)

  test('one that was changed by a byte stays red, with an approval too', async () => {
    const told = await pull('ported-changed')
    expect(runs(told)).toEqual(['pull_request 1 by dora: failed', 'pull_request_review 1 by maria: failed'])
    expect(exitCodeOf(told.outcomes)).toBe(1)
    expect(summaries(told)[1]).toContain('`not-ported`')
    expect(summaries(told)[1]).not.toContain('`review-missing`')
  }, 120_000)

  test('nobody lets their own change pass', async () => {
    const told = await pull('bypass-by-author')
    expect(runs(told)).toEqual(['pull_request 1 by maria: failed', 'pull_request_review 1 by maria: failed'])
    expect(summaries(told)[1]).toContain('maria is the author of the pull request.')
    expect(summaries(told)[1]).toContain('`not-ported`')
  }, 120_000)

  test('a maintainer’s review lets it pass, for the reason and the time that it names', async () => {
    const told = await pull('bypass-by-maintainer')
    expect(runs(told)).toEqual([
      'pull_request 1 by dora: failed',
      'pull_request_review 1 by maria: green',
      'pull_request 2 by dora: green'
    ])
    expect(exitCodeOf(told.outcomes)).toBe(0)
    for (const text of [...summaries(told).slice(1), ...comments(told)]) {
      expect(text).toContain('the demo needs it, diwa-cloud follows')
      expect(text).toMatch(/until \d{4}-\d{2}-\d{2}/)
    }
    expect(summaries(told)[2]).toContain('`not-ported`')
  }, 120_000)
})

describe('diwa-cloud hands its migrations over to diwa_schema', () => {
  let told: Rehearsed | undefined

  test('after the package is out, and somebody has looked at it', async () => {
    told = await rehearseWith(['--repo', join(examples, 'diwa-cloud')])
    expect(told.outcomes.flatMap(({ errors }) => errors)).toEqual([])
    expect(told.outcomes.map(({ facts }) => facts.name)[0]).toBe('diwa_schema')
    expect(runs(told).at(-1)).toMatch(/: (green|partial)$/)
    expect(exitCodeOf(told.outcomes)).not.toBe(1)
    const last = summaries(told).at(-1) ?? ''
    expect(last).toContain('✅ migration-guard: passed')
    expect(last).toContain('3 handed over by this change')
  }, 400_000)

  // examples/two-repos/diwa-cloud/.github/rehearsal/hand-over.patch locks these bytes: with another diwa_schema the
  // patch has to be made anew.
  test('with the checksum in its lock file that the package was published with', () => {
    const [published] = told?.outcomes[0]?.indexes.find(({ name }) => name === 'Hex')?.projects ?? []
    expect(published).toMatchObject({
      name: 'diwa_schema',
      releases: [{ version: expect.stringMatching(/^0\.1\.0\b/) }]
    })
    const sha256 = published?.releases[0]?.files[0]?.sha256 ?? ''
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(readFileSync(join(examples, 'diwa-cloud', '.github', 'rehearsal', 'hand-over.patch'), 'utf8')).toContain(
      sha256
    )
  })
})
