import type { Problem, Remark } from '../shared/problem.ts'
import { code, details, fenced, heading, line, list, prose, shortened, type Markdown } from '../shared/summary.ts'
import type { RunRecord } from './record.ts'
import { checksOf, notCheckedBlocks } from './summary-checks.ts'
import { countsOf } from './summary-counts.ts'
import { factsOf } from './summary-facts.ts'
import { ganttOf } from './summary-gantt.ts'
import { findingLines, migrationsOf } from './summary-migrations.ts'
import { runbookOf } from './summary-runbook.ts'
import { sqlOf, touchedTables } from './summary-sql.ts'
import { stagesOf } from './summary-stages.ts'
import { verdictOf } from './summary-verdict.ts'

/**
 * The page that people see of a run, however it ended: the verdict first, then what they need next. What is long stands
 * folded at the end, as a summary that is too long is cut there.
 */
export function summaryOf(
  record: RunRecord,
  remarks: readonly Remark[],
  notChecked: readonly string[]
): readonly Markdown[] {
  const { icon, line: verdict } = verdictOf(record)
  return [
    // Below the problems of a failed run, which `run.ts` puts first under a heading of its own.
    heading(record.status === 'failed' ? 3 : 2, `${icon} ${verdict}`),
    ...judgedProblems(record),
    factsOf(record),
    ...runbookOf(record),
    ...warningsOf(remarks),
    ...stagesOf(record),
    ...ganttOf(record),
    ...migrationsOf(record),
    ...countsOf(record),
    ...notCheckedBlocks(notChecked),
    ...checksOf(record),
    ...differenceOf(record),
    ...sqlOf(record),
    ...outputsOf(record)
  ]
}

/** A run that failed by its verdict alone: `run.ts` leaves it to the page to say why. */
function judgedProblems({ judged, problems }: RunRecord): readonly Markdown[] {
  return judged === true && problems.length > 0 ? [list(problems.map(problemLine))] : []
}

function warningsOf(remarks: readonly Remark[]): readonly Markdown[] {
  const warnings = remarks.filter(({ level }) => level === 'warning')
  return warnings.length === 0
    ? []
    : [heading(3, 'Warnings'), list(warnings.map(({ problem }) => line('⚠️ ', problemLine(problem))))]
}

function problemLine({ code: name, message, hint }: Problem): Markdown {
  return line(prose(shortened(message, 1_000)), ' → ', prose(shortened(hint, 1_000)), ' (', code(name), ')')
}

function differenceOf({ command, learned: { difference } }: RunRecord): readonly Markdown[] {
  if (difference?.result !== 'found') return []
  return [
    heading(3, command === 'drift' ? 'What differs' : 'What would change'),
    difference.findings.length === 0 ? line('') : findingLines(difference.findings),
    touchedTables(difference.tables),
    details(
      'The difference',
      fenced(/^[-+] /.test(difference.text) ? 'diff' : 'sql', shortened(difference.text, longestText))
    )
  ]
}

/** Words of programs: Prisma's validate, generate and status. */
function outputsOf({ learned: { outputs = [] } }: RunRecord): readonly Markdown[] {
  return outputs.map(({ title, text }) => details(title, fenced('', shortened(text, longestText))))
}

const longestText = 60_000
