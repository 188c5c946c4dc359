import { expect, test } from '@jest/globals'
import {
  below,
  bold,
  code,
  details,
  document,
  fenced,
  heading,
  line,
  link,
  list,
  prose,
  shortened,
  table,
  text,
  visible
} from '../../actions/shared/summary.ts'
import { marked } from 'marked'

const html = (markdown: string): string => marked.parse(markdown, { async: false, gfm: true })

test.each([
  '<script>alert(1)</script>',
  '**bold** _em_ `code`',
  '[x](https://evil.example)',
  '![i](https://evil.example/i)',
  '@octocat #1',
  'https://evil.example www.evil.example',
  'a | b',
  'line\nbreak'
])('foreign text %j shows as it is, as no markup', (value) => {
  const shown = html(text(value).markdown)
  expect(shown).not.toMatch(/<(script|strong|em|code|a|img|br|td)\b/)
  const plain = shown
    .replaceAll(/<\/?p>|\n$/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#58;', ':')
    .replaceAll('&#46;', '.')
    .replaceAll('\u200b', '')
    .replaceAll('&amp;', '&')
  expect(plain.trim()).toBe(value.replaceAll('\n', ' '))
})

test.each(['@octocat', '#12', 'org/repo#12', 'GH-12', 'mail@example.org'])(
  'GitHub finds no person and no issue in %j',
  (value) => {
    const shown = html(text(value).markdown)
    expect(shown).not.toMatch(/@\w|#\w|GH-\w/)
    expect(shown.replaceAll('\u200b', '')).toContain(value)
  }
)

test.each([text, code])('what would turn the direction of writing is shown as its code point', (builder) => {
  const shown = builder('gpj.\u202eexe\u2066 \u0007 \u200b').markdown
  expect(shown).toContain('⟨U+202E⟩exe⟨U+2066⟩ ⟨U+0007⟩ ⟨U+200B⟩')
})

test('what is shortened tells how much is missing, and halves no character', () => {
  expect(shortened('short', 10)).toBe('short')
  expect(shortened('0123456789', 4)).toBe('0123… (6 more characters)')
  expect(shortened('😀😀', 3)).toBe('😀… (2 more characters)')
})

test('a folded part has its whole title on one line', () => {
  expect(html(details('a\n\n<b> **c**').markdown)).toContain('<summary>a &lt;b&gt; **c**</summary>')
})

test.each(['a`b', '``', '`', ' padded ', 'x | y', '<b>'])('code span %j keeps its content in a table', (value) => {
  const shown = html(table(['name'], [[code(value)]]).markdown)
  const cell = /<td>(.*)<\/td>/s.exec(shown)?.[1] ?? ''
  expect(cell).toBe(`<code>${value.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</code>`)
})

test('a code span outside a table shows a pipe as it is', () => {
  expect(html(list([code('a|b')]).markdown)).toContain('<code>a|b</code>')
})

test('a code span that ends a cell with a back-slash before a pipe breaks no table', () => {
  const shown = html(table(['name', 'b'], [[code('a\\|x'), code('c\\\\|x')]]).markdown)
  expect(shown.match(/<td>/g)).toHaveLength(2)
})

test('a text hidden in tags or fillers is shown', () => {
  expect(visible('a\u{e0041}\u00ad\u3164')).toBe('a⟨U+E0041⟩⟨U+00AD⟩⟨U+3164⟩')
})

test('a table with pipes and line breaks in its cells keeps its shape', () => {
  const shown = html(table(['a|b', 'c'], [['1\n2', '3|4']]).markdown)
  expect(shown.match(/<td>/g)).toHaveLength(2)
  expect(shown.match(/<th>/g)).toHaveLength(2)
})

test('a link is only made to http and https', () => {
  expect(link('here', 'https://pypi.org/project/x/(1)').markdown).toBe('[here](https://pypi.org/project/x/%281%29)')
  expect(link('here', 'javascript:alert(1)').markdown).toBe('here')
  expect(link('here', undefined).markdown).toBe('here')
})

test('no content can close its fence', () => {
  const shown = html(fenced('text', 'a\n````\n**b**').markdown)
  expect(shown).toContain('````\n**b**')
  expect(shown).not.toContain('<strong>')
})

test('a block below an item of a list belongs to it, with its own lines as they are', () => {
  const step = '- uses: a/b@v1\n  with:\n\n    c: d'
  const shown = html(list([below(line('add'), [fenced('', step), { markdown: '' }]), 'next']).markdown)
  expect(shown.match(/<ul>/g)).toHaveLength(1)
  expect(shown.match(/<li>/g)).toHaveLength(2)
  expect(shown).toContain(`<code>${step}\n</code>`)
})

test('details fold blocks below a title', () => {
  const shown = html(details('2 < 3', list(['a', bold('b')])).markdown)
  expect(shown).toContain('<summary>2 &lt; 3</summary>')
  expect(shown).toContain('<strong>b</strong>')
})

test('a document longer than the runner takes loses whole blocks from its end, and says so', () => {
  const long = Array.from({ length: 30 }, (_, n) => line(`${n} `, 'x'.repeat(50_000)))
  const shown = document([heading(1, 'Title'), ...long])
  expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(1024 * 1024)
  expect(shown).toContain('# Title')
  expect(shown).toContain('does not fit')
  expect(shown).not.toContain('29 x')
})

test('back-ticks of a hint become code, and an odd one stays text', () => {
  expect(html(prose('Add `permissions: contents: write`.').markdown)).toContain(
    '<code>permissions: contents: write</code>'
  )
  expect(html(prose('one ` only').markdown)).toBe('<p>one ` only</p>\n')
})
