import type { Finding } from '../shared/migrations/finding.ts'
import type { Problem } from '../shared/problem.ts'
import type { Status } from '../shared/receipt.ts'
import type { RunContext } from '../shared/run-context.ts'
import type { Check } from './check.ts'
import type { Command } from './command.ts'
import type { MigrationState } from './state/migration-state.ts'

/**
 * Everything that is known of a run when it has ended, however it did. The summary, the outputs, Slack's message, traces,
 * the ledger and the comment are made of it, and none knows more. Free of secrets but for what foreign texts may hold:
 * whoever writes it somewhere redacts (`world.secrets.redact`).
 */
export interface RunRecord {
  readonly command: Command
  readonly status: Status
  /** The job was cancelled while this ran. */
  readonly cancelled: boolean
  readonly context: RunContext
  /** Name of the environment, `production` where none was given. */
  readonly environment: string
  readonly production: boolean
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly finishedAt: number
  /** In the order in which they began. */
  readonly stages: readonly Stage[]
  readonly learned: Learned
  readonly problems: readonly Problem[]
  /** It failed by its verdict alone (`Execution.judged`): the summary then has to tell the problems itself. */
  readonly judged?: boolean
}

/** One part of a run: what it was, when, and how it ended. */
export interface Stage {
  /** Kebab-case: `preflight`, `backup`, `lock`, `migrate`, `seed`, `smoke` … */
  readonly name: string
  /** `Verified backup`. */
  readonly title: string
  readonly startedAt: number
  readonly finishedAt: number
  readonly result: 'ok' | 'warning' | 'failed' | 'skipped' | 'not checked' | 'cancelled'
  /** In a few words: `3 applied`, `12.4 MB, restored into a scratch database`. */
  readonly note: string
}

/** What a run found out; each part is absent until it is known. */
export interface Learned {
  readonly database?: DatabaseFacts
  readonly tool?: ToolFacts
  /** What was looked at before anything was changed, and after. */
  readonly preflight?: readonly Check[]
  readonly verification?: readonly Check[]
  readonly before?: MigrationState
  readonly after?: MigrationState
  /** What is pending: its SQL, what the linter says of it, and the tables that it touches. */
  readonly pending?: readonly PendingMigration[]
  /** What this run has run, in order. */
  readonly ran?: readonly MigrationRun[]
  /** What a rollback is to take back, or to mark as rolled back, as people know it; empty where a release's own call decides. */
  readonly goingBack?: readonly string[]
  /** What is to be done by people now, exact commands included. Markdown-free lines, commands in back-ticks. */
  readonly runbook?: readonly string[]
  readonly backup?: Backup
  readonly smoke?: Smoke
  readonly lock?: LockFacts
  readonly difference?: Difference
  /** Hash of the schema, the same for the same schema on any server. */
  readonly fingerprint?: string
  /** Texts of programs that a summary shows folded: Prisma's validate, generate and status. */
  readonly outputs?: readonly { readonly title: string; readonly text: string }[]
}

export interface DatabaseFacts {
  /** `PostgreSQL 18.4`; other databases as their tool names them. */
  readonly server: string
  /** 180004 for 18.4; undefined where it is no PostgreSQL. */
  readonly version: number | undefined
  readonly name: string
  /** `db.example.org:5432`, or the folder of a socket. */
  readonly host: string
  readonly role: string
  /** Bytes. */
  readonly size: number | undefined
  /** `TLSv1.3`; undefined without TLS. */
  readonly tls: string | undefined
}

export interface ToolFacts {
  readonly framework: 'prisma' | 'ecto'
  /** `prisma 7.10.1`, `mix ecto.migrate`, `bin/app eval …`. */
  readonly label: string
  readonly version: string | undefined
  /** Whether a migration that fails leaves nothing behind. Prisma from 7.4 on commits each statement by itself. */
  readonly atomic: boolean | 'per migration' | undefined
}

export interface PendingMigration {
  readonly name: string
  readonly path: string
  /** SQL as the file has it; for Ecto its Elixir code. */
  readonly text: string
  readonly findings: readonly Finding[]
  /** What of it the linter could not read. */
  readonly notAnalysed?: readonly { readonly line: number; readonly why: string }[]
  /** Tables that are there already and that it touches, with the strongest lock that is expected on them. */
  readonly tables: readonly TouchedTable[]
}

export interface TouchedTable {
  readonly name: string
  /** As it is stored, where it is there: what is shown has no quotes, and a name may hold a dot. */
  readonly place?: { readonly schema: string; readonly name: string }
  /** Bytes with indexes, and rows as the planner estimates them; undefined where the table is not there yet. */
  readonly size: number | undefined
  readonly rows: number | undefined
  /** `ACCESS EXCLUSIVE` */
  readonly lock: string | undefined
}

export interface MigrationRun {
  readonly name: string
  readonly result: 'applied' | 'failed' | 'unknown'
  /** Milliseconds since the epoch. */
  readonly startedAt?: number
  /** Milliseconds. */
  readonly took?: number
  readonly statements?: number
  readonly failure?: MigrationFailure
}

/** A migration that did not end well, and what it left. */
export interface MigrationFailure {
  readonly message: string
  /** `42P07` */
  readonly sqlstate?: string
  /** The statement that failed, where it is known. */
  readonly statement?: string
  /** True: nothing of it is there. False: what is there is in `objects`. Undefined: it is not known. */
  readonly atomic: boolean | undefined
  /** Each object that its statements make, change or drop, and whether it is there now. */
  readonly objects: readonly {
    readonly object: string
    readonly doing: string
    readonly there: boolean | 'not checked'
  }[]
}

export interface Backup {
  /** Absolute; undefined for a backup that a command of the user's made elsewhere. */
  readonly file: string | undefined
  readonly bytes: number | undefined
  readonly sha256: string | undefined
  /** Of the dump before it was encrypted; only where it was. */
  readonly plainSha256?: string
  /** Rows of all tables, as they were read back from it; only from `read` on. */
  readonly rows?: number
  /** Entries of its table of contents. */
  readonly entries: number | undefined
  /** How far it was proven. */
  readonly verified: 'list' | 'read' | 'restore' | 'command'
  readonly encrypted: boolean
  readonly program: string
  /** Milliseconds. */
  readonly took: number
  /** How it is restored, one command. */
  readonly restore: string
}

export interface Smoke {
  readonly of: 'models' | 'tables'
  readonly relations: readonly SmokeRelation[]
  /** Sum of exact counts and estimates; `exact` only where all are. */
  readonly total: { readonly rows: number; readonly exact: boolean }
}

export interface SmokeRelation {
  /** The model's name, or the table's. */
  readonly name: string
  /** `"public"."users"` */
  readonly table: string
  readonly readable: boolean
  readonly rows?: { readonly count: number; readonly exact: boolean }
  /** Before this run's migrations. */
  readonly before?: { readonly count: number; readonly exact: boolean }
  /** What there is to know of the count: row-level security. */
  readonly note?: string
  readonly problem?: Problem
}

export interface LockFacts {
  /** Milliseconds until it was ours. */
  readonly waited: number
  /** Who held it meanwhile: application, role and pid, as the server tells them. */
  readonly heldBy: readonly string[]
}

/** What lies between two schemas. */
export interface Difference {
  readonly result: 'none' | 'found' | 'not checked'
  /** Why it was not checked. */
  readonly why?: string
  /** What is to be done that it can be, where that is known. */
  readonly next?: string
  /** Its SQL, or its lines in words. */
  readonly text: string
  /** What was left out of the comparison, in whole sentences. */
  readonly notCompared?: readonly string[]
  /** Kinds of things that nothing compared: `none` is then not all there is to say. */
  readonly partial?: boolean
  readonly findings: readonly Finding[]
  readonly tables: readonly TouchedTable[]
}
