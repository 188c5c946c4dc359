import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { lintRules } from '../../actions/shared/migrations/lint.ts'

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'migration-rules.md'), 'utf8')
const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ id: section.split('\n', 1)[0] ?? '', body: section }))

test('every rule has a section, and every section a rule', () => {
  expect(sections.map(({ id }) => id)).toEqual(lintRules.map(({ id }) => id))
})

test.each(lintRules)(
  'the section of $id has its title, its levels, why, when it is silent and the safe way',
  (rule) => {
    const body = sections.find(({ id }) => id === rule.id)?.body ?? ''
    const { default: level, calm, strict } = rule.levels
    expect(body).toContain(`\n${rule.title}. `)
    expect(body).toContain(`\nLevels: default ${level}, calm ${calm}, strict ${strict}.\n`)
    for (const part of ['Why', 'Silent when', 'Safe way'])
      expect(body).toMatch(new RegExp(`^- \\*\\*${part}\\*\\*: \\S`, 'm'))
  }
)

test('names of rules are unique, in kebab case', () => {
  const ids = lintRules.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([])
})
