import type { Verdict } from './verdict.ts'
import { isBypassed, isUnprotected } from './verdict-words.ts'

/** Raised when a reader of an older version would misread a newer file. */
const findingsVersion = 1

/** The verdict as JSON for programs, by docs/migration-findings.schema.json. Paths are relative to the repository. */
export function findingsJson(verdict: Verdict): string {
  const { change, configuration, pull, approval, bypass } = verdict
  const told = {
    findingsVersion,
    status: verdict.failed ? 'failed' : 'passed',
    failOn: configuration.failOn,
    protected: !isUnprotected(verdict),
    configuration: configuration.file ?? null,
    change: {
      kind: change.kind,
      source: change.source,
      base: change.base,
      head: change.head,
      pulls: change.pulls,
      files: change.files,
      migrations: change.migrations
    },
    pullRequest: pull === undefined ? null : { number: pull.number, url: pull.url, headSha: pull.headSha },
    approval: approval ?? null,
    bypass,
    bypassed: isBypassed(verdict),
    counts: verdict.counts,
    findings: verdict.findings,
    silenced: verdict.silenced,
    notAnalysed: verdict.notAnalysed,
    notChecked: verdict.notChecked,
    checks: verdict.checks
  }
  return `${JSON.stringify(told, null, 2)}\n`
}
