import { unlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as core from '@actions/core'
import { createInputReader, type InputReader } from '../shared/inputs.ts'
import { readRunContext, type RunContext } from '../shared/run-context.ts'
import { code, document, heading, line, list, prose, table, type Markdown } from '../shared/summary.ts'
import { runnerWorld, type World } from '../shared/world.ts'
import type { Session } from './database/session.ts'
import { migrationFailure, type FailedMigration } from './failure/migration-failure.ts'
import { findMigrationTool } from './find-tool.ts'
import type { Inputs } from './inputs.ts'
import { reconcile, type Interruption, type Reconciled } from './lock/reconcile.ts'
import type { ToolFacts } from './record.ts'
import { readRunState, stateFileOf, type KeptState, type ToolStart } from './run-state.ts'
import type { MigrationStatus } from './state/migration-state.ts'
import { projectOf, type Project } from './state/project.ts'
import { knownStates } from './state/read-migration-state.ts'

/**
 * The step after the run. A run that ended by itself left nothing to do; of one that was killed the tool's backends are
 * ended, the table is read, and a summary says what is so. Never fails the job: that is red already.
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

/** What is said: in the log as it stands, in the summary as a list. */
interface Findings {
  readonly verdict: string
  readonly stages: KeptState['stages']
  readonly told: readonly string[]
  readonly runbook: readonly string[]
  readonly reconciled?: Reconciled
}

const nothingKnown: Findings = {
  verdict: 'db-deploy was killed, and how far it came is not known',
  stages: [],
  told: ['The file in which the run keeps what it does is gone from RUNNER_TEMP.'],
  runbook: [
    "Look what is still running: `SELECT pid, application_name, state, query FROM pg_stat_activity WHERE application_name LIKE 'release-actions/db-deploy%';`",
    'Then run this workflow again with `command: status`.'
  ]
}

async function afterKill(kept: KeptState, inputs: Inputs, world: World): Promise<Findings> {
  const during = kept.stages.filter(({ result }) => result === undefined).map(({ title }) => title)
  const verdict = `db-deploy was killed${during.length === 0 ? '' : ` during: ${during.join(', ')}`}`
  const { tool, stages } = kept
  if (tool === undefined) {
    return {
      verdict,
      stages,
      told: ['It had not begun to migrate: no migration was run.'],
      runbook: ['Run this workflow again.']
    }
  }
  const backup = stages.some(({ name, result }) => name === 'backup' && result === 'ok')
  const reconciled = await reconcile(await interruption(tool, { inputs, backup }, world), world)
  return { verdict, stages, told: reconciled.told, runbook: reconciled.runbook, reconciled }
}

interface Known {
  readonly inputs: Inputs
  /** The run had made one. */
  readonly backup: boolean
}

async function interruption(tool: ToolStart, known: Known, world: World): Promise<Interruption> {
  const { inputs } = known
  const url = inputs.urls.direct
  if (url === undefined) throw new Error('the database is not named any more')
  const found = await projectOf(inputs)
  if ('problems' in found) throw new Error(found.problems.map(({ message }) => message).join(' '))
  const { project } = found
  let facts: Pick<ToolFacts, 'label' | 'version'> | undefined
  return {
    url,
    applicationName: tool.applicationName,
    startedAt: tool.at,
    before:
      tool.pending === undefined
        ? undefined
        : [{ migrations: tool.pending.map((name) => ({ name, status: 'pending' })) }],
    readState: (session) => knownStates(session, project),
    examine: async (status, session) => {
      facts ??= await toolFacts(project, inputs, world)
      return examine(status, session, { ...known, project, facts })
    }
  }
}

/** Of the tool only its version is wanted. */
async function toolFacts(
  project: Project,
  inputs: Inputs,
  world: World
): Promise<Pick<ToolFacts, 'label' | 'version'>> {
  const found = await findMigrationTool(project, inputs, world)
  return 'tool' in found ? found.tool.facts : { label: project.framework, version: undefined }
}

async function examine(
  status: MigrationStatus,
  session: Session,
  known: Known & { readonly project: Project; readonly facts: Pick<ToolFacts, 'label' | 'version'> }
): Promise<FailedMigration> {
  const { project, inputs, backup, facts } = known
  const { path, name } = status
  const text =
    path === undefined ? undefined : await readFile(resolve(inputs.folder, path), 'utf8').catch(() => undefined)
  return migrationFailure(
    {
      framework: project.framework,
      tool: facts,
      name,
      file: path === undefined || text === undefined ? undefined : { path, text },
      status,
      result: undefined,
      ...(backup ? { backup: 'made' } : {}),
      schema: project.schema
    },
    session
  )
}

async function tell(findings: Findings, { log, secrets }: World, env: NodeJS.ProcessEnv): Promise<void> {
  const { verdict, told, runbook } = findings
  log.warning(`${verdict}. ${told.join(' ')}`)
  for (const [at, step] of runbook.entries()) log.info(`${at + 1}. ${step}`)
  if (!env['GITHUB_STEP_SUMMARY']) return
  await core.summary.addRaw(secrets.redact(document(blocks(findings)))).write()
}

function blocks({ verdict, stages, told, runbook, reconciled }: Findings): readonly Markdown[] {
  const objects = (reconciled?.failures ?? []).flatMap(({ name, failure }) =>
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
