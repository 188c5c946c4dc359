import type { CommonInputs } from '../shared/phases.ts'
import type { RunContext } from '../shared/run-context.ts'
import type { Command } from './command.ts'
import type { DatabaseUrl, OtherDatabase } from './database/database-url.ts'
import type { SessionNames } from './session-names.ts'

/** What every command of db-deploy is told. Milliseconds where times are meant. */
export interface Inputs extends CommonInputs {
  readonly command: Command
  readonly context: RunContext
  readonly sessions: SessionNames
  /** Of this process; a program gets of it what program.ts lets through. */
  readonly environmentVariables: NodeJS.ProcessEnv
  /** Absolute; `shownFolder` as the user wrote it. */
  readonly folder: string
  readonly shownFolder: string
  readonly production: Production
  readonly urls: Urls
  readonly migrations: MigrationInputs
  readonly tool: ToolInputs
  readonly seed: SeedInputs
  readonly backup: BackupInputs
  readonly restore: RestoreInputs
  readonly lock: LockInputs
  readonly verification: VerificationInputs
  readonly telemetry: TelemetryInputs
  readonly rollback: RollbackInputs
  /** What makes `status`, `drift` and `diff` fail besides what is broken. */
  readonly failOn: ReadonlySet<FailOn>
  /** Whether drift and diff comment on the pull request. */
  readonly comment: boolean
  /** Masked. */
  readonly githubToken: string | undefined
}

/** `lint`: errors that the linter finds in what is pending. */
export type FailOn = 'pending' | 'out-of-order' | 'lint' | 'drift' | 'diff'

export interface Urls {
  /** What the application uses; undefined where none was given (then a problem was noted). */
  readonly database: DatabaseUrl | undefined
  /** Past any pooler; the same as `database` where none was given. */
  readonly direct: DatabaseUrl | undefined
  /** Whose server may get databases made and dropped. */
  readonly scratch: DatabaseUrl | undefined
  /** The role that smoke tests read as; `database` where none was given. */
  readonly smoke: DatabaseUrl | undefined
  /** What is deployed to where it is no PostgreSQL: `mysql`, `sqlite` … */
  readonly other: OtherDatabase | undefined
}

export interface Production {
  /** As the input names it; '' where it is empty, which counts as production. */
  readonly environment: string
  readonly production: boolean
  readonly confirm: string | undefined
  /** What `confirm` must be; undefined: `deploy <database>`. */
  readonly phrase: string | undefined
  /** Patterns of refs; empty: the default branch and tags. */
  readonly allowedRefs: readonly string[]
}

export interface MigrationInputs {
  /** Relative to `folder`; patterns as `deps/NAME/priv/repo/migrations` with `*` for NAME. Empty: found. */
  readonly paths: readonly string[]
  /** Prisma's schema file or folder; undefined: Prisma's own places. */
  readonly schema: string | undefined
  /** Ecto's `migration_source`, and the prefix that it is given (`--prefix`), which that table is in. */
  readonly table: string | undefined
  readonly prefix: string | undefined
  /** The newest migration that is to be applied, as the release expects it. */
  readonly expectCurrent: string | undefined
}

export interface ToolInputs {
  readonly tool: 'auto' | 'prisma' | 'ecto'
  /** Ecto's repositories (`--repo`); empty: the project's own. */
  readonly repositories: readonly string[]
  /** Relative to `folder`. */
  readonly releaseBinary: string | undefined
  readonly releaseCall: string | undefined
  readonly releaseRollbackCall: string | undefined
  /** When Prisma's own validate, generate and status run. */
  readonly validate: 'pending' | 'always' | 'never'
  readonly generate: 'pending' | 'always' | 'never'
  readonly toolStatus: 'pending' | 'always' | 'never'
  /** Of one run of the tool. */
  readonly timeout: number
}

export interface SeedInputs {
  readonly seed: boolean
  /** Asked for by an input of its own. */
  readonly inProduction: boolean
  /** A command line; undefined: the tool's own. */
  readonly command: string | undefined
}

export interface BackupInputs {
  readonly when: 'auto' | 'true' | 'false'
  /** Also with nothing pending. */
  readonly always: boolean
  readonly verify: 'list' | 'read' | 'restore'
  /** Absolute folder that the file is put in. */
  readonly folder: string
  /** age: a recipient (`age1…`, `ssh-…`), or a passphrase (masked). */
  readonly recipient: string | undefined
  readonly passphrase: string | undefined
  /** A command line that makes a branch or a snapshot instead. */
  readonly command: string | undefined
  readonly timeout: number
}

export interface RestoreInputs {
  /** Absolute. */
  readonly file: string | undefined
  /** `swap`: into a new database, which then takes the name; `in-place`: in one transaction. */
  readonly mode: 'swap' | 'in-place'
  /** An age identity (`AGE-SECRET-KEY-…`, masked); the passphrase is the backup's input. */
  readonly identity: string | undefined
}

export interface LockInputs {
  /** How long another deploy is waited for. */
  readonly wait: number
  /** lock_timeout of the migrating session; 0 is off. */
  readonly lockTimeout: number
  readonly statementTimeout: number
  readonly retries: number
}

export interface VerificationInputs {
  readonly smoke: 'models' | 'tables' | 'off'
  /** Tables up to so many rows (by estimate) are counted exactly. */
  readonly exactCountLimit: number
  readonly expectRows: readonly string[]
  readonly extensions: readonly string[]
  /** Patterns of SQL files. */
  readonly files: readonly string[]
  readonly commands: readonly string[]
  readonly expectApp: readonly string[]
  readonly prove: ReadonlySet<'idempotent' | 'rollback'>
}

export interface TelemetryInputs {
  /** Masked. */
  readonly slackWebhookUrl: string | undefined
  /** By stage: `migrate` → 600000. */
  readonly warnAfter: ReadonlyMap<string, number>
  readonly failAfter: ReadonlyMap<string, number>
  /** A GitHub Deployment gets a status. */
  readonly githubDeployment: boolean
  /** Runs are written into a table of the database. */
  readonly ledger: boolean
}

export interface RollbackInputs {
  /** Ecto: back to this version, which stays. */
  readonly to: string | undefined
  readonly steps: number | undefined
  /** Prisma: the failed migration. */
  readonly migration: string | undefined
}
