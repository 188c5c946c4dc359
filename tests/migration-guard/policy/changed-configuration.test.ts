import { describe, expect, test } from '@jest/globals'
import { readChangedConfiguration } from '../../../actions/migration-guard/changed-configuration.ts'
import { defaultConfiguration as file } from '../../../actions/migration-guard/inputs.ts'
import { checkPolicy } from '../../../actions/migration-guard/policy/check-policy.ts'
import { factsOf, type States } from './judged-change.ts'

const knownRules = new Set(['out-of-order'])

/** `rule file:line`, and what the row in the summary says. */
async function judged(
  states: States,
  holds: string | undefined = file,
  asked = file
): Promise<{ readonly told: readonly string[]; readonly row: string | undefined }> {
  const facts = await factsOf(states)
  const changedConfiguration = await readChangedConfiguration(facts.change, {
    holds,
    asked,
    knownRules,
    running: undefined
  })
  const { findings, checks } = checkPolicy({ ...facts, changedConfiguration })
  return {
    told: findings
      .filter(({ rule }) => rule === 'guard-configuration-broken')
      .map((each) => `${each.level} ${each.file ?? '-'}:${each.span?.start.line ?? 0} ${each.message}`),
    row: checks.find(({ name }) => name === 'Configuration of the change')?.detail
  }
}

const sound = 'lint: { profile: calm }\n'
const broken = 'comment: true\nlint: { profile: lax }\nrules: { out-of-ordr: off }\n'
const workflow = (config: string): string =>
  `on: pull_request\njobs: {guard: {steps: [{uses: org/release-actions/migration-guard@v1, with: {config: ${config}}}]}}\n`

describe('a configuration that cannot be read is red in its own pull request', () => {
  test('at its line', async () => {
    const { told, row } = await judged({ base: { [file]: sound }, head: { [file]: broken } })
    expect(told).toEqual([expect.stringMatching(`^error ${file}:2 .*lax.* Once this is merged, every run fails\\.$`)])
    expect(row).toBe(`1 fault in ${file}`)
  })

  test('where a rule in it does not exist', async () => {
    const head = { [file]: 'rules:\n  out-of-ordr: off\n' }
    const { told } = await judged({ base: { [file]: sound }, head })
    expect(told).toEqual([expect.stringMatching(`^error ${file}:2 .*out-of-ordr`)])
  })

  test('where it is the first one', async () => {
    const { told } = await judged({ base: { 'README.md': 'x' }, head: { [file]: broken } }, undefined)
    expect(told).toHaveLength(1)
  })

  test('where a workflow of the pull request names another one', async () => {
    const guard = '.github/workflows/guard.yml'
    const base = { 'old.yml': broken, [file]: sound, [guard]: workflow(file) }
    const { told } = await judged({ base, head: { 'old.yml': broken, [guard]: workflow('old.yml') } })
    expect(told).toEqual([expect.stringMatching(/^error old\.yml:2 /)])
  })

  test('where it becomes a link', async () => {
    const modes = { [file]: '120000' }
    const { told } = await judged({ base: { [file]: sound }, head: { [file]: 'other.yml' }, modes })
    expect(told).toEqual([expect.stringContaining('symbolic link')])
  })
})

describe('nothing is told', () => {
  test('of one that can be read', async () => {
    const { told, row } = await judged({ base: { [file]: sound }, head: { [file]: 'comment: false\n' } })
    expect(told).toEqual([])
    expect(row).toBe(`${file} can be read`)
  })

  test('of one that the change leaves alone, be it an old one that was mended since', async () => {
    const head = { [file]: broken, 'README.md': 'x' }
    const { told, row } = await judged({ base: { [file]: broken }, target: { [file]: sound }, head })
    expect([told, row]).toEqual([[], undefined])
  })

  test('of one that was merged since', async () => {
    const { told } = await judged({ base: {}, target: { [file]: broken }, head: { [file]: broken } })
    expect(told).toEqual([])
  })

  test('where it goes away', async () => {
    expect((await judged({ base: { [file]: sound }, head: { 'README.md': 'x' } })).told).toEqual([])
  })
})
