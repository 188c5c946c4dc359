import { describe, expect, test } from '@jest/globals'
import { marked } from 'marked'
import { reportRun } from '../../../actions/db-deploy/report.ts'
import type { Learned, RunRecord } from '../../../actions/db-deploy/record.ts'
import { verdictOf } from '../../../actions/db-deploy/summary-verdict.ts'
import { document } from '../../../actions/shared/summary.ts'
import { began, first, recordOf, second, stage, stateOf } from './records.ts'

const page = (record: RunRecord): string => document(reportRun(record).summary)
const verdict = (record: RunRecord): string => {
  const { icon, line } = verdictOf(record)
  return `${icon} ${line}`
}

/** What a reader sees: the page as GitHub's dialect, without the tags. */
const html = (record: RunRecord): string => marked.parse(page(record), { async: false, gfm: true })

const pendingOf = (name: string, text = 'SELECT 1;'): NonNullable<Learned['pending']>[number] => ({
  name,
  path: `prisma/migrations/${name}/migration.sql`,
  text,
  findings: [],
  tables: []
})

describe('the verdict', () => {
  const two = stateOf([
    [first, 'applied'],
    [second, 'pending']
  ])
  const upToDate = stateOf([
    [first, 'applied'],
    [second, 'applied']
  ])
  const quick = { finishedAt: began + 200 }
  const backup = {
    ...{ file: '/b/x.dump', bytes: 2_097_152, sha256: 'a'.repeat(64), entries: 3, verified: 'restore' as const },
    ...{ encrypted: true, program: 'pg_dump 18.4', took: 1, restore: 'pg_restore' }
  }

  test.each<[string, RunRecord]>([
    ['✅ production: 2 migrations applied in 12.4 s', recordOf()],
    [
      '✅ production: 2 migrations applied in 12.4 s; backup of 2.0 MiB, encrypted, restored and compared',
      recordOf({ learned: { backup } })
    ],
    [
      '✅ production: 2 migrations applied in 12.4 s; backup of 2.0 MiB, not encrypted, restored and compared',
      recordOf({ learned: { backup: { ...backup, encrypted: false } } })
    ],
    [
      `✅ production: nothing to apply in 200 ms; 2 applied, the newest is ${second}`,
      recordOf({ status: 'unchanged', ...quick, learned: { before: upToDate, after: upToDate, ran: [] } })
    ],
    [
      '📋 production: 1 migration would be applied (200 ms)',
      recordOf({
        ...{ command: 'plan', status: 'planned', stages: [], ...quick },
        learned: { before: two, after: two, ran: [], pending: [pendingOf(second)] }
      })
    ],
    [
      '❌ production: deploy failed in “Migrations” after 12.4 s; 1 migration applied, 1 failed',
      recordOf({
        ...{ status: 'failed', stages: [stage('migrate', 'Migrations', 0, 9, 'failed')] },
        learned: {
          ran: [
            { name: first, result: 'applied' },
            { name: second, result: 'failed' }
          ]
        }
      })
    ],
    [
      '❌ production: deploy failed in “Preflight” after 12.4 s; no migration was run',
      recordOf({ status: 'failed', stages: [stage('preflight', 'Preflight', 0, 9, 'failed')], learned: { ran: [] } })
    ],
    [
      '🛑 production: cancelled in “Migrations” after 12.4 s; 2 migrations applied',
      recordOf({ status: 'failed', cancelled: true, stages: [stage('migrate', 'Migrations', 0, 9, 'cancelled')] })
    ],
    [
      '⚠️ production: 1 migration pending (200 ms)',
      recordOf({ command: 'status', status: 'passed', stages: [], ...quick, learned: { before: two, after: two } })
    ],
    [
      '✅ production: no drift: the schema is what the migrations make (200 ms)',
      recordOf({
        ...{ command: 'drift', status: 'passed', ...quick },
        learned: { difference: { result: 'none', text: '', findings: [], tables: [] } }
      })
    ],
    [
      '⚠️ production: drift was not checked (200 ms)',
      recordOf({
        ...{ command: 'drift', status: 'passed', ...quick },
        learned: { difference: { result: 'not checked', why: 'no scratch-url', text: '', findings: [], tables: [] } }
      })
    ],
    [
      '⚠️ production: no drift that Prisma’s diff sees (200 ms)',
      recordOf({
        ...{ command: 'drift', status: 'passed', ...quick },
        learned: { difference: { result: 'none', text: '', findings: [], tables: [], partial: true } }
      })
    ],
    [
      '✅ production: nothing is pending, so nothing was compared (200 ms)',
      recordOf({
        ...{ command: 'diff', status: 'passed', ...quick },
        learned: {
          before: upToDate,
          after: upToDate,
          difference: { result: 'none', text: '', findings: [], tables: [] }
        }
      })
    ],
    [
      '❌ production: status failed after 200 ms; 1 check failed: Expected migration',
      recordOf({
        ...{ command: 'status', status: 'failed', stages: [], ...quick },
        learned: {
          before: upToDate,
          after: upToDate,
          preflight: [
            {
              ...{ id: 'expect-current', title: 'Expected migration', told: 'another', result: 'failed' },
              problem: { code: 'x', message: 'm', hint: 'h' }
            }
          ]
        }
      })
    ],
    [
      '✅ production: backup of 2.0 MiB, encrypted, restored and compared (200 ms)',
      recordOf({ command: 'backup', ...quick, learned: { backup } })
    ]
  ])('%s', (told, record) => {
    expect(verdict(record)).toBe(told)
  })

  test('does not say what was applied where the table was not read after it', () => {
    const stages = [stage('migrate', 'Migrations', 0, 9, 'cancelled')]
    const record = recordOf({ status: 'failed', cancelled: true, stages, unread: true })
    expect(verdict(record)).toMatch(/what was applied is not known$/)
  })

  test('is no plain success where something warns', () => {
    const problem = { code: 'x', message: 'm', hint: 'h' }
    const preflight = [{ id: 'x', title: 'X', told: 't', result: 'warning', problem }] as const
    expect(verdict(recordOf({ learned: { preflight } }))).toMatch(/^⚠️ production: 2 migrations applied/)
    const verification = [{ id: 'x', title: 'X', told: 't', result: 'not checked', next: 'n' }] as const
    expect(verdict(recordOf({ learned: { verification } }))).toMatch(/^⚠️ production: 2 migrations applied/)
  })
})

test('the page says how one goes back to the backup', () => {
  const made = {
    ...{ file: '/b/x.dump', bytes: 2, sha256: 'a'.repeat(64), entries: 3, verified: 'read' as const },
    ...{ encrypted: false, program: 'pg_dump 18.4', took: 1, restore: 'createdb x && pg_restore --dbname=x x.dump' }
  }
  const told = page(recordOf({ learned: { backup: made } }))
  expect(told).toContain('read to its end, not encrypted, sha256')
  expect(told).toContain('| Way back | into a new database, by `createdb x && pg_restore --dbname=x x.dump` |')
})

test('the page says who, what, where and when', () => {
  const seen = html(recordOf())
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
  for (const fact of [
    ...['octocat', '0123456789ab', 'refs/heads/main', 'workflow_dispatch', '2026-11-21 14:03:20 UTC', 'shop'],
    ...['db.example.org:5432', 'PostgreSQL 18.4, TLSv1.3', 'prisma 7.10.1', '4711']
  ])
    expect(seen).toContain(fact)
})

describe('a foreign text', () => {
  const evil = '`x`|<img src=x onerror=alert(1)> @octocat #1 [a](http://evil.test)\n## heading'

  test('is no markup, wherever it stands', () => {
    const record = recordOf({
      ...{ environment: evil, stages: [stage(evil, evil, 0, 10, 'ok', evil), stage('b', evil, 10, 20)] },
      learned: {
        ran: [{ name: evil, result: 'failed', failure: { message: evil, statement: evil, atomic: true, objects: [] } }],
        pending: [{ ...pendingOf(evil, evil), path: evil }],
        smoke: {
          of: 'tables',
          relations: [{ name: evil, table: evil, readable: false, problem: { code: 'x', message: evil, hint: evil } }],
          total: { rows: 0, exact: true }
        },
        runbook: [evil],
        outputs: [{ title: evil, text: evil }],
        fingerprint: evil
      }
    })
    const rendered = html(record)
    expect(rendered).not.toMatch(/<img|<h2[^>]*>heading|href="http:\/\/evil/)
    // A cell ends at no pipe of its text: every row of a table has as many cells as its head.
    for (const [table] of rendered.matchAll(/<table>[^]*?<\/table>/g)) {
      const rows = [...table.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row = '']) => row.match(/<t[hd]/g)?.length)
      expect(new Set(rows).size).toBe(1)
    }
  })
})

describe('the chart', () => {
  const chart = (record: RunRecord): readonly string[] =>
    (/```mermaid\n([^]*?)```/.exec(page(record))?.[1] ?? '').split('\n').filter((line) => line !== '')

  test('has a bar for each stage and each migration, at the times when they were', () => {
    expect(chart(recordOf()).slice(3)).toEqual([
      '  section Stages',
      `    Preflight :done, ${began}, ${began + 400}`,
      `    Verified backup :done, ${began + 400}, ${began + 5_000}`,
      `    Migrations :done, ${began + 5_000}, ${began + 11_000}`,
      `    Smoke test :done, ${began + 11_000}, ${began + 12_400}`,
      '  section Migrations',
      `    ${first} :done, ${began + 5_200}, ${began + 7_000}`,
      `    ${second} :done, ${began + 7_100}, ${began + 10_800}`
    ])
  })

  test('has at most 30 bars, and keeps the longest', () => {
    const ran = Array.from({ length: 100 }, (_, n) => ({
      ...{ name: `2026_${n}`, result: 'applied' as const },
      ...{ startedAt: began + n * 10, took: n === 3 ? 9_000 : n }
    }))
    const bars = chart(recordOf({ learned: { ran } })).filter((line) => line.includes(' :'))
    expect(bars).toHaveLength(30)
    expect(bars.join('\n')).toContain('2026_3 :')
    expect(bars.join('\n')).toContain('2026_99 :')
  })

  test.each([
    ['section of: one; two # three %% four', 'section of one two three four', '· '],
    ['2026-11-21 init', '2026-11-21 init', '· '],
    ['click here', 'click here', '· '],
    ['add\nusers', 'add users', '']
  ])('gives %j a name that is nothing but a name', (name, shown, mark) => {
    const ran = [{ name, result: 'failed' as const, startedAt: began, took: 5 }]
    expect(chart(recordOf({ learned: { ran } })).at(-1)).toBe(`    ${mark}${shown} :crit, ${began}, ${began + 5}`)
  })

  test('is left out where there is but one stage', () => {
    expect(page(recordOf({ stages: [stage('state', 'State', 0, 5)] }))).not.toContain('mermaid')
  })
})

describe('the SQL of migrations', () => {
  test('is folded, and cut with a notice where it is long', () => {
    const text = `-- ${'x'.repeat(30_000)}\n`
    const shown = page(recordOf({ learned: { pending: [pendingOf(second, text)] } }))
    expect(shown).toContain(`<details><summary>${second}: no findings</summary>`)
    expect(shown).toContain('Cut here: 10,004 more characters are in the file.')
  })

  test('never makes the page longer than a job summary may be, and does not push out what was not checked', () => {
    const pending = Array.from({ length: 400 }, (_, n) => pendingOf(`2026_${n}`, '€'.repeat(19_000)))
    const relations = Array.from({ length: 5_000 }, (_, n) => ({
      ...{ name: `table_${n}`, table: `"public"."table_${n}"`, readable: true },
      rows: { count: n, exact: true }
    }))
    const smoke = { of: 'tables', relations, total: { rows: 1, exact: true } } as const
    const shown = page(recordOf({ learned: { pending, smoke } }))
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(1024 * 1024)
    expect(shown).toContain('### Not checked')
    expect(shown).toContain('more migrations not shown here; the files have them.')
  })

  test('tells the lock of each with the size of what it is on', () => {
    const tables = [{ name: 'public.orders', size: 1_288_490_188, rows: 3_000_000, lock: 'SHARE' }]
    const shown = page(recordOf({ learned: { pending: [{ ...pendingOf(second), tables }] } }))
    expect(shown).toContain('SHARE on `public.orders` (1.2 GiB, about 3,000,000 rows)')
  })
})

describe('the counts', () => {
  const relations = Array.from({ length: 30 }, (_, n) => ({
    ...{ name: `table_${n}`, table: `"public"."table_${n}"`, readable: n !== 7 },
    ...(n === 7 ? { problem: { code: 'x', message: 'permission denied', hint: 'GRANT' } } : {}),
    rows: { count: n * 10, exact: n !== 29 },
    ...(n === 2 ? { before: { count: 21, exact: true } } : {})
  }))
  const shown = page(
    recordOf({ learned: { smoke: { of: 'tables', relations, total: { rows: 4_350, exact: false } } } })
  )
  const open = shown.slice(shown.indexOf('### Smoke test'), shown.indexOf('<details><summary>The other'))

  test('show the twenty that matter, and fold the rest', () => {
    expect(open.match(/^\| `table_/gm)).toHaveLength(20)
    expect(shown).toContain('<details><summary>The other 10 tables</summary>')
  })

  test('begin with what cannot be read and what has lost rows', () => {
    expect(open.match(/^\| `table_\d+`/gm)?.slice(0, 3)).toEqual(['| `table_7`', '| `table_2`', '| `table_29`'])
    expect(open).toContain(
      '29 of 30 tables can be read; about 4,350 rows in all; ⚠️ 1 table with fewer rows than before.'
    )
    expect(open).toContain('| `table_2` | 20 | 21 | ⚠️ 1 row fewer than before |')
  })

  test('mark an estimate', () => {
    expect(open).toContain('| `table_29` | about 290 |')
  })
})

describe('what is to be done', () => {
  const shown = (...runbook: readonly string[]): string => page(recordOf({ status: 'failed', learned: { runbook } }))

  test('has a command that ends its line in a block instead', () => {
    expect(shown('Say that it is applied: `npx prisma migrate resolve --applied x`')).toContain(
      '- **1.** Say that it is applied:\n\n  ```sh\n  npx prisma migrate resolve --applied x\n  ```'
    )
    expect(shown('Look.', '`SELECT 1;`')).toContain('- **2.** Run:\n\n  ```sql\n  SELECT 1;\n  ```')
  })

  test('has a command within its line in both places', () => {
    expect(shown('Say so: `mix ecto.rollback --to 2026`, and run it again.')).toContain(
      'Say so: `mix ecto.rollback --to 2026`, and run it again.\n\n  ```sh\n  mix ecto.rollback --to 2026\n  ```'
    )
  })

  test('has one that a comment holds back in a block with its comment', () => {
    expect(shown('To finish it: `-- if it has not run: UPDATE a SET b = 1;` then look.')).toContain(
      '\n\n  ```sql\n  -- if it has not run: UPDATE a SET b = 1;\n  ```'
    )
  })

  test('leaves names and phrases where they are', () => {
    expect(shown('Give confirm as `restore shop`.')).toContain('- **1.** Give confirm as `restore shop`.\n')
  })
})

test('a run that failed by its verdict tells its problems itself', () => {
  const problems = [{ code: 'drift-found', message: 'The schema drifted.', hint: 'Look at `orders`.' }]
  const shown = page(recordOf({ command: 'drift', status: 'failed', judged: true, problems }))
  expect(shown).toContain('- The schema drifted. → Look at `orders`. (`drift-found`)')
})

test('that everything was checked is said, too', () => {
  expect(page(recordOf())).toContain('### Not checked\n\nEverything that was to be checked was.')
})

describe('what is told of a backup that there is not', () => {
  test('is that none was made, and outside of production how one is', () => {
    expect(page(recordOf())).toMatch(/\| Backup +\| none was made +\|/)
    expect(page(recordOf({ environment: 'staging', production: false }))).toContain(
      'none was made; outside of production `backup: true` asks for one'
    )
  })

  test('is nothing where no migration was run', () => {
    expect(page(recordOf({ status: 'unchanged', learned: { ran: [] } }))).not.toContain('none was made')
  })
})

test('what a failed migration leaves depends on the migration where one ends its transaction itself', () => {
  const tool = { framework: 'prisma', label: 'prisma 6.19.3', version: '6.19.3', atomic: true } as const
  const told = (text: string): string => page(recordOf({ learned: { tool, pending: [pendingOf(second, text)] } }))
  expect(told('CREATE INDEX CONCURRENTLY a ON b (c);')).toContain('depends on that migration')
  expect(told('INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING;')).toContain('leaves nothing behind')
})

test('an attempt that was rolled back is nothing to be looked at once the next one went well', () => {
  const after = stateOf([[first, 'applied', 'retried']])
  expect(page(recordOf({ learned: { after } }))).not.toContain('To be looked at')
  const status = page(recordOf({ command: 'status', status: 'passed', learned: { after } }))
  expect(status).not.toContain('Not simply applied')
  expect(status).toContain('applied, retried')
})

describe('a runbook with commands', () => {
  const runbook = ['Say so: `npx prisma migrate resolve --rolled-back "x"`']

  test('says where they are run, and with which address', () => {
    expect(page(recordOf({ learned: { runbook } }))).toContain(
      'for the database `shop` on `db.example.org:5432`, never with the address of a `.env` file. Programs run in a checkout of `0123456789ab` with `DATABASE_URL` set to its direct address'
    )
    expect(page(recordOf({ learned: { runbook: ['Drop it: `DROP TABLE x;`'] } }))).toContain('`psql "$DATABASE_URL"`')
  })

  test('and no other says so', () => {
    expect(page(recordOf({ learned: { runbook: ['Look at its file.'] } }))).not.toContain('Where:')
  })
})

describe('a rollback', () => {
  const before = stateOf([
    [first, 'applied'],
    [second, 'applied']
  ])
  const after = stateOf([
    [first, 'applied'],
    [second, 'pending']
  ])
  const back = (learned: Learned, differs: Partial<RunRecord> = {}): RunRecord =>
    recordOf({ command: 'rollback', stages: [], ...differs, learned: { ran: [], ...learned } })

  test('of a dry run names what would go', () => {
    expect(
      verdict(back({ before: { ...before, framework: 'ecto' }, goingBack: [second] }, { status: 'planned' }))
    ).toBe(`📋 production: ${second} would be rolled back (12.4 s)`)
  })

  test('says that what went back is applied again by the next deploy', () => {
    expect(verdict(back({ before: { ...before, framework: 'ecto' }, after }))).toBe(
      `✅ production: 1 migration rolled back in 12.4 s; pending again: the next deploy applies it; the newest is ${first}`
    )
  })

  test('of Prisma’s has marked, and shows no failure of its own', () => {
    const broken = stateOf([
      [first, 'applied'],
      [second, 'failed']
    ])
    const record = back({ before: broken, after, ran: [{ name: second, result: 'failed' }] })
    expect(verdict(record)).toContain('1 migration marked as rolled back in 12.4 s; mend the file')
    expect(page(record)).toContain('↩️ marked as rolled back')
    expect(page(record)).not.toContain('❌ failed')
  })
})
