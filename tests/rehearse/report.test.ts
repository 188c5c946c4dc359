import { describe, expect, test } from '@jest/globals'
import { htmlPage, summariesMarkdown } from '../../rehearse/report.ts'

describe('the page of a report', () => {
  test('renders tables and lists of tasks', () => {
    const page = htmlPage('x', ['| a |\n|---|\n| b |\n\n- [x] done\n\n<details><summary>s</summary>t</details>'])
    expect(page).toContain('<td>b</td>')
    expect(page).toMatch(/<input[^>]*type="checkbox"/)
    expect(page).toContain('<details><summary>s</summary>')
  })

  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '<a href="data:text/html,x">x</a>',
    '<iframe src="https://example.com"></iframe>',
    '<style>body{display:none}</style>',
    '<p onclick="alert(1)">x</p>',
    '<base href="https://example.com">',
    '<form action="https://example.com"><button>x</button></form>'
  ])('takes the harm out of %s', (markdown) => {
    const [, body = ''] = htmlPage('x', [markdown]).split('<body>')
    expect(body).not.toMatch(
      /<(script|img|iframe|style|base|form)\b|alert\(1\)"|javascript:|data:text|onclick|onerror/i
    )
  })

  test('has a title that cannot end itself', () => {
    expect(htmlPage('</title><script>x</script>', [])).not.toContain('<script>')
  })
})

describe('job summaries', () => {
  test('stand below the names of their jobs, as the steps wrote them', () => {
    const step = {
      name: 's',
      stage: 'Main',
      result: 'success',
      milliseconds: 0,
      forgiven: false,
      annotations: [],
      tail: []
    } as const
    const markdown = summariesMarkdown([
      {
        name: 'build',
        planned: undefined,
        result: 'success',
        steps: [
          { ...step, summary: '# One' },
          { ...step, summary: '' }
        ]
      },
      { name: 'silent', planned: undefined, result: 'success', steps: [{ ...step, summary: ' ' }] }
    ])
    expect(markdown).toBe('# Job summaries\n\n## build\n\n# One\n')
  })
})
