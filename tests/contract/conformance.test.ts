import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { tools } from '../../scripts/tools.ts'
import { read, root } from './repository.ts'

test('every program that a conformance test needs is one that the project can bring', () => {
  const known = new Set(tools.map(({ name }) => name))
  const folder = 'tests/conformance'
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.ts'))
  const needs = files.flatMap((name) =>
    (/^\/\/ needs: (.+)$/m.exec(read(`${folder}/${name}`))?.[1] ?? '')
      .split(',')
      .map((need) => need.trim())
      .filter((need) => need !== '')
      .map((need) => ({ name, need }))
  )
  expect(needs.length).toBeGreaterThan(20)
  expect(needs.filter(({ need }) => !known.has(need))).toEqual([])
})
