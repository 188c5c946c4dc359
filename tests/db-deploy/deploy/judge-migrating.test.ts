import { describe, expect, test } from '@jest/globals'
import { judgeMigrating } from '../../../actions/db-deploy/deploy/judge-migrating.ts'
import type { MigrationState, MigrationStatus } from '../../../actions/db-deploy/state/migration-state.ts'
import type { ToolResult } from '../../../actions/db-deploy/tool.ts'

/** A table with migrations in these states, by name. */
function state(statuses: Readonly<Record<string, MigrationStatus['status']>>): MigrationState {
  return {
    framework: 'prisma',
    folders: ['prisma/migrations'],
    table: '"public"."_prisma_migrations"',
    migrations: Object.entries(statuses).map(([name, status]) => ({
      name,
      version: name.slice(0, 2),
      path: `prisma/migrations/${name}/migration.sql`,
      status,
      marks: [],
      ...(status === 'applied' ? { startedAt: '2026-01-01T00:00:00.000Z', took: 12 } : {})
    })),
    current: undefined,
    notChecked: []
  }
}

const before = [state({ '01_first': 'applied', '02_second': 'pending', '03_third': 'pending' })]
const allApplied = [state({ '01_first': 'applied', '02_second': 'applied', '03_third': 'applied' })]

const well: ToolResult = { exitCode: 0, end: 'exited', sentence: 'applied', migrations: [], output: '' }

function judged(
  result: Partial<ToolResult>,
  after: readonly MigrationState[],
  speaks = true
): { readonly result: string; readonly codes: readonly string[]; readonly ran: readonly string[] } {
  const migrated = judgeMigrating({ ...well, ...result }, before, after, speaks)
  return {
    result: migrated.result,
    codes: migrated.result === 'failed' ? migrated.problems.map(({ code }) => code) : [],
    ran: migrated.ran.map(({ name, result: each }) => `${name} ${each}`)
  }
}

describe('a run of the tool', () => {
  test('is a success when exit code, sentence and table say so', () => {
    expect(judged({}, allApplied)).toEqual({
      result: 'applied',
      codes: [],
      ran: ['02_second applied', '03_third applied']
    })
  })

  test('is none when the exit code alone says so', () => {
    expect(judged({ sentence: undefined }, before).codes).toEqual(['migrate-not-told', 'migrate-table'])
  })

  test('is none when it says nothing, although the table has everything', () => {
    expect(judged({ sentence: undefined }, allApplied).codes).toEqual(['migrate-not-told'])
  })

  test('is one without a sentence where the tool has none', () => {
    expect(judged({ sentence: undefined }, allApplied, false).result).toBe('applied')
    expect(judged({ sentence: undefined }, before, false).codes).toEqual(['migrate-table'])
  })

  test('is none when it says that something failed', () => {
    expect(judged({ sentence: 'failed' }, allApplied, false).codes).toEqual(['migrate-not-told'])
  })

  test('is none when the table is not where the tool has migrated', () => {
    const migrated = judgeMigrating(well, before, before, true)
    expect(migrated.result).toBe('failed')
    if (migrated.result === 'failed') expect(migrated.problems[0]?.hint).toContain('another database')
  })

  test('tells what was applied before the one that failed', () => {
    const after = [state({ '01_first': 'applied', '02_second': 'applied', '03_third': 'failed' })]
    const failed = { exitCode: 1, sentence: 'failed', code: 'P3018', failedMigration: '03_third' } as const
    expect(judged(failed, after)).toEqual({
      result: 'failed',
      codes: ['migrate-failed'],
      ran: ['02_second applied', '03_third failed']
    })
  })

  test('that was ended for its time tells so', () => {
    expect(judged({ exitCode: null, end: 'timed out', sentence: undefined }, before).codes).toEqual([
      'migrate-timeout',
      'migrate-table'
    ])
  })

  test('that could not begin tells so', () => {
    expect(judged({ exitCode: null, end: 'not started', sentence: undefined }, before).codes).toContain(
      'migrate-failed'
    )
  })

  test('has its times from the table, and from its own lines where the table has none', () => {
    const applied = judgeMigrating(well, before, allApplied, true)
    expect(applied.ran[0]).toMatchObject({ took: 12, startedAt: Date.parse('2026-01-01T00:00:00Z') })
    const silent = allApplied.map((each) => ({
      ...each,
      migrations: each.migrations.map(({ name, version, path, status, marks }) => ({
        name,
        version,
        path,
        status,
        marks
      }))
    }))
    const told = { ...well, migrations: [{ name: '02_second', took: 40, statements: 3 }] }
    expect(judgeMigrating(told, before, silent, true).ran[0]).toEqual({
      name: '02_second',
      result: 'applied',
      took: 40,
      statements: 3
    })
  })
})
