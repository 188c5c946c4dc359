import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import {
  execute,
  type Action,
  type CommonInputs,
  type Execution,
  type Plan,
  type Step
} from '../../actions/shared/phases.ts'
import { ActionError, type Problem } from '../../actions/shared/problem.ts'
import { fileStatusWords, writeReceipt } from '../../actions/shared/receipt.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { testWorld } from '../support/world.ts'

const create: Step = { kind: 'create', target: 'a.whl', wanted: 'sha256 1', why: 'not there' }
const unchanged: Step = { kind: 'unchanged', target: 'b.whl', wanted: 'sha256 2', why: 'same bytes' }
const problem: Problem = { code: 'bad-file', message: 'a.whl is broken', hint: 'Build it again.' }

interface Behaviour {
  readonly steps?: readonly Step[]
  readonly planProblems?: readonly Problem[]
  readonly unsettled?: boolean
  readonly verdict?: readonly Problem[] | 'failed'
  readonly breaks?: 'inspect' | 'apply' | 'verify' | 'settle'
}

function verdictOf(told: NonNullable<Behaviour['verdict']>): NonNullable<Plan['verdict']> {
  return told === 'failed' ? { failed: true, problems: [] } : { failed: told.length > 0, problems: told }
}

/** An action that notes which phases ran. */
function noted(behaviour: Behaviour, ran: string[]): Action<CommonInputs, string, Plan, string> {
  const phase = (name: string): void => {
    ran.push(name)
    if (behaviour.breaks === name) throw new ActionError([problem])
  }
  return {
    name: 'demo',
    readInputs: (reader) => ({ tag: reader.text('tag'), dryRun: reader.flag('dry-run', false) }),
    inspect() {
      phase('inspect')
      return Promise.resolve('facts')
    },
    plan() {
      phase('plan')
      if (behaviour.planProblems !== undefined) return { problems: behaviour.planProblems }
      const { steps = [create, unchanged], unsettled = false, verdict } = behaviour
      return { plan: { steps, unsettled, ...(verdict === undefined ? {} : { verdict: verdictOf(verdict) }) } }
    },
    apply(_inputs, _facts, _plan, _world, record) {
      record(create)
      phase('apply')
      return Promise.resolve()
    },
    verify() {
      phase('verify')
      return Promise.resolve('verified')
    },
    settle() {
      phase('settle')
      return Promise.resolve('settled')
    },
    report: (outcome) => ({
      outputs: {
        done: 'done' in outcome ? String(outcome.done.length) : '0',
        verified: 'verified' in outcome ? outcome.verified : ''
      },
      summary: [],
      targets: [],
      notChecked: []
    })
  }
}

async function run(
  behaviour: Behaviour,
  env: Record<string, string> = {}
): Promise<{ ran: string[]; execution: Execution }> {
  const ran: string[] = []
  return { ran, execution: await execute(noted(behaviour, ran), testWorld(), env) }
}

describe('the phases', () => {
  test('run in order when there is something to write', async () => {
    const { ran, execution } = await run({})
    expect(ran).toEqual(['inspect', 'plan', 'apply', 'verify'])
    expect(execution).toMatchObject({ status: 'published', report: { outputs: { done: '1' } } })
  })

  test('a dry run ends after the plan', async () => {
    const { ran, execution } = await run({}, { 'INPUT_DRY-RUN': 'true' })
    expect(ran).toEqual(['inspect', 'plan'])
    expect(execution.status).toBe('planned')
  })

  test('a plan without writes is not applied', async () => {
    const { ran, execution } = await run({ steps: [unchanged] })
    expect(ran).toEqual(['inspect', 'plan'])
    expect(execution.status).toBe('unchanged')
  })

  test('a plan without writes that is not settled yet is waited for, and writes nothing', async () => {
    const { ran, execution } = await run({ steps: [unchanged], unsettled: true })
    expect(ran).toEqual(['inspect', 'plan', 'settle'])
    expect(execution).toMatchObject({
      status: 'unchanged',
      writing: false,
      report: { outputs: { verified: 'settled' } }
    })
  })

  test('a bad verdict fails the run once everything that it writes is written', async () => {
    const { ran, execution } = await run({ verdict: [problem] })
    expect(ran).toEqual(['inspect', 'plan', 'apply', 'verify'])
    expect(execution).toMatchObject({ status: 'failed', judged: true, done: 1, problems: [problem] })
    expect(execution.report.outputs['verified']).toBe('verified')
  })

  test.each([
    { behaviour: {}, env: {} },
    { behaviour: { steps: [unchanged] }, env: {} },
    { behaviour: {}, env: { 'INPUT_DRY-RUN': 'true' } }
  ])('a good verdict passes, whatever was written (%j)', async ({ behaviour, env }) => {
    const { execution } = await run({ ...behaviour, verdict: [] }, env)
    expect(execution).toMatchObject({ status: 'passed', judged: false, problems: [] })
  })

  test('a bad verdict fails the run also where there is nothing to list', async () => {
    const { execution } = await run({ verdict: 'failed' })
    expect(execution).toMatchObject({ status: 'failed', judged: true, receipt: { status: 'failed' } })
  })

  test('a dry run judges, and writes nothing', async () => {
    const { ran, execution } = await run({ verdict: [problem] }, { 'INPUT_DRY-RUN': 'true' })
    expect(ran).toEqual(['inspect', 'plan'])
    expect(execution).toMatchObject({ status: 'failed', judged: true, writing: false, problems: [problem] })
  })

  test('a verdict is told also where writing it down fails', async () => {
    const other = { ...problem, code: 'judged' }
    const { execution } = await run({ verdict: [other], breaks: 'apply' })
    expect(execution).toMatchObject({ status: 'failed', judged: false, problems: [problem, other] })
  })

  test('what does not settle fails the run, with nothing written', async () => {
    const { execution } = await run({ steps: [unchanged], unsettled: true, breaks: 'settle' })
    expect(execution).toMatchObject({ status: 'failed', writing: false, problems: [problem] })
  })

  test('a dry run waits for nothing', async () => {
    const { ran } = await run({ steps: [unchanged], unsettled: true }, { 'INPUT_DRY-RUN': 'true' })
    expect(ran).toEqual(['inspect', 'plan'])
  })

  test('bad inputs stop before anything is inspected', async () => {
    const { ran, execution } = await run({}, { 'INPUT_DRY-RUN': 'maybe' })
    expect(ran).toEqual([])
    expect(execution).toMatchObject({ status: 'failed', writing: false, problems: [{ code: 'input-not-boolean' }] })
  })

  test('problems of the plan stop before anything is written', async () => {
    const { ran, execution } = await run({ planProblems: [problem, { ...problem, code: 'other' }] })
    expect(ran).toEqual(['inspect', 'plan'])
    expect(execution.problems.map(({ code }) => code)).toEqual(['bad-file', 'other'])
    expect(execution.writing).toBe(false)
  })

  test('a failure while writing tells what was done until then', async () => {
    const { execution } = await run({ breaks: 'apply' })
    expect(execution).toMatchObject({ status: 'failed', writing: true, report: { outputs: { done: '1' } } })
  })

  test('what cannot be verified is never green', async () => {
    const { execution } = await run({ breaks: 'verify' })
    expect(execution).toMatchObject({ status: 'failed', writing: true, problems: [problem] })
  })

  test('an error that no code expects is a failed run, told as a bug', async () => {
    const thrown = new TypeError('x is undefined')
    const action = { ...noted({}, []), apply: () => Promise.reject(thrown) }
    const execution = await execute(action, testWorld(), {})
    expect(execution).toMatchObject({ status: 'failed', writing: true, bug: thrown, problems: [{ code: 'bug' }] })
    expect(execution.problems[0]?.message).toContain('x is undefined')
  })
})

describe('the receipt', () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'receipt.schema.json'), 'utf8')
  ) as object
  const valid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)

  test.each<Behaviour>([{}, { steps: [unchanged] }, { breaks: 'inspect' }, { breaks: 'apply' }])(
    'of %j follows the published schema',
    async (behaviour) => {
      const { execution } = await run(behaviour, {
        INPUT_TAG: 'v1.0.0',
        GITHUB_SHA: 'abc',
        GITHUB_REPOSITORY: 'o/r',
        GITHUB_RUN_ID: '7'
      })
      expect(valid(execution.receipt)).toBe(true)
      expect(execution.receipt).toMatchObject({
        tag: 'v1.0.0',
        commit: 'abc',
        runUrl: 'https://github.com/o/r/actions/runs/7',
        status: execution.status
      })
    }
  )

  test('knows every status that a file can have, and no other', async () => {
    const { execution } = await run({})
    const withFile = (status: string): unknown => ({
      ...execution.receipt,
      targets: [
        {
          kind: 'pypi',
          name: 'PyPI',
          status: 'failed',
          files: [{ name: 'a', sha256: '0'.repeat(64), size: 1, status }]
        }
      ]
    })
    expect(Object.keys(fileStatusWords).filter((status) => !valid(withFile(status)))).toEqual([])
    expect(valid(withFile('lost'))).toBe(false)
  })

  test('a receipt with a field that the schema does not know is refused by it', async () => {
    const { execution } = await run({})
    expect(valid({ ...execution.receipt, extra: 1 })).toBe(false)
  })

  test('two steps of one job write two files', async () => {
    const folder = temporaryFolder()
    const paths = [await writeReceipt(folder, 'demo', 'a'), await writeReceipt(folder, 'demo', 'b')]
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['a', 'b'])
  })
})
