import { runName, type Outcome } from './outcome.ts'
import { placeNote, type Say } from './progress.ts'

/**
 * Says what is now where, after the jobs ran.
 *
 * @param outcomes those that the report tells of: of one run, or of each that a repository lists
 */
export function closing(
  outcomes: readonly Outcome[],
  report: { readonly page: string; readonly markdown: string },
  say: Say
): void {
  for (const [index, outcome] of outcomes.entries()) {
    say('')
    if (outcomes.length > 1) say(`${index + 1}. ${runName(outcome)}: ${verdicts[outcome.verdict]}`)
    tell(outcome, say)
  }
  // Most of it is the same for each run.
  if (outcomes.length > 1) say('')
  section('Not as on GitHub', unique(outcomes.flatMap((outcome) => [...elsewhere(outcome), ...outcome.remarks])), say)
  section('Not rehearsed', unique(outcomes.flatMap(({ notRehearsed }) => notRehearsed)), say)
  say('')
  say(`Job summaries: ${report.markdown}`)
  say(`Everything on one page: ${report.page}`)
  for (const warning of unique(outcomes.flatMap(({ warnings }) => warnings))) say(`Warning: ${warning}`)
  say(verdicts[worst(outcomes)])
}

function tell(outcome: Outcome, say: Say): void {
  for (const index of outcome.indexes) {
    const releases = index.projects.flatMap(({ name, releases }) => releases.map((release) => ({ name, ...release })))
    if (releases.length === 0) say(`${index.name}: nothing`)
    for (const { name, version, files } of releases) {
      say(`${index.name}: ${name} ${version}`)
      for (const file of files) say(`  ${file.name}`)
    }
  }
  const { pull } = outcome
  if (pull !== undefined) {
    const { event, attempt } = outcome.facts
    say(
      `The run of ${event}${attempt > 1 ? `, attempt ${attempt}` : ''}${outcome.superseded === true ? ', which a later one replaces' : ''}:`
    )
    say(`GitHub: pull request #${pull.number} "${pull.title}" by ${pull.author}`)
    for (const { user } of pull.comments) say(`  a comment by ${user} (in the report)`)
    for (const { context, state, description } of pull.statuses) say(`  status ${context}: ${state}, ${description}`)
  } else if (outcome.releases.length === 0 && !outcome.listed) say('GitHub: no release')
  for (const { tag, title, state, assets } of outcome.releases) {
    say(`GitHub: release ${tag} "${title}" (${state})`)
    for (const asset of assets) say(`  ${asset.name}`)
  }
  if (outcome.database !== undefined) {
    const { name, tables, others } = outcome.database.content
    say(`Database ${name}: ${tables.map((table) => `${table.name} ${table.rows}`).join(', ') || 'no tables'}`)
    if (others.length > 0) say(`  beside it: ${others.join(', ')}`)
  }
  for (const { channel, text } of outcome.messages) say(`Slack ${channel}: ${text.split('\n')[0] ?? ''}`)
  for (const { name, files } of outcome.artifacts) say(`Artifact ${name}: ${files.join(', ')}`)
  section(
    'Secrets presented',
    outcome.presented.map(({ secret, hosts }) => `${secret} → ${hosts.join(', ')}`),
    say
  )
  section(
    'Blocked',
    outcome.blocked.map(
      ({ host, jobs, requests }) => `${host} (${requests} requests${jobs.length > 0 ? ` of ${jobs.join(', ')}` : ''})`
    ),
    say
  )
  section('Faults', struck(outcome), say)
  section('Skipped', outcome.skipped, say)
  section('act says', outcome.verdict === 'failed' ? outcome.errors : [], say)
}

/** How often each fault rule struck. */
export function struck({ faults }: Pick<Outcome, 'faults'>): string[] {
  return faults.map(({ rule, struck: times }) =>
    times === 0 ? `${rule}: never struck` : `${rule}: struck ${times === 1 ? 'once' : `${times} times`}`
  )
}

/** Jobs that asked for another system. */
export function elsewhere(outcome: Pick<Outcome, 'jobs'>): string[] {
  return outcome.jobs.filter((job) => job.insteadOf !== undefined).map((job) => `${job.name}${placeNote(job)}`)
}

export const verdicts = {
  green: 'Rehearsed, and green.',
  partial: 'Green, but parts were not rehearsed.',
  failed: 'Failed.'
} as const

export const exitCodes = { green: 0, failed: 1, partial: 3 } as const

/** That of the worst among those that decide. */
export function exitCodeOf(outcomes: readonly Pick<Outcome, 'verdict' | 'superseded'>[]): number {
  return exitCodes[worst(outcomes.filter(({ superseded }) => superseded !== true))]
}

function worst(outcomes: readonly Pick<Outcome, 'verdict'>[]): Outcome['verdict'] {
  const worstFirst = ['failed', 'partial', 'green'] as const
  return worstFirst.find((one) => outcomes.some(({ verdict }) => verdict === one)) ?? 'failed'
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)]
}

function section(title: string, lines: readonly string[], say: Say): void {
  if (lines.length === 0) return
  say(`${title}:`)
  for (const line of lines) say(`  ${line}`)
}
