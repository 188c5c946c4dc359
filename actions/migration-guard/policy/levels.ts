import picomatch from 'picomatch'
import type { Finding, Level } from '../../shared/migrations/finding.ts'
import type { Configuration, RuleLevel } from '../configuration.ts'
import { policyRules, type PolicyFinding } from './rules.ts'

const weight: Readonly<Record<Level, number>> = { error: 3, warning: 2, notice: 1 }

/**
 * The findings with the levels that a configuration gives their rules, without those of rules that are off and of paths
 * that are exempt. A level says how grave a rule's gravest case is: a lighter case never becomes graver by it, only
 * lighter with it. `profile: strict` makes a migration out of order an error.
 */
export function withLevels(
  configuration: Pick<Configuration, 'rules' | 'exempt' | 'lint'>,
  findings: readonly PolicyFinding[]
): readonly PolicyFinding[] {
  const exempted = exemptFrom(configuration)
  return findings.flatMap((finding) => {
    const wanted = levelOf(configuration, finding.rule)
    if (wanted === 'off' || exempted(finding)) return []
    const isGravest = finding.level === gravest.get(finding.rule)
    const level = isGravest || weight[wanted] < weight[finding.level] ? wanted : finding.level
    return [level === finding.level ? finding : { ...finding, level }]
  })
}

const gravest: ReadonlyMap<string, Level> = new Map(policyRules.map(({ id, level }) => [id, level]))

/** What a configuration makes of a rule. */
export function levelOf(configuration: Pick<Configuration, 'rules' | 'lint'>, rule: PolicyFinding['rule']): RuleLevel {
  // Two branches are in question, and neither's configuration may switch it off for the other.
  if (rule === 'shared-head') return 'error'
  const own = configuration.rules[rule]
  if (own !== undefined) return own
  if (configuration.lint.profile === 'strict' && rule === 'out-of-order') return 'error'
  return gravest.get(rule) ?? 'error'
}

/** Whether a path is kept from a rule; a finding without a file never is. */
export function exemptFrom({
  exempt
}: Pick<Configuration, 'exempt'>): (finding: Pick<Finding, 'rule' | 'file'>) => boolean {
  const entries = exempt.map(({ paths, rules }) => ({ matches: pathMatcher(paths), rules }))
  return ({ rule, file }) =>
    file !== undefined &&
    entries.some(({ matches, rules }) => (rules.length === 0 || rules.includes(rule)) && matches(file))
}

/** Whether a path is one of those that globs name: `**`, `*`, `?`, braces; a dot at the front is no exception. */
export function pathMatcher(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => false
  return picomatch([...globs], { dot: true, nonegate: true })
}
