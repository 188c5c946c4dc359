import { unlinkSync } from 'node:fs'
import * as core from '@actions/core'
import { createInputReader, type InputReader } from '../shared/inputs.ts'
import { readRunContext, type RunContext } from '../shared/run-context.ts'
import { code, document, heading, line, list, prose, table, type Markdown } from '../shared/summary.ts'
import { runnerWorld, type World } from '../shared/world.ts'
import type { Inputs } from './inputs.ts'
import { afterKill } from './post/after-kill.ts'
import type { Findings } from './post/findings.ts'
import { readRunState, stateFileOf } from './run-state.ts'

/**
 * The step after the run. A run that ended by itself left nothing to do; of one that was killed its programs and
 * its backends are ended, what it left is looked at, and a summary says what is so. Never fails the job: that is red already.
 *
 * @param readInputs as the run itself reads them: the runner gives both steps the same
 */
export async function runPost(
  env: NodeJS.ProcessEnv,
  readInputs: (reader: InputReader, context: RunContext) => Inputs
): Promise<void> {
  const world = runnerWorld('db-deploy')
  const file = stateFileOf(env)
  if (file === undefined) {
    // Its state is the first thing that a run keeps.
    world.log.info('The run was ended before it began: nothing was done.')
    world.http.close()
    return
  }
  try {
    const kept = readRunState(env)
    if (kept?.finished === true) {
      world.log.info('The run ended by itself: there is nothing left to do.')
      return
    }
    const inputs = readInputs(createInputReader(env, world.secrets), readRunContext(env))
    await tell(kept === undefined ? nothingKnown : await afterKill(kept, inputs, world), world, env)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    world.log.warning(`What the killed run left could not be found out: ${reason}`)
  } finally {
    forget(file)
    world.http.close()
  }
}

function forget(file: string): void {
  try {
    unlinkSync(file)
  } catch {
    // It is gone, or the folder goes with the job.
  }
}

const nothingKnown: Findings = {
  verdict: 'db-deploy was killed, and how far it came is not known',
  stages: [],
  failures: [],
  told: ['The file in which the run keeps what it does is gone from RUNNER_TEMP.'],
  runbook: [
    "Look what is still running: `SELECT pid, application_name, state, query FROM pg_stat_activity WHERE application_name LIKE 'release-actions/db-deploy%';`",
    'Then run this workflow again with `command: status`.'
  ]
}

async function tell(findings: Findings, { log, secrets }: World, env: NodeJS.ProcessEnv): Promise<void> {
  const { verdict, told, runbook } = findings
  log.warning(`${verdict}. ${told.join(' ')}`)
  for (const [at, step] of runbook.entries()) log.info(`${at + 1}. ${step}`)
  if (!env['GITHUB_STEP_SUMMARY']) return
  await core.summary.addRaw(secrets.redact(document(blocks(findings)))).write()
}

function blocks({ verdict, stages, told, runbook, failures }: Findings): readonly Markdown[] {
  const objects = failures.flatMap(({ name, failure }) =>
    failure.objects.map(({ object, doing, there }) => [
      code(name),
      doing,
      code(object),
      there === 'not checked' ? 'not checked' : there ? 'there' : 'not there'
    ])
  )
  return [
    heading(2, `❌ ${verdict}`),
    ...(stages.length === 0
      ? []
      : [
          table(
            ['Stage', 'Result'],
            stages.map(({ title, result }) => [title, result ?? 'under way when it was killed'])
          )
        ]),
    list(told.map(prose)),
    ...(objects.length === 0 ? [] : [table(['Migration', 'Does', 'Object', 'Now'], objects)]),
    heading(3, 'What to do now'),
    ...(runbook.length === 0 ? [line('Run this workflow again.')] : [list(runbook.map(prose))])
  ]
}
