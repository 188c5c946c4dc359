import { join } from 'node:path'
import { tmpdir } from 'node:os'
import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import { copyInto } from '../dump/copy-into.ts'
import { findDumpPrograms } from '../dump/programs.ts'
import { withScratchDatabase } from '../dump/scratch-database.ts'
import { ectoRollback } from '../ecto/rollback.ts'
import { findMigrationTool } from '../find-tool.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { directUrl, reading } from '../reading.ts'
import type { Project } from '../state/project.ts'
import { readMigrationState } from '../state/read-migration-state.ts'
import { schemaFingerprint } from '../state/schema-fingerprint.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { ToolRun } from '../tool.ts'
import { prove } from './prove.ts'

/**
 * `prove`: on a copy of the database in a scratch database, of the backup that this run made before the migrations, else of
 * the database as it is now.
 *
 * @throws ActionError where the copy cannot be made
 */
export async function proveOnCopy(
  inputs: Inputs,
  project: Project,
  world: World,
  journal: Journal
): Promise<readonly Check[]> {
  const what = inputs.verification.prove
  if (what.size === 0) return []
  const ids = [...what].map((each) => ({ id: `prove-${each}`, title: `Proof: ${each}` }))
  const { scratch } = inputs.urls
  if (scratch === undefined) {
    const next = 'Give scratch-url a server, not the production server, whose role may create databases.'
    return ids.map((check) => ({ ...check, result: 'not checked', told: 'no scratch database', next }))
  }
  const [programs, found] = await Promise.all([
    findDumpPrograms(journal.learned.database?.version ?? 0, inputs.environmentVariables, world),
    findMigrationTool(project, inputs, world)
  ])
  const problems = [programs, found].flatMap((each) => ('problems' in each ? each.problems : []))
  if ('problems' in programs || 'problems' in found)
    return problems.map((problem) => ({ id: 'prove', title: 'Proof', result: 'failed', told: 'not possible', problem }))
  const { tool } = found
  const backup = journal.learned.backup
  const file = backup?.encrypted === false ? backup.file : undefined
  const runOn = (url: DatabaseUrl): ToolRun => ({
    url,
    applicationName: inputs.sessions.tool,
    lockTimeout: inputs.lock.lockTimeout,
    statementTimeout: inputs.lock.statementTimeout,
    timeout: inputs.tool.timeout
  })
  return withScratchDatabase(scratch, 'prove', world, async (copy) => {
    await copyInto(
      {
        from: file === undefined ? { url: directUrl(inputs), schemaOnly: false } : { file },
        programs: programs.programs,
        environmentVariables: inputs.environmentVariables,
        temp: join(inputs.environmentVariables['RUNNER_TEMP'] ?? tmpdir(), 'release-actions-prove'),
        applicationName: inputs.sessions.own,
        timeout: inputs.backup.timeout
      },
      copy,
      world
    )
    return prove(copy, {
      what,
      migrate: (url) => tool.migrate(runOn(url)),
      rollBack:
        tool.framework === 'ecto'
          ? (url, steps) => ectoRollback(tool, { steps }, runOn(url), world)
          : 'Prisma has no migrations that go back',
      pending: (url) =>
        reading({ ...inputs, url }, world, async (session) => {
          const { states } = await readMigrationState(session, project)
          return states.flatMap(({ migrations }) =>
            migrations.filter(({ status }) => status === 'pending').map(({ name }) => name)
          )
        }),
      schema: async (url) =>
        (await reading({ ...inputs, url }, world, (session) => schemaFingerprint(session, [], [project.table]))).lines,
      applied: (journal.learned.ran ?? []).filter(({ result }) => result === 'applied').length
    })
  })
}
