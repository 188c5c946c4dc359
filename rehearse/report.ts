import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { marked } from 'marked'
import sanitize from 'sanitize-html'
import { elsewhere, struck, verdicts } from './closing.ts'
import { runName, type Outcome, type RehearsedPull } from './outcome.ts'
import { marks, placeNote, seconds, stepName } from './progress.ts'
import type { RanJob } from './record.ts'

/**
 * Writes the report: `report.md` (what happened and what is where), `summaries.md` (the job summaries as the steps
 * wrote them), `index.html` (both on one page) and `requests.jsonl` (every request that the sandbox saw).
 *
 * @param runs of one workflow, or of several in their order
 * @param folder emptied first when it holds an earlier report
 */
export function writeReport(
  runs: readonly Outcome[],
  folder: string
): { readonly page: string; readonly markdown: string } {
  for (const name of files) rmSync(join(folder, name), { force: true })
  mkdirSync(folder, { recursive: true })
  const page = join(folder, 'index.html')
  const markdown = join(folder, 'summaries.md')
  const [first] = runs
  const overview = runs.length > 1 ? [overviewMarkdown(runs)] : []
  const headings = runs.map((run, index) =>
    runs.length > 1 ? `${index + 1}. ${runName(run)}` : `Rehearsal of ${subject(run)}`
  )
  const summaries = runs.map(({ jobs }, index) =>
    summariesMarkdown(jobs, runs.length > 1 ? `Job summaries of ${headings[index] ?? ''}` : undefined)
  )
  const facts = runs.map((run, index) => outcomeMarkdown(run, headings[index] ?? '', runs.slice(0, index)))
  const steps = runs.map((run) => stepsMarkdown(run))
  writeFileSync(
    join(folder, 'report.md'),
    [...overview, ...runs.map((_, index) => `${facts[index] ?? ''}\n${steps[index] ?? ''}`)].join('\n')
  )
  writeFileSync(markdown, summaries.join('\n'))
  const parts = runs.flatMap((run, index) => [
    facts[index] ?? '',
    notesMarkdown(run),
    summaries[index] ?? '',
    steps[index] ?? ''
  ])
  const title = runs.length > 1 && first !== undefined ? repositoryOf(first) : first === undefined ? '' : subject(first)
  writeFileSync(page, htmlPage(`Rehearsal of ${title}`, [...overview, ...parts]))
  writeFileSync(join(folder, 'requests.jsonl'), runs.flatMap(requestLines).join(''))
  return { page, markdown }
}

const files = ['report.md', 'summaries.md', 'index.html', 'requests.jsonl']

/** Of several runs each line says which one asked. */
function requestLines({ requests, facts, listed }: Outcome): readonly string[] {
  const run = listed ? { run: facts.runId, workflow: facts.workflowPath } : {}
  return requests.map((request) => `${JSON.stringify({ ...run, ...request })}\n`)
}

/** Runs of several workflows, one line each. */
export function overviewMarkdown(runs: readonly Outcome[]): string {
  const [first] = runs
  const rows = runs.map(
    (run, index) =>
      `| ${index + 1} | ${cell(runName(run))} | ${verdicts[run.verdict]} | ${seconds(timeOf(run)).trim()} |`
  )
  return [
    `# Rehearsal of ${escapeText(first === undefined ? '' : repositoryOf(first))}`,
    '',
    '| | run | | steps |',
    '|--:|---|---|--:|',
    ...rows,
    ''
  ].join('\n')
}

function timeOf({ jobs }: Outcome): number {
  return jobs.flatMap(({ steps }) => steps).reduce((sum, { milliseconds }) => sum + milliseconds, 0)
}

/** The facts of a rehearsal as Markdown: what came of it, then what ran. */
export function reportMarkdown(outcome: Outcome): string {
  return `${outcomeMarkdown(outcome, `Rehearsal of ${subject(outcome)}`)}\n${stepsMarkdown(outcome)}`
}

function stepsMarkdown(outcome: Outcome): string {
  return `${['# Steps', '', ...outcome.jobs.flatMap(jobMarkdown)].join('\n').trimEnd()}\n`
}

function outcomeMarkdown(outcome: Outcome, heading: string, earlier: readonly Outcome[] = []): string {
  const lines = [`# ${escapeText(heading)}`, '', `**${verdicts[outcome.verdict]}**`, '']
  lines.push(
    `Workflow \`${code(outcome.facts.workflowPath)}\`, ${outcome.facts.event} at \`${code(outcome.facts.ref)}\`.`,
    ''
  )
  lines.push(...listMarkdown('Warnings', outcome.warnings))
  for (const index of outcome.indexes) {
    lines.push(`## ${index.name}`, '')
    if (index.projects.length === 0) lines.push('Nothing was published here.', '')
    for (const project of index.projects) {
      for (const release of project.releases) {
        lines.push(`### ${escapeText(`${project.name} ${release.version}`)}`, '', '| file | SHA-256 |', '|---|---|')
        lines.push(...release.files.map(({ name, sha256 }) => `| ${cell(name)} | \`${sha256}\` |`), '')
      }
    }
  }
  lines.push(...databaseMarkdown(outcome), ...artifactsMarkdown(outcome), ...messagesMarkdown(outcome))
  lines.push('## GitHub', '')
  const { pull } = outcome
  if (pull !== undefined) {
    lines.push(
      `### ${escapeText(`Pull request #${pull.number}: ${pull.title}`)}`,
      '',
      `By ${escapeText(pull.author)}.`,
      ''
    )
    lines.push(
      ...pull.statuses.map(
        ({ context, state, description }) => `- ${escapeText(`${context}: ${state}, ${description}`)}`
      )
    )
    lines.push(...commentsMarkdown(pull.comments, earlier.findLast((run) => isOfSamePull(run, outcome))?.pull))
  } else if (outcome.releases.length === 0) lines.push('There is no release.', '')
  for (const release of outcome.releases) {
    lines.push(`### ${escapeText(release.tag)}: ${escapeText(release.title)} (${release.state})`, '')
    const rows = release.assets.map(({ name, size }) => `| ${cell(name)} | ${size} |`)
    lines.push(...(rows.length === 0 ? ['It has no assets.'] : ['| asset | bytes |', '|---|--:|', ...rows]), '')
  }
  lines.push(
    ...listMarkdown(
      'Secrets presented',
      outcome.presented.map(({ secret, hosts }) => `${secret} → ${hosts.join(', ')}`)
    )
  )
  lines.push(
    ...listMarkdown(
      'Blocked hosts',
      outcome.blocked.map(
        ({ host, jobs, requests }) => `${host}: ${requests} requests of ${jobs.join(', ') || 'an unknown job'}`
      )
    )
  )
  lines.push(...listMarkdown('Faults', struck(outcome)))
  lines.push(...listMarkdown('Not as on GitHub', [...elsewhere(outcome), ...outcome.remarks]))
  lines.push(...listMarkdown('Skipped', outcome.skipped))
  lines.push(...listMarkdown('Not rehearsed', outcome.notRehearsed))
  lines.push(...listMarkdown('What act said', outcome.errors))
  return `${lines.join('\n').trimEnd()}\n`
}

function isOfSamePull(one: Outcome, other: Outcome): boolean {
  return one.pull?.number === other.pull?.number && repositoryOf(one) === repositoryOf(other)
}

/** What a run found there is no word of its own, so it is not shown as one. */
function commentsMarkdown(comments: RehearsedPull['comments'], before: RehearsedPull | undefined): string[] {
  return comments.flatMap(({ user, body }) => {
    const known = before?.comments.some((one) => one.user === user && one.body === body) === true
    return known
      ? ['', `A comment by ${escapeText(user)} stands there as an earlier run left it.`, '']
      : ['', `#### A comment by ${escapeText(user)}`, '', body, '']
  })
}

function databaseMarkdown({ database }: Outcome): string[] {
  if (database === undefined) return []
  const { name, tables, others } = database.content
  const rows = tables.map(({ name: table, rows: count }) => `| ${cell(table)} | ${count} |`)
  return [
    `## ${escapeText(`Database ${name}`)}`,
    '',
    ...(rows.length === 0 ? ['It has no tables.'] : ['| table | rows |', '|---|--:|', ...rows]),
    '',
    ...(others.length === 0 ? [] : [`Besides it on the server: ${others.map(escapeText).join(', ')}.`, ''])
  ]
}

function artifactsMarkdown({ artifacts }: Outcome): string[] {
  return listMarkdown(
    'Artifacts',
    artifacts.map(({ name, files: stored }) => `${name}: ${stored.join(', ')}`)
  )
}

function messagesMarkdown({ messages }: Outcome): string[] {
  if (messages.length === 0) return []
  return ['## Slack', '', ...messages.flatMap(({ channel, text }) => [escapeText(channel), '', ...fenced([text]), ''])]
}

/** The summaries that steps wrote, in the order of their jobs, as GitHub shows them below one another. */
export function summariesMarkdown(jobs: readonly RanJob[], title = 'Job summaries'): string {
  const written = jobs.flatMap((job) => {
    const summaries = job.steps.map(({ summary }) => summary).filter((summary) => summary.trim() !== '')
    return summaries.length === 0 ? [] : [`## ${escapeText(job.name)}\n\n${summaries.join('\n\n')}`]
  })
  return `# ${escapeText(title)}\n\n${written.length === 0 ? 'No step wrote a summary.' : written.join('\n\n')}\n`
}

/** One page without scripts and without anything from outside; what the workflow wrote is sanitised. */
export function htmlPage(title: string, parts: readonly string[]): string {
  const body = parts
    .map((part) => sanitize(marked.parse(part, { gfm: true, async: false }), allowed))
    .map((part) => `<section>\n${part}</section>`)
    .join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${sanitize(title, { allowedTags: [] })}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark }
section + section { border-top: 2px solid; margin-top: 3rem }
table { border-collapse: collapse } td, th { border: 1px solid #8886; padding: .2rem .6rem; text-align: left }
code, pre { font-family: ui-monospace, monospace; font-size: 13px } pre { overflow-x: auto; padding: .6rem; border: 1px solid #8886 }
</style>
</head>
<body>
${body}
</body>
</html>
`
}

/** Close to what GitHub lets through in a summary; no images, since the page loads nothing. */
const allowed: sanitize.IOptions = {
  allowedTags: [...sanitize.defaults.allowedTags, 'details', 'summary', 'del', 'input'],
  allowedAttributes: {
    a: ['href', 'title'],
    td: ['align', 'colspan', 'rowspan'],
    th: ['align', 'colspan', 'rowspan'],
    code: ['class'],
    details: ['open'],
    input: ['type', 'checked', 'disabled'],
    ol: ['start']
  },
  allowedSchemes: ['https', 'http', 'mailto']
}

function jobMarkdown(job: RanJob): string[] {
  const lines = [`## ${marks[job.result]} ${escapeText(job.name)}${placeNote(job)}`, '', '| step | time |', '|---|--:|']
  for (const step of job.steps) {
    const result = step.forgiven ? `${marks.skipped} failed, and the job went on:` : marks[step.result]
    lines.push(`| ${result} ${cell(stepName(step))} | ${seconds(step.milliseconds).trim()} |`)
  }
  lines.push('')
  for (const step of job.steps) {
    for (const { level, message, title, place } of step.annotations) {
      const where = [title, place].filter((part) => part !== undefined).map(escapeText)
      lines.push(
        `- **${level}** ${where.length > 0 ? `(${where.join(', ')}) ` : ''}${escapeText(message).replaceAll('\n', '\n  ')}`
      )
    }
    if (step.result === 'failure' && step.tail.length > 0) lines.push('', ...fenced(step.tail))
  }
  lines.push('')
  return lines
}

function notesMarkdown(outcome: Outcome): string {
  return outcome.releases.map((release) => `# Notes of ${escapeText(release.tag)}\n\n${release.notes}`).join('\n\n')
}

function listMarkdown(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines.map((line) => `- ${escapeText(line)}`), '']
}

function repositoryOf({ facts }: Outcome): string {
  return `${facts.owner}/${facts.name}`
}

function subject(outcome: Outcome): string {
  return `${repositoryOf(outcome)} ${outcome.facts.ref.replace(/^refs\/(tags|heads)\//, '')}`
}

/** A fence longer than any in the text, so that output cannot end it. */
function fenced(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)))
  const fence = '`'.repeat(longest + 1)
  return [fence, ...lines, fence]
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|~&!]/g, '\\$&')
}

function cell(text: string): string {
  return escapeText(text).replaceAll('\n', ' ')
}

function code(text: string): string {
  return text.replaceAll('`', '')
}
