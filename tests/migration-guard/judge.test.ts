import { describe, expect, test } from '@jest/globals'
import { verdictProblems } from '../../actions/migration-guard/findings-problems.ts'
import type { GrantedBypass } from '../../actions/migration-guard/group-reviews.ts'
import { judge, type Evidence } from '../../actions/migration-guard/judge.ts'
import type { PolicyFinding } from '../../actions/migration-guard/policy/rules.ts'
import type { Tree } from '../../actions/migration-guard/tree.ts'
import { configuration, indexFinding } from './verdicts.ts'

const tree: Tree = {
  commit: 'a'.repeat(40),
  files: new Map(),
  read: () => Promise.reject(new Error('nothing is read here'))
}
const granted: GrantedBypass = {
  state: 'granted',
  by: 'alice',
  reason: 'the customer waits',
  until: '2026-12-01',
  url: 'https://github.com/acme/core/pull/1#pullrequestreview-1',
  at: '2026-11-21T00:00:00Z'
}
const none: Evidence['bypass'] = { overall: { state: 'none' }, of: () => undefined }

/** Lets files of this name pass. */
const bypassOf = (...files: readonly string[]): Evidence['bypass'] => ({
  overall: granted,
  of: (file) => (file !== undefined && files.includes(file) ? granted : undefined)
})

function policyFinding(rule: PolicyFinding['rule'], level: PolicyFinding['level'], file: string): PolicyFinding {
  return { rule, level, file, message: `${rule} of ${file}`, hint: 'Mend it.' }
}
const frozen = policyFinding('frozen-path', 'error', 'a.exs')
const stray = policyFinding('stray-file', 'warning', 'b.exs')
const unread = policyFinding('not-ported', 'error', 'a.exs')

interface Given extends Partial<Omit<Evidence, 'policy'>> {
  readonly findings?: readonly PolicyFinding[]
  readonly unread?: readonly PolicyFinding[]
  readonly kind?: Evidence['change']['kind']
}

function judged({ findings = [], unread: left = [], kind = 'pull_request', ...more }: Given) {
  return judge({
    change: { kind, source: 'git', base: tree, target: tree, head: tree, files: [], pulls: [1] },
    configuration,
    pull: undefined,
    approval: undefined,
    bypass: none,
    migrations: 1,
    policy: { findings, unread: left, checks: [], notChecked: [] },
    lint: { findings: [], silenced: [], notAnalysed: [], check: { name: 'Unsafe SQL', state: 'passed', detail: '' } },
    notChecked: [],
    allowedHere: false,
    ...more
  })
}

const rules = (findings: readonly { readonly rule: string }[]): readonly string[] => findings.map(({ rule }) => rule)

test.each([
  ['error', [frozen], true],
  ['error', [stray], false],
  ['warning', [stray], true],
  ['never', [frozen], false],
  ['error', [], false]
] as const)('fail-on: %s', (failOn, findings, failed) => {
  expect(judged({ findings, configuration: { ...configuration, failOn } }).failed).toBe(failed)
})

describe('a review that lets a change pass', () => {
  test('silences what would fail, by whom and why, and leaves told what only warns', () => {
    const verdict = judged({ findings: [frozen, stray], bypass: bypassOf('a.exs', 'b.exs') })
    expect(verdict.failed).toBe(false)
    expect(rules(verdict.findings)).toEqual(['stray-file'])
    expect(verdict.silenced).toEqual([
      {
        finding: frozen,
        by: 'a review of alice, until 2026-12-01',
        reason: 'the customer waits',
        bypass: true
      }
    ])
  })

  test('silences nothing that it is not about', () => {
    const other = policyFinding('frozen-path', 'error', 'c.exs')
    expect(judged({ findings: [frozen, other], bypass: bypassOf('a.exs') })).toMatchObject({
      failed: true,
      findings: [other]
    })
  })

  test('does not silence that something could not be read', () => {
    expect(judged({ unread: [unread], bypass: bypassOf('a.exs') })).toMatchObject({
      failed: true,
      findings: [unread],
      silenced: []
    })
  })
})

describe('what could not be read', () => {
  test.each(['never', 'error', 'warning'] as const)(
    'fails whatever fail-on says, and is what it fails for: %s',
    (failOn) => {
      const verdict = judged({ findings: [stray], unread: [unread], configuration: { ...configuration, failOn } })
      expect(verdict).toMatchObject({ failed: true, unread: 1 })
      expect(verdictProblems(verdict).map(({ code }) => code)).toContain('not-ported')
    }
  )

  test('is told as not checked on a developer’s machine, which need not have a token', () => {
    expect(judged({ unread: [unread], kind: 'local' })).toMatchObject({
      failed: false,
      findings: [],
      notChecked: [unread.message]
    })
  })
})

test('ALLOW_CORE_MIGRATION lets changes of frozen paths pass, and nothing else', () => {
  const edited = policyFinding('edited-after-merge', 'error', 'a.exs')
  const disarmed = policyFinding('guard-disarmed', 'error', 'mix.exs')
  const verdict = judged({ findings: [frozen, edited, disarmed], kind: 'local', allowedHere: true })
  expect(rules(verdict.findings)).toEqual(['edited-after-merge', 'guard-disarmed'])
  expect(rules(verdict.silenced.map(({ finding }) => finding))).toEqual(['frozen-path'])
})

test('the gravest comes first, then files in order, then lines', () => {
  const at = (line: number): typeof indexFinding => ({
    ...indexFinding,
    file: 'a.exs',
    span: { start: { line, column: 1 }, end: { line, column: 2 } }
  })
  const lint = {
    findings: [at(9), at(2)],
    silenced: [],
    notAnalysed: [],
    check: { name: 'Unsafe SQL', state: 'failed', detail: '' } as const
  }
  const verdict = judged({ findings: [stray, policyFinding('mix-guard', 'error', 'mix.exs')], lint })
  expect(verdict.findings.map(({ file, span }) => `${file ?? ''}:${span?.start.line ?? ''}`)).toEqual([
    'a.exs:2',
    'a.exs:9',
    'mix.exs:',
    'b.exs:'
  ])
  expect(verdict.counts).toEqual({ error: 3, warning: 1, notice: 0 })
})
