import type { Finding, Level, Silenced } from '../shared/migrations/finding.ts'
import type { Change } from './change.ts'
import type { Configuration } from './configuration.ts'
import { failing } from './findings-problems.ts'
import type { GrantedBypass, GroupBypass } from './group-reviews.ts'
import type { LintOutcome } from './lint-change.ts'
import type { PolicyResult } from './policy/check-policy.ts'
import type { Approval, PullRequest } from './pull-request.ts'
import type { Verdict } from './verdict.ts'

/** All that a verdict is made of. */
export interface Evidence {
  readonly change: Change
  readonly configuration: Configuration
  /** The one pull request that is judged; a group of the merge queue has several. */
  readonly pull: PullRequest | undefined
  readonly approval: Approval | undefined
  readonly bypass: GroupBypass
  /** How many migrations the change adds, edits or deletes. */
  readonly migrations: number
  readonly policy: PolicyResult
  readonly lint: LintOutcome
  readonly notChecked: readonly string[]
  /** A developer let a local run pass, with ALLOW_CORE_MIGRATION. */
  readonly allowedHere: boolean
}

/** Judges. Pure: the same evidence gives the same verdict. */
export function judge(evidence: Evidence): Verdict {
  const { change, configuration, policy, lint, bypass } = evidence
  const told = [...policy.findings, ...lint.findings]
  const silenced: Silenced[] = [...lint.silenced]
  // On a developer's machine there need be no token to read everything with; the workflow has one.
  const unread = change.kind === 'local' ? [] : policy.unread
  const counting: Finding[] = [...unread]
  for (const finding of told) {
    const by = silencedBy(finding, evidence)
    if (by === undefined) counting.push(finding)
    else silenced.push({ finding, ...by })
  }
  const findings = counting.toSorted(byWeight)
  const counts = {
    error: count(findings, 'error'),
    warning: count(findings, 'warning'),
    notice: count(findings, 'notice')
  }
  return {
    change: {
      kind: change.kind,
      source: change.source,
      pulls: change.pulls,
      base: change.base.commit,
      head: change.head.commit,
      files: change.files.length,
      migrations: evidence.migrations
    },
    configuration,
    pull: evidence.pull,
    findings,
    counts,
    unread: unread.length,
    silenced,
    notAnalysed: lint.notAnalysed,
    notChecked: [
      ...policy.notChecked,
      ...evidence.notChecked,
      ...(unread.length === policy.unread.length ? [] : policy.unread.map(({ message }) => message))
    ],
    checks: [...policy.checks, lint.check],
    approval: evidence.approval,
    bypass: bypass.overall,
    // What could not be read fails whatever fail-on says: nobody knows what is in it.
    failed: findings.some(({ level }) => failing[configuration.failOn].includes(level)) || unread.length > 0
  }
}

/** A review lets pass what would fail, and a developer what is frozen on their own machine; what only warns stays told. */
function silencedBy(
  finding: Finding,
  { bypass, allowedHere, configuration }: Evidence
): Omit<Silenced, 'finding'> | undefined {
  if (!failing[configuration.failOn].includes(finding.level)) return undefined
  const granted: GrantedBypass | undefined = bypass.of(finding.file)
  if (granted !== undefined) {
    return { by: `a review of ${granted.by}, until ${granted.until}`, reason: granted.reason, bypass: true }
  }
  if (allowedHere && localRules.has(finding.rule)) return { by: 'ALLOW_CORE_MIGRATION=true of this local run' }
  return undefined
}

/** What ALLOW_CORE_MIGRATION is for. */
const localRules: ReadonlySet<string> = new Set(['frozen-path', 'not-ported', 'review-missing'])

const weight: Readonly<Record<Level, number>> = { error: 0, warning: 1, notice: 2 }

function byWeight(a: Finding, b: Finding): number {
  return (
    weight[a.level] - weight[b.level] ||
    (a.file ?? '').localeCompare(b.file ?? '', 'en') ||
    (a.span?.start.line ?? 0) - (b.span?.start.line ?? 0) ||
    (a.span?.start.column ?? 0) - (b.span?.start.column ?? 0)
  )
}

function count(findings: readonly Finding[], level: Level): number {
  return findings.filter((finding) => finding.level === level).length
}
