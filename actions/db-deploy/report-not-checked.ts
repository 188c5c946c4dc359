import { latestState } from './latest-state.ts'
import type { RunRecord } from './record.ts'

/** Everything that was to be looked at and was not, each once, with what would make it so where that is known. */
export function notCheckedOf(record: RunRecord): readonly string[] {
  const { learned, stages } = record
  const checks = [...(learned.preflight ?? []), ...(learned.verification ?? [])].flatMap((check) =>
    check.result === 'not checked' ? [`${check.title}: ${check.told}${stop(check.told)} ${check.next}`] : []
  )
  const states = latestState(record)
  const difference = [
    ...(learned.difference?.result === 'not checked' ? [`Difference: ${learned.difference.why ?? ''}`] : []),
    ...(learned.difference?.notCompared ?? [])
  ]
  const left = stages.flatMap(({ result, title, note }) =>
    result === 'not checked' && !checks.some((check) => check.startsWith(title)) ? [`${title}: ${note}`] : []
  )
  const unread =
    states === undefined && learned.before !== undefined
      ? ['What is applied now: the table was not read after it was written to.']
      : []
  const at = stages.findLast(({ result }) => result === 'failed' || result === 'cancelled')
  const unreached =
    record.status === 'failed' && record.judged !== true && at !== undefined
      ? [`Whatever comes after “${at.title}”: the run ended there.`]
      : []
  return [...new Set([...unread, ...unreached, ...checks, ...(states?.notChecked ?? []), ...difference, ...left])]
}

function stop(text: string): string {
  return /[.!?]$/.test(text) ? '' : '.'
}
