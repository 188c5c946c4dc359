import type { Finding, Level } from '../shared/migrations/finding.ts'
import { failing } from './findings-problems.ts'
import { bypassVariable } from './mix/guard-outcome.ts'
import type { Verdict } from './verdict.ts'

/**
 * What ALLOW_CORE_MIGRATION=true makes of the verdict of a local run: changes of frozen paths pass, and are told as
 * silenced. It is no bypass of a review: in a workflow, the variable changes nothing.
 */
export function letThroughLocally(verdict: Verdict, env: NodeJS.ProcessEnv): Verdict {
  if (verdict.change.kind !== 'local' || env[bypassVariable] !== 'true') return verdict
  const findings = verdict.findings.filter(({ rule }) => !frozenRules.has(rule))
  const passing = verdict.findings.filter(({ rule }) => frozenRules.has(rule))
  const counts = countsOf(findings)
  return {
    ...verdict,
    findings,
    counts,
    silenced: [...verdict.silenced, ...passing.map((finding) => ({ finding, by: `${bypassVariable}=true` }))],
    failed: failing[verdict.configuration.failOn].some((level) => counts[level] > 0)
  }
}

/** The conditions of frozen paths. */
const frozenRules: ReadonlySet<string> = new Set(['frozen-path', 'not-ported', 'port-set', 'review-missing'])

function countsOf(findings: readonly Finding[]): Readonly<Record<Level, number>> {
  const count = (wanted: Level): number => findings.filter(({ level }) => level === wanted).length
  return { error: count('error'), warning: count('warning'), notice: count('notice') }
}
