// needs: act, elixir, mix, psql, python3
// The application that migrates by its release, after the release of the package that has the shared tables.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { exitCodeOf } from '../../rehearse/closing.ts'
import type { Outcome } from '../../rehearse/outcome.ts'
import { rehearseWith } from '../rehearse/rehearse-folder.ts'
import { bareAddress, commentsOf, complaints, rowsAfter, runAt, slackOf, summaryOf, verdicts } from './story.ts'

const application = join(import.meta.dirname, '..', '..', 'examples', 'ecto-app')

const seeded = { contexts: 0, invoices: 0, plans: 3, schema_migrations: 6, tenants: 0 }

describe('the workflows of the application, after the release of diwa_schema,', () => {
  let outcomes: readonly Outcome[]
  let runs: readonly Outcome[]
  const run = (index: number): Outcome => runAt(runs, index)

  beforeAll(async () => {
    outcomes = (await rehearseWith(['--repo', application])).outcomes
    runs = outcomes.filter(({ listed }) => listed)
  }, 1_200_000)

  test('are all green', () => {
    expect(complaints(outcomes)).toEqual([])
    expect(verdicts(runs)).toEqual([
      'db-deploy.yml, workflow_dispatch: green',
      'db-deploy.yml, workflow_dispatch: green',
      'db-backup.yml, schedule: green',
      'db-drift-check.yml, schedule: green',
      'db-migrate-diff.yml, pull_request: green',
      'db-drift-check.yml, pull_request: green',
      'db-rollback.yml, workflow_dispatch: green',
      'db-deploy.yml, workflow_dispatch: green',
      'db-restore.yml, workflow_dispatch: green',
      'db-security-preflight.yml, workflow_dispatch: green'
    ])
    expect(exitCodeOf(outcomes)).toBe(0)
  })

  test('migrate both folders by the release, and seed', () => {
    const summary = summaryOf(run(0))
    expect(rowsAfter(run(0))).toEqual(seeded)
    expect(summary).toContain('production: 6 migrations applied in ')
    expect(summary).toContain('| `20260112080000_create_tenants` | ✅ applied |')
    expect(summary).toContain('File `deps/diwa_schema/priv/repo/migrations/20260112080000_create_tenants.exs`')
    expect(summary).toContain('| `20260511100000_index_invoices_by_tenant` | ✅ applied |')
    expect(summary).toContain('4 of 4 tables can be read; 3 rows in all.')
    expect(slackOf(run(0))).toContain('production: 6 migrations applied in ')
  })

  test('show which version of the package the release has', () => {
    expect(summaryOf(run(0))).toMatch(
      /\| Application diwa\\_schema \| ✅ ok \| 0\.1\.0, by .*releases\/0\.4\.0\/invoices\.rel \|/
    )
  })

  test('say what the table of Ecto cannot tell', () => {
    expect(summaryOf(run(0))).toContain('edited: Ecto keeps no checksum of what it ran')
  })

  test('find nothing to do the second time', () => {
    expect(rowsAfter(run(1))).toEqual(seeded)
    expect(run(1).artifacts).toEqual([])
    expect(summaryOf(run(1))).toMatch(/production: nothing to apply in .*; 6 applied, the newest is 20260511100000/)
  })

  test('find no drift from a history that the release makes from zero, also where the pull request adds to it', () => {
    expect(summaryOf(run(3))).toContain('no drift: the schema is what the migrations make')
    expect(summaryOf(run(5))).toContain('6 applied, 1 pending')
    expect(summaryOf(run(5))).toContain('no drift: the schema is what the migrations make')
  })

  test('show on a pull request what is pending, and apply nothing of it', () => {
    const [comment = '', ...others] = commentsOf(run(4))
    expect(others).toEqual([])
    expect(comment).toContain('1 pending migration: `20260608090000_add_note_to_invoices`')
    expect(comment).toContain('+ column public.invoices.note: text')
    expect(comment).toMatch(/\| `invoices` \| [\d.]+ KiB \| [^|]+ \| ACCESS EXCLUSIVE \|/)
    expect(rowsAfter(run(5))).toEqual(seeded)
  })

  test('take the newest migration back, after a backup and with the file that says how, and apply it again', () => {
    expect(rowsAfter(run(6))).toEqual({ ...seeded, schema_migrations: 5 })
    expect(run(6).artifacts).toEqual([{ name: 'backup', files: [expect.stringMatching(/\.age$/)] }])
    expect(summaryOf(run(6))).toMatch(/production: 1 migration rolled back in .*; the newest is 20260420090100; backup/)
    expect(summaryOf(run(6))).toContain(
      'The way back in priv/repo/migrations/20260511100000_index_invoices_by_tenant.exs'
    )
    expect(rowsAfter(run(7))).toEqual(seeded)
    expect(summaryOf(run(7))).toContain('4 tables compared, no rows lost')
  })

  test('leave the same schema after that as before it', () => {
    const prints = [run(0), run(7)].map((one) => /\| Fingerprint \| `([0-9a-f]{64})`/.exec(summaryOf(one))?.[1])
    expect(prints[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(prints[1]).toBe(prints[0])
  })

  test('restore the backup, and keep the database of before', () => {
    expect(rowsAfter(run(8))).toEqual(seeded)
    expect(run(8).database?.content.others).toEqual([expect.stringMatching(/^invoices_before_\d{8}_\d{6}$/)])
  })

  test('show no password', () => {
    expect(JSON.stringify(outcomes)).not.toMatch(bareAddress)
  })
})
