import { expect, test } from '@jest/globals'
import { troubleshootingPage } from '../../actions/shared/problem.ts'
import { policyRules } from '../../actions/migration-guard/policy/rules.ts'
import { lintRules } from '../../actions/shared/migrations/lint.ts'
import { readPage } from './markdown.ts'
import { problemCodes } from './problem-codes.ts'
import { read } from './repository.ts'

const { codes, unread } = problemCodes()

test('every problem code can be read from the sources', () => {
  expect(unread).toEqual([])
  expect(codes.size).toBeGreaterThan(20)
})

test('every problem code is in kebab case', () => {
  expect([...codes].filter((code) => !/^[a-z]+(-[a-z0-9]+)*$/.test(code))).toEqual([])
})

test('every problem code has its place in the page on troubleshooting', () => {
  const { anchors } = readPage(troubleshootingPage)
  expect([...codes].filter((code) => !anchors.has(code)).toSorted()).toEqual([])
})

test('the page on troubleshooting explains no code that is never given', () => {
  const explained = [...read(troubleshootingPage).matchAll(/<a id="([^"]+)">/g)].map(([, code]) => code ?? '')
  expect(explained.filter((code) => !codes.has(code))).toEqual([])
  expect(explained).toEqual([...new Set(explained)])
})

test('the name of a rule leads to its section in one of the two pages on rules', () => {
  const pages = ['migration-policy.md', 'migration-rules.md'].map((page) => ({
    page,
    anchors: readPage(`docs/${page}`).anchors
  }))
  const { links } = readPage(troubleshootingPage)
  for (const { id } of [...policyRules, ...lintRules]) {
    const [first, ...others] = pages.filter(({ anchors }) => anchors.has(id))
    expect({ id, page: first?.page, others }).toEqual({ id, page: expect.any(String), others: [] })
    // Where a problem of another action has the same name, its row leads on.
    const wanted = codes.has(id) ? `${first?.page ?? ''}#${id}` : first?.page
    expect(links).toContain(wanted)
  }
})
