// A small action run by tests/shared/run.test.ts as a process of its own, with everything a runner gives.
import { run } from '../../actions/shared/run.ts'
import { fail } from '../../actions/shared/problem.ts'
import { executable, type Action, type CommonInputs, type Plan } from '../../actions/shared/phases.ts'
import { line } from '../../actions/shared/summary.ts'

interface Inputs extends CommonInputs {
  readonly token: string
  readonly breaks: string
}

const demo: Action<Inputs, string, Plan, string> = {
  name: 'demo',
  readInputs: (reader) => ({
    tag: 'v1',
    dryRun: false,
    token: reader.secret('token') ?? '',
    breaks: reader.text('breaks') ?? ''
  }),
  inspect: () => Promise.resolve('facts'),
  plan: () => ({ plan: { steps: [{ kind: 'create', target: 'file', wanted: 'bytes', why: 'not there' }] } }),
  apply: (inputs) => {
    const said = `the server echoed ${inputs.token}`
    if (inputs.breaks === 'problem') return fail({ code: 'refused', message: said, hint: `mend ${inputs.token}` })
    if (inputs.breaks === 'lines')
      return fail({
        code: 'refused',
        message: said,
        hint: `add this step:\n\n- uses: a/b@v1\n  with: { c: '${inputs.token}' }`
      })
    if (inputs.breaks === 'bug') throw new TypeError(said)
    // Takes no more, as on a full disk.
    if (inputs.breaks === 'outputs') process.env['GITHUB_OUTPUT'] = process.env['RUNNER_TEMP']
    return Promise.resolve()
  },
  verify: () => Promise.resolve(''),
  report: (outcome) => ({
    outputs: { said: outcome.inputs.token },
    summary: [line('the server said ', outcome.inputs.token)],
    targets: [],
    notChecked: [`whether ${outcome.inputs.token} works`]
  })
}

await run(executable(demo))
