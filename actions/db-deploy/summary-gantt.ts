import { fenced, type Markdown } from '../shared/summary.ts'
import type { MigrationRun, RunRecord, Stage } from './record.ts'

/** One bar of a chart. Milliseconds since the epoch. */
interface Bar {
  readonly label: string
  readonly startedAt: number
  readonly finishedAt: number
  readonly failed: boolean
}

/**
 * What happened when: stages, and the migrations that ran, as a Mermaid chart. Nothing for a run of one stage, which has
 * nothing to compare. Of more bars than can be read the longest stay, in their order.
 */
export function ganttOf({ stages, learned }: RunRecord): readonly Markdown[] {
  const timed = stages.filter(({ result }) => result !== 'skipped' && result !== 'not checked').map(stageBar)
  if (timed.length < 2) return []
  const migrations = (learned.ran ?? []).flatMap(migrationBar)
  const shown = longestOf(migrations, mostBars - Math.min(timed.length, mostStages))
  const lines = [
    'gantt',
    // Times as they were: hours and minutes of a duration would be shifted by the reader's time zone.
    '  dateFormat x',
    '  axisFormat %H:%M:%S',
    '  section Stages',
    ...longestOf(timed, mostStages).map(barLine),
    ...(shown.length === 0 ? [] : ['  section Migrations', ...shown.map(barLine)])
  ]
  return [fenced('mermaid', lines.join('\n'))]
}

/** More cannot be told apart; GitHub draws no chart of more than 50,000 characters, which these never reach. */
const mostBars = 30
const mostStages = 18
const longestLabel = 60

function stageBar({ title, startedAt, finishedAt, result }: Stage): Bar {
  return { label: title, startedAt, finishedAt, failed: result === 'failed' || result === 'cancelled' }
}

function migrationBar({ name, startedAt, took, result }: MigrationRun): readonly Bar[] {
  if (startedAt === undefined || took === undefined) return []
  return [{ label: name, startedAt, finishedAt: startedAt + took, failed: result === 'failed' }]
}

function longestOf(bars: readonly Bar[], most: number): readonly Bar[] {
  if (bars.length <= most) return bars
  const kept = new Set(bars.toSorted((a, b) => lengthOf(b) - lengthOf(a)).slice(0, Math.max(0, most)))
  return bars.filter((bar) => kept.has(bar))
}

function lengthOf({ startedAt, finishedAt }: Bar): number {
  return finishedAt - startedAt
}

function barLine({ label, startedAt, finishedAt, failed }: Bar): string {
  // A bar without a length is not drawn at all.
  const from = Math.round(startedAt)
  return `    ${safeLabel(label)} :${failed ? 'crit' : 'done'}, ${from}, ${Math.max(from + 1, Math.round(finishedAt))}`
}

/**
 * A name that is a label and nothing else to Mermaid: `:`, `;`, `#`, `%%` and line breaks end one, and its words of a line
 * (`section`, `click` …) and dates are read as such where a line begins with them.
 */
function safeLabel(name: string): string {
  const plain = name
    .replaceAll(/[^\p{L}\p{M}\p{N} ._()/-]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const short = plain.length <= longestLabel ? plain : `${plain.slice(0, longestLabel - 1)}…`
  if (short === '') return '…'
  return words.test(short) ? `· ${short}` : short
}

const words =
  /^(?:\d{4}-\d{2}-\d{2}|(?:gantt|dateformat|inclusiveenddates|topaxis|axisformat|tickinterval|includes|excludes|todaymarker|weekday|weekend|title|acctitle|accdescr|section|click|call|href|end)\b)/i
