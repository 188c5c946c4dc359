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
  return [
    ...new Set([...unread, ...unreached(record), ...checks, ...(states?.notChecked ?? []), ...difference, ...left])
  ]
}

/** A run that failed has not looked at what would have come; one that its verdict alone failed has looked at all it could. */
function unreached({ status, judged, stages, learned }: RunRecord): readonly string[] {
  if (status !== 'failed') return []
  if (judged === true) {
    const looked = stages.some(({ name }) => name === 'state')
    return looked && learned.before === undefined
      ? ['Which migrations are applied and which are pending: their table cannot be used.']
      : []
  }
  const at = stages.findLast(({ result }) => result === 'failed' || result === 'cancelled') ?? stages.at(-1)
  return [
    at === undefined
      ? 'Anything of the database: the run ended before it looked.'
      : `Whatever comes after “${at.title}”: the run ended there.`
  ]
}

function stop(text: string): string {
  return /[.!?]$/.test(text) ? '' : '.'
}
