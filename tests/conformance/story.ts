import { runName, type Outcome } from '../../rehearse/outcome.ts'

/** `db-backup.yml, schedule: green` of each. */
export function verdicts(runs: readonly Outcome[]): readonly string[] {
  return runs.map((one) => `${runName(one)}: ${one.verdict}`)
}

/** What the steps said that failed; empty where none did. */
export function complaints(runs: readonly Outcome[]): readonly string[] {
  const steps = runs.flatMap(({ jobs }) => jobs.flatMap((job) => job.steps))
  return steps.filter(({ result }) => result === 'failure').map(({ name, tail }) => `${name}: ${tail.join('\n')}`)
}

/** @throws Error where fewer ran, so that a test says that instead of comparing with nothing */
export function runAt(runs: readonly Outcome[], index: number): Outcome {
  const found = runs[index]
  if (found === undefined) throw new Error(`only ${runs.length} workflows ran`)
  return found
}

/** What the steps of a run wrote into the job's summary. */
export function summaryOf({ jobs }: Outcome): string {
  return jobs.flatMap(({ steps }) => steps.map((step) => step.summary)).join('\n')
}

/** Every annotation of its steps. */
export function annotationsOf({ jobs }: Outcome): string {
  const annotations = jobs.flatMap(({ steps }) => steps.flatMap((step) => step.annotations))
  return annotations.map(({ message }) => message).join('\n')
}

/** What Slack was told. */
export function slackOf({ messages }: Outcome): string {
  return messages.map(({ text }) => text).join('\n')
}

/** The comments of its pull request, as `user: text`. */
export function commentsOf({ pull }: Outcome): readonly string[] {
  return (pull?.comments ?? []).map(({ user, body }) => `${user}: ${body}`)
}

/** How many rows each table of the database has after it. */
export function rowsAfter({ database }: Outcome): Readonly<Record<string, number>> {
  return Object.fromEntries((database?.content.tables ?? []).map((table) => [table.name, table.rows]))
}

/** The address of a database with a password that nobody has masked. */
export const bareAddress = /(?:postgres(?:ql)?|ecto):\/\/(?:deployer|reader):[^*]/
