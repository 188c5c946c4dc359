import { failedProblems } from './check.ts'
import type { RunRecord } from './record.ts'

/** What a smoke test came to, as the output `smoke` says it. */
export type SmokeWord = 'passed' | 'failed' | 'off' | 'not checked'

export function smokeWord({ learned, stages }: RunRecord): SmokeWord {
  const stage = stages.findLast(({ name }) => name === 'smoke')
  if (stage?.result === 'failed') return 'failed'
  const { smoke } = learned
  if (smoke === undefined) return stage?.result === 'skipped' ? 'off' : 'not checked'
  if (smoke.relations.length === 0 || smoke.relations.some(({ readable }) => !readable)) return 'failed'
  const failed = failedProblems((learned.verification ?? []).filter(({ id }) => smokeChecks.test(id)))
  return failed.length > 0 ? 'failed' : 'passed'
}

/** Checks that belong to the smoke test, by their ids. */
const smokeChecks = /^(?:smoke|expect-rows|rows-lost|prisma-schema)/
