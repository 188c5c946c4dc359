import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { policyRules } from '../../actions/migration-guard/policy/rules.ts'
import { lintRules } from '../../actions/shared/migrations/lint.ts'

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'migration-policy.md'), 'utf8')
const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ id: section.split('\n', 1)[0] ?? '', body: section }))

test('every rule of the policy has a section, and every section a rule', () => {
  expect(sections.map(({ id }) => id)).toEqual(policyRules.map(({ id }) => id))
})

test.each(policyRules)('the section of $id has its title, its level, why, when it is silent and what to do', (rule) => {
  const body = sections.find(({ id }) => id === rule.id)?.body ?? ''
  expect(body).toContain(`\n${rule.title}.\n`)
  expect(body).toContain(`\nLevel: ${rule.level}.\n`)
  for (const part of ['Why', 'Silent when', 'What to do'])
    expect(body).toMatch(new RegExp(`^- \\*\\*${part}\\*\\*: \\S`, 'm'))
})

test('no rule of the policy has the name of a rule about statements', () => {
  const statements = new Set(lintRules.map(({ id }) => id))
  expect(policyRules.filter(({ id }) => statements.has(id))).toEqual([])
})
