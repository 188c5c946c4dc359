import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { departures } from '../../../sandbox/hex/departures.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'sandbox-hex.md'), 'utf8')

test('the page on Hex shows every departure as it is', () => {
  const rows = departures.map(({ subject, real, here }) => `| ${subject} | ${real} | ${here} |`)
  expect(rows.filter((row) => !page.includes(row))).toEqual([])
  const table = page.split('\n').filter((line) => line.startsWith('| '))
  expect(table.filter((line) => !rows.includes(line) && !line.startsWith('| Subject |'))).toEqual([])
})
