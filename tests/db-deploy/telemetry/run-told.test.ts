import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from '@jest/globals'
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { playedProject } from '../../support/prisma/played-project.ts'
import type { ActionRun } from '../../support/run-action.ts'
import { deploys, twoMigrations, twoModels } from '../deploy-stage.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => {
  postgres.stop()
})

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
})
afterEach(() => sandbox.close())

/** A run of the bundle that tells Slack, a collector and the ledger, under their real names. */
async function told(
  url: string,
  migrations: Readonly<Record<string, string>> = twoMigrations
): Promise<ActionRun & { readonly webhook: string }> {
  const project = playedProject({ migrations, schema: twoModels })
  const webhook = sandbox.slack.addWebhook()
  const run = await deploys(
    project,
    url,
    { 'slack-webhook-url': webhook, ledger: 'true' },
    { env: { ...sandbox.environment(), OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com' } }
  )
  return { ...run, webhook }
}

const posted = (): string => JSON.stringify(sandbox.slack.messages)

test('a deploy is told to Slack, to a collector and to the ledger, and shows the webhook nowhere', async () => {
  const database = await postgres.createDatabase()
  const run = await told(postgres.url(database))
  expect([run.exitCode, run.annotations.filter(({ kind }) => kind === 'error')]).toEqual([0, []])
  expect(posted()).toContain('staging: 2 migrations applied in ')
  expect(sandbox.otlp.exports.map(({ signal }) => signal).sort()).toEqual(['metrics', 'traces'])
  expect(JSON.stringify(sandbox.otlp.exports)).toContain('MIGRATE 20260101000000_users')
  const kept = await postgres.query('SELECT applied FROM release_actions.deploys', database)
  expect(kept).toEqual([{ applied: Object.keys(twoMigrations) }])
  expect(run.summary).toMatch(/^## (?:✅|⚠️) staging: 2 migrations applied in /)
  expect(run.everything).not.toContain(new URL(run.webhook).pathname)
})

test('a Slack and a collector that are down leave the deploy green, with a warning for each', async () => {
  sandbox.fault('POST hooks.slack.com #1+ 500')
  sandbox.fault('POST otlp.example.com #1+ 400')
  const run = await told(postgres.url(await postgres.createDatabase()))
  expect([run.exitCode, run.outputs['status']]).toEqual([0, 'published'])
  const warnings = run.annotations.filter(({ kind }) => kind === 'warning').map(({ properties }) => properties['title'])
  expect(warnings).toEqual(expect.arrayContaining(['slack-not-told', 'telemetry-not-sent']))
  expect(run.summary).toContain('slack-not-told')
})

test('a deploy that failed is told with what failed', async () => {
  const broken = { ...twoMigrations, '20260103000000_broken': 'CREATE TABLE users (id int);\n' }
  const database = await postgres.createDatabase()
  const run = await told(postgres.url(database), broken)
  expect([run.exitCode, run.outputs['status']]).toEqual([1, 'failed'])
  expect(posted()).toContain('❌ staging: deploy failed in “Migrations”')
  expect(posted()).toContain('42P07')
  const kept = await postgres.query('SELECT outcome, failed FROM release_actions.deploys', database)
  expect(kept).toEqual([{ outcome: 'failed', failed: ['20260103000000_broken'] }])
  expect(run.summary).toContain('### What to do now')
})
