import { describe, type Remark } from '../../shared/problem.ts'
import { counted, grouped } from '../counted.ts'
import { readableDuration } from '../duration.ts'
import type { RunRecord } from '../record.ts'
import { smokeWord } from '../smoke-result.ts'
import { verdictOf, verifiedInWords } from '../summary-verdict.ts'
import { fitted, slackCode, slackLink } from './slack-text.ts'

/** What an incoming webhook takes: Block Kit, and a text for where no blocks are shown (notifications, Mattermost). */
export interface SlackMessage {
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: MarkupText }
  | { readonly type: 'section'; readonly fields: readonly MarkupText[] }
  | { readonly type: 'context'; readonly elements: readonly MarkupText[] }
  | { readonly type: 'actions'; readonly elements: readonly Button[] }

interface PlainText {
  readonly type: 'plain_text'
  readonly text: string
  readonly emoji: true
}
interface MarkupText {
  readonly type: 'mrkdwn'
  readonly text: string
  /** Channel names and addresses stay text. */
  readonly verbatim: true
}
interface Button {
  readonly type: 'button'
  readonly text: PlainText
  readonly url: string
  readonly action_id: string
}

/** Characters that Slack takes (docs.slack.dev, "Block Kit: blocks"); a message beyond one of them is refused whole. */
export const slackLimits = { header: 150, section: 3_000, field: 2_000, fields: 10, blocks: 50, button: 75 } as const

/**
 * A run as a message: verdict, facts, what went wrong, and the way to the run.
 * @param redact takes secrets out of foreign texts, before they are escaped and cut
 */
export function slackMessage(
  record: RunRecord,
  remarks: readonly Remark[],
  redact: (text: string) => string
): SlackMessage {
  const { icon, line } = verdictOf(record)
  const title = `${icon} ${redact(line)}`
  const { runUrl, repository } = record.context
  const where = [repository, record.context.ref].filter((part) => part !== undefined).join(' ')
  return {
    text: fitted(where === '' ? title : `${title} (${redact(where)})`, slackLimits.section),
    blocks: [
      { type: 'header', text: plain(title, slackLimits.header) },
      { type: 'section', fields: fieldsOf(record, redact) },
      ...problemBlocks(record, redact),
      ...warningBlocks(remarks, redact),
      {
        type: 'context',
        elements: [markup(fitted(`${redact(where)} ${new Date(record.finishedAt).toISOString()}`, slackLimits.field))]
      },
      ...(runUrl === undefined || !/^https?:\/\//.test(runUrl)
        ? []
        : [
            {
              type: 'actions' as const,
              elements: [
                {
                  type: 'button' as const,
                  text: plain('Open the run', slackLimits.button),
                  url: runUrl,
                  action_id: 'open-run'
                }
              ]
            }
          ])
    ]
  }
}

function fieldsOf(record: RunRecord, redact: (text: string) => string): readonly MarkupText[] {
  const { context, learned } = record
  const { database, backup, smoke } = learned
  const ran = learned.ran ?? []
  const url =
    context.repository === undefined || context.sha === undefined
      ? undefined
      : `${context.serverUrl}/${context.repository}/commit/${context.sha}`
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['Environment', shown(record.environment, redact)],
    ['Database', database === undefined ? undefined : shown(`${database.name} on ${database.host}`, redact)],
    ['Command', record.command],
    ['Applied', ran.length === 0 ? undefined : appliedInWords(ran.map(({ result }) => result))],
    ['Duration', readableDuration(record.finishedAt - record.startedAt)],
    ['Actor', context.actor === undefined ? undefined : shown(context.actor, redact)],
    ['Commit', context.sha === undefined ? undefined : slackLink(url, context.sha.slice(0, 12))],
    ['Backup', backup === undefined ? undefined : verifiedInWords[backup.verified]],
    ['Smoke test', smoke === undefined ? undefined : `${smokeWord(record)}, ${grouped(smoke.total.rows)} rows`],
    ['Tool', learned.tool === undefined ? undefined : shown(learned.tool.label, redact)]
  ]
  return fields
    .flatMap(([name, value]) => (value === undefined || value === '' ? [] : [markup(`*${name}*\n${value}`)]))
    .slice(0, slackLimits.fields)
}

function appliedInWords(results: readonly ('applied' | 'failed' | 'unknown')[]): string {
  const count = (result: string): number => results.filter((each) => each === result).length
  const others = (['failed', 'unknown'] as const).flatMap((result) =>
    count(result) === 0 ? [] : [`${count(result)} ${result === 'unknown' ? 'not known' : result}`]
  )
  return [counted(count('applied'), 'migration'), ...others].join(', ')
}

/** What failed the run, and the words of the database in a fence of their own. */
function problemBlocks(record: RunRecord, redact: (text: string) => string): readonly SlackBlock[] {
  if (record.problems.length === 0) return []
  const [first, ...others] = record.problems
  const more =
    others.length === 0 ? '' : `\n…and ${counted(others.length, 'more problem')}; the run's summary has them.`
  const failure = record.learned.ran?.find((run) => run.failure !== undefined)
  const said =
    failure?.failure === undefined
      ? []
      : [
          `${failure.name}: ${failure.failure.sqlstate ?? ''} ${failure.failure.message}`.replace(/\s+/g, ' '),
          failure.failure.statement ?? ''
        ].filter((line) => line !== '')
  const runbook = (record.learned.runbook ?? []).length === 0 ? '' : "\nWhat to do now stands in the run's summary."
  const told = first === undefined ? '' : redact(describe(first))
  return [
    section(`${fitted(told, slackLimits.section - 200)}${more}${runbook}`),
    ...(said.length === 0 ? [] : [section(slackCode(redact(said.join('\n')), slackLimits.section))])
  ]
}

const mostWarnings = 5

function warningBlocks(remarks: readonly Remark[], redact: (text: string) => string): readonly SlackBlock[] {
  const warnings = remarks.filter(({ level }) => level === 'warning')
  if (warnings.length === 0) return []
  const lines = warnings.slice(0, mostWarnings).map(({ problem }) => `⚠️ ${fitted(redact(problem.message), 400)}`)
  const rest = warnings.length - lines.length
  return [section([...lines, ...(rest === 0 ? [] : [`…and ${counted(rest, 'more warning')}.`])].join('\n'))]
}

function shown(text: string, redact: (text: string) => string): string {
  return fitted(redact(text), 500)
}

function section(text: string): SlackBlock {
  return { type: 'section', text: markup(text) }
}

function markup(text: string): MarkupText {
  return { type: 'mrkdwn', text, verbatim: true }
}

/** @param most characters, escapes counted */
function plain(text: string, most: number): PlainText {
  return { type: 'plain_text', text: fitted(text, most), emoji: true }
}
