import type { Finding } from '../../shared/migrations/finding.ts'
import type { Check } from '../verdict.ts'
import type { PolicyFacts } from './facts.ts'

/** What the policy came to. */
export interface PolicyResult {
  readonly findings: readonly Finding[]
  /** What had to be read and could not: it fails the run as findings do, and no bypass silences it. */
  readonly unread: readonly Finding[]
  /** One for each thing that was looked at. */
  readonly checks: readonly Check[]
  /** In words: what was not checked. */
  readonly notChecked: readonly string[]
}

/** A family of rules: pure, over the facts. */
export type PolicyRule = (facts: PolicyFacts) => Partial<PolicyResult>

const rules: readonly PolicyRule[] = []

/** Judges a change by every rule of the policy, with the levels that the configuration gives them. */
export function checkPolicy(facts: PolicyFacts): PolicyResult {
  const results = rules.map((rule) => rule(facts))
  return {
    findings: results.flatMap(({ findings = [] }) => findings),
    unread: results.flatMap(({ unread = [] }) => unread),
    checks: results.flatMap(({ checks = [] }) => checks),
    notChecked: results.flatMap(({ notChecked = [] }) => notChecked)
  }
}
