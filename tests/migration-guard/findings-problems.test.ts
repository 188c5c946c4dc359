import { expect, test } from '@jest/globals'
import { problemOf, verdictProblems, verdictRemarks } from '../../actions/migration-guard/findings-problems.ts'
import { configuration, frozenFinding, indexFinding, verdictOf } from './verdicts.ts'

const warning = { ...indexFinding, level: 'warning' } as const
const notice = { ...indexFinding, level: 'notice' } as const

test('a finding is annotated at its line and column, with its lock and without the recipe', () => {
  expect(problemOf(indexFinding)).toEqual({
    code: 'index-not-concurrent',
    message:
      'orders: the index is built while writes wait. SHARE: blocks writes for the whole build of the index; no rewrite of the table.',
    hint: 'Build it with `concurrently: true` in a migration of its own.',
    file: 'priv/repo/migrations/20260101000000_add_index.exs',
    line: 5,
    column: 5,
    endLine: 5,
    endColumn: 32
  })
})

test('a finding without a place has none', () => {
  const { file, ...whole } = frozenFinding
  expect(file).toBeDefined()
  expect(Object.keys(problemOf(whole))).toEqual(['code', 'message', 'hint'])
})

test('a message of a megabyte is cut and says so', () => {
  const { message } = problemOf({ ...frozenFinding, message: 'x'.repeat(1024 * 1024) })
  expect(message.length).toBeLessThan(2_000)
  expect(message).toContain('more characters')
})

test.each([
  ['error', ['frozen-path'], ['warning', 'notice']],
  ['warning', ['frozen-path', 'index-not-concurrent'], ['notice']],
  ['never', [], ['warning', 'warning', 'notice']]
] as const)('fail-on %s fails by these, and remarks the rest', (failOn, failing, remarked) => {
  const verdict = verdictOf([frozenFinding, warning, notice], { configuration: { ...configuration, failOn } })
  expect(verdictProblems(verdict).map(({ code }) => code)).toEqual(failing)
  expect(verdictRemarks(verdict).map(({ level }) => level)).toEqual(remarked)
})

test.each([
  ['warning', warning, 'a warning, which fails this run: fail-on is warning'],
  ['never', frozenFinding, 'an error, which fails nothing: fail-on is never'],
  ['error', frozenFinding, undefined],
  ['error', notice, undefined]
] as const)('with fail-on %s an annotation says so where it is not of its finding’s level', (failOn, finding, said) => {
  const verdict = verdictOf([finding], { configuration: { ...configuration, failOn } })
  const [problem] = [...verdictProblems(verdict), ...verdictRemarks(verdict).map((remark) => remark.problem)]
  expect(problem?.message).toBe(
    said === undefined ? problemOf(finding).message : `${problemOf(finding).message} (${said})`
  )
})

test('a run that fails for what could not be read has problems, whatever fail-on says', () => {
  const unread = { ...frozenFinding, rule: 'path-dependency' }
  const verdict = verdictOf([unread, warning], { configuration: { ...configuration, failOn: 'never' }, failed: true })
  expect(verdictProblems(verdict).map(({ code }) => code)).toEqual(['path-dependency'])
  expect(verdictRemarks(verdict).map(({ level }) => level)).toEqual(['warning'])
})
