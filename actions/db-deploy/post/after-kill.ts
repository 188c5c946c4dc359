import { rmSync } from 'node:fs'
import { basename } from 'node:path'
import { endPrograms } from '../../shared/marked-programs.ts'
import type { World } from '../../shared/world.ts'
import type { Command } from '../command.ts'
import { leftCommandFolders } from '../command-file.ts'
import type { Inputs } from '../inputs.ts'
import { endBackends } from '../lock/backends.ts'
import { endTold } from '../lock/reconcile.ts'
import type { KeptState } from '../run-state.ts'
import { afterMigrating } from './after-migrating.ts'
import { afterRestoreInPlace, afterSwap } from './after-restore.ts'
import { afterRollback } from './after-rollback.ts'
import type { Findings, Found } from './findings.ts'

/**
 * Finds out what a run has left that was killed, or could not ask by itself: its programs are ended first, as they would connect again and write on; then its
 * files are removed, its sessions at the server ended, and what it did is looked at.
 */
export async function afterKill(kept: KeptState, inputs: Inputs, world: World): Promise<Findings> {
  const during = kept.stages.filter(({ result }) => result === undefined).map(({ title }) => title)
  const ended = kept.unsettled === true ? 'ended before it could find out what it left' : 'was killed'
  const verdict = `db-deploy ${ended}${during.length === 0 ? '' : ` during: ${during.join(', ')}`}`
  const programs = await endProgramsOf(kept)
  const files = removeFiles(kept, inputs)
  // What reads the table of migrations ends the tool's sessions by itself, and learns from it whose they were.
  const tells = kept.deed?.kind === 'migrate' || kept.deed?.kind === 'rollback'
  const first = tells ? await lookAtDeed(kept, inputs, world) : undefined
  const backends = await endBackendsOf(kept, inputs, world)
  const found = first ?? (await lookAtDeed(kept, inputs, world))
  return {
    verdict,
    stages: kept.stages,
    failures: found.failures,
    told: [...programs.told, ...backends.told, ...files.told, ...found.told, ...backupTold(kept)],
    runbook: [...programs.runbook, ...backends.runbook, ...files.runbook, ...found.runbook]
  }
}

type Step = Omit<Found, 'failures'>

async function endProgramsOf({ programs }: KeptState): Promise<Step> {
  const ended = await endPrograms(programs)
  const left = ended.filter(({ gone }) => !gone)
  return {
    told: ended.map(({ pid, name, gone }) =>
      gone
        ? `The process ${pid} (${name}) was still at work and was ended.`
        : `The process ${pid} (${name}) does not end.`
    ),
    runbook: left.map(({ pid }) => `End the process ${pid} on the runner: \`kill -9 ${pid}\``)
  }
}

/** All of the run's sessions: nobody is there any more who could use them. */
async function endBackendsOf({ sessions }: KeptState, { urls }: Inputs, world: World): Promise<Step> {
  if (sessions === undefined || urls.direct === undefined) return { told: [], runbook: [] }
  try {
    const ended = await endBackends(urls.direct, sessions, world)
    // One that only waits for its client is of no interest once it is gone.
    const told = ended.filter(({ end, state }) => end === 'there' || state === 'active')
    return {
      told: told.map(endTold),
      runbook: ended.flatMap(({ instruction }) =>
        instruction === undefined ? [] : [`End what is still running: \`${instruction}\``]
      )
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { told: [`Whether anything is still running could not be found out: ${why}`], runbook: [] }
  }
}

function removeFiles({ files, programs }: KeptState, { context }: Inputs): Step {
  const left = [
    ...files.map((path) => ({ path, words: `${basename(path)}, which was not finished, was removed.` })),
    ...leftCommandFolders(programs, context.temp).map((path) => ({
      path,
      words: 'The file of the command that was under way was removed.'
    }))
  ]
  const told: string[] = []
  const runbook: string[] = []
  for (const { path, words } of left) {
    try {
      rmSync(path, { recursive: true })
      told.push(words)
    } catch (error) {
      // It was removed, or got its name.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') continue
      runbook.push(`Remove ${path}, which the run has left.`)
    }
  }
  return { told, runbook }
}

function backupTold({ backup }: KeptState): readonly string[] {
  if (backup === undefined) return []
  if (backup.file === undefined) return [`The backup that it made before: \`${backup.restore}\``]
  return [`The backup that it made before is ${backup.file}; keep it before the runner goes: \`${backup.restore}\``]
}

function lookAtDeed(kept: KeptState, inputs: Inputs, world: World): Found | Promise<Found> {
  const { deed, backup } = kept
  switch (deed?.kind) {
    case undefined:
      return { ...undone(kept.command), failures: [] }
    case 'migrate':
      return afterMigrating(deed, inputs, backup !== undefined, world)
    case 'rollback':
      return afterRollback(deed, inputs, world)
    case 'restore in place':
      return afterRestoreInPlace(deed, inputs, world)
    case 'restore by swap':
      return afterSwap(deed, inputs, world)
  }
}

const again = ['Run this workflow again.']

/** It had started nothing that changes the database. */
function undone(command: Command | undefined): Step {
  switch (command) {
    case undefined:
      return { told: ['It had not read its inputs: nothing was done.'], runbook: again }
    case 'deploy':
      return { told: ['It had not begun to migrate: no migration was run.'], runbook: again }
    case 'rollback':
      return { told: ['It had not begun to roll back: nothing was rolled back.'], runbook: again }
    case 'restore':
      return { told: ['It had not begun to restore: the database is as it was.'], runbook: again }
    case 'backup':
      return { told: ['A backup changes nothing in the database.'], runbook: again }
    case 'drift':
    case 'diff':
      return {
        told: [
          `\`command: ${command}\` changes nothing in the database. At scratch-url a database of it may have stayed.`
        ],
        runbook: again
      }
    case 'plan':
    case 'status':
    case 'preflight':
    case 'smoke':
      return { told: [`\`command: ${command}\` changes nothing in the database.`], runbook: again }
  }
}
