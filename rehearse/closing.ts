import type { Outcome } from './outcome.ts'
import { placeNote, type Say } from './progress.ts'

/** Says what is now where, after the jobs ran. */
export function closing(
  outcome: Outcome,
  report: { readonly page: string; readonly markdown: string },
  say: Say
): void {
  say('')
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
  } else if (outcome.releases.length === 0) say('GitHub: no release')
  for (const { tag, title, state, assets } of outcome.releases) {
    say(`GitHub: release ${tag} "${title}" (${state})`)
    for (const asset of assets) say(`  ${asset.name}`)
  }
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
  section('Not as on GitHub', [...elsewhere(outcome), ...outcome.remarks], say)
  section('Skipped', outcome.skipped, say)
  section('Not rehearsed', outcome.notRehearsed, say)
  section('act says', outcome.verdict === 'failed' ? outcome.errors : [], say)
  say('')
  say(`Job summaries: ${report.markdown}`)
  say(`Everything on one page: ${report.page}`)
  for (const warning of outcome.warnings) say(`Warning: ${warning}`)
  say(verdicts[outcome.verdict])
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
  const worstFirst = ['failed', 'partial', 'green'] as const
  return exitCodes[
    worstFirst.find((one) => outcomes.some(({ verdict, superseded }) => verdict === one && superseded !== true)) ??
      'failed'
  ]
}

function section(title: string, lines: readonly string[], say: Say): void {
  if (lines.length === 0) return
  say(`${title}:`)
  for (const line of lines) say(`  ${line}`)
}
