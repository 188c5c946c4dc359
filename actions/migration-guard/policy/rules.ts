import type { Finding, Level } from '../../shared/migrations/finding.ts'
import type { PolicyFacts } from './facts.ts'

/** One rule of the policy as a configuration names it. */
export interface PolicyRule {
  readonly id: PolicyRuleName
  /** The gravest that it tells by default; it may tell lighter cases too. */
  readonly level: Level
  readonly title: string
}

const titles = {
  'shared-head': ['error', 'Another open pull request has the same newest commit and another base'],
  'frozen-path': ['error', 'A frozen path changed, and nothing allows it'],
  'guard-disarmed': ['error', "The guard's own files changed without a review"],
  'guard-configuration-broken': ['error', 'The configuration that the change brings cannot be read'],
  'review-missing': ['error', 'A frozen path changed without an approving review'],
  'not-ported': ['error', 'A migration is not, byte for byte, the one of the source'],
  'port-set': ['error', "The migrations are not the source's set in the source's order"],
  'linked-migrations': ['error', 'A link or a submodule leads into a folder of migrations'],
  'edited-after-merge': ['error', 'A merged migration was edited, renamed or deleted'],
  'duplicate-version': ['error', 'Two migrations have the same version'],
  'duplicate-name': ['error', 'Two migrations have the same name or module'],
  'duplicate-in-package': ['error', 'A migration is in the application and in the package'],
  'duplicate-in-pull': ['error', 'Another pull request adds a migration of the same version or name'],
  'out-of-order': ['warning', 'A new migration is older than the newest of the branch'],
  'future-version': ['error', "A new migration's timestamp lies in the future"],
  'migration-name': ['error', "A new migration's name does what nobody expects"],
  'stray-file': ['warning', 'A file that looks like a migration is never run'],
  'missing-migration-sql': ['error', "A folder of Prisma's migrations has no migration.sql"],
  'migration-lock': ['error', 'migration_lock.toml was deleted or names another provider'],
  irreversible: ['warning', 'A new migration of Ecto cannot be rolled back'],
  'path-dependency': ['error', 'A dependency that must come from Hex does not'],
  'package-folder': ['error', 'A package does not hold the migrations that it must'],
  'mix-guard': ['error', 'mix.exs does not stop migrations']
} as const satisfies Record<string, readonly [Level, string]>

export type PolicyRuleName = keyof typeof titles

/** Every rule of the policy, in the order in which they are told. */
export const policyRules: readonly PolicyRule[] = Object.entries(titles).map(([id, [level, title]]) => ({
  // The keys of an object are its own.
  id: id as PolicyRuleName,
  level,
  title
}))

/** A finding of the policy, whose rule is one of ours. */
export type PolicyFinding = Finding & { readonly rule: PolicyRuleName }

/** Rules that look at the same thing and share a row in the summary. */
export interface Family {
  readonly name: string
  readonly rules: readonly PolicyRuleName[]
  /** Pure. Undefined where there is nothing of the kind to look at. */
  readonly look: (facts: PolicyFacts) => Looked | undefined
}

/** What looking came to. */
export interface Looked {
  /** What was looked at, with numbers: `12 migrations of acme/diwa-cloud@main compared`. */
  readonly detail: string
  readonly findings: readonly PolicyFinding[]
  /** What had to be read and could not. */
  readonly unread?: readonly PolicyFinding[]
  /** Sentences: what was left out. */
  readonly notChecked?: readonly string[]
  /** Nothing of it could be looked at. */
  readonly skipped?: true
}
