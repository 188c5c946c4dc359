import { expect, test } from '@jest/globals'
import { lintCheck } from '../../actions/db-deploy/lint-check.ts'
import type { PendingMigration } from '../../actions/db-deploy/record.ts'
import type { Level } from '../../actions/shared/migrations/finding.ts'

function pending(...levels: readonly Level[]): readonly PendingMigration[] {
  return [
    {
      name: '20260101000000_users',
      path: 'prisma/migrations/20260101000000_users/migration.sql',
      text: '',
      tables: [],
      findings: levels.map((level) => ({
        rule: `rule-of-${level}`,
        level,
        message: `${level} it is`,
        hint: `Do not ${level}.`
      }))
    }
  ]
}

const nothing = new Set<never>()

test('nothing pending is nothing to say', () => {
  expect(lintCheck([], nothing)).toEqual([])
})

test('warnings colour nothing: they were for the pull request to weigh', () => {
  expect(lintCheck(pending('warning', 'notice'), new Set(['lint']))).toMatchObject([
    { result: 'ok', told: 'no errors; 1 warning' }
  ])
})

test('an error is a warning that hints at its own safe way, and fails where it is asked to', () => {
  expect(lintCheck(pending('warning', 'error'), nothing)).toMatchObject([
    { result: 'warning', problem: { code: 'deploy-lint', hint: expect.stringContaining('Do not error.') } }
  ])
  expect(lintCheck(pending('error'), new Set(['lint']))).toMatchObject([{ result: 'failed' }])
})

test('what the linter could not follow is not checked, whatever else it finds', () => {
  const unread = pending().map((migration) => ({
    ...migration,
    notAnalysed: [{ line: 4, why: 'a function of the application' }]
  }))
  expect(lintCheck(unread, nothing)).toMatchObject([
    { result: 'ok' },
    { result: 'not checked', told: 'line 4: a function of the application' }
  ])
})
