import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@actions/core'
import { ownPrograms } from '../shared/marked-programs.ts'
import { readRunContext } from '../shared/run-context.ts'
import type { Command } from './command.ts'
import type { Deed, ToolStart } from './deed.ts'
import type { Inputs } from './inputs.ts'
import type { Keeper } from './journal.ts'
import type { Backup, Stage } from './record.ts'

/** What is kept of a run outside of its process, for the step after it: act kills at once, and so does a lost patience. */
export interface RunState extends Keeper {
  /** As soon as the inputs are read: what the run is for, and the name that all of its sessions begin with. */
  begun(inputs: Pick<Inputs, 'command' | 'sessions'>): void
  /** Before a program is started that changes the database and would go on without us. */
  doing(deed: Deed): void
  /** `doing` of what migrates. */
  migrating(tool: ToolStart): void
  /** What was done to the database could not be found out: however the run ends now, the step after it looks again. */
  unsettled(): void
  /** The run has ended by itself, however: there is nothing left for the step after it, unless something is unsettled. */
  finish(): void
}

/** What the step after a run knows of it. */
export interface KeptState {
  /** Undefined where it was killed before its inputs were read. */
  readonly command?: Command
  /** All of its sessions' names are this, or begin with it and a blank. */
  readonly sessions?: string
  /** By which all programs are known that it started. */
  readonly programs: string
  /** Stages in the order in which they began. */
  readonly stages: readonly KeptStage[]
  /** Absent where nothing was started that changes the database; the last one otherwise. */
  readonly deed?: Deed
  /** Of the backup that it made. */
  readonly backup?: Pick<Backup, 'file' | 'restore'>
  /** Files that it would have taken away at its end. */
  readonly files: readonly string[]
  /** It ended, or was about to, without knowing what it had done to the database. */
  readonly unsettled?: true
  readonly finished: boolean
}

export interface KeptStage {
  readonly name: string
  readonly title: string
  readonly startedAt: number
  /** Absent where it had not ended. */
  readonly result?: Stage['result']
}

/**
 * Begins to keep the state of this run, in a file of its own in RUNNER_TEMP, and tells the runner where
 * (`core.saveState`). Before anything else: with it the step after this one knows that it is that step.
 * It holds no secret: names of stages, migrations, files and sessions, and times.
 */
export function openRunState(env: NodeJS.ProcessEnv): RunState {
  const file = join(readRunContext(env).temp, `release-actions-db-deploy-${randomBytes(8).toString('hex')}.json`)
  core.saveState(savedName, file)
  let kept: KeptState = { programs: ownPrograms(), stages: [], files: [], finished: false }
  const keep = (change: Partial<KeptState>): void => {
    kept = { ...kept, ...change }
    try {
      // Under its name there is always a whole file.
      writeFileSync(`${file}.new`, JSON.stringify(kept), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    } catch {
      // A full disk must not stop a deploy; the step after it then says that it knows nothing.
    }
  }
  keep({})
  return {
    hear({ name, title, startedAt, result }, moment) {
      const begun: KeptStage = { name, title, startedAt }
      const stages = kept.stages.filter((each) => each.name !== name || each.startedAt !== startedAt)
      keep({ stages: [...stages, moment === 'began' ? begun : { ...begun, result }] })
    },
    begun({ command, sessions }) {
      keep({ command, sessions: sessions.own })
    },
    doing(deed) {
      keep({ deed })
    },
    migrating(tool) {
      keep({ deed: { kind: 'migrate', ...tool } })
    },
    learned({ backup }) {
      if (backup !== undefined) keep({ backup: { file: backup.file, restore: backup.restore } })
    },
    leaves(files) {
      keep({ files: [...new Set([...kept.files, ...files])] })
    },
    unsettled() {
      keep({ unsettled: true })
    },
    finish() {
      if (kept.unsettled !== true) keep({ finished: true })
    }
  }
}

/** The runner gives a saved state to the later step as `STATE_<name>`. */
const savedName = 'db_deploy_run'

/** Where the run before keeps its state; undefined where it was ended before it had begun to keep any. */
export function stateFileOf(env: NodeJS.ProcessEnv): string | undefined {
  return env[`STATE_${savedName}`] || undefined
}

/** What is kept of the run before; undefined where its file is not to be read. */
export function readRunState(env: NodeJS.ProcessEnv): KeptState | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(stateFileOf(env) ?? '', 'utf8'))
    return isKeptState(kept) ? kept : undefined
  } catch {
    return undefined
  }
}

/** The file is our own, whole or not there; what another version wrote is not guessed at. */
function isKeptState(value: unknown): value is KeptState {
  return (
    typeof value === 'object' &&
    value !== null &&
    'stages' in value &&
    Array.isArray(value.stages) &&
    'files' in value &&
    Array.isArray(value.files) &&
    'programs' in value &&
    typeof value.programs === 'string' &&
    'finished' in value &&
    typeof value.finished === 'boolean'
  )
}
