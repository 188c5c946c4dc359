import { expect, test } from '@jest/globals'
import { troubleshootingPage } from '../../actions/shared/problem.ts'
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
