import { describe, expect, test } from '@jest/globals'
import { readSettings } from '../../rehearse/settings.ts'
import { settleAll, type SettledOptions } from '../../rehearse/settled-options.ts'
import { askedFor, withRuns } from '../../rehearse/workflow-list.ts'
import { folderOf } from './rehearse-folder.ts'
import { messagesOf, optionsOf } from './told-problems.ts'

const story = `
database: shop
pulls:
  adds-a-note: {title: Add a note, patch: note.patch}
workflows:
  - {workflow: deploy.yml, event: workflow_dispatch, inputs: {confirm: deploy shop, seed: true}}
  - {workflow: backup.yml, event: schedule}
  - {workflow: drift.yml, cron: '1 2 * * *'}
  - {workflow: diff.yml, pull: adds-a-note}
  - {workflow: restore.yml, inputs: {run-id: 'the run {run of .github/workflows/backup.yml}'}}
`

function repository(settings = story): string {
  return folderOf({ '.github/rehearsal.yml': settings, 'note.patch': '' })
}

/** What runs with these arguments, in its order: `deploy.yml workflow_dispatch`. */
function asked(...args: readonly string[]): readonly SettledOptions[] {
  const folder = repository()
  return settleAll(optionsOf(...args), readSettings(folder), folder)
}

function names(runs: readonly SettledOptions[]): readonly string[] {
  return runs.map(({ workflow, event }) => `${workflow ?? ''} ${event}`)
}

describe('the workflows that a repository lists', () => {
  test('run in their order, each by the event that its other fields tell where it names none', () => {
    const runs = asked()
    expect(names(runs)).toEqual([
      'deploy.yml workflow_dispatch',
      'backup.yml schedule',
      'drift.yml schedule',
      'diff.yml pull_request',
      'restore.yml workflow_dispatch'
    ])
    expect(runs.every(({ database }) => database === 'shop')).toBe(true)
    expect(runs.map(({ cron }) => cron)).toEqual([undefined, undefined, '1 2 * * *', undefined, undefined])
    expect(runs.map(({ pull }) => pull?.name)).toEqual([undefined, undefined, undefined, 'adds-a-note', undefined])
  })

  test('get their inputs as GitHub sends them, as texts, with the number of the run that one names', () => {
    const [deploy, backup, , , restore] = asked()
    expect(deploy?.inputs).toEqual(
      new Map([
        ['confirm', 'deploy shop'],
        ['seed', 'true']
      ])
    )
    expect(backup?.runId).toMatch(/^\d{11}$/)
    expect(restore?.inputs.get('run-id')).toBe(`the run ${backup?.runId ?? ''}`)
  })

  test.each([
    [['--workflow', 'drift.yml'], 'drift.yml schedule'],
    [['--workflow', '.github/workflows/drift.yml'], 'drift.yml schedule'],
    [['--event', 'schedule'], 'drift.yml schedule'],
    [['--event', 'schedule', '--workflow', 'backup.yml'], 'backup.yml schedule'],
    [['--pull', 'adds-a-note'], 'diff.yml pull_request']
  ])('run as far as %j names them, since each finds what the earlier ones left', (args, last) => {
    const all = names(asked())
    expect(names(asked(...args))).toEqual(all.slice(0, all.indexOf(last) + 1))
  })

  test('give way to another that the command line names, which runs alone and with the database', () => {
    const runs = asked('--event', 'push', '--workflow', 'release.yml')
    expect(names(runs)).toEqual(['release.yml push'])
    expect(runs[0]).toMatchObject({ database: 'shop' })
  })

  test('leave the last the inputs and the tag of the command line, and all the rest of it', () => {
    const args = ['--event', 'workflow_dispatch', '--input', 'confirm=no', '--tag', 'v1', '--secret', 'A=b']
    const runs = asked(...args, '--workflow', 'deploy.yml')
    expect(runs).toHaveLength(1)
    expect(runs[0]?.inputs.get('confirm')).toBe('no')
    expect(runs[0]?.inputs.get('seed')).toBe('true')
    const whole = asked('--tag', 'v1', '--secret', 'A=b')
    expect(whole.map(({ tag }) => tag)).toEqual([undefined, undefined, undefined, undefined, 'v1'])
    expect(whole.every(({ secrets }) => secrets.get('A') === 'b')).toBe(true)
  })

  test('are told with everything that is wrong in them', () => {
    const wrong = `
database: Shop
workflows:
  - {event: push}
  - {workflow: a.yml}
  - {workflow: b.yml, event: schedule, inputs: {x: 1}, pull: p}
  - {workflow: c.yml, inputs: {x: [1], run: '{run of d.yml}'}}
  - {workflow: d.yml, event: push, when: now, tag: 1}
`
    expect(messagesOf(() => readSettings(repository(wrong)))).toEqual([
      'workflows[0].workflow is missing',
      'workflows[1].event is null',
      'workflows[2].pull is p, and pulls has none of that name',
      'workflows[2].inputs belongs to workflow_dispatch, and the event is schedule',
      'workflows[2].pull belongs to pull_request, and the event is schedule',
      'workflows[3].inputs.x is [1]',
      'workflows[3].inputs.run names the run of d.yml, and none is before it',
      'workflows[4].when is nothing that is known here',
      'workflows[4].tag is 1, and has to be a text',
      'database is Shop'
    ])
    expect(messagesOf(() => readSettings(repository('workflows: deploy.yml')))).toEqual(['workflows is no list'])
  })

  test('cannot name the run of a pull request, whose number GitHub gives', () => {
    const settings = `
pulls: {p: {title: P, patch: note.patch}}
workflows:
  - {workflow: a.yml, pull: p}
  - {workflow: b.yml, inputs: {run: '{run of a.yml}'}}
`
    expect(messagesOf(() => readSettings(repository(settings)))).toEqual([
      'workflows[1].inputs.run names the run of a.yml'
    ])
  })
})

test('nothing is asked for where nothing is listed', () => {
  expect(askedFor({}, [])).toEqual([])
})

test('a run that is named is the newest of its workflow', () => {
  const runs = [
    { workflow: 'a.yml', runId: '1' },
    { workflow: 'b.yml', runId: '2' },
    { workflow: 'a.yml', runId: '3' }
  ]
  expect(withRuns(new Map([['run', '{run of a.yml}, {run of b.yml}']]), runs)).toEqual(new Map([['run', '3, 2']]))
})
