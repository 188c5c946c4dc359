import type { Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { failedProblems, type Check } from '../check.ts'
import { backupRequest } from '../dump/backup-request.ts'
import { findDumpPrograms, type DumpPrograms } from '../dump/programs.ts'
import { backupProblems } from '../dump/take-backup.ts'
import { findMigrationTool } from '../find-tool.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { runToolSteps } from '../tool-steps.ts'
import type { PendingMigration } from '../record.ts'
import { survey, type Survey } from '../survey.ts'
import { foreseenChecks } from '../verification/foreseen.ts'
import { nothingToProve } from '../verification/prove.ts'
import { smokeDatabaseChecks } from '../verification/smoke-database.ts'
import type { EctoTool, PrismaTool } from '../tool.ts'
import { wanted } from './plan.ts'
import { proveOnCopy } from './prove.ts'

export interface DeployFacts {
  readonly survey: Survey
  readonly pending: readonly PendingMigration[]
  readonly checks: readonly Check[]
  /** Looked for only where something is to be run. */
  readonly tool: PrismaTool | EctoTool | undefined
  readonly seedCommand: string | undefined
  /** Of a version that fits the server; only where a dump is to be made. */
  readonly dump: DumpPrograms | undefined
  /** What was missing: a tool, a program. */
  readonly problems: readonly Problem[]
}

/** Finds out what is there, and whether everything that a deploy needs is. Writes nothing to the database. */
export async function inspect(inputs: Inputs, world: World, journal: Journal): Promise<DeployFacts> {
  const found = await survey(inputs, { expected: 'after deploy', needs: 'migrate' }, world, journal)
  const { pending, server, project } = found
  const { backup, seed } = wanted(inputs, pending.length)
  const problems: Problem[] = []
  let tool: DeployFacts['tool']
  if (pending.length > 0 || seed || asksTool(inputs)) {
    const looked = await findMigrationTool(project, inputs, world)
    if ('problems' in looked) problems.push(...looked.problems)
    else {
      tool = looked.tool
      journal.learn({ tool: tool.facts })
      problems.push(
        ...(await runToolSteps(tool, inputs, { pending: pending.length > 0, url: server.url }, world, journal))
      )
    }
  }
  if (seed && tool !== undefined && tool.seedCommand === undefined) problems.push(noSeed)
  const request = backupRequest(inputs, server)
  if (backup) problems.push(...(await backupProblems(request, world)))
  const proves = inputs.verification.prove.size > 0 && pending.length > 0
  const dumps = proves || (backup && inputs.backup.command === undefined)
  const programs = dumps ? await findDumpPrograms(request.serverVersion, inputs.environmentVariables, world) : undefined
  // A backup has told what it lacks.
  if (!backup && programs !== undefined && 'problems' in programs) problems.push(...programs.problems)
  const dump = programs !== undefined && 'programs' in programs ? programs.programs : undefined
  // Only what may go ahead is worth a copy.
  const before = [
    ...found.checks,
    ...(await foreseenChecks(inputs, project, pending.length > 0 || inputs.dryRun ? world : undefined)),
    // With nothing pending the smoke test is next, and asks by itself.
    ...(pending.length > 0 ? await smokeDatabaseChecks(inputs, world) : []),
    ...limitsCheck(tool, inputs),
    ...seedCheck(seed, tool)
  ]
  const blocked = problems.length > 0 || failedProblems(before).length > 0
  const proofs =
    proves && !blocked && tool !== undefined && dump !== undefined
      ? await proveOnCopy({ inputs, survey: found, tool, dump }, world, journal)
      : nothingToProve(pending.length === 0 ? inputs.verification.prove : new Set())
  const checks = [...before, ...proofs]
  journal.learn({ preflight: checks })
  return { survey: found, pending, checks, tool, seedCommand: tool?.seedCommand, dump, problems }
}

/** Postgrex takes no time limits from an address: where the repository hands none on, those of the inputs are not in force. */
function limitsCheck(tool: DeployFacts['tool'], { lock }: Inputs): readonly Check[] {
  if (tool?.framework !== 'ecto') return []
  const { limits, parameters } = tool.program
  const unset = [
    ...(lock.lockTimeout > 0 && !limits.lockTimeout ? ['lock-timeout'] : []),
    ...(lock.statementTimeout > 0 && !limits.statementTimeout ? ['statement-timeout'] : [])
  ]
  const told = [
    ...(unset.length === 0 ? [] : [`${unset.join(' and ')} ${unset.length === 1 ? 'does' : 'do'} not reach Ecto`]),
    ...(parameters === 'none' ? ['its sessions have no name to be ended by'] : [])
  ]
  if (told.length === 0) return []
  return [
    {
      id: 'tool-limits',
      title: 'Time limits of what migrates',
      result: 'not checked',
      told: told.join(', and '),
      next: 'Let the repository hand `parameters` on, as db-deploy’s README shows for Ecto.'
    }
  ]
}

/** A seed is a program of the project that writes rows: that it will run is said before, and with its command. */
function seedCheck(seed: boolean, tool: DeployFacts['tool']): readonly Check[] {
  const command = tool?.seedCommand
  if (!seed || command === undefined) return []
  return [
    {
      id: 'seed',
      title: 'Seed',
      result: 'warning',
      told: command,
      problem: {
        code: 'deploy-seed',
        message: `The seed runs after the migrations: ${command}. What it writes is not known to this action.`,
        hint: 'Take the input `seed` away where the rows are there already; a seed must be able to run twice.'
      }
    }
  ]
}

/** Whether a step of the tool is asked for also with nothing pending. */
function asksTool({ tool }: Inputs): boolean {
  return [tool.validate, tool.generate, tool.toolStatus].includes('always')
}

/** Prisma's `db seed` without a seed ends with 0 and does nothing. */
const noSeed: Problem = {
  code: 'seed-missing',
  message: 'Input seed is true, and the project has no seed.',
  hint: 'Name one in Prisma’s configuration (`migrations.seed`), put it at priv/repo/seeds.exs for Ecto, or write its command into `seed-command`.'
}
