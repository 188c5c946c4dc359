import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { World } from '../../shared/world.ts'
import type { Session } from '../database/session.ts'
import type { Migrating } from '../deed.ts'
import { migrationFailure, type FailedMigration } from '../failure/migration-failure.ts'
import { findMigrationTool } from '../find-tool.ts'
import type { Inputs } from '../inputs.ts'
import { reconcile, type Interruption } from '../lock/reconcile.ts'
import type { ToolFacts } from '../record.ts'
import type { MigrationStatus } from '../state/migration-state.ts'
import { projectOf, type Project } from '../state/project.ts'
import { knownStates } from '../state/read-migration-state.ts'
import type { Found } from './findings.ts'

/** What the tool that was migrating (or seeding) has left: the table is read, and what may be half done looked at. */
export async function afterMigrating(deed: Migrating, inputs: Inputs, backup: boolean, world: World): Promise<Found> {
  const { other } = inputs.urls
  if (other !== undefined) return notLookedAt(other.other)
  return reconcile(await interruption(deed, { inputs, backup }, world), world)
}

/** @param database as the tool names it, such as `mysql` */
function notLookedAt(database: string): Found {
  return {
    told: [
      `The tool was at work on a ${database} database: how far it came is not known, and the server may go on with what it was doing.`
    ],
    runbook: [
      'Look at the server for statements that still run, and wait for them or end them.',
      'Then look at the state: run this workflow with `command: status`. Resolve what is marked as failed before you deploy again.'
    ],
    failures: []
  }
}

interface Known {
  readonly inputs: Inputs
  /** The run had made one. */
  readonly backup: boolean
}

async function interruption(deed: Migrating, known: Known, world: World): Promise<Interruption> {
  const { inputs } = known
  const project = await projectAgain(inputs)
  let facts: Pick<ToolFacts, 'label' | 'version'> | undefined
  return {
    ...placeOf(inputs),
    applicationName: deed.applicationName,
    startedAt: deed.at,
    before:
      deed.pending === undefined
        ? undefined
        : [{ migrations: deed.pending.map((name) => ({ name, status: 'pending' })) }],
    readState: (session) => knownStates(session, project),
    examine: async (status, session) => {
      facts ??= await toolFacts(project, inputs, world)
      return examine(status, session, { ...known, project, facts })
    }
  }
}

/** The database past any pooler. @throws Error where the inputs do not name it */
export function placeOf({ urls }: Inputs): Pick<Interruption, 'url'> {
  if (urls.direct === undefined) throw new Error('the database is not named any more')
  return { url: urls.direct }
}

/** @throws Error where it cannot be found any more */
export async function projectAgain(inputs: Inputs): Promise<Project> {
  const found = await projectOf(inputs)
  if ('problems' in found) throw new Error(found.problems.map(({ message }) => message).join(' '))
  return found.project
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
