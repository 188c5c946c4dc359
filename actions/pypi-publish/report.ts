import { readableSize } from '../shared/files.ts'
import { formatPep440 } from '../shared/pep440.ts'
import type { Outcome, Report } from '../shared/phases.ts'
import { fileStatusWords, type ReceiptFile } from '../shared/receipt.ts'
import { code, details, heading, line, link, list, prose, table, type Markdown } from '../shared/summary.ts'
import type { Distribution } from './distribution.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { releaseUrl } from './package-index.ts'
import type { ReleasePlan } from './plan.ts'
import { openOutcomes } from './upload-answer.ts'
import type { Verified } from './verify.ts'

export type ReleaseOutcome = Outcome<Inputs, Facts, ReleasePlan, Verified>

/** Tells a run: outputs, summary, and its part of the receipt. */
export function report(outcome: ReleaseOutcome): Report {
  const { destination } = outcome.inputs
  if (destination === undefined) return { outputs: {}, summary: [], targets: [], notChecked: [] }
  const { index, channel } = destination
  const { facts, plan } = outcome
  const first = facts?.files.find(({ distribution }) => distribution !== undefined)?.distribution
  const version = plan?.version ?? formatPep440(destination.version)
  const name = plan?.name ?? first?.name
  const url = name === undefined ? undefined : releaseUrl(index, name, version)
  const files = plan === undefined ? [] : receiptFiles(outcome, plan)
  const notChecked = facts === undefined ? [] : gathered(facts, outcome)
  return {
    outputs: {
      version,
      channel,
      index: index.kind === 'index' ? index.uploadUrl : index.kind,
      ...(url === undefined ? {} : { url }),
      files: JSON.stringify(files.map(({ name, sha256, size, status }) => ({ name, sha256, size, status })))
    },
    summary: facts === undefined ? [] : summary(outcome, facts, { name, version, url, files, notChecked }),
    targets: [
      {
        kind: index.kind,
        name: index.kind === 'index' ? index.uploadUrl : index.label,
        version,
        ...(url === undefined ? {} : { url }),
        status: outcome.status,
        files
      }
    ],
    notChecked
  }
}

function receiptFiles(outcome: ReleaseOutcome, plan: ReleasePlan): readonly ReceiptFile[] {
  const status = (file: Distribution): ReceiptFile['status'] => {
    if (plan.unchanged.includes(file)) return 'unchanged'
    return outcome.status === 'failed' ? failedStatus(outcome, file) : uploadStatus[outcome.status]
  }
  return [...plan.uploads, ...plan.unchanged].map((file) => {
    const url = outcome.status === 'published' ? outcome.verified.get(file.filename) : undefined
    return {
      name: file.filename,
      sha256: file.sha256,
      size: file.size,
      status: status(file),
      ...(url === undefined ? {} : { url })
    }
  })
}

/** What became of a file that was to be uploaded, where the run did not fail. */
const uploadStatus = { published: 'published', unchanged: 'unchanged', planned: 'planned' } as const

/** Only what was read back is published, and only what is known not to be there is missing. */
function failedStatus(
  { done, problems }: Extract<ReleaseOutcome, { status: 'failed' }>,
  { filename }: Distribution
): ReceiptFile['status'] {
  if (done.some(({ target }) => target === filename)) return 'uploaded'
  const open = problems.some(
    ({ code, file = '' }) => openOutcomes.has(code) && (file === filename || file.endsWith(`/${filename}`))
  )
  return open ? 'unknown' : 'missing'
}

/** What could not be checked, each once, with the number of files it is about. */
function gathered(facts: Facts, outcome: ReleaseOutcome): readonly string[] {
  const all = facts.files.flatMap((file) => file.notChecked)
  const counted = [...new Set(all)].map((what) => {
    const count = all.filter((each) => each === what).length
    return count === facts.files.length ? what : `${what} (${count} of ${facts.files.length} files)`
  })
  // Once the index has taken the files, it has checked them itself.
  if (outcome.status === 'published' || outcome.status === 'unchanged')
    return [...counted.filter((what) => !/classifiers|renders/.test(what)), ...(facts.project?.notChecked ?? [])]
  const { credentials, index } = facts.destination
  counted.push(...(facts.project?.notChecked ?? []))
  if (outcome.status !== 'planned') return counted
  const allowed = credentials.kind === 'none' ? ' (this run has no credentials)' : ''
  return [...counted, `whether ${index.label} lets this job upload${allowed}`]
}

interface Told {
  readonly name: string | undefined
  readonly version: string
  readonly url: string | undefined
  readonly files: readonly ReceiptFile[]
  readonly notChecked: readonly string[]
}

function summary(
  outcome: ReleaseOutcome,
  facts: Facts,
  { name, version, url, files, notChecked }: Told
): readonly Markdown[] {
  const { index, tag, channel, why } = facts.destination
  const project = `${name ?? 'The project'} ${version}`
  const titles: Readonly<Record<ReleaseOutcome['status'], Markdown>> = {
    published: line('✅ ', link(project, url), ` is on ${index.label}`),
    unchanged: line('✅ ', link(project, url), ` was on ${index.label} already`),
    planned: line(`📋 ${project} would go to ${index.label}`),
    failed: line(`${project} is not complete on ${index.label}`)
  }
  const warnings = facts.files.flatMap((file) => file.warnings)
  const blocks: Markdown[] = [
    heading(outcome.status === 'failed' ? 3 : 2, titles[outcome.status]),
    line('Tag ', code(tag), `, channel ${channel}: ${why}.`)
  ]
  if (files.length > 0) {
    blocks.push(
      table(
        ['file', 'size', 'sha256', 'what became of it'],
        files.map((file) => [
          link(code(file.name), file.url),
          readableSize(file.size),
          code(file.sha256),
          fileStatusWords[file.status]
        ])
      )
    )
  }
  if (
    outcome.status === 'failed' &&
    outcome.writing &&
    files.some(({ status }) => status === 'missing' || status === 'unknown')
  ) {
    blocks.push(
      line(
        'Run the failed job again with the same files: those that are there are left alone. PyPI closes a release after 14 days.'
      )
    )
  }
  if (warnings.length > 0) {
    blocks.push(
      details(
        `Warnings (${warnings.length})`,
        list(warnings.map(({ file, message, hint }) => line(code(file ?? ''), ` ${message} `, prose(hint))))
      )
    )
  }
  if (notChecked.length > 0) blocks.push(details(`Not checked (${notChecked.length})`, list(notChecked)))
  if (outcome.status === 'planned' && facts.claims.length > 0) {
    blocks.push(details('What this job presents for trusted publishing', list(facts.claims.map(code))))
  }
  return blocks
}
