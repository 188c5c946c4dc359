import { expect, test } from '@jest/globals'
import { sarif } from '../../actions/migration-guard/sarif.ts'
import type { Verdict } from '../../actions/migration-guard/verdict.ts'
import { frozenFinding, hostile, hostileFinding, hostileVerdict, indexFinding, verdictOf } from './verdicts.ts'

interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string }
      readonly region: Readonly<Record<string, number>>
    }
  }[]
  readonly partialFingerprints: { readonly 'migrationGuard/v1': string }
  readonly suppressions?: readonly { readonly kind: string; readonly status: string; readonly justification: string }[]
}

interface Run {
  readonly tool: {
    readonly driver: {
      readonly rules: readonly {
        readonly id: string
        readonly shortDescription: { readonly text: string }
        readonly help: { readonly text: string; readonly markdown: string }
      }[]
    }
  }
  readonly columnKind: string
  readonly invocations: readonly {
    readonly executionSuccessful: boolean
    readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[]
  }[]
  readonly results: readonly Result[]
}

function runOf(verdict: Verdict, titles?: ReadonlyMap<string, string>): Run {
  const log = JSON.parse(sarif(verdict, titles)) as { version: string; runs: readonly [Run] }
  expect(log.version).toBe('2.1.0')
  return log.runs[0]
}

test('a result has its rule, level, place, and the lock and the way out in its words', () => {
  const run = runOf(verdictOf([indexFinding]), new Map([['index-not-concurrent', 'An index that locks out writers']]))
  const [result] = run.results
  expect(run.columnKind).toBe('utf16CodeUnits')
  expect(result).toMatchObject({ ruleId: 'index-not-concurrent', ruleIndex: 0, level: 'error' })
  expect(result?.locations[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'priv/repo/migrations/20260101000000_add_index.exs', uriBaseId: '%SRCROOT%' },
    region: { startLine: 5, startColumn: 5, endLine: 5, endColumn: 32 }
  })
  expect(result?.message.text).toContain('SHARE on orders: blocks writes')
  const [rule] = run.tool.driver.rules
  expect(rule?.shortDescription.text).toBe('An index that locks out writers')
})

test('every result names its rule by the right index, and every rule has help', () => {
  const run = runOf(verdictOf([indexFinding, frozenFinding, indexFinding]))
  for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
  for (const { help } of run.tool.driver.rules) expect(help.text.length + help.markdown.length).toBeGreaterThan(20)
})

test('the help of a rule, which stands with each of its alerts, names nothing of any one', () => {
  const { help } = runOf(verdictOf([indexFinding])).tool.driver.rules[0] ?? { help: { text: '', markdown: '' } }
  for (const words of Object.values(help)) {
    expect(words).not.toMatch(/orders|concurrently/)
    expect(words).toContain('summary')
  }
})

test('an analysis that could not read all was not successful', () => {
  expect(runOf(verdictOf([frozenFinding])).invocations[0]?.executionSuccessful).toBe(true)
  expect(runOf(verdictOf([frozenFinding], { unread: 1 })).invocations[0]?.executionSuccessful).toBe(false)
})

test('a finding about the change as a whole stands at the configuration: code scanning refuses one without a place', () => {
  const { file, ...whole } = frozenFinding
  expect(file).toBeDefined()
  expect(runOf(verdictOf([whole])).results[0]?.locations[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: '.github/migration-guard.yml', uriBaseId: '%SRCROOT%' },
    region: { startLine: 1 }
  })
})

test('a fingerprint stays where lines move, and tells equal findings apart', () => {
  const moved = { ...indexFinding, span: { start: { line: 99, column: 1 }, end: { line: 99, column: 2 } } }
  const print = (verdict: Verdict): readonly string[] =>
    runOf(verdict).results.map(({ partialFingerprints }) => partialFingerprints['migrationGuard/v1'])
  expect(print(verdictOf([moved]))).toEqual(print(verdictOf([indexFinding])))
  expect(new Set(print(verdictOf([indexFinding, moved, frozenFinding]))).size).toBe(3)
})

test('what was silenced is suppressed, in the source by a comment and outside it by a review', () => {
  const verdict = verdictOf([], {
    silenced: [
      { finding: indexFinding, by: 'squawk-ignore in line 3', reason: 'small' },
      { finding: frozenFinding, by: 'a review of alice', bypass: true }
    ]
  })
  expect(runOf(verdict).results.map(({ suppressions }) => suppressions?.[0])).toEqual([
    expect.objectContaining({ kind: 'inSource', status: 'accepted', justification: 'squawk-ignore in line 3: small' }),
    expect.objectContaining({ kind: 'external', status: 'accepted', justification: 'a review of alice' })
  ])
})

test('what nobody has looked at is told as a notification', () => {
  const verdict = verdictOf([], {
    notAnalysed: [{ file: 'a.exs', span: indexFinding.span!, why: 'SQL built from a variable', partly: false }],
    notChecked: ['the source']
  })
  const [invocation] = runOf(verdict).invocations
  expect(invocation?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
    'Not analysed: SQL built from a variable',
    'Not checked: the source'
  ])
})

test.each(hostile)('nothing of %j makes a link, a place for an argument, or another address', (text) => {
  for (const { message, locations } of runOf(hostileVerdict(text)).results) {
    expect(message.text).not.toMatch(/\]\(|[\u202e\u2066]/)
    const uri = locations[0]?.physicalLocation.artifactLocation.uri ?? ''
    expect(uri).toMatch(/^[\w%.~!*'()/-]+$/)
    expect(decodeURIComponent(uri)).toBe(`priv/${text}.exs`)
  }
})

test('a path with a colon is no scheme, and placeholders of SARIF are text', () => {
  const finding = { ...hostileFinding('a'), file: 'http:x/ü y.sql', message: 'uses {0} and {:ok, 1}' }
  const [result] = runOf(verdictOf([finding])).results
  expect(result?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('http%3Ax/%C3%BC%20y.sql')
  expect(result?.message.text).toContain('uses {{0}} and {:ok, 1}')
})

test('more results than code scanning takes are cut, and told', () => {
  const run = runOf(verdictOf(Array.from({ length: 25_010 }, () => frozenFinding)))
  expect(run.results).toHaveLength(25_000)
  expect(run.invocations[0]?.toolExecutionNotifications.at(-1)?.message.text).toContain('10 more results')
})
