import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { Check } from './check.ts'
import { counted } from './counted.ts'
import type { DatabaseUrl } from './database/database-url.ts'
import { environmentCheck } from './database/environment-check.ts'
import { preflight } from './database/preflight.ts'
import { openSession, type Session } from './database/session.ts'
import { readServer, type Server } from './database/server.ts'
import { wanted } from './deploy/plan.ts'
import { ectoConfigurationOf } from './ecto/find-ecto.ts'
import { unsettled } from './failure/runbook.ts'
import type { Inputs } from './inputs.ts'
import type { Journal } from './journal.ts'
import { lintCheck } from './lint-check.ts'
import { directUrl } from './reading.ts'
import type { PendingMigration } from './record.ts'
import { mergedState } from './state/merged-state.ts'
import type { MigrationState } from './state/migration-state.ts'
import { pendingMigrations } from './state/pending-migrations.ts'
import { readAtRest } from './state/read-at-rest.ts'
import { projectOf, type Project } from './state/project.ts'
import { readMigrationState, type StateExpectations } from './state/read-migration-state.ts'

/** What is there before anything is changed: the server, the project, and what is pending between the two. */
export interface Survey {
  readonly server: Server
  readonly project: Project
  readonly states: readonly MigrationState[]
  readonly pending: readonly PendingMigration[]
  readonly checks: readonly Check[]
}

export interface SurveyQuestion {
  /** `after deploy`: `expect-current` may still be pending. */
  readonly expected: NonNullable<StateExpectations['expected']>
  /** What the role will have to be able to do. */
  readonly needs: 'read' | 'migrate'
  /** The state alone is asked for, not whether one may go on. */
  readonly stateOnly?: boolean
}

/**
 * Looks at everything by one connection that writes nothing, and closes it. The journal learns what is found.
 * @throws ActionError where there is no connection, no project, or no way to read the state: with every reason
 */
export async function survey(
  inputs: Inputs,
  question: SurveyQuestion,
  world: World,
  journal: Journal
): Promise<Survey> {
  const url = directUrl(inputs)
  const found = await settled(() => projectOf(inputs))
  const problems: Problem[] = 'problems' in found ? [...found.problems] : []
  const connected = await settled(() =>
    journal.stage('connect', 'Connection', async (stage) => {
      const session = await openSession(url, { applicationName: inputs.sessions.own, readOnly: true }, world)
      const server = await readServer(session, url)
      journal.learn({ database: server.facts })
      stage.note(`${server.facts.server} at ${server.facts.host}, as ${server.facts.role}`)
      return { session, server }
    })
  )
  if ('problems' in connected) problems.push(...connected.problems)
  if ('problems' in connected || 'problems' in found) {
    if ('session' in connected) await connected.session.close()
    throw new ActionError(problems)
  }
  const { session, server } = connected
  try {
    return await look(inputs, question, { session, server, project: found.project, url }, world, journal)
  } finally {
    await session.close()
  }
}

interface Connected {
  readonly session: Session
  readonly server: Server
  readonly project: Project
  readonly url: DatabaseUrl
}

async function look(
  inputs: Inputs,
  { expected, needs, stateOnly = false }: SurveyQuestion,
  { session, server, project, url }: Connected,
  world: World,
  journal: Journal
): Promise<Survey> {
  const reading = await journal.stage('state', 'State of the migrations', async (stage) => {
    const read = await readAtRest({ session, project, waits: needs === 'migrate' && !stateOnly }, inputs, world, () =>
      readMigrationState(session, project, {
        expectCurrent: inputs.migrations.expectCurrent,
        expected,
        failOn: inputs.failOn
      })
    )
    const merged = mergedState(read.states)
    if (merged !== undefined) journal.learn({ before: merged })
    const failed = (merged?.migrations ?? []).filter(({ status }) => status === 'failed')
    if (failed.length > 0 && needs === 'migrate' && !stateOnly) {
      journal.learn({ runbook: failed.flatMap(({ name }) => unsettled(name)) })
    }
    stage.note(read.states.length === 0 ? 'not known' : toldStates(read.states))
    stage.result(resultOf(read.checks))
    return read
  })
  const isPending = reading.states.some(({ migrations }) => migrations.some(({ status }) => status === 'pending'))
  const pending = isPending
    ? await journal.stage('pending', 'What is pending', async (stage) => {
        const read = await pendingMigrations(reading.states, session, project, {
          timeoutsSet: inputs.lock.lockTimeout > 0 && limitsReach(project, inputs)
        })
        journal.learn({ pending: read })
        const findings = read.flatMap((each) => each.findings)
        stage.note(`${counted(read.length, 'migration')}, ${counted(findings.length, 'finding')}`)
        return read
      })
    : []
  const preflightChecks = stateOnly
    ? []
    : await journal.stage('preflight', 'Preflight', async (stage) => {
        const checks = [
          ...(await preflight(
            session,
            url,
            server,
            {
              extensions: inputs.verification.extensions,
              touchedTables: pending.flatMap(({ tables }) => tables),
              pending: pending.map(({ text }) => text),
              migrationsTable: project.table,
              migrationsSchema: project.tableSchema,
              needs,
              ...(backs(inputs, pending.length) ? { backupFolder: inputs.backup.folder } : {}),
              schema: project.schema,
              applicationUrl: inputs.urls.database,
              framework: project.framework
            },
            world
          )),
          ...(await environmentCheck(inputs, world))
        ]
        stage.note(toldChecks(checks))
        stage.result(resultOf(checks))
        return checks
      })
  const checks = [...reading.checks, ...preflightChecks, ...lintCheck(pending, inputs.failOn)]
  journal.learn({ preflight: checks })
  return { server, project, states: reading.states, pending, checks }
}

/** Whether the tool hands lock-timeout on. Ecto does where the repository's `parameters` do. */
function limitsReach({ framework, folder }: Project, inputs: Inputs): boolean {
  return framework !== 'ecto' || ectoConfigurationOf(folder, inputs).limits.lockTimeout
}

/** Whether a backup will be written. A preflight is asked about a deploy that has something to do. */
function backs(inputs: Inputs, pending: number): boolean {
  const asked = inputs.command === 'preflight' ? Math.max(1, pending) : pending
  return wanted(inputs, asked).backup
}

/** `12 applied, 2 pending`. */
export function toldStates(states: readonly MigrationState[]): string {
  const all = states.flatMap(({ migrations }) => migrations)
  const told = (['applied', 'pending', 'failed', 'missing'] as const).flatMap((status) => {
    const count = all.filter((each) => each.status === status).length
    return count === 0 ? [] : [`${count} ${status}`]
  })
  return told.length === 0 ? 'no migrations' : told.join(', ')
}

/** `9 good, 1 warning, 2 not checked`. */
export function toldChecks(checks: readonly Check[]): string {
  const words = { ok: 'good', warning: 'with a warning', failed: 'failed', 'not checked': 'not checked' } as const
  return (['failed', 'warning', 'ok', 'not checked'] as const)
    .flatMap((result) => {
      const count = checks.filter((check) => check.result === result).length
      return count === 0 ? [] : [`${count} ${words[result]}`]
    })
    .join(', ')
}

/** As the stage shows it; what could not be looked at has a place of its own. */
function resultOf(checks: readonly Check[]): 'failed' | 'warning' | 'ok' {
  if (checks.some(({ result }) => result === 'failed')) return 'failed'
  return checks.some(({ result }) => result === 'warning') ? 'warning' : 'ok'
}

/** What it gives, or the problems that it throws, so that those of others can be told with them. */
async function settled<T extends object>(
  body: () => Promise<T>
): Promise<T | { readonly problems: readonly Problem[] }> {
  try {
    return await body()
  } catch (error) {
    if (error instanceof ActionError) return { problems: error.problems }
    throw error
  }
}
