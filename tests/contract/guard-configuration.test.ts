import { describe, expect, test } from '@jest/globals'
import { readConfiguration } from '../../actions/migration-guard/configuration-file.ts'
import { defaultConfiguration } from '../../actions/migration-guard/inputs.ts'
import { policyRules } from '../../actions/migration-guard/policy/rules.ts'
import { lintRules } from '../../actions/shared/migrations/lint.ts'
import { treeOf } from '../support/trees.ts'
import { guardConfiguration } from './guard-configuration.ts'
import { readPage } from './markdown.ts'
import { projectFiles, read } from './repository.ts'

const inPages = projectFiles()
  .filter((path) => path.endsWith('.md'))
  .flatMap((path) => readPage(path).code.map(({ text, line }) => ({ place: `${path}:${line}`, text })))
  .filter(({ text }) => guardConfiguration.test(text))

const inExamples = projectFiles()
  .filter((path) => path.startsWith('examples/') && path.endsWith(`/${defaultConfiguration}`))
  .map((place) => ({ place, text: read(place) }))

test('the pages and the examples show configurations of the guard', () => {
  expect(inPages.length).toBeGreaterThan(4)
  expect(inExamples.length).toBeGreaterThan(1)
})

describe.each([...inPages, ...inExamples])('the configuration in $place', ({ text }) => {
  test('is one that the guard takes', async () => {
    const rules = new Set([...policyRules, ...lintRules].map(({ id }) => id))
    const reading = await readConfiguration(treeOf({ [defaultConfiguration]: text }), defaultConfiguration, rules)
    expect('problems' in reading ? reading.problems : []).toEqual([])
  })
})
