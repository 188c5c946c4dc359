import { code, details, heading, line, shortened, table, type Inline, type Markdown } from '../shared/summary.ts'
import { counted, grouped } from './counted.ts'
import type { RunRecord, SmokeRelation } from './record.ts'

/** The tables that the smoke test read: those with something to say first, then the largest; the rest folded. */
export function countsOf({ learned: { smoke } }: RunRecord): readonly Markdown[] {
  if (smoke === undefined) return []
  const { relations, total } = smoke
  const what = smoke.of === 'models' ? 'model' : 'table'
  const readable = relations.filter((relation) => relation.readable).length
  const lost = relations.filter((relation) => lostRows(relation) > 0).length
  const ordered = relations.toSorted((a, b) => urgency(b) - urgency(a) || rowsOf(b) - rowsOf(a))
  // What cannot be read or has lost rows is shown, however many there are.
  const shown = Math.max(mostShown, ordered.filter((relation) => urgency(relation) > 0).length)
  return [
    heading(3, 'Smoke test'),
    line(
      `${readable} of ${counted(relations.length, what)} can be read; ${total.exact ? '' : 'about '}${counted(total.rows, 'row')} in all`,
      lost === 0 ? '.' : `; ⚠️ ${counted(lost, what)} with fewer rows than before.`
    ),
    ...(ordered.length === 0 ? [] : [countTable(ordered.slice(0, shown), what)]),
    ...(ordered.length <= shown
      ? []
      : [details(`The other ${counted(ordered.length - shown, what)}`, countTable(ordered.slice(shown), what))])
  ]
}

const mostShown = 20

function countTable(relations: readonly SmokeRelation[], what: string): Markdown {
  const compared = relations.some(({ before }) => before !== undefined)
  return table(
    [what, 'rows', ...(compared ? ['before'] : []), 'note'],
    relations.map((relation) => [
      code(relation.name),
      relation.readable ? countCell(relation.rows) : '❌ cannot be read',
      ...(compared ? [relation.before === undefined ? '' : countCell(relation.before)] : []),
      noteOf(relation)
    ])
  )
}

function countCell(count: SmokeRelation['rows']): string {
  if (count === undefined) return 'not counted'
  return count.exact ? grouped(count.count) : `about ${grouped(count.count)}`
}

function noteOf(relation: SmokeRelation): Inline {
  if (relation.problem !== undefined) return shortened(relation.problem.message, 300)
  const lost = lostRows(relation)
  const fewer = lost > 0 ? [`⚠️ ${counted(lost, 'row')} fewer than before`] : []
  return [...fewer, ...(relation.note === undefined ? [] : [relation.note])].join('; ')
}

/** Estimates say nothing of rows that are gone. */
function lostRows({ rows, before }: SmokeRelation): number {
  if (rows?.exact !== true || before?.exact !== true) return 0
  return Math.max(0, before.count - rows.count)
}

function urgency(relation: SmokeRelation): number {
  if (!relation.readable || relation.problem !== undefined) return 2
  return lostRows(relation) > 0 ? 1 : 0
}

function rowsOf({ rows }: SmokeRelation): number {
  return rows?.count ?? 0
}
