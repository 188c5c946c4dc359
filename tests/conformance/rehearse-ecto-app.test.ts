// needs: act, elixir, mix, psql, python3
// The application that migrates by its release, after the release of the package that has the shared tables.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { exitCodeOf } from '../../rehearse/closing.ts'
import { runName, type Outcome } from '../../rehearse/outcome.ts'
import { rehearseWith } from '../rehearse/rehearse-folder.ts'

const application = join(import.meta.dirname, '..', '..', 'examples', 'ecto-app')

function summary({ jobs }: Outcome): string {
  return jobs.flatMap(({ steps }) => steps.map((step) => step.summary)).join('\n')
}

function rows({ database }: Outcome): Readonly<Record<string, number>> {
  return Object.fromEntries((database?.content.tables ?? []).map((table) => [table.name, table.rows]))
}

const seeded = { contexts: 0, invoices: 0, plans: 3, schema_migrations: 6, tenants: 0 }

describe('the workflows of the application, after the release of diwa_schema,', () => {
  let outcomes: readonly Outcome[]
  let runs: readonly Outcome[]
  const run = (index: number): Outcome => {
    const found = runs[index]
    if (found === undefined) throw new Error(`only ${runs.length} workflows ran`)
    return found
  }

  beforeAll(async () => {
    outcomes = (await rehearseWith(['--repo', application])).outcomes
    runs = outcomes.filter(({ listed }) => listed)
  }, 1_200_000)

  test('are all green', () => {
    expect(runs.map((one) => `${runName(one)}: ${one.verdict}`)).toEqual([
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
    expect(rows(run(0))).toEqual(seeded)
    expect(summary(run(0))).toContain('20260511100000')
    expect(summary(run(0))).toContain('diwa_schema')
  })

  test('find nothing to do the second time', () => {
    expect(rows(run(1))).toEqual(seeded)
    expect(run(1).artifacts).toEqual([])
  })

  test('show on a pull request what is pending, and apply nothing of it', () => {
    const comments = (run(4).pull?.comments ?? []).map(({ body }) => body)
    expect(comments).toEqual([expect.stringContaining('20260608090000')])
    expect(rows(run(5))).toEqual(seeded)
  })

  test('take the newest migration back, and apply it again', () => {
    expect(rows(run(6))).toEqual({ ...seeded, schema_migrations: 5 })
    expect(rows(run(7))).toEqual(seeded)
  })

  test('restore the backup, and keep the database of before', () => {
    expect(rows(run(8))).toEqual(seeded)
    expect(run(8).database?.content.others).toHaveLength(1)
  })

  test('show no password', () => {
    expect(JSON.stringify(outcomes)).not.toMatch(/postgres(ql)?:\/\/(deployer|reader):[^*]/)
  })
})
