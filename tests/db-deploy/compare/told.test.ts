import { describe, expect, test } from '@jest/globals'
import { replayFailed } from '../../../actions/db-deploy/compare/catalog-difference.ts'
import { firstOf } from '../../../actions/db-deploy/compare/compare-rooms.ts'
import type { ToolResult } from '../../../actions/db-deploy/tool.ts'

const ran = (more: Partial<ToolResult>): ToolResult => ({
  ...{ exitCode: 1, end: 'exited', sentence: undefined, migrations: [], output: '' },
  ...more
})

describe('a history that was not replayed', () => {
  test('is not blamed where the tool did not even start', () => {
    const output = '/usr/bin/env: ‘elixir’: No such file or directory\n'
    const { message, hint } = replayFailed(ran({ exitCode: 127, output }), '1', false)
    expect(message).toContain('ended with 127): /usr/bin/env: ‘elixir’: No such file or directory')
    expect(hint).toContain('PATH')
    expect(hint).not.toContain('history')
  })

  test('is not blamed where what is pending fails after it', () => {
    const { message, hint } = replayFailed(ran({ message: 'column "x" does not exist' }), '20260104000000', true)
    expect(message).toContain('20260104000000 is not applied on the scratch database; the tool ended with 1: column')
    expect(hint).toContain('Mend 20260104000000, which is pending')
  })

  test('is blamed where it fails itself', () => {
    const { message, hint } = replayFailed(ran({}), '1', false)
    expect(message).toContain('1 is not applied there; the tool ended with 1')
    expect(hint).toContain('needs mending first')
  })

  test('was run elsewhere where the tool ended well and nothing is there', () => {
    expect(replayFailed(ran({ exitCode: 0 }), undefined, false).hint).toContain('reads DATABASE_URL')
  })
})

describe('what an annotation quotes of a difference', () => {
  test('is its first statement, whole', () => {
    expect(firstOf('-- CreateTable\nCREATE TABLE "public"."extra" (\n    "id" INTEGER\n);\n\nDROP TABLE x;')).toBe(
      'CREATE TABLE "public"."extra" ( "id" INTEGER );'
    )
  })

  test('is its first line where it is of the catalog', () => {
    expect(firstOf('- table public.users\n+ table public.posts')).toBe('- table public.users')
  })
})
