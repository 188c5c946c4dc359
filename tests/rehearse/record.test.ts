import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parseActLine } from '../../rehearse/act.ts'
import { thisSystem } from '../../rehearse/labels.ts'
import { createMask } from '../../rehearse/masking.ts'
import { allJobs, planWorkflow, type PlannedJob } from '../../rehearse/plan.ts'
import { annotationText, progress } from '../../rehearse/progress.ts'
import { recorder } from '../../rehearse/record.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { workflowOf } from './workflow-of.ts'

const { plan } = planWorkflow(
  workflowOf(`
name: Release
on: push
jobs:
  build: {runs-on: '\${{ matrix.os }}', strategy: {matrix: {os: [ubuntu-latest, windows-latest]}}, steps: []}
  publish: {runs-on: ubuntu-latest, steps: []}`),
  { repositoryFolder: '/', folderOf: () => undefined }
)

/** Feeds lines as act 0.2.89 prints them. */
function record(
  lines: readonly Readonly<Record<string, unknown>>[],
  secrets: readonly string[] = [],
  jobs: readonly PlannedJob[] = plan.jobs
) {
  const { take, finish } = recorder(jobs, 'Release', createMask(secrets))
  for (const line of lines) {
    const parsed = parseActLine(JSON.stringify({ level: 'info', time: 'x', ...line }))
    if (parsed !== undefined) take(parsed)
  }
  return finish()
}

const publish = { job: 'Release/publish   ', jobID: 'publish', matrix: {} }
const step = (name: string, id = '0') => ({ ...publish, step: name, stage: 'Main', stepID: [id] })

describe('the record of a run', () => {
  test('has each step with its result and its time', () => {
    const { jobs } = record([
      { ...step('one'), msg: '⭐ Run Main one' },
      { ...step('one'), msg: '  ✅  Success - Main one', stepResult: 'success', executionTime: 1_500_000_000 },
      { ...step('two', '1'), msg: '⭐ Run Main two' },
      { ...step('two', '1'), msg: 'why\n', raw_output: true },
      { ...step('two', '1'), msg: '  ❌  Failure - Main two', stepResult: 'failure', executionTime: 1 },
      { ...publish, msg: '🏁  Job failed', jobResult: 'failure' }
    ])
    expect(jobs).toMatchObject([
      {
        name: 'publish',
        result: 'failure',
        steps: [
          { name: 'one', result: 'success', milliseconds: 1500 },
          { name: 'two', result: 'failure', tail: ['why'] }
        ]
      }
    ])
  })

  test('hides secrets in names of steps, which act leaves open', () => {
    const { jobs } = record([{ ...step('curl -u hunter2 x\nmore'), msg: '⭐ Run Main curl' }], ['hunter2'])
    expect(jobs[0]?.steps[0]?.name).toBe('curl -u *** x')
  })

  test('hides what a step masks from then on', () => {
    const { jobs } = record([
      { ...step('mint'), msg: '⭐ Run Main mint' },
      { ...step('mint'), msg: '  ⚙  ***', command: 'add-mask', arg: 'minted-token' },
      { ...step('mint'), msg: 'x', command: 'summary', content: 'got minted-token' }
    ])
    expect(jobs[0]?.steps[0]?.summary).toBe('got ***')
  })

  test('names cells of a matrix as GitHub does, and says where they ran', () => {
    const cell = (os: string, number: number) => ({
      job: `Release/build-${number}`,
      jobID: 'build',
      matrix: { os },
      msg: '⭐ Run Set up job',
      step: 'Set up job'
    })
    const { jobs } = record([cell('ubuntu-latest', 1), cell('windows-latest', 2)])
    expect(jobs.map(({ name }) => name)).toEqual(['build (ubuntu-latest)', 'build (windows-latest)'])
    expect(jobs.map(({ insteadOf }) => insteadOf)).toEqual(
      (['Linux', 'Windows'] as const).map((system) => (system === thisSystem ? undefined : system))
    )
  })

  test('knows a job of a called workflow from its caller when both have one id', () => {
    const folder = temporaryFolder('called')
    writeFileSync(join(folder, 'called.yml'), 'on: workflow_call\njobs: {build: {runs-on: x, steps: []}}')
    const calling = planWorkflow(workflowOf('name: Release\non: push\njobs: {build: {uses: ./called.yml}}'), {
      repositoryFolder: folder,
      folderOf: () => undefined
    })
    const caller = { job: 'Release/build', jobID: 'build', matrix: {} }
    const job = { job: 'build/Release/build', jobID: 'build', matrix: {} }
    const { jobs, errors } = record(
      [
        { ...caller, msg: 'LocalRepositoryCache matched' },
        { ...job, msg: '⭐ Run Main x', step: 'x', stage: 'Main', stepID: ['0'] },
        { ...job, msg: 'x', step: 'x', stage: 'Main', stepID: ['0'], stepResult: 'success' },
        { ...job, msg: '🏁  Job succeeded', jobResult: 'success' },
        { ...caller, msg: 'no such file', level: 'error' }
      ],
      [],
      allJobs(calling.plan)
    )
    expect(jobs.map(({ name, result }) => [name, result])).toEqual([['build / build', 'success']])
    expect(errors).toEqual(['Release/build: no such file'])
  })

  test('takes every notice for one of the step, whatever its title', () => {
    const notice = (title: string | undefined, arg: string) => ({
      ...step('x'),
      msg: 'x',
      command: 'notice',
      arg,
      kvPairs: title === undefined ? {} : { title }
    })
    const { jobs } = record([
      { ...step('x'), msg: '⭐ Run Main x' },
      notice('rehearsal', 'asked 3.12, here 3.11'),
      notice('not rehearsed', 'some/thing@v1'),
      notice(undefined, 'a word'),
      { ...notice('Bad file', 'no'), command: 'error', kvPairs: { title: 'Bad file', file: 'a.txt', line: '3' } }
    ])
    expect(jobs[0]?.steps[0]?.annotations).toEqual([
      { level: 'notice', message: 'asked 3.12, here 3.11', title: 'rehearsal' },
      { level: 'notice', message: 'some/thing@v1', title: 'not rehearsed' },
      { level: 'notice', message: 'a word' },
      { level: 'error', message: 'no', title: 'Bad file', place: 'a.txt:3' }
    ])
  })

  test('keeps annotations out of the output, and a failing action shows each part once', () => {
    const raw = '::error title=Bad%2C file,file=a.txt,line=3::one%0Atwo 100%25'
    const properties = { title: 'Bad, file', file: 'a.txt', line: '3' }
    const { jobs } = record([
      { ...step('x'), msg: '⭐ Run Main x' },
      {
        ...step('x'),
        msg: `  ❗  ${raw}\n`,
        level: 'error',
        command: 'error',
        arg: 'one\ntwo 100%',
        kvPairs: properties
      },
      { ...step('x'), msg: 'plain\n', raw_output: true },
      { ...step('x'), msg: 'exit status 1', level: 'error' },
      { ...step('x'), msg: 'x', stepResult: 'failure', executionTime: 1 }
    ])
    expect(jobs[0]?.steps[0]?.tail).toEqual(['plain', 'exit status 1'])
    expect(jobs[0]?.steps[0]?.annotations.map(annotationText)).toEqual(['error: Bad, file: one\ntwo 100% (a.txt:3)'])
  })

  test('progress shows the errors of a failing step before the end of its output', () => {
    const said: string[] = []
    const job = { name: 'a', planned: undefined, result: 'unfinished', steps: [] } as const
    progress((line) => said.push(line)).stepEnded?.(job, {
      name: 's',
      stage: 'Main',
      result: 'failure',
      milliseconds: 0,
      forgiven: false,
      summary: '',
      annotations: [
        { level: 'warning', message: 'careful' },
        { level: 'error', message: 'a.txt:3: no\n  → mend it (bad)', title: 'bad', place: 'a.txt:3' }
      ],
      tail: ['plain']
    })
    expect(said.slice(1)).toEqual([
      '             │ error: a.txt:3: no',
      '             │   → mend it (bad)',
      '             │ plain'
    ])
  })

  test('a failure that the job survives is told as forgiven', () => {
    const { jobs } = record([
      { ...step('x'), msg: '⭐ Run Main x' },
      { ...step('x'), msg: 'Failed but continue next step' },
      { ...step('x'), msg: 'x', stepResult: 'failure' },
      { ...publish, msg: 'x', jobResult: 'success' }
    ])
    expect(jobs[0]).toMatchObject({ result: 'success', steps: [{ result: 'failure', forgiven: true }] })
  })

  test('steps of a composite action do not end the step that uses it', () => {
    const inner = { ...step('inner'), stepID: ['0', '1'] }
    const { jobs } = record([
      { ...step('outer'), msg: '⭐ Run Main outer' },
      { ...inner, msg: '⭐ Run Main inner' },
      { ...inner, msg: 'x', stepResult: 'success' }
    ])
    expect(jobs[0]?.steps).toMatchObject([{ name: 'outer', result: 'unfinished' }])
  })
})
