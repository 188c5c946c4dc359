import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { assumptionsTable, departuresTable, operationsTable } from '../../../sandbox/github/tables.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'sandbox-github.md'), 'utf8')

describe('docs/sandbox-github.md', () => {
  test.each([
    ['operations', operationsTable()],
    ['departures', departuresTable()],
    ['assumptions', assumptionsTable()]
  ])('has the %s that the code has', (_, table) => {
    const cells = (text: string): readonly string[] => text.split('\n').map((line) => line.replaceAll(/ *\| */g, '|'))
    expect(cells(page)).toEqual(expect.arrayContaining([...cells(table).filter((line) => !line.startsWith('|--'))]))
  })
})
