import { join } from 'node:path'
import { digestFile } from '../../shared/files.ts'
import { latestState } from '../latest-state.ts'
import type { RunRecord } from '../record.ts'
import type { LedgerDeploy, LedgerEntry, LedgerMigration } from './ledger.ts'

/** Which step of which job a run is: its record is written once for it, however often it is told. */
export interface StepIdentity {
  readonly attempt: string | undefined
  readonly job: string | undefined
  /** `GITHUB_ACTION`: unique within a job. */
  readonly step: string | undefined
}

/** @param env as the runner gives it (docs.github.com: "Default environment variables") */
export function readStepIdentity(env: NodeJS.ProcessEnv): StepIdentity {
  const given = (name: string): string | undefined => env[name] || undefined
  return { attempt: given('GITHUB_RUN_ATTEMPT'), job: given('GITHUB_JOB'), step: given('GITHUB_ACTION') }
}

/**
 * A run as the ledger keeps it, with the checksums of the migrations that are applied now.
 * @param folder that the paths of migrations are relative to, absolute
 * @returns undefined for a run that is not kept: one that only looked, and one that knows of no table of migrations
 */
export async function ledgerEntry(
  record: RunRecord,
  step: StepIdentity,
  folder: string
): Promise<LedgerEntry | undefined> {
  const { learned, command, status } = record
  const state = latestState(record)
  const table = state?.table ?? learned.before?.table
  if (!kept.has(command) || status === 'planned' || table === undefined) return undefined
  const deploy = deployOf(record, step, table)
  if (state === undefined) return { deploy, migrations: [], undone: [] }
  const ran = new Map((learned.ran ?? []).map((run) => [run.name, run]))
  const applied = state.migrations.filter((migration) => migration.status === 'applied')
  const migrations = await Promise.all(
    applied.map(async ({ name, path }): Promise<LedgerMigration | undefined> => {
      const sha256 = path === undefined ? undefined : await checksumOf(join(folder, path))
      const run = ran.get(name)
      return path === undefined || sha256 === undefined
        ? undefined
        : { name, path, sha256, ran: run?.result === 'applied', took: run?.took, statements: run?.statements }
    })
  )
  return {
    deploy,
    migrations: migrations.filter((migration) => migration !== undefined),
    undone: state.migrations.filter((migration) => migration.status === 'pending').map(({ name }) => name)
  }
}

/** Commands that change what is applied. */
const kept: ReadonlySet<RunRecord['command']> = new Set(['deploy', 'restore', 'rollback'])

function deployOf(record: RunRecord, { attempt, job, step }: StepIdentity, migrationsTable: string): LedgerDeploy {
  const { context, command, environment, learned, status, cancelled } = record
  const named = (result: string): readonly string[] =>
    (learned.ran ?? []).filter((run) => run.result === result).map(({ name }) => name)
  const id = [context.repository, context.runId, attempt, job, step, command, environment, migrationsTable]
  return {
    // Where the run has no id, on somebody's own machine, its time tells it apart.
    id: [...id.map((part) => part ?? ''), ...(context.runId === undefined ? [String(record.startedAt)] : [])].join('/'),
    command,
    outcome: cancelled ? 'cancelled' : status,
    environment,
    repository: context.repository,
    commit: context.sha,
    ref: context.ref,
    actor: context.actor,
    runUrl: context.runUrl,
    tool: learned.tool?.label,
    migrationsTable,
    applied: named('applied'),
    failed: named('failed'),
    current: latestState(record)?.current,
    backupSha256: learned.backup?.sha256,
    fingerprint: learned.fingerprint,
    problems: record.problems.map(({ code }) => code),
    startedAt: record.startedAt,
    finishedAt: record.finishedAt
  }
}

/** Nothing for a file that cannot be read: the checksum of a guess would call the real file edited. */
async function checksumOf(path: string): Promise<string | undefined> {
  try {
    return (await digestFile(path)).sha256
  } catch {
    return undefined
  }
}
