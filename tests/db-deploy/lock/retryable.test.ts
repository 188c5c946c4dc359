import { describe, expect, it } from '@jest/globals'
import type { FailedMigration } from '../../../actions/db-deploy/failure/migration-failure.ts'
import { retryable } from '../../../actions/db-deploy/lock/retryable.ts'
import type { MigrationState, MigrationStatus } from '../../../actions/db-deploy/state/migration-state.ts'
import { failedResult, killed } from '../failure/failing.ts'

type Statuses = Readonly<Record<string, MigrationStatus['status']>>

function states(statuses: Statuses, framework: MigrationState['framework'] = 'prisma'): readonly MigrationState[] {
  const migrations = Object.entries(statuses).map(([name, status]): MigrationStatus => ({
    name,
    version: name,
    path: `${name}.sql`,
    status,
    marks: []
  }))
  return [{ framework, folders: ['migrations'], table: '"t"', migrations, current: undefined, notChecked: [] }]
}

function failed(name: string, more: Partial<FailedMigration> = {}): FailedMigration {
  const failure = { message: 'ERROR: canceling statement due to lock timeout', atomic: true, objects: [] }
  return { name, failure, transaction: 'all or nothing', provenAbsent: true, runbook: [], ...more }
}

const lockTimeout = failedResult({ sqlstate: '55P03', code: 'P3018' })
const before = states({ a: 'applied', b: 'pending', c: 'pending' })
const after = states({ a: 'applied', b: 'applied', c: 'failed' })

describe('a second try', () => {
  it('is made of Prisma where nothing is there and it was one transaction, and says which is to be resolved', () => {
    expect(retryable(lockTimeout, before, after, failed('c'))).toMatchObject({ retry: true, resolve: 'c' })
  })

  it.each([
    ['another error', failedResult({ sqlstate: '42P07' }), after, failed('c')],
    ['no error that is known', failedResult(), after, failed('c')],
    ['a tool that was killed', { ...killed, sqlstate: '55P03' }, after, failed('c')],
    ['a tool whose time was over', { ...killed, end: 'timed out', sqlstate: '55P03' } as const, after, failed('c')],
    ['statements that commit by themselves', lockTimeout, after, failed('c', { transaction: 'by statement' })],
    ['a transaction that is not known', lockTimeout, after, failed('c', { transaction: 'unknown' })],
    ['absence that is not proven', lockTimeout, after, failed('c', { provenAbsent: false })],
    ['a failure that nobody looked at', lockTimeout, after, undefined],
    ['another one that is marked', lockTimeout, after, failed('b')],
    ['two that are marked', lockTimeout, states({ a: 'applied', b: 'failed', c: 'failed' }), failed('c')],
    ['one that was applied after all', lockTimeout, states({ a: 'applied', b: 'applied', c: 'applied' }), failed('c')]
  ])('is not made after %s', (_, result, now, found) => {
    const retry = retryable(result, before, now, found)
    expect(retry.retry).toBe(false)
    expect(retry.why).not.toBe('')
  })

  it('is made of Ecto, which marks no failure, where nothing is there and all of it is one transaction', () => {
    const was = states({ '1': 'applied', '2': 'pending' }, 'ecto')
    expect(retryable(lockTimeout, was, was, failed('2'))).toEqual({
      retry: true,
      why: '2 got no lock in time (55P03); nothing of it is there'
    })
    for (const doubt of [
      { provenAbsent: false },
      { transaction: 'by statement' },
      { transaction: 'unknown' }
    ] as const) {
      expect([doubt, retryable(lockTimeout, was, was, failed('2', doubt)).retry]).toEqual([doubt, false])
    }
  })

  it("is made where Prisma's own lock was held by another, as long as nothing had begun", () => {
    const held = failedResult({ code: 'P1002' })
    expect(retryable(held, before, before)).toMatchObject({ retry: true })
    expect(retryable(held, before, after).retry).toBe(false)
  })
})
