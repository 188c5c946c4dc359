// needs: act, python3
// The shop with all its workflows: Prisma's own command line, a real PostgreSQL, and the action as a runner gets it.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { cpSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { exitCodeOf } from '../../rehearse/closing.ts'
import type { Outcome } from '../../rehearse/outcome.ts'
import { rehearseWith, type Rehearsed } from '../rehearse/rehearse-folder.ts'
import { temporaryFolder } from '../support/run-action.ts'
import {
  annotationsOf,
  bareAddress,
  commentsOf,
  complaints,
  rowsAfter,
  runAt,
  slackOf,
  summaryOf,
  verdicts
} from './story.ts'

const shop = join(import.meta.dirname, '..', '..', 'examples', 'prisma-app')

/** The shop with another list of workflows, and with a workflow in which somebody does what no migration does. */
function shopWith(rehearsal: string): string {
  const folder = temporaryFolder('shop')
  const kept = (path: string): boolean => !['node_modules', 'generated', 'backups'].includes(basename(path))
  cpSync(shop, folder, { recursive: true, filter: kept })
  writeFileSync(join(folder, '.github', 'rehearsal.yml'), rehearsal)
  writeFileSync(
    join(folder, '.github', 'workflows', 'by-hand.yml'),
    `on: workflow_dispatch
jobs:
  psql:
    runs-on: ubuntu-latest
    steps:
      - run: psql --quiet "$DATABASE_URL" -c 'DELETE FROM product' -c 'ALTER TABLE orders ADD COLUMN gift boolean'
        env:
          DATABASE_URL: \${{ secrets.DATABASE_URL }}
`
  )
  return folder
}

const seeded = { _prisma_migrations: 4, connector: 4, customer: 0, order_item: 0, orders: 0, product: 11 }

describe('the workflows of the shop, in their order,', () => {
  let story: Rehearsed
  let runs: readonly Outcome[]
  const run = (index: number): Outcome => runAt(runs, index)

  beforeAll(async () => {
    story = await rehearseWith(['--repo', shop])
    runs = story.outcomes
  }, 900_000)

  test('are all green', () => {
    expect(complaints(runs)).toEqual([])
    expect(verdicts(runs)).toEqual([
      'db-deploy.yml, workflow_dispatch: green',
      'db-deploy.yml, workflow_dispatch: green',
      'db-backup.yml, schedule: green',
      'db-drift-check.yml, schedule: green',
      'db-migrate-diff.yml, pull_request: green',
      'db-drift-check.yml, pull_request: green',
      'db-restore.yml, workflow_dispatch: green',
      'db-security-preflight.yml, workflow_dispatch: green'
    ])
    expect(exitCodeOf(runs)).toBe(0)
  })

  test('deploy everything to an empty database, with the rows of the seed, after a backup', () => {
    expect(rowsAfter(run(0))).toEqual(seeded)
    expect(summaryOf(run(0))).toContain('production: 4 migrations applied in ')
    expect(summaryOf(run(0))).toContain('| `20260406120000_retired_products` | ✅ applied |')
    expect(summaryOf(run(0))).toContain('5 of 5 models can be read; 15 rows in all.')
    expect(summaryOf(run(0))).toContain('The schema at prisma/schema.prisma is valid')
    expect(summaryOf(run(0))).toContain('Database schema is up to date!')
    for (const check of ['Extension uuid-ossp', 'Expected connector&gt;=4', 'npm run check:database'])
      expect(summaryOf(run(0))).toContain(`| ${check} | ✅ ok |`)
    expect(run(0).artifacts).toEqual([{ name: 'backup', files: [expect.stringMatching(/\.age$/)] }])
    expect(slackOf(run(0))).toContain('production: 4 migrations applied in ')
  })

  test('find nothing to do the second time: no backup, and no program of the project but what verifies', () => {
    expect(rowsAfter(run(1))).toEqual(seeded)
    expect(run(1).artifacts).toEqual([])
    expect(summaryOf(run(1))).toMatch(/✅ production: nothing to apply in .*; 4 applied, the newest is 20260406120000/)
    expect(summaryOf(run(1))).toContain('5 of 5 models can be read; 15 rows in all.')
    expect(summaryOf(run(1))).not.toMatch(/prisma (?:validate|generate|migrate)/)
  })

  test('leave the schema with the same fingerprint', () => {
    const fingerprints = [run(0), run(1)].map((one) => /\| Fingerprint \| `([0-9a-f]{64})`/.exec(summaryOf(one))?.[1])
    expect(fingerprints[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(fingerprints[1]).toBe(fingerprints[0])
  })

  test('back up each night, encrypted', () => {
    expect(run(2).artifacts).toEqual([{ name: 'backup', files: [expect.stringMatching(/\.age$/)] }])
    expect(slackOf(run(2))).toMatch(/✅ production: backup of .*, encrypted, read to its end/)
  })

  test('find no drift from the migrations', () => {
    expect(summaryOf(run(3))).toContain('✅ production: no drift: the schema is what the migrations make')
    expect(slackOf(run(3))).toContain('no drift')
  })

  test('comment on a pull request with its SQL, lint, sizes and locks, and apply nothing of it', () => {
    expect(commentsOf(run(4))).toEqual([
      expect.stringMatching(/^github-actions\[bot\]: [^]*1 pending migration: `20260511100000_order_notes`/)
    ])
    const [comment = ''] = commentsOf(run(4))
    expect(comment).toMatch(/ADD COLUMN +"note" TEXT/)
    expect(comment).toContain('The linter finds nothing in it.')
    expect(comment).toMatch(/\| `orders` \| [\d.]+ KiB \| [^|]+ \| ACCESS EXCLUSIVE \|/)
    expect(rowsAfter(run(5))).toEqual(seeded)
  })

  test('take what is pending on a pull request for no drift, and have no second comment', () => {
    expect(summaryOf(run(5))).toContain('4 applied, 1 pending')
    expect(summaryOf(run(5))).toContain('no drift')
    expect(commentsOf(run(5))).toEqual(commentsOf(run(4)))
  })

  test('restore the backup in the place of the database, and keep the one of before', () => {
    const [before = ''] = run(6).database?.content.others ?? []
    expect(rowsAfter(run(6))).toEqual(seeded)
    expect(before).toMatch(/^shop_before_\d{8}_\d{6}$/)
    expect(slackOf(run(6))).toContain(`what was there is kept as ${before}`)
    expect(summaryOf(run(6))).toContain(`DROP DATABASE "${before}";`)
  })

  test('look at what a deploy demands, and say what they could not', () => {
    expect(summaryOf(run(7))).toMatch(/⚠️ production: \d+ of \d+ checks passed, 1 not checked/)
    expect(summaryOf(run(7))).toContain('| Required reviewers | ❔ not checked |')
    for (const check of ['Connection', 'Encryption', 'Privileges', 'Direct connection', 'Extension uuid-ossp'])
      expect(summaryOf(run(7))).toContain(`| ${check} | ✅ ok |`)
  })

  test('tell Slack of everything but pull requests', () => {
    expect(runs.map(({ messages }) => messages.length)).toEqual([1, 1, 1, 1, 0, 0, 1, 1])
  })

  test('show no password', () => {
    expect(JSON.stringify(runs)).not.toMatch(bareAddress)
    expect(story.said).not.toMatch(bareAddress)
  })

  test('name what stood in for what this machine cannot have', () => {
    const remarks = runs.flatMap((one) => one.remarks).join('\n')
    expect(remarks).toContain('npm ci: the packages of the lock file are links')
    expect(remarks).toContain(
      'DATABASE_URL, DIRECT_DATABASE_URL, SMOKE_DATABASE_URL: the database shop of a PostgreSQL'
    )
  })
})

describe('after somebody has worked on the database by hand,', () => {
  let runs: readonly Outcome[]
  const run = (index: number): Outcome => runAt(runs, index)

  beforeAll(async () => {
    const folder = shopWith(`database: shop
workflows:
  - {workflow: db-deploy.yml, inputs: {confirm: deploy shop, seed: true}}
  - {workflow: db-backup.yml, event: schedule}
  - {workflow: by-hand.yml, event: workflow_dispatch}
  - {workflow: db-restore.yml, inputs: {confirm: restore shop, run-id: '{run of db-backup.yml}'}}
  - {workflow: db-deploy.yml, inputs: {confirm: deploy shop}}
  - {workflow: by-hand.yml, event: workflow_dispatch}
  - {workflow: db-drift-check.yml, pull: adds-a-note}
pulls:
  adds-a-note: {title: Add a note, author: dora, patch: .github/rehearsal/adds-a-note.patch}
`)
    runs = (await rehearseWith(['--repo', folder])).outcomes
  }, 900_000)

  test('everything runs as listed, and drift ends it', () => {
    expect(verdicts(runs).slice(2)).toEqual([
      'by-hand.yml, workflow_dispatch: green',
      'db-restore.yml, workflow_dispatch: green',
      'db-deploy.yml, workflow_dispatch: green',
      'by-hand.yml, workflow_dispatch: green',
      'db-drift-check.yml, pull_request: failed'
    ])
    expect(exitCodeOf(runs)).toBe(1)
  })

  test('a restore brings back the rows that were lost', () => {
    expect(rowsAfter(run(2))).toEqual({ ...seeded, product: 0 })
    expect(rowsAfter(run(3))).toEqual(seeded)
  })

  test('a restored database can be read by the role of the smoke test, and has nothing pending', () => {
    expect(summaryOf(run(4))).toContain('nothing to apply')
    expect(summaryOf(run(4))).toContain('5 of 5 models can be read; 15 rows in all.')
  })

  test('drift is told with what differs, without what the pull request adds', () => {
    expect(annotationsOf(run(6))).toContain('schema-drift')
    expect(summaryOf(run(6))).toContain('the schema is not what the migrations make')
    const [comment = ''] = commentsOf(run(6))
    expect(comment).toContain('The database is not what its migrations make')
    expect(comment).toContain('"gift"')
    expect(comment).not.toContain('"note"')
  })
})

test('a deploy that is not confirmed changes nothing, and the error says what to type', async () => {
  const folder = shopWith(`database: shop
workflows:
  - {workflow: db-deploy.yml, inputs: {confirm: deploy shop2}}
`)
  const { outcome } = await rehearseWith(['--repo', folder])
  expect(outcome.verdict).toBe('failed')
  expect(annotationsOf(outcome)).toMatch(/deploy shop(?!2)/)
  expect(rowsAfter(outcome)).toEqual({})
}, 300_000)

test('a schedule starts the backup and the drift check, after the deploys before them', async () => {
  const { outcomes } = await rehearseWith(['--repo', shop, '--event', 'schedule'])
  expect(verdicts(outcomes)).toEqual([
    'db-deploy.yml, workflow_dispatch: green',
    'db-deploy.yml, workflow_dispatch: green',
    'db-backup.yml, schedule: green',
    'db-drift-check.yml, schedule: green'
  ])
}, 600_000)
