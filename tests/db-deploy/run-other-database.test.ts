import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { playedProject } from '../support/prisma/played-project.ts'
import { deploys, twoMigrations, twoModels } from './deploy-stage.ts'

const address = 'mysql://deployer:correct-horse@db.example.org/shop'

describe('a database that is not PostgreSQL', () => {
  test('is migrated by the tool alone, and what is not checked is told', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const run = await deploys(project, address)
    expect(run.annotations.filter(({ kind }) => kind === 'error')).toEqual([])
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({ status: 'published', smoke: 'not checked', pending: 'null' })
    expect(JSON.parse(run.outputs['applied'] ?? '')).toEqual(Object.keys(twoMigrations))
    for (const told of ['Deploy lock', 'Smoke test', 'edited, missing and out-of-order'])
      expect(run.summary.slice(run.summary.indexOf('Not checked'))).toContain(told)
    expect(run.everything).not.toContain('correct-horse')
    expect((await deploys(project, address)).outputs['status']).toBe('unchanged')
  })

  test('is left alone by a plan, and by status', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    expect((await deploys(project, address, { command: 'plan' })).outputs['status']).toBe('planned')
    expect((await deploys(project, address, { command: 'status' })).outputs['status']).toBe('passed')
    expect((await deploys(project, address, { command: 'status', 'fail-on': 'pending' })).exitCode).toBe(1)
    expect(existsSync(join(project.folder, 'elsewhere.json'))).toBe(false)
  })

  test('has failed when the tool says so', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels, play: { broken: true } })
    const run = await deploys(project, address)
    expect(run.exitCode).toBe(1)
    expect(run.annotations.map(({ properties }) => properties['title'])).toEqual(['migrate-failed'])
    expect(run.annotations[0]?.message).toContain('20260102000000_posts')
  })

  test.each([
    ['', 0],
    ['Error: Schema engine exited.', 0],
    ['Following migrations have not yet been applied:\n20260101000000_users', 0],
    ["Error: P1001: Can't reach database server at `db.example.org`", 1]
  ])('is not taken for up to date when status says %j with exit code %i', async (text, exitCode) => {
    const project = playedProject({
      migrations: twoMigrations,
      schema: twoModels,
      play: { status: { text, exitCode } }
    })
    const run = await deploys(project, address)
    expect(run.annotations.map(({ properties }) => properties['title'])).toEqual(['tool-step-failed'])
    expect(run.exitCode).toBe(1)
  })

  test('is backed up by a command before, and not without one in production', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const production = { environment: 'production', confirm: 'deploy shop' }
    const refused = await deploys(project, address, production)
    expect(refused.annotations.map(({ properties }) => properties['title'])).toEqual(['deploy-other-database'])
    const run = await deploys(project, address, { ...production, 'backup-command': 'echo restore snapshot 7' })
    expect(run.exitCode).toBe(0)
    expect(run.summary).toContain('restore snapshot 7')
  })

  test.each(['drift', 'diff', 'backup', 'restore', 'smoke', 'preflight', 'rollback'])('has no %s', async (command) => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const run = await deploys(project, address, { command, confirm: 'restore shop', 'restore-file': 'x.dump' })
    expect(run.annotations.map(({ properties }) => properties['title'])).toContain('deploy-other-database')
  })
})
