import { describe, expect, test } from '@jest/globals'
import { marked } from 'marked'
import { reportVerdict } from '../../actions/migration-guard/report.ts'
import type { RunNotes } from '../../actions/migration-guard/summary-page.ts'
import type { Verdict } from '../../actions/migration-guard/verdict.ts'
import { document } from '../../actions/shared/summary.ts'
import { configuration, frozenFinding, hostile, hostileVerdict, indexFinding, verdictOf } from './verdicts.ts'

const quiet: RunNotes = { steps: [], dryRun: false, notDone: [] }
const files = { findings: '/tmp/f.json', sarif: '/tmp/f.sarif', problems: [] }

function summaryOf(verdict: Verdict, notes: RunNotes = quiet): string {
  return document(reportVerdict({ verdict, files, notes }).summary)
}
const html = (markdown: string): string => marked.parse(markdown, { async: false, gfm: true })

test('the outputs count what counts, and name the files', () => {
  const warning = { ...indexFinding, level: 'warning' } as const
  const { outputs } = reportVerdict({ verdict: verdictOf([frozenFinding, indexFinding, warning]), files, notes: quiet })
  expect(outputs).toEqual({
    errors: '2',
    warnings: '1',
    bypassed: 'false',
    findings: '/tmp/f.json',
    sarif: '/tmp/f.sarif'
  })
  const unwritten = { ...files, sarif: undefined }
  const { outputs: fewer } = reportVerdict({ verdict: verdictOf([]), files: unwritten, notes: quiet })
  expect(Object.keys(fewer)).not.toContain('sarif')
})

test('a run that could not judge tells nothing of a verdict', () => {
  expect(reportVerdict({ verdict: undefined, files: undefined, notes: quiet })).toEqual({
    outputs: {},
    summary: [],
    targets: [],
    notChecked: []
  })
})

describe('the title says the verdict', () => {
  const warning = { ...indexFinding, level: 'warning' } as const
  const title = (verdict: Verdict): string => summaryOf(verdict).split('\n')[0] ?? ''

  test.each([
    ['errors', verdictOf([frozenFinding, indexFinding, warning]), '## ❌ migration-guard: 2 errors, 1 warning'],
    ['a warning', verdictOf([warning]), '## ⚠️ migration-guard: passed, 1 warning'],
    ['nothing', verdictOf([]), '## ✅ migration-guard: passed, 2 migrations'],
    [
      'a warning that fails',
      verdictOf([warning], { configuration: { ...configuration, failOn: 'warning' } }),
      '## ❌ migration-guard: 1 warning'
    ],
    [
      'an error that does not',
      verdictOf([frozenFinding], { configuration: { ...configuration, failOn: 'never' } }),
      '## ⚠️ migration-guard: 1 error, passed (fail-on: never)'
    ],
    [
      'no configuration',
      verdictOf([], { configuration: { ...configuration, file: undefined } }),
      '## ✅ migration-guard: passed, 2 migrations, unprotected'
    ]
  ])('%s', (_, verdict, expected) => {
    expect(title(verdict)).toBe(expected)
  })
})

test('without a configuration at the base, the second paragraph says unprotected, and so does the receipt', () => {
  const verdict = verdictOf([], { configuration: { ...configuration, file: undefined } })
  expect(html(summaryOf(verdict))).toMatch(/<h2>.*<\/h2>\n<p>⚠️ <strong>Unprotected<\/strong>: there is no/)
  expect(reportVerdict({ verdict, files, notes: quiet }).notChecked.join()).toContain('unprotected')
  expect(summaryOf(verdictOf([]))).not.toMatch(/unprotected/i)
})

test('findings stand by file, with line, rule, lock, whom it blocks, rewrite, and the safe way folded below', () => {
  const shown = html(summaryOf(verdictOf([frozenFinding, indexFinding])))
  expect(shown.match(/<h4>/g)).toHaveLength(2)
  const row = /<tr>\n<td>5<\/td>.*?<\/tr>/s.exec(shown)?.[0] ?? ''
  expect(row).toContain('<code>index-not-concurrent</code>')
  expect(row).toContain(
    '<code>SHARE</code> on <code>orders</code>: blocks writes for the whole build of the index; no rewrite of the table'
  )
  expect(row).toContain('Build it with <code>concurrently: true</code>')
  expect(shown).toContain('<summary>The safe way: index-not-concurrent (line 5)</summary>')
  expect(shown).toContain('<code class="language-elixir">@disable_ddl_transaction true')
})

test('the same safe way for several lines is shown once', () => {
  const at = (line: number) => ({ ...indexFinding, span: { start: { line, column: 1 }, end: { line, column: 9 } } })
  const shown = summaryOf(verdictOf([at(5), at(8), at(9)]))
  expect(shown.match(/<details>/g)).toHaveLength(1)
  expect(shown).toContain('(line 5, 8, 9)')
})

test('what was silenced is told with who, why and until when', () => {
  const verdict = verdictOf([], {
    silenced: [
      { finding: indexFinding, by: '`squawk-ignore` in line 3', reason: 'the table is small' },
      { finding: frozenFinding, by: 'a review of alice', bypass: true }
    ],
    bypass: {
      state: 'granted',
      by: 'alice',
      reason: 'hotfix 7',
      until: '2026-12-01',
      url: 'https://github.com/o/r/pull/1#r1'
    }
  })
  const shown = html(summaryOf(verdict))
  expect(shown).toMatch(/<h2>.*let through by a review of alice until 2026-12-01/)
  expect(shown).toContain('lets this change pass until 2026-12-01, UTC: hotfix 7. It is about 1 finding')
  expect(shown).toContain('<code>squawk-ignore</code> in line 3')
  expect(shown).toContain('the table is small')
  const { outputs, notChecked } = reportVerdict({ verdict, files, notes: quiet })
  expect(outputs).toMatchObject({ bypassed: 'true', errors: '0' })
  expect(notChecked.join()).toContain('1 finding let pass by a review of alice until 2026-12-01 (hotfix 7)')
})

test('what only comments silenced is no bypass', () => {
  const verdict = verdictOf([], {
    silenced: [{ finding: indexFinding, by: 'a comment' }],
    bypass: { state: 'granted', by: 'alice', reason: 'r', until: '2026-12-01', url: 'https://github.com/' }
  })
  expect(reportVerdict({ verdict, files, notes: quiet }).outputs).toMatchObject({ bypassed: 'false' })
  expect(summaryOf(verdict)).toContain('There was nothing to let pass.')
})

test('a bypass that does not count says why', () => {
  const attempts = [{ by: 'bob', why: 'bob wrote the change', url: 'https://github.com/o/r/pull/1#r2' }]
  const shown = html(summaryOf(verdictOf([frozenFinding], { bypass: { state: 'refused', attempts } })))
  expect(shown).toContain('does not count')
  expect(shown).toContain('of <code>bob</code>: bob wrote the change')
})

test('what nobody has looked at is told', () => {
  const verdict = verdictOf([], {
    notAnalysed: [
      {
        file: 'a.exs',
        span: { start: { line: 4, column: 1 }, end: { line: 4, column: 9 } },
        why: 'SQL built from a variable',
        partly: true
      }
    ],
    notChecked: ['other pull requests: the token cannot read them']
  })
  const shown = html(summaryOf(verdict))
  expect(shown).toContain('<code>a.exs:4</code> (in part): SQL built from a variable')
  expect(shown).toContain('other pull requests: the token cannot read them')
  expect(reportVerdict({ verdict, files, notes: quiet }).notChecked).toEqual([
    'a.exs:4: SQL built from a variable',
    'other pull requests: the token cannot read them'
  ])
})

test('what was written is told, and what was left undone', () => {
  const step = { kind: 'create', target: 'comment', wanted: 'the verdict', why: 'there is none' } as const
  const shown = summaryOf(verdictOf([]), {
    steps: [step],
    dryRun: true,
    notDone: ['no comment: the token may only read']
  })
  expect(shown).toContain('### Would be written')
  expect(shown).toContain('no comment: the token may only read')
})

test('annotations that fail nothing are remarks, and an error that passes warns', () => {
  const verdict = verdictOf([frozenFinding, { ...indexFinding, level: 'notice' }], {
    configuration: { ...configuration, failOn: 'never' }
  })
  const { remarks } = reportVerdict({ verdict, files, notes: quiet })
  expect(remarks?.map(({ level, problem }) => [level, problem.code])).toEqual([
    ['warning', 'frozen-path'],
    ['notice', 'index-not-concurrent']
  ])
})

test.each(hostile)('nothing of %j breaks out of the summary', (text) => {
  const shown = html(summaryOf(hostileVerdict(text)))
  expect(shown).not.toMatch(/<(script|strong|em|a|img|h1)\b/)
  expect(shown.match(/<details>/g)).toHaveLength(shown.match(/<\/details>/g)?.length ?? 0)
  expect(shown.match(/<details>/g)).toHaveLength(2)
  // eslint-disable-next-line no-control-regex -- looked for
  expect(shown).not.toMatch(/[\u202e\u2066\u001b\u0007]/)
  for (const [row] of shown.matchAll(/<tr>.*?<\/tr>/gs)) {
    expect([3, 4, 5]).toContain((row.match(/<t[dh]>/g) ?? []).length)
  }
  const words = shown.replaceAll(/<(code|pre)[^>]*>.*?<\/\1>/gs, '')
  expect(words).not.toMatch(/@\w|#\d|GH-\d/)
})

test('a line of a megabyte is cut, and a summary of many findings keeps what stands below them', () => {
  const long = 'x'.repeat(1024 * 1024)
  expect(summaryOf(hostileVerdict(long)).length).toBeLessThan(60_000)
  const many = Array.from({ length: 20_000 }, (_, n) => ({
    ...indexFinding,
    file: `m/${n % 900}.exs`,
    message: `finding ${n}: ${'y'.repeat(400)}`
  }))
  const shown = summaryOf(verdictOf(many, { notChecked: ['the source: no token'] }))
  expect(Buffer.byteLength(shown)).toBeLessThan(1024 * 1024)
  expect(shown).toContain('the source: no token')
  const rest = Number(/And (\d+) more findings/.exec(shown)?.[1])
  expect(rest + (shown.match(/finding \d+: /g) ?? []).length).toBe(many.length)
})
