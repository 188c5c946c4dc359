import picomatch from 'picomatch'
import type { Problem } from '../shared/problem.ts'
import type { RunContext } from '../shared/run-context.ts'
import type { Command } from './command.ts'
import type { StartedBy } from './event.ts'
import type { BackupInputs, Production, RestoreInputs, SeedInputs } from './inputs.ts'

/** What the rules of production are asked about. */
export interface ProductionQuestion {
  readonly command: Command
  readonly dryRun: boolean
  readonly production: Production
  /** Of the database that is changed; undefined where its address could not be read. */
  readonly database: string | undefined
  readonly context: Pick<RunContext, 'ref'>
  readonly defaultBranch: StartedBy['defaultBranch']
  readonly pullRequest: StartedBy['pullRequest']
  readonly seed: SeedInputs
  readonly backup: Pick<BackupInputs, 'when' | 'always'>
  readonly restoreMode: RestoreInputs['mode']
}

/**
 * Whether an environment's name says production: an empty one does, so that forgetting it is the safe way. `pre-prod` and
 * `non-production` say that they are something else.
 */
export function isProduction(environment: string): boolean {
  // Its words, by what stands between them and by capitals: `euProd`, `prod_eu`, `EU-PROD2`.
  const words = environment
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .join(' ')
  const others = words.replaceAll(/\b(?:pre|non|not) (?:prod|production)\b/g, '')
  return environment.trim() === '' || /\b(?:prod|production|live)\b/.test(others)
}

/** The commands that change the database which the address names. */
export const changing: ReadonlySet<Command> = new Set(['deploy', 'restore', 'rollback'])

/**
 * What must be said, and from where, before a database is changed. A restore is confirmed everywhere, as it throws
 * away what is there; everything else only in production. Pure.
 */
export function productionProblems(question: ProductionQuestion): readonly Problem[] {
  const { command, dryRun, production } = question
  if (!changing.has(command) || dryRun) return []
  if (!production.production) return command === 'restore' ? confirmProblems(question) : []
  return [
    ...confirmProblems(question),
    ...eventProblems(question),
    ...backupProblems(question),
    ...(command === 'deploy' ? seedProblems(question) : [])
  ]
}

/** What `confirm` must be. */
export function confirmPhrase({
  command,
  database,
  production
}: Pick<ProductionQuestion, 'command' | 'database' | 'production'>): string {
  // A phrase that was configured for deploys is none for throwing a database away.
  if (production.phrase !== undefined && command !== 'restore') return production.phrase
  return `${command} ${database ?? ''}`.trim()
}

function confirmProblems(question: ProductionQuestion): readonly Problem[] {
  const { command, database, production } = question
  // Then its address is the problem.
  if (database === undefined) return []
  const phrase = confirmPhrase(question)
  if (production.confirm === phrase) return []
  // A dump of a database of another name needs both names: whether it is that one is seen when it was read.
  if (command === 'restore' && production.confirm?.startsWith(`${phrase} from `) === true) return []
  const what = command === 'restore' ? 'a restore replaces what the database holds' : `this is ${named(production)}`
  return [
    {
      code: 'deploy-not-confirmed',
      message:
        production.confirm === undefined
          ? `Input confirm is empty, and ${what}.`
          : `Input confirm is ${JSON.stringify(production.confirm)}, and not ${JSON.stringify(phrase)}; ${what}.`,
      hint: `Write \`confirm: ${phrase}\`, best as an input of workflow_dispatch that a person types.`
    }
  ]
}

/** As a sentence says it. */
function named({ environment }: Production): string {
  return environment === ''
    ? 'production (no environment is named, which counts as production)'
    : `production (environment ${environment})`
}

function eventProblems({
  context,
  production,
  defaultBranch,
  pullRequest,
  command
}: ProductionQuestion): readonly Problem[] {
  if (pullRequest !== undefined) {
    return [
      {
        code: 'deploy-event',
        message: `${pullRequest}: a pull request must not ${command} ${named(production)}.`,
        hint: 'Start the workflow by a push to the default branch, a tag, or workflow_dispatch; or name another environment.'
      }
    ]
  }
  const patterns =
    production.allowedRefs.length > 0
      ? production.allowedRefs
      : ['refs/tags/**', ...(defaultBranch === undefined ? [] : [`refs/heads/${escapeGlob(defaultBranch)}`])]
  const { ref } = context
  if (ref !== undefined && patterns.some((pattern) => matchesRef(ref, pattern))) return []
  const allowed =
    production.allowedRefs.length > 0
      ? `allowed-refs has ${production.allowedRefs.join(', ')}`
      : defaultBranch === undefined
        ? 'without allowed-refs only tags may, as the event does not name the default branch'
        : `without allowed-refs only ${defaultBranch} and tags may`
  return [
    {
      code: 'deploy-ref',
      message: `The ref is ${ref ?? 'not known (GITHUB_REF is empty)'}, which must not ${command} ${named(production)}: ${allowed}.`,
      hint: 'Start the workflow from a ref that may, or add this one to the input `allowed-refs`, one a line.'
    }
  ]
}

/** `main` means the branch; `refs/tags/v*` and `release/**` are patterns. */
function matchesRef(ref: string, pattern: string): boolean {
  const full = pattern.startsWith('refs/') ? pattern : `refs/heads/${pattern}`
  return picomatch.isMatch(ref, full, { dot: true, nonegate: true })
}

function escapeGlob(name: string): string {
  return name.replaceAll(/[\\*?[\]{}()!+@|]/g, '\\$&')
}

function backupProblems({ command, backup, restoreMode, production }: ProductionQuestion): readonly Problem[] {
  if (backup.when !== 'false' || backup.always) return []
  // What was there is kept, under another name.
  if (command === 'restore' && restoreMode === 'swap') return []
  return [
    {
      code: 'deploy-without-backup',
      message: `Input backup is false, and this is ${named(production)}${losses[command] ?? ''}.`,
      hint: 'Leave `backup` out. A branch or a snapshot at your provider may take the place of pg_dump: name the command that makes it in `backup-command`.'
    }
  ]
}

const losses: Partial<Readonly<Record<Command, string>>> = {
  restore: '; what was written since the dump would be gone',
  rollback: '; a way back drops tables and columns with what they hold'
}

function seedProblems({ seed, production }: ProductionQuestion): readonly Problem[] {
  if (!seed.seed || seed.inProduction) return []
  return [
    {
      code: 'deploy-seed-in-production',
      message: `Input seed is true, and this is ${named(production)}.`,
      hint: 'Take `seed` away. Where the seed is meant for production and can run again without harm, write `seed-in-production: true` too.'
    }
  ]
}
