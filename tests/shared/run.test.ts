import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { runAction, temporaryFolder, type ActionRun } from '../support/run-action.ts'

const token = 'pypi-AgEI_secret~token*with|specials'

function demo(breaks: string, env: Record<string, string> = {}): Promise<ActionRun> {
  return runAction('demo', {
    program: join(import.meta.dirname, '..', 'support', 'demo-action.ts'),
    workspace: temporaryFolder(),
    inputs: { token, breaks },
    env
  })
}

test.each(['', 'problem', 'lines', 'bug'])(
  'a secret that a server echoes is seen nowhere (breaks: %j)',
  async (breaks) => {
    const run = await demo(breaks)
    expect(run.masks).toContain(token)
    expect(run.summary).toContain('***')
    expect(run.outputs['said']).toBe('***')
    expect(JSON.stringify(run.receipt)).toContain('whether *** works')
    // With the characters that Markdown escapes taken out, no piece of it is left either.
    for (const text of [run.everything, run.everything.replaceAll('\\', '')]) expect(text).not.toContain('AgEI_secret')
  }
)

test('what a hint has on further lines can be copied from the summary', async () => {
  const { summary } = await demo('lines')
  expect(summary).toContain("add this step: (`refused`)\n\n  ```\n  - uses: a/b@v1\n    with: { c: '***' }\n  ```")
})

test('outputs that cannot be written make a run red that is told all the same', async () => {
  const run = await demo('outputs')
  expect(run.exitCode).toBe(1)
  expect(run.summary).toContain('the server said')
  expect(run.annotations.map(({ properties }) => properties['title'])).toEqual(['outputs-not-written'])
  expect(run.stderr).toBe('')
})

test('a bug is told as one, with what was written, a receipt and its stack', async () => {
  const run = await demo('bug')
  expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed' }, receipt: { problems: [{ code: 'bug' }] } })
  expect(run.stdout).toContain('Writing had begun')
  expect(run.stdout).toMatch(/at .*demo-action\.ts/)
})

test('a release that is out does not end red because its summary or receipt cannot be written', async () => {
  const nowhere = join(temporaryFolder(), 'gone', 'summary')
  const run = await demo('', { GITHUB_STEP_SUMMARY: nowhere, RUNNER_TEMP: '/dev/null/x' })
  expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'published' } })
  expect(run.annotations.map(({ kind }) => kind)).toEqual(['warning', 'warning'])
})

test('the first write that is refused is not told as something done', async () => {
  const run = await demo('problem')
  expect(run.stdout).toContain('no write was confirmed')
  expect(run.annotations).toMatchObject([{ kind: 'error', properties: { title: 'refused' } }])
})
