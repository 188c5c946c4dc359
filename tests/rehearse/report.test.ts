import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { closing, exitCodeOf } from '../../rehearse/closing.ts'
import type { Outcome } from '../../rehearse/outcome.ts'
import { writeReports } from '../../rehearse/report-folder.ts'
import { htmlPage, reportMarkdown, summariesMarkdown } from '../../rehearse/report.ts'
import { temporaryFolder } from '../support/run-action.ts'

const job: Outcome['jobs'][number] = { name: 'build', planned: undefined, result: 'success', steps: [] }
const outcome: Outcome = {
  verdict: 'green',
  listed: false,
  facts: {
    event: 'push',
    owner: 'o',
    name: 'r',
    actor: 'o',
    ref: 'refs/tags/v1',
    sha: 'f'.repeat(40),
    defaultBranch: 'main',
    runId: '1',
    workflowPath: '.github/workflows/release.yml',
    workflowName: 'release',
    message: '',
    time: 0,
    inputs: {},
    attempt: 1
  },
  jobs: [job],
  skipped: [],
  indexes: [{ name: 'PyPI', projects: [] }],
  artifacts: [],
  messages: [],
  releases: [{ tag: 'v1', title: 'v1', state: 'published', notes: '', assets: [] }],
  presented: [],
  blocked: [],
  notRehearsed: [],
  warnings: ['an input is misspelt'],
  faults: [
    { rule: 'GET pypi 503', struck: 2 },
    { rule: 'GET github 503', struck: 0 }
  ],
  remarks: ['the owner is made up'],
  errors: [],
  requests: [],
  crashed: false
}

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

describe('what came of a rehearsal', () => {
  test('stands in the report before the steps, warnings first', () => {
    const headings = [...reportMarkdown(outcome).matchAll(/^##? (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual([
      'Rehearsal of o/r v1',
      'Warnings',
      'PyPI',
      'GitHub',
      'Faults',
      'Not as on GitHub',
      'Steps',
      '✓ build'
    ])
  })

  test('has no table for a release without assets', () => {
    expect(reportMarkdown(outcome)).toContain('It has no assets.')
    expect(reportMarkdown(outcome)).not.toContain('| asset |')
  })

  test('says how often each fault struck, and warns right before the verdict', () => {
    expect(reportMarkdown(outcome)).toContain('- GET pypi 503: struck 2 times\n- GET github 503: never struck\n')
    const said: string[] = []
    closing([outcome], { page: 'p', markdown: 'm' }, (line) => said.push(line))
    expect(said).toEqual(expect.arrayContaining(['  GET pypi 503: struck 2 times', '  GET github 503: never struck']))
    expect(said.slice(-2)).toEqual(['Warning: an input is misspelt', 'Rehearsed, and green.'])
  })
})

describe('what came of several runs', () => {
  const runs: readonly Outcome[] = [
    {
      ...outcome,
      listed: true,
      database: {
        server: 'PostgreSQL 18.4 on 127.0.0.1:1',
        content: { name: 'shop', tables: [{ name: 'product', rows: 11 }], others: ['shop_old'] }
      },
      artifacts: [{ name: 'backup', files: ['shop.dump.age'] }],
      messages: [{ channel: '#deploys', text: 'shop: nothing was pending\nby dora' }]
    },
    {
      ...outcome,
      listed: true,
      verdict: 'failed',
      facts: { ...outcome.facts, event: 'schedule', workflowPath: '.github/workflows/drift.yml' },
      notRehearsed: ['restore.yml, workflow_dispatch: it did not run, as drift.yml, schedule failed before it']
    }
  ]

  test('stands on one page, under an overview and in their order', () => {
    const folder = temporaryFolder('report')
    const [report, ...others] = writeReports(runs, folder)
    expect(others).toEqual([])
    expect(report?.outcomes).toHaveLength(2)
    const text = readFileSync(join(folder, 'report.md'), 'utf8')
    expect([...text.matchAll(/^# (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'Rehearsal of o/r',
      '1. release.yml, push',
      'Steps',
      '2. drift.yml, schedule',
      'Steps'
    ])
    expect(text).toContain('| 1 | release.yml, push | Rehearsed, and green. |')
    expect(text).toContain('| 2 | drift.yml, schedule | Failed. |')
    expect(readFileSync(join(folder, 'summaries.md'), 'utf8')).toContain('# Job summaries of 2. drift.yml, schedule')
  })

  test('has the tables of the database, artifacts and what Slack was told', () => {
    const text = reportMarkdown(runs[0] ?? outcome)
    expect(text).toContain('## Database shop\n\n| table | rows |\n|---|--:|\n| product | 11 |\n')
    expect(text).toContain('Besides it on the server: shop\\_old.')
    expect(text).toContain('- backup: shop.dump.age')
    expect(text).toContain('#deploys\n\n```\nshop: nothing was pending\nby dora\n```')
  })

  test('shows a comment of a pull request with the run that wrote it, and no later one', () => {
    const withComments = (number: number, ...bodies: readonly string[]): Outcome => ({
      ...outcome,
      listed: true,
      releases: [],
      pull: {
        number,
        title: 't',
        author: 'dora',
        statuses: [],
        comments: bodies.map((body) => ({ user: 'bot', body }))
      }
    })
    const folder = temporaryFolder('report')
    writeReports(
      [withComments(1, 'pending'), outcome, withComments(1, 'pending', 'drifted'), withComments(2, 'pending')].map(
        (one) => ({ ...one, listed: true })
      ),
      folder
    )
    const text = readFileSync(join(folder, 'report.md'), 'utf8')
    const [, first = '', , third = '', fourth = ''] = text.split(/^# \d+\. .*$/m)
    expect(first).toContain('#### A comment by bot\n\npending')
    expect(third).not.toContain('pending')
    expect(third).toContain('A comment by bot stands there as an earlier run left it.')
    expect(third).toContain('#### A comment by bot\n\ndrifted')
    expect(fourth).toContain('#### A comment by bot\n\npending')
  })

  test('is said for each, then once what is the same for all, and the worst is the verdict', () => {
    const said: string[] = []
    closing(runs, { page: 'p', markdown: 'm' }, (line) => said.push(line))
    expect(said).toContain('1. release.yml, push: Rehearsed, and green.')
    expect(said).toContain('Database shop: product 11')
    expect(said).toContain('Slack #deploys: shop: nothing was pending')
    expect(said.filter((line) => line === '  the owner is made up')).toHaveLength(1)
    expect(said).toContain('  restore.yml, workflow_dispatch: it did not run, as drift.yml, schedule failed before it')
    expect(said.at(-1)).toBe('Failed.')
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

test('the exit code is that of the worst of several rehearsals', () => {
  const codeOf = (...verdicts: ('green' | 'partial' | 'failed')[]): number =>
    exitCodeOf(verdicts.map((verdict) => ({ verdict })))
  expect([codeOf('green'), codeOf('partial', 'green'), codeOf('green', 'partial', 'failed'), codeOf()]).toEqual([
    0, 3, 1, 1
  ])
})
