import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readEctoMigration } from '../../shared/migrations/ecto/read-ecto-migration.ts'
import { loadElixirParser, loadSqlParser } from '../../shared/parsers.ts'
import { ActionError, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { failedProblems, type Check } from '../check.ts'
import { preflight } from '../database/preflight.ts'
import { backupProblems } from '../dump/take-backup.ts'
import { migrationFailure, type FailedMigration } from '../failure/migration-failure.ts'
import { findMigrationTool } from '../find-tool.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { directUrl, reading } from '../reading.ts'
import type { MigrationStatus } from '../state/migration-state.ts'
import { shownMigration } from '../summary-migrations.ts'
import { survey, toldChecks, type Survey } from '../survey.ts'
import type { EctoTool, PrismaTool } from '../tool.ts'
import { backupRequest } from '../dump/backup-request.ts'
import { wantsBackup } from './backup.ts'
import { ectoTargets, prismaTarget, unheardProblems, type Targets } from './target.ts'

export interface RollbackFacts {
  readonly survey: Survey
  readonly tool: PrismaTool | EctoTool | undefined
  /** Ecto's, newest first; empty where the release's call alone knows. Prisma's one. */
  readonly targets: readonly MigrationStatus[]
  /** A release's own call decides what goes: it has neither `{to}` nor `{steps}` in it, and neither is asked for. */
  readonly byCall: boolean
  /** What was found of Prisma's. */
  readonly failed: FailedMigration | undefined
  readonly backup: boolean
  readonly problems: readonly Problem[]
}

/** Finds out what would go back, and whether it can. The journal learns the files that would run. */
export async function inspect(inputs: Inputs, world: World, journal: Journal): Promise<RollbackFacts> {
  const found = await survey(inputs, { expected: 'now', needs: 'migrate', stateOnly: true }, world, journal)
  if (found.states.length === 0) throw new ActionError(failedProblems(found.checks))
  const checks = await lookAtServer(inputs, found, world, journal)
  const looked = await findMigrationTool(found.project, inputs, world)
  const problems: Problem[] = [...failedProblems(checks), ...('problems' in looked ? looked.problems : [])]
  const tool = 'tool' in looked ? looked.tool : undefined
  if (tool !== undefined) journal.learn({ tool: tool.facts })
  const chosen = targetsOf(inputs, found, tool)
  if ('problems' in chosen) problems.push(...chosen.problems)
  const targets = 'targets' in chosen ? chosen.targets : []
  journal.learn({
    goingBack: targets.map(({ name, path }) => (path === undefined ? name : shownMigration(name, path)))
  })
  const ecto = found.project.framework === 'ecto'
  if (ecto) problems.push(...(await waysBack(targets, inputs, journal)))
  const [target] = targets
  const failed =
    ecto || target === undefined || tool === undefined
      ? undefined
      : await lookAtFailure(target, inputs, { survey: found, tool }, world, journal)
  const backup = wantsBackup(inputs) && ecto
  if (backup) problems.push(...(await backupProblems(backupRequest(inputs, found.server), world)))
  const byCall = ecto && inputs.rollback.to === undefined && inputs.rollback.steps === undefined
  return { survey: found, tool, targets, byCall, failed, backup, problems }
}

function lookAtServer(
  inputs: Inputs,
  { server, project }: Survey,
  world: World,
  journal: Journal
): Promise<readonly Check[]> {
  const url = directUrl(inputs)
  return journal.stage('preflight', 'Preflight', async (stage) => {
    const checks = await reading({ ...inputs, url }, world, (session) =>
      preflight(
        session,
        url,
        server,
        {
          extensions: [],
          touchedTables: [],
          needs: 'migrate',
          backupFolder: inputs.backup.folder,
          schema: project.schema,
          applicationUrl: inputs.urls.database,
          framework: project.framework
        },
        world
      )
    )
    journal.learn({ preflight: checks })
    stage.note(toldChecks(checks))
    return checks
  })
}

function targetsOf({ rollback }: Inputs, { project, states }: Survey, tool: RollbackFacts['tool']): Targets {
  const unheard = unheardProblems(project.framework, rollback)
  if (unheard.length > 0) return { problems: unheard }
  if (project.framework === 'prisma') return prismaTarget(states, rollback.migration)
  if (tool?.framework !== 'ecto' || tool.program.kind === 'mix') return ectoTargets(states, rollback, false)
  const { rollbackCall } = tool.program
  if (rollbackCall === undefined) return { problems: [noCall] }
  return ectoTargets(states, rollback, !/\{(?:to|steps)\}/.test(rollbackCall))
}

const noCall: Problem = {
  code: 'rollback-target',
  message: 'The release is not told how to roll back.',
  hint: 'Write the call into `release-rollback-call`, as in `App.Release.rollback(App.Repo, {to})`: `{to}` becomes the oldest version that goes back.'
}

/** Whether each has a way back, as far as its file says; the files are shown, as it is they that run. */
async function waysBack(
  targets: readonly MigrationStatus[],
  inputs: Inputs,
  journal: Journal
): Promise<readonly Problem[]> {
  if (targets.length === 0) return []
  const [elixir, sql] = [await loadElixirParser(), await loadSqlParser()]
  const problems: Problem[] = []
  const outputs: { title: string; text: string }[] = []
  for (const { name, path } of targets) {
    if (path === undefined) continue
    const text = await readFile(resolve(inputs.folder, path), 'utf8')
    outputs.push({ title: `The way back in ${path}`, text })
    const { ecto } = readEctoMigration({ path, framework: 'ecto', version: name, name, text }, elixir, sql)
    for (const { what, hint, span } of ecto?.irreversible ?? []) {
      problems.push({
        code: 'rollback-irreversible',
        message: `${name} cannot be taken back: ${what}.`,
        hint: `${hint} Until then the way back is a new migration, or a backup (\`command: restore\`).`,
        file: path,
        line: span.start.line
      })
    }
  }
  journal.learn({ outputs })
  return problems
}

/** What the migration left, with the session's eyes of now; the journal learns the runbook. */
export async function lookAtFailure(
  target: MigrationStatus,
  inputs: Inputs,
  { survey: { project }, tool }: { readonly survey: Survey; readonly tool: PrismaTool | EctoTool },
  world: World,
  journal: Journal
): Promise<FailedMigration> {
  const { name, path } = target
  const text =
    path === undefined ? undefined : await readFile(resolve(inputs.folder, path), 'utf8').catch(() => undefined)
  const failed = await reading({ ...inputs, url: directUrl(inputs) }, world, (session) =>
    migrationFailure(
      {
        framework: project.framework,
        tool: tool.facts,
        name,
        file: path === undefined || text === undefined ? undefined : { path, text },
        status: target,
        result: undefined,
        schema: project.schema
      },
      session
    )
  )
  journal.learn({ runbook: failed.runbook, ran: [{ name, result: 'failed', failure: failed.failure }] })
  return failed
}
