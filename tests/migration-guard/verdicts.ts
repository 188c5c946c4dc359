import type { Configuration } from '../../actions/migration-guard/configuration.ts'
import type { Verdict } from '../../actions/migration-guard/verdict.ts'
import type { Finding, Level } from '../../actions/shared/migrations/finding.ts'

export const configuration: Configuration = {
  file: '.github/migration-guard.yml',
  migrations: [],
  frozen: [],
  source: undefined,
  package: undefined,
  reviewers: { users: ['alice'], teams: [], approvals: 1 },
  bypass: { allowed: true, users: [], teams: [], days: 14 },
  mixGuard: 'off',
  mixProjects: ['.'],
  hexDependencies: [],
  rules: {},
  exempt: [],
  lint: { enabled: true, profile: 'default', postgres: 16, suppressions: true },
  failOn: 'error',
  comment: true,
  afterReview: 'rerun'
}

/** An index on a table that is in use. */
export const indexFinding: Finding = {
  rule: 'index-not-concurrent',
  level: 'error',
  file: 'priv/repo/migrations/20260101000000_add_index.exs',
  span: { start: { line: 5, column: 5 }, end: { line: 5, column: 32 } },
  message: 'orders: the index is built while writes wait.',
  hint: 'Build it with `concurrently: true` in a migration of its own.',
  lock: {
    mode: 'SHARE',
    tables: ['orders'],
    blocks: 'writes',
    rewrite: 'no',
    lasts: 'for the whole build of the index'
  },
  recipe: {
    language: 'elixir',
    text: '@disable_ddl_transaction true\n@disable_migration_lock true\n\ncreate index(:orders, [:number], concurrently: true)\n'
  }
}

export const frozenFinding: Finding = {
  rule: 'frozen-path',
  level: 'error',
  file: 'priv/repo/migrations/20260102000000_own.exs',
  message: 'A migration was added under a frozen path.',
  hint: 'Add it to acme/diwa-cloud, and port it from there.'
}

/** A verdict of these findings, as the guard would come to by `fail-on`. */
export function verdictOf(findings: readonly Finding[], more: Partial<Verdict> = {}): Verdict {
  const count = (wanted: Level): number => findings.filter(({ level }) => level === wanted).length
  const counts = { error: count('error'), warning: count('warning'), notice: count('notice') }
  const { failOn } = more.configuration ?? configuration
  const failed = failOn !== 'never' && (counts.error > 0 || (failOn === 'warning' && counts.warning > 0))
  return {
    change: {
      kind: 'pull_request',
      source: 'git',
      pulls: [12],
      base: 'a'.repeat(40),
      head: 'b'.repeat(40),
      files: 3,
      migrations: 2
    },
    configuration,
    pull: undefined,
    findings,
    counts,
    unread: 0,
    silenced: [],
    notAnalysed: [],
    notChecked: [],
    checks: [{ name: 'frozen paths', state: failed ? 'failed' : 'passed', detail: '2 paths' }],
    approval: undefined,
    bypass: { state: 'none' },
    failed,
    ...more
  }
}

/** What somebody who means ill writes into a file name, SQL or a review. */
export const hostile = [
  '<script>alert(1)</script>',
  '<!-- --> </details>',
  '**bold** [x](https://evil.example) ![i](https://evil.example/i)',
  'a | b | c',
  '`code` ``` ~~~',
  '@octocat and #123 and GH-7',
  'line\n\n# heading\n::error::x\n##[add-mask]y',
  '\u202egnp.exe\u2066',
  '\u001b[31mred\u0007',
  '-->\n```\n</details>'
] as const

/** All of it in every place that is foreign. */
export function hostileFinding(text: string): Finding {
  return {
    rule: 'index-not-concurrent',
    level: 'error',
    file: `priv/${text}.exs`,
    span: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } },
    message: text,
    hint: text,
    lock: { mode: 'SHARE', tables: [text], blocks: 'writes', rewrite: 'unknown', lasts: '' },
    recipe: { language: 'sql', text }
  }
}

export function hostileVerdict(text: string): Verdict {
  const finding = hostileFinding(text)
  return verdictOf([finding], {
    silenced: [{ finding, by: text, reason: text }],
    notAnalysed: [
      { file: text, span: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } }, why: text, partly: false }
    ],
    notChecked: [text],
    checks: [{ name: 'frozen paths', state: 'failed', detail: text }],
    bypass: { state: 'refused', attempts: [{ by: text, why: text, url: text }] }
  })
}
