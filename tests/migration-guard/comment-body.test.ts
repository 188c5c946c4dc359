import { expect, test } from '@jest/globals'
import { marked } from 'marked'
import { commentBody, commentMarker, longestComment } from '../../actions/migration-guard/comment-body.ts'
import type { Verdict } from '../../actions/migration-guard/verdict.ts'
import { configuration, frozenFinding, hostile, hostileVerdict, indexFinding, verdictOf } from './verdicts.ts'

const runUrl = 'https://github.com/acme/diwa-agent/actions/runs/1'
const body = (verdict: Verdict): string => commentBody(verdict, { runUrl })
const html = (markdown: string): string => marked.parse(markdown, { async: false, gfm: true })

test('the comment begins with a marker that nobody sees', () => {
  expect(body(verdictOf([])).startsWith(`${commentMarker}\n`)).toBe(true)
  expect(html(commentMarker)).toBe(commentMarker)
})

test('each finding has its place, what is wrong, the lock, what to do, and the safe way folded', () => {
  const shown = html(body(verdictOf([frozenFinding, indexFinding])))
  expect(shown).toContain('migration-guard: 2 errors')
  expect(shown).toContain(
    '<code>priv/repo/migrations/20260101000000_add_index.exs:5:5</code> orders: the index is built while writes wait.'
  )
  expect(shown).toContain('<code>SHARE</code> blocks writes for the whole build of the index; no rewrite of the table.')
  expect(shown).toContain('→ Add it to acme/diwa-cloud')
  expect(shown).toContain('<summary>The safe way: index-not-concurrent (line 5)</summary>')
  expect(shown).toContain(`<a href="${runUrl}">`)
})

test('when all is well again, it says so and no more', () => {
  const shown = body(verdictOf([]))
  expect(shown).toContain('✅ migration-guard: passed, 2 migrations')
  expect(shown.split('\n').filter((line) => line !== '')).toHaveLength(4)
})

test('unprotected and a refused bypass stand in it', () => {
  const shown = html(
    body(
      verdictOf([frozenFinding], {
        configuration: { ...configuration, file: undefined },
        bypass: {
          state: 'refused',
          attempts: [{ by: 'bob', why: 'bob wrote the change', url: 'https://github.com/o/r/pull/1' }]
        }
      })
    )
  )
  expect(shown).toContain('<strong>Unprotected</strong>')
  expect(shown).toContain('bob wrote the change')
})

test('what a review let pass is named, and what comments silenced is counted', () => {
  const silenced = [
    ...Array.from({ length: 12 }, () => ({ finding: frozenFinding, by: 'a review of ann', bypass: true as const })),
    { finding: indexFinding, by: 'a comment in line 3' }
  ]
  const url = 'https://github.com/acme/core/pull/1#pullrequestreview-1'
  const granted = { state: 'granted', by: 'ann', reason: 'hotfix', until: '2026-12-01', url } as const
  const shown = body(verdictOf([], { bypass: granted, silenced }))
  expect(shown).toContain('It is about 12 findings, listed below as silenced.')
  expect(shown.split(`\`${frozenFinding.file ?? ''}\` \`frozen-path\``)).toHaveLength(11)
  expect(shown).toContain("And 2 more in the run's summary.")
  expect(shown).toContain('1 finding silenced by comments')
})

test('more findings than fit are counted, and the comment is never longer than GitHub takes', () => {
  const recipe = { language: 'sql', text: 'z'.repeat(15_000) } as const
  const many = Array.from({ length: 500 }, (_, n) => ({ ...indexFinding, message: `finding ${n}.`, recipe }))
  const shown = body(verdictOf(many))
  expect(shown.length).toBeLessThanOrEqual(longestComment)
  const rest = Number(/And (\d+) more findings/.exec(shown)?.[1])
  expect(rest + (shown.match(/finding \d+\./g) ?? []).length).toBe(500)
})

test.each([...hostile, '😀'.repeat(200_000), 'x'.repeat(1024 * 1024)])(
  'nothing of it breaks out of the comment',
  (text) => {
    const shown = body(hostileVerdict(text))
    expect(shown.length).toBeLessThanOrEqual(longestComment)
    const page = html(shown)
    expect(page).not.toMatch(/<(script|strong|em|img|h1)\b/)
    expect(page.match(/<a /g)).toHaveLength(1)
    expect(page.match(/<details>/g)).toHaveLength(page.match(/<\/details>/g)?.length ?? 0)
    expect(page.match(/<!--/g)).toHaveLength(1)
    expect(page.replaceAll(/<(code|pre)[^>]*>.*?<\/\1>/gs, '')).not.toMatch(/@\w|#\d|GH-\d/)
  }
)

test('refused bypasses without number still leave room for the findings', () => {
  const attempts = Array.from({ length: 2_000 }, () => ({
    by: 'bob',
    why: 'w'.repeat(500),
    url: 'https://github.com/'
  }))
  const shown = body(verdictOf([frozenFinding], { bypass: { state: 'refused', attempts } }))
  expect(shown.length).toBeLessThanOrEqual(longestComment)
  expect(shown).toContain('1 error')
})
