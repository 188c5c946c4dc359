import type { DependencyProof } from '../../shared/hex/dependency-proofs.ts'
import type { Finding } from '../../shared/migrations/finding.ts'
import type { Database } from '../../shared/migrations/database.ts'
import type { EctoFacts } from '../../shared/migrations/migration.ts'
import type { MigrationSet } from '../../shared/migrations/migration-set.ts'
import type { Change } from '../change.ts'
import type { ChangedConfiguration } from '../changed-configuration.ts'
import type { Configuration } from '../configuration.ts'
import type { ListedFiles, NotAvailable } from '../listing.ts'
import type { Approval, OtherPull } from '../pull-request.ts'
import type { SharedHead } from '../shared-heads.ts'

/** All that the policy judges. Whatever is undefined was not asked for; what could not be had says so. */
export interface PolicyFacts {
  readonly configuration: Configuration
  readonly change: Change
  /** Of each folder of migrations that is in one of the three states. */
  readonly folders: readonly FolderFacts[]
  /** How the contents of an edited or renamed migration differ, by its path at the head. Others were not compared. */
  readonly edits: ReadonlyMap<string, EditComparison>
  /** Of Ecto's migrations that the change adds or edits, by path. */
  readonly ecto: ReadonlyMap<string, EctoFacts>
  /** Module of every migration of Ecto's at the head that was read, by path. */
  readonly modules: ReadonlyMap<string, string>
  /** Blob ids that a file of the head would have with other line endings, by path: of those that differ from the source. */
  readonly lineEndings: ReadonlyMap<string, readonly string[]>
  readonly source: ListedFiles | NotAvailable | undefined
  readonly package: ListedFiles | NotAvailable | undefined
  /** Undefined where the event knows no review: a push, a local run. */
  readonly approval: Approval | undefined
  /** Other open pull requests of the same commit that go to another branch. */
  readonly sharedHeads?: readonly SharedHead[]
  /** Undefined where the change brings no configuration. */
  readonly changedConfiguration?: ChangedConfiguration | undefined
  readonly otherPulls: readonly OtherPull[] | NotAvailable | undefined
  readonly hexProofs: readonly HexProof[]
  readonly mixGuard: readonly Finding[]
  /** Where repositories are fetched from, for commands; `https://github.com` without it. */
  readonly server?: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** One folder in the three states; a set without migrations where the state does not have it. */
export interface FolderFacts {
  readonly base: MigrationSet
  readonly target: MigrationSet
  readonly head: MigrationSet
  /** Provider in migration_lock.toml; undefined without the file, '' where it names none. */
  readonly lock: { readonly base: string | undefined; readonly head: string | undefined }
  readonly database: Database
}

/**
 * `identical` bytes; `line-endings`: nothing else differs; `equal`: the same parse tree; `module-renamed`: only the name
 * of Ecto's module; `unreadable`: one of them has a syntax that cannot be read.
 */
export type EditComparison = 'identical' | 'line-endings' | 'equal' | 'module-renamed' | 'different' | 'unreadable'

/** What could be proved of a dependency that must come from Hex. */
export interface HexProof {
  readonly proof: DependencyProof
  /** The Mix project's folder, `.` for the root. */
  readonly project: string
  /** The folder of it that must hold migrations. */
  readonly folder: string | undefined
  /** Whether `deps/` was there to be looked at. */
  readonly unpacked: boolean
}
