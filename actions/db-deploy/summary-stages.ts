import { heading, shortened, table, type Markdown } from '../shared/summary.ts'
import { readableDuration } from './duration.ts'
import type { RunRecord, Stage } from './record.ts'

/** The parts of a run, in the order in which they began. */
export function stagesOf({ stages }: RunRecord): readonly Markdown[] {
  if (stages.length === 0) return []
  return [
    heading(3, 'Stages'),
    table(
      ['stage', 'result', 'time', 'note'],
      stages.map((stage) => [
        stage.title,
        resultWords[stage.result],
        stage.result === 'skipped' ? '' : readableDuration(stage.finishedAt - stage.startedAt),
        shortened(stage.note, longestNote)
      ])
    )
  ]
}

const longestNote = 300

/** A result for people. */
const resultWords: Readonly<Record<Stage['result'], string>> = {
  ok: '✅ ok',
  warning: '⚠️ warning',
  failed: '❌ failed',
  skipped: '⏭️ skipped',
  'not checked': '❔ not checked',
  cancelled: '🛑 cancelled'
}
