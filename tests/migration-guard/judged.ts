import type { Configuration } from '../../actions/migration-guard/configuration.ts'
import type { PullRequest } from '../../actions/migration-guard/pull-request.ts'
import type { Verdict } from '../../actions/migration-guard/verdict.ts'
import { head } from './reviewed-pull.ts'

/** A configuration that demands nothing but what is given. */
export function configured(given: Partial<Configuration> = {}): Configuration {
  return {
    file: '.github/migration-guard.yml',
    migrations: [],
    frozen: [],
    source: undefined,
    package: undefined,
    reviewers: { users: ['ann'], teams: [], approvals: 1 },
    bypass: { allowed: true, users: [], teams: [], days: 30 },
    mixGuard: 'off',
    mixProjects: ['.'],
    hexDependencies: [],
    rules: {},
    exempt: [],
    lint: { enabled: true, profile: 'default', postgres: 17, suppressions: true },
    failOn: 'error',
    comment: true,
    afterReview: 'none',
    ...given
  }
}

export function pullRequest(given: Partial<PullRequest> = {}): PullRequest {
  return {
    number: 7,
    url: 'https://github.com/acme/core/pull/7',
    author: 'author',
    headSha: head,
    headRef: 'add-index',
    headRepository: 'acme/core',
    fromFork: false,
    baseRef: 'main',
    labels: [],
    approval: { state: 'missing', why: 'Nobody approved.', next: 'Ask.' },
    bypass: { state: 'none' },
    ...given
  }
}

/** A verdict of a pull request; without findings unless told how many. */
export function judged(
  given: Partial<Verdict> & { readonly errors?: number; readonly warnings?: number } = {}
): Verdict {
  const { errors = 0, warnings = 0, ...rest } = given
  const pull = 'pull' in given ? given.pull : pullRequest()
  return {
    change: {
      kind: 'pull_request',
      source: 'git',
      pulls: [7],
      base: 'c'.repeat(40),
      head,
      files: 1,
      migrations: 1
    },
    configuration: configured(),
    findings: [],
    counts: { error: errors, warning: warnings, notice: 0 },
    unread: 0,
    silenced: [],
    notAnalysed: [],
    notChecked: [],
    checks: [],
    approval: pull?.approval,
    bypass: pull?.bypass ?? { state: 'none' },
    failed: errors > 0,
    ...rest,
    pull
  }
}
