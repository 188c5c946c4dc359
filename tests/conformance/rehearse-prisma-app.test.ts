// needs: act, python3
// The shop with all its workflows: Prisma's own command line, a real PostgreSQL, and the action as a runner gets it.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { exitCodeOf } from '../../rehearse/closing.ts'
import { runName, type Outcome } from '../../rehearse/outcome.ts'
import { rehearseWith, type Rehearsed } from '../rehearse/rehearse-folder.ts'

const shop = join(import.meta.dirname, '..', '..', 'examples', 'prisma-app')

/** What the steps of a run wrote into the job's summary. */
function summary({ jobs }: Outcome): string {
  return jobs.flatMap(({ steps }) => steps.map((step) => step.summary)).join('\n')
}

function rows({ database }: Outcome): Readonly<Record<string, number>> {
  return Object.fromEntries((database?.content.tables ?? []).map((table) => [table.name, table.rows]))
}

const seeded = { _prisma_migrations: 4, connector: 4, customer: 0, order_item: 0, orders: 0, product: 11 }

describe('the workflows of the shop, in their order,', () => {
  let story: Rehearsed
  let runs: readonly Outcome[]
  const run = (index: number): Outcome => {
    const found = runs[index]
    if (found === undefined) throw new Error(`only ${runs.length} workflows ran`)
    return found
  }

  beforeAll(async () => {
    story = await rehearseWith(['--repo', shop])
    runs = story.outcomes
  }, 900_000)

  test('are all green', () => {
    expect(runs.map((one) => `${runName(one)}: ${one.verdict}`)).toEqual([
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
    expect(rows(run(0))).toEqual(seeded)
    expect(summary(run(0))).toContain('20260406120000_retired_products')
    expect(run(0).artifacts).toEqual([{ name: 'backup', files: [expect.stringMatching(/\.age$/)] }])
  })

  test('find nothing to do the second time, and make no backup for it', () => {
    expect(rows(run(1))).toEqual(seeded)
    expect(run(1).artifacts).toEqual([])
  })

  test('back up each night, encrypted', () => {
    expect(run(2).artifacts).toEqual([{ name: 'backup', files: [expect.stringMatching(/\.age$/)] }])
  })

  test('find no drift from the migrations', () => {
    expect(summary(run(3))).toMatch(/none|no drift/i)
  })

  test('comment on a pull request with its SQL, and apply nothing of it', () => {
    const comments = (run(4).pull?.comments ?? []).map(({ user, body }) => `${user}: ${body}`)
    expect(comments).toEqual([expect.stringMatching(/^github-actions\[bot\]: [^]*ADD COLUMN "note"/)])
    expect(rows(run(5))).toEqual(seeded)
  })

  test('restore the backup in the place of the database, and keep the one of before', () => {
    expect(rows(run(6))).toEqual(seeded)
    expect(run(6).database?.content.others).toHaveLength(1)
  })

  test('tell Slack of every deploy, backup and restore', () => {
    expect(runs.map(({ messages }) => messages.length > 0)).toEqual([true, true, true, true, false, false, true, true])
  })

  test('show no password', () => {
    expect(JSON.stringify(runs)).not.toMatch(/postgres(ql)?:\/\/(deployer|reader):[^*]/)
    expect(story.said).not.toMatch(/postgres(ql)?:\/\/(deployer|reader):[^*]/)
  })

  test('name what stood in for what this machine cannot have', () => {
    const remarks = runs.flatMap((one) => one.remarks).join('\n')
    expect(remarks).toContain('npm ci: the packages of the lock file are links')
    expect(remarks).toContain(
      'DATABASE_URL, DIRECT_DATABASE_URL, SMOKE_DATABASE_URL: the database shop of a PostgreSQL'
    )
  })
})

test('a deploy that is not confirmed changes nothing, and the error says what to type', async () => {
  const args = ['--event', 'workflow_dispatch', '--workflow', 'db-deploy.yml', '--input', 'confirm=deploy shop2']
  const { outcomes } = await rehearseWith(['--repo', shop, ...args])
  const last = outcomes.at(-1)
  expect(last?.verdict).toBe('failed')
  const annotations = last?.jobs.flatMap(({ steps }) => steps.flatMap((step) => step.annotations)) ?? []
  expect(annotations.map(({ message }) => message).join('\n')).toContain('deploy shop')
}, 300_000)

test('a schedule starts the backup and the drift check, after the deploys before them', async () => {
  const { outcomes } = await rehearseWith(['--repo', shop, '--event', 'schedule'])
  expect(outcomes.map((one) => `${runName(one)}: ${one.verdict}`)).toEqual([
    'db-deploy.yml, workflow_dispatch: green',
    'db-deploy.yml, workflow_dispatch: green',
    'db-backup.yml, schedule: green',
    'db-drift-check.yml, schedule: green'
  ])
}, 600_000)
